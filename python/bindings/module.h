// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pybind11/pybind11.h>

/// The parts of the `chipcast._core` module. JSON text goes in and out; long calls release the GIL.
namespace chipcast::python {

/// InputError, LimitError and InternalError as Python exceptions.
void bind_errors(pybind11::module_& module);

/// Shape inference and checks of graph documents.
void bind_graph(pybind11::module_& module);

/// The networks of the zoo.
void bind_zoo(pybind11::module_& module);

/// Networks on this machine's processor.
void bind_executor(pybind11::module_& module);

/// Platforms, simulations and schemas.
void bind_platform(pybind11::module_& module);

/// Several networks, each run again and again.
void bind_streams(pybind11::module_& module);

/// What is measured on this machine, and what a calibrated CPU's kernels count.
void bind_host(pybind11::module_& module);

/// NVDLA's performance sheet.
void bind_nvdla(pybind11::module_& module);

/// Executes mapped loops and compares what is counted with what devices charge.
void bind_work(pybind11::module_& module);

/// Costs and searches of loop-nest mappings on described arrays.
void bind_spatial(pybind11::module_& module);

/// Scheduling problems: what tasks cost where, and what schedules of them come to.
void bind_schedule(pybind11::module_& module);

/// What memories draw under load.
void bind_power(pybind11::module_& module);

/// Areas, leakage and the energies of basic operations.
void bind_technology(pybind11::module_& module);

}  // namespace chipcast::python

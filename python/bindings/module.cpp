// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/module.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ core of Chipcast; use the chipcast package.";
  chipcast::python::bind_errors(module);
  chipcast::python::bind_graph(module);
  chipcast::python::bind_zoo(module);
  chipcast::python::bind_platform(module);
  chipcast::python::bind_streams(module);
  chipcast::python::bind_nvdla(module);
  chipcast::python::bind_executor(module);
  chipcast::python::bind_host(module);
  chipcast::python::bind_work(module);
  chipcast::python::bind_schedule(module);
  chipcast::python::bind_spatial(module);
  chipcast::python::bind_power(module);
  chipcast::python::bind_technology(module);
  module.def(
      "version", [] { return CHIPCAST_VERSION; }, "Version of the core.");
}

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "accelerators/contract.h"
#include "accelerators/ipu/config.h"
#include "accelerators/ipu/plan.h"

namespace chipcast::ipu {

/// The steps of a plan as the device's engines see them: what crosses the host link before the first and behind the
/// last one. `action` numbers are those of make_device's device.
std::vector<ScheduleStep> schedule_steps(const Plan& plan, const ScheduleStep& crossing, DType dtype);

/// An IPU, or several linked ones as one machine, as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::ipu

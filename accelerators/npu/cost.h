// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/npu/config.h"

namespace chipcast::npu {

/// A MAC-cell NPU as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::npu

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/dsp/config.h"

namespace chipcast::dsp {

/// Peak multiply-accumulates per cycle of all contexts: contexts * (multiply slots / slots of one) * lanes * depth; of
/// the matrix unit where that is more. None where the format is refused.
std::optional<double> peak_macs(const Config& config, DType dtype);

/// A DSP as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::dsp

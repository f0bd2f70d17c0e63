// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/ethos_u/config.h"

namespace chipcast::ethos_u {

/// An Ethos-U as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::ethos_u

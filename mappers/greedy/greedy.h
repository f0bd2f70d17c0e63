// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"

namespace chipcast::greedy {

/// Operators in order; each goes to the device that would finish it first, given when its inputs are ready and
/// when the device is free. Devices that refuse an operator are passed over, and the reason is kept.
std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::greedy

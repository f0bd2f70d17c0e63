// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "accelerators/contract.h"

/// What Ethos-U55 and U65 run, after the constraints that Arm's compiler publishes (SUPPORTED_OPS of ethos-u-vela).
namespace chipcast::ethos_u {

/// Why it does not run an operator; empty when it does.
Refusal refusal_of(const OpDescription& op);

/// Functions that are read from a table.
bool is_lookup(std::string_view label);

}  // namespace chipcast::ethos_u

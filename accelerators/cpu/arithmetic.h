// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/arithmetic.h"
#include "accelerators/cpu/config.h"

namespace chipcast::cpu {

/// Floats in the format that the runtime computes them in; sums of fp16 in fp16, as vector instructions for it add up
/// (FMLA of 8 halves, VFMADDPH). Integers keep their format, even where another one's rate stands for their speed; int8
/// products of kernels that need companions for each multiplication are added up in pairs in 16 bits first.
Arithmetic arithmetic_of(const Config& config, const OpDescription& op);

}  // namespace chipcast::cpu

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace chipcast::kernels {

/// Instruction sets that kernels exist for and that this machine has, best first: "AVX3_DL" (AVX-512 with VNNI),
/// "AVX3", "AVX2", ...; the last one is the baseline ("SCALAR" where the compiler's is below SSSE3)
std::vector<std::string> usable_targets();

/// The best one that is not switched off; every kernel uses it, or the best below it that it was written for.
std::string target();

/// Switches off all instruction sets above `name` for the whole process; "" allows all again. For tests and
/// comparisons, while no kernel runs: one that has packed for an instruction set must run on it. Throws InputError for
/// a name that is not usable here.
void limit_target(const std::string& name);

}  // namespace chipcast::kernels

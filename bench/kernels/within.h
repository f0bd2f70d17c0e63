// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace chipcast::bench {

/// Kernels of this project beside each other: int7 beside int8 without dot-product instructions, binary and AdderNet
/// beside fp32, sparse beside dense.
void print_within();

}  // namespace chipcast::bench

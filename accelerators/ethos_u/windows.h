// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"

/// Windows of operators whose description has sizes alone: of pools, and the stride of transposed convolutions.
namespace chipcast::ethos_u {

inline constexpr std::int64_t kLargestStride = 3;  ///< of all windows

/// Results of an operator.
std::int64_t result_count(const OpDescription& op);

/// Elements under a pool's window.
std::int64_t window_taps(const OpDescription& op);

/// One window per plane: global pools, means, and windows that together read every input once, further apart than any
/// stride.
bool one_window(const OpDescription& op);

/// sqrt(inputs / results), as if windows were padded: 1 or more.
std::int64_t window_stride(std::int64_t inputs, std::int64_t results);

/// Stride of a transposed convolution, by which input rows and columns are spread; 1 for all else. Planes smaller than
/// the kernel take the least stride that gives so many results.
std::int64_t spread_of(const OpDescription& op);

}  // namespace chipcast::ethos_u

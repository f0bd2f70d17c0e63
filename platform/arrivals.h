// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "platform/streams_spec.h"
#include "sim/base/time.h"

namespace chipcast {

/// When the releases of a stream come, ascending; none for a closed loop. Every stream of a seed draws its own random
/// numbers (`index` tells streams apart), so that a change to one does not move the others.
///
///   period:   offset + k period + u_k,  u_k uniform in [0, jitter]
///   rate:     offset + the sum of k + 1 gaps, -ln(1 - u) / rate, each rounded to a nanosecond, + u_k
///   arrivals: offset + arrival k + u_k
///   neither:  offset + u_k
std::vector<Time> release_times(const Stream& stream, std::uint64_t seed, std::size_t index);

}  // namespace chipcast

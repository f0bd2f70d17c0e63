// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Calls body(first, end) for pieces of [0, count) that are worth a thread: at least `least` each, a few per thread.
template <class Body>
void share(std::int64_t count, std::int64_t least, ThreadPool& pool, const Body& body) {
  const std::int64_t most = pool.threads() == 1 ? 1 : 4 * std::int64_t{pool.threads()};
  const std::int64_t pieces = std::clamp<std::int64_t>(count / std::max<std::int64_t>(1, least), 1, most);
  if (pieces == 1) return body(std::int64_t{0}, count);
  pool.for_each(pieces, [&](std::int64_t piece, int) { body(count * piece / pieces, count * (piece + 1) / pieces); });
}

/// Elements below which a second thread costs more than it saves: some 4 us of a core.
inline constexpr std::int64_t kElementsWorthSharing = 1 << 14;

}  // namespace chipcast::kernels

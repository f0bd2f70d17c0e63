// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/ipu/split.h"

namespace chipcast::ipu {

/// The chosen way to run a product on one chip, and what was known of the others.
struct Choice {
  Method method{};
  Split split{};
  SplitCost cost{};
  std::int64_t cycles = 0;                 ///< with syncs
  std::int64_t tried = 0;                  ///< splits whose cost was computed
  std::optional<std::int64_t> whole_sums;  ///< cycles of the best one that does not split input channels over tiles
  std::optional<std::int64_t> one_step;    ///< bytes that it would need in one serial step, where it has several
};

/// What came closest where nothing fits.
struct Search {
  std::optional<Choice> best;
  std::int64_t least_memory = 0;  ///< temporary bytes of the smallest split
};

/// The split with the least cycles (least memory where equal) of all whose temporary bytes fit `limit`. Which splits
/// are tried follows from the product alone, so that more tiles, more memory or a faster exchange never lose one.
Search search(const Config& config, const Product& product, std::int64_t limit);

/// Numbers of parts worth trying along an axis: the smallest of each size of part, thinned where there are many.
std::vector<std::int64_t> part_counts(std::int64_t extent, double step = 1.03);

}  // namespace chipcast::ipu

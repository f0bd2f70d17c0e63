// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "kernels/gemm_int/product.h"

namespace chipcast::kernels {

/// Rows and panels of one task.
struct Chunk {
  std::int64_t row, rows, first_panel, last_panel;
};

/// How a product is cut into tasks: as many rows as a near cache holds while the panels go by; more parts, then parts
/// of the panels, until each thread has some.
class Chunks {
 public:
  static constexpr std::int64_t kBytes = 256 * 1024;
  static constexpr std::int64_t kLeastRows = 24, kMostRows = 384;

  Chunks(std::int64_t rows, std::int64_t row_bytes, std::int64_t panels, int threads) : rows_(rows), panels_(panels) {
    const std::int64_t near = std::clamp(kBytes / row_bytes, kLeastRows, kMostRows);
    row_parts_ = (rows + near - 1) / near;
    if (threads == 1) return;
    const std::int64_t wanted = std::int64_t{3} * threads;
    row_parts_ = std::max(row_parts_, std::min(wanted, (rows + kLeastRows - 1) / kLeastRows));
    panel_parts_ = std::min((wanted + row_parts_ - 1) / row_parts_, panel_groups(panels));
  }

  std::int64_t count() const { return row_parts_ * panel_parts_; }
  Chunk at(std::int64_t task) const {
    const std::int64_t i = task / panel_parts_, j = task % panel_parts_;
    const std::int64_t row = rows_ * i / row_parts_;
    return {row, rows_ * (i + 1) / row_parts_ - row, panels_ * j / panel_parts_, panels_ * (j + 1) / panel_parts_};
  }

 private:
  std::int64_t rows_, panels_, row_parts_ = 1, panel_parts_ = 1;
};

}  // namespace chipcast::kernels

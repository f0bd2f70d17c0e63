// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "accelerators/ipu/config.h"

/// Tensors that change their place between chips.
namespace chipcast::ipu {

/// A part of a tensor, its rows (positions) and columns (channels) as shares of all.
struct Box {
  double top = 0.0, bottom = 0.0, left = 0.0, right = 1.0;

  double area() const { return (bottom - top) * (right - left); }
  friend bool operator==(const Box&, const Box&) = default;
};

/// What each chip has, or wants: a box per chip, empty ones for chips without.
using Layout = std::vector<Box>;
/// Equal parts of the rows, one on each of the first `chips`.
Layout dealt_rows(int chips, int span);

/// Tensors on their way at the same time. A chip's data go once to where they are wanted, however many chips want them
/// (copied on the way), and on both rails of the ladder alike. The fullest of these decides:
///   between two pairs   what is below and wanted above (or the other way) / links of both rails
///   within a pair       what a chip wants (or gives) and its own rail does not bring (take) / links of the pair
class Moves {
 public:
  Moves(const Config& config, int span);

  void add(std::int64_t bytes, const Layout& held, const Layout& wanted);
  /// Every chip takes `bytes` at the edges of its part from its neighbours.
  void add_edges(std::int64_t bytes);

  bool empty() const;
  std::int64_t cycles() const;
  /// Over all links together.
  std::int64_t link_bytes() const;

 private:
  double rail_links() const { return 2.0 * config_.links.rail; }
  double pair_links() const { return config_.links.pair + (span_ > 2 ? config_.links.cross : 0.0); }

  const Config& config_;
  int span_;
  std::vector<double> up_, down_;      ///< bytes between a pair and the next one
  std::vector<double> taken_, given_;  ///< bytes over a pair's own links, by chip
};

}  // namespace chipcast::ipu

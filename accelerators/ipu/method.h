// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/ipu/amp.h"
#include "accelerators/ipu/product.h"

namespace chipcast::ipu {

/// Which vertex multiplies, and what is done to the product first.
enum class Vertex { amp_1x1, amp_nx1, slic, horizontal_mac, vertical_mac };

struct Method {
  Vertex vertex = Vertex::amp_1x1;
  Amp amp{};
  std::int64_t in_group = 8, out_group = 8;  ///< channels that are split no further
  std::int64_t filter_height = 1;            ///< amp_nx1
  bool expand = false;                       ///< every tap becomes input channels, copied out on the tile
  std::int64_t combine = 1;                  ///< so many groups side by side
  /// They stay apart; otherwise they are one dense group with zeros between them.
  bool apart() const { return vertex == Vertex::slic || vertex == Vertex::vertical_mac; }
};

/// The product in the shape in which a method splits it: channels in whole groups.
struct Shaped {
  std::int64_t groups = 1;  ///< of channels: convolution groups, or sets of them
  std::int64_t in_groups = 1, out_groups = 1;
  std::int64_t in_channels = 1;  ///< of one of `groups`, without padding and before taps are expanded
};
Shaped shape(const Product& product, const Method& method);

/// Every way that a tile has to compute the product.
std::vector<Method> methods(const Config& config, const Product& product);

/// Multiply-accumulates per cycle that no method exceeds, padding included.
std::int64_t peak(const Method& method);

/// "AMP tap by tap, sums in fp32"
std::string to_text(const Method& method);

}  // namespace chipcast::ipu

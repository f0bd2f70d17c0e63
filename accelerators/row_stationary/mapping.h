// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "accelerators/row_stationary/layer.h"

namespace chipcast::row_stationary {

/// How a layer lies on the array and in the buffers; letters as published (E8). `f` is ours: output columns in a pass,
/// all of them unless rows are too long for the global buffer.
struct Mapping {
  std::int64_t m = 1;  ///< filters whose partial sums the global buffer holds
  std::int64_t n = 1;  ///< inputs of the batch in a pass
  std::int64_t e = 1;  ///< output rows in a pass: width of a set
  std::int64_t p = 1;  ///< filters in an element
  std::int64_t q = 1;  ///< channels in an element
  std::int64_t r = 1;  ///< sets with different channels
  std::int64_t t = 1;  ///< sets with different filters
  std::int64_t f = 1;

  friend auto operator<=>(const Mapping&, const Mapping&) = default;
};

/// "m 96, n 1, e 7, p 16, q 1, r 1, t 2"
std::string to_text(const Mapping& mapping);

/// Sets of kernel_rows x e elements that the array holds side by side. A set wider than the array is cut into segments
/// of equal width, one above the other.
std::int64_t sets_on_array(const Config& config, const Layer& layer, std::int64_t e);

/// Channels (or, per channel, filters) whose inputs are in the array at a time.
std::int64_t ifmap_channels(const Layer& layer, const Mapping& mapping);

/// Banks of the global buffer that inputs and partial sums of a mapping take.
std::int64_t ifmap_banks(const Config& config, const Layer& layer, const Mapping& mapping);
std::int64_t psum_banks(const Config& config, const Layer& layer, const Mapping& mapping);

/// A limit that a mapping exceeds, and the field of the configuration that sets it.
struct Excess {
  const char* what;
  const char* field;
  std::int64_t value, limit;
};

/// "the bytes of a pass's weights is 242, but at most 16 fit buffer.filters"
std::string to_text(const Excess& excess);

/// Why a mapping cannot be; none where it can. Elements hold p <= psums, p q S <= weights, q window <= inputs (per
/// channel: p window); r t sets fit the array; banks suffice; the weights of a pass fit their buffer.
std::optional<Excess> excess(const Config& config, const Layer& layer, const Mapping& mapping);

/// The legal mapping of least cost (config.search); none where not even the smallest one, all ones, is legal. Rules: n
/// and e cut batch and rows evenly; p t divides m; m divides the filters, which may be padded to a multiple of 4 or 16.
std::optional<Mapping> find_mapping(const Config& config, const Layer& layer);

}  // namespace chipcast::row_stationary

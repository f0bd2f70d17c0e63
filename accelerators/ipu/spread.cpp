// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/spread.h"

#include <algorithm>

#include "accelerators/ipu/exchange.h"

namespace chipcast::ipu {
namespace {

/// Cuts one spatial axis; returns the input bytes of a part that belong to its neighbours.
std::int64_t cut_axis(Product& part, const Product& whole, bool rows, std::int64_t chips) {
  std::int64_t& out = rows ? part.rows : part.columns;
  std::int64_t& in = rows ? part.in_rows : part.in_columns;
  const std::int64_t all = in;
  out = ceil_div(out, chips);
  in = rows ? window(out, whole.stride_h, whole.kernel_h, whole.dilation_h, all)
            : window(out, whole.stride_w, whole.kernel_w, whole.dilation_w, all);
  const std::int64_t foreign = std::max<std::int64_t>(0, in - ceil_div(all, chips));
  return foreign * (rows ? part.in_columns : part.in_rows) * part.batch * part.in_channels * part.groups *
         part.element_bytes();
}

std::optional<ChipPart> by_positions(const Config& config, const Product& product) {
  const std::int64_t chips = config.chips;
  ChipPart out{.spread = Spread::positions, .product = product, .chips = config.chips};
  std::int64_t gathered = 0;  // bytes that all chips need and each has a part of
  if (product.constant_weights && config.shard_parameters) gathered += product.weight_bytes();
  if (!product.constant_weights && product.groups >= chips) {
    out.product.groups = ceil_div(product.groups, chips);  // heads of an attention, each with both operands
  } else {
    if (!product.constant_weights) gathered += product.weight_bytes();
    if (product.batch >= chips) {
      out.product.batch = ceil_div(product.batch, chips);
    } else if (product.rows >= chips || product.columns >= chips) {
      out.pair_bytes = ceil_div(cut_axis(out.product, product, product.rows >= chips, chips), chips - 1);
    } else {
      return std::nullopt;
    }
  }
  out.pair_bytes += ceil_div(gathered, chips);
  out.global_syncs = out.pair_bytes > 0 ? 1 : 0;
  return out;
}

std::optional<ChipPart> by_channels(const Config& config, const Product& product) {
  const std::int64_t chips = config.chips;
  ChipPart out{.spread = Spread::channels, .product = product, .chips = config.chips};
  const std::int64_t dealt = ceil_div(product.output_bytes(), chips * chips);
  if (product.groups >= chips) {
    out.product.groups = ceil_div(product.groups, chips);
    out.pair_bytes = ceil_div(product.input_bytes(), chips * chips) + dealt;
  } else if (product.out_channels >= chips) {
    out.product.out_channels = ceil_div(product.out_channels, chips);
    out.pair_bytes = ceil_div(product.input_bytes(), chips) + dealt;
  } else {
    return std::nullopt;
  }
  out.global_syncs = 2;
  return out;
}

ChipPart on_one_chip(const Config& config, const Product& product) {
  ChipPart out{.spread = Spread::one_chip, .product = product, .chips = 1};
  std::int64_t bytes = product.input_bytes() + product.output_bytes();
  if (!product.constant_weights || config.shard_parameters) bytes += product.weight_bytes();
  out.pair_bytes = ceil_div(bytes, std::int64_t{config.chips});
  out.global_syncs = 2;
  return out;
}

}  // namespace

std::vector<ChipPart> chip_parts(const Config& config, const Product& product) {
  if (config.chips == 1) return {{.spread = Spread::one_chip, .product = product, .chips = 1}};
  std::vector<ChipPart> out;
  if (const auto part = by_positions(config, product)) out.push_back(*part);
  if (const auto part = by_channels(config, product)) out.push_back(*part);
  out.push_back(on_one_chip(config, product));
  return out;
}

SharedSearch share(const Config& config, const Product& product, std::int64_t limit) {
  SharedSearch out;
  for (const ChipPart& part : chip_parts(config, product)) {
    const Search found = search(config, part.product, limit);
    if (out.least_memory == 0 || found.least_memory < out.least_memory) out.least_memory = found.least_memory;
    if (!found.best) continue;
    Shared shared{.part = part, .choice = *found.best};
    if (part.pair_bytes > 0) shared.link_cycles = all_to_all_cycles(config, part.pair_bytes);
    shared.global_sync_cycles = part.global_syncs * global_sync_cycles(config);
    if (!out.best || shared.cycles() < out.best->cycles()) out.best = shared;
  }
  return out;
}

}  // namespace chipcast::ipu

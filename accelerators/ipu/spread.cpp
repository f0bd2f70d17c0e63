// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/spread.h"

#include <algorithm>

#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/moves.h"

namespace chipcast::ipu {
namespace {

/// A part of the field, and the input bytes in it that belong to its neighbours.
struct Cut {
  Product product{};
  std::int64_t foreign = 0;
};

Cut cut_axis(const Product& whole, bool rows, std::int64_t parts) {
  Cut out{.product = whole};
  Product& part = out.product;
  std::int64_t& extent = rows ? part.rows : part.columns;
  std::int64_t& in = rows ? part.in_rows : part.in_columns;
  const std::int64_t all = in;
  extent = ceil_div(extent, parts);
  in = rows ? window(extent, whole.stride_h, whole.kernel_h, whole.dilation_h, all)
            : window(extent, whole.stride_w, whole.kernel_w, whole.dilation_w, all);
  out.foreign = std::max<std::int64_t>(0, in - ceil_div(all, parts)) * (rows ? part.in_columns : part.in_rows) *
                part.batch * part.in_channels * part.groups * part.element_bytes();
  return out;
}

/// Products of several pairs of matrices (heads of an attention) are dealt out whole.
bool by_heads(const Product& product, int parts) { return !product.constant_weights && product.groups >= parts; }

std::optional<Cut> cut_positions(const Product& product, int parts) {
  if (parts == 1) return Cut{.product = product};
  Cut out{.product = product};
  if (by_heads(product, parts)) {
    out.product.groups = ceil_div(product.groups, std::int64_t{parts});
  } else if (product.batch >= parts) {
    out.product.batch = ceil_div(product.batch, std::int64_t{parts});
  } else if (product.rows >= parts || product.columns >= parts) {
    return cut_axis(product, product.rows >= parts, parts);
  } else {
    return std::nullopt;
  }
  return out;
}

bool by_groups(const Product& product, int parts) { return product.constant_weights && product.groups >= parts; }

std::optional<Product> cut_channels(Product product, int parts) {
  if (parts == 1) return product;
  std::int64_t& extent = by_groups(product, parts) ? product.groups : product.out_channels;
  if (extent < parts) return std::nullopt;
  extent = ceil_div(extent, std::int64_t{parts});
  return product;
}

/// Boxes of the chips of a mesh; all rows or all columns where an axis does not cut the tensor.
Layout mesh(const ChipPart& part, int span, bool rows, bool columns) {
  Layout out(static_cast<std::size_t>(span));
  for (int i = 0; i < part.chips(); ++i) {
    const double row = i / part.channels, column = i % part.channels;
    out[static_cast<std::size_t>(i)] = {.top = rows ? row / part.positions : 0.0,
                                        .bottom = rows ? (row + 1.0) / part.positions : 1.0,
                                        .left = columns ? column / part.channels : 0.0,
                                        .right = columns ? (column + 1.0) / part.channels : 1.0};
  }
  return out;
}

/// What crosses the links for a part.
void add_moves(const Config& config, const Product& whole, const Homes& homes, std::int64_t foreign, ChipPart& part) {
  const int span = std::max({part.chips(), homes.input, homes.weights, homes.output});
  if (span == 1) return;
  const bool groups = by_groups(whole, part.channels), heads = by_heads(whole, part.positions);
  Moves before(config, span), after(config, span);
  if (homes.input > 0) {
    before.add(whole.input_bytes(), dealt_rows(homes.input, span), mesh(part, span, true, groups));
    if (foreign > 0) before.add_edges(foreign);
  }
  if (homes.weights > 0) {
    before.add(whole.weight_bytes(), dealt_rows(homes.weights, span), mesh(part, span, heads, true));
  }
  if (homes.output > 0) {
    after.add(whole.output_bytes(), mesh(part, span, true, true), dealt_rows(homes.output, span));
  }
  part.link_cycles = before.cycles() + after.cycles();
  part.link_bytes = before.link_bytes() + after.link_bytes();
  part.global_syncs = (before.empty() ? 0 : 1) + (after.empty() ? 0 : 1);
  part.global_sync_cycles = part.global_syncs * global_sync_cycles(config, span);
}

/// No split of this product takes less on one chip.
std::int64_t least_cycles(const Config& config, const Product& product) {
  if (config.sparsity.density < 1.0) return 0;
  std::int64_t rate = 1;
  for (const Method& method : methods(config, product)) rate = std::max(rate, peak(method));
  const std::int64_t macs =
      product.groups * product.out_channels * product.in_channels * product.taps() * product.positions();
  return macs / (rate * config.tiles);
}

std::vector<int> chip_counts(int chips) {
  std::vector<int> out;
  for (int count = 1; count < chips; count *= 2) out.push_back(count);
  out.push_back(chips);
  return out;
}

}  // namespace

Homes homes_of(const Config& config, const Product& product, const Traffic& traffic) {
  if (config.chips == 1) return {};
  const auto home = [&](bool anywhere) { return anywhere ? 0 : config.chips; };
  return {.input = home(traffic.first_operand),
          .weights = home(product.constant_weights ? !config.shard_parameters : traffic.other_operands),
          .output = home(traffic.result)};
}

std::vector<ChipPart> chip_parts(const Config& config, const Product& product, const Homes& homes) {
  std::vector<ChipPart> out;
  for (const int chips : chip_counts(config.chips)) {
    for (int positions = 1; positions <= chips; ++positions) {
      if (chips % positions != 0) continue;
      const auto field = cut_positions(product, positions);
      const auto part = field ? cut_channels(field->product, chips / positions) : std::nullopt;
      if (!part) continue;
      out.push_back({.product = *part, .positions = positions, .channels = chips / positions});
      add_moves(config, product, homes, field->foreign, out.back());
    }
  }
  return out;
}

SharedSearch share(const Config& config, const Product& product, const Homes& homes, std::int64_t limit) {
  SharedSearch out;
  const std::int64_t operands = product.input_bytes() + product.output_bytes() + product.weight_bytes();
  auto parts = chip_parts(config, product, homes);
  std::reverse(parts.begin(), parts.end());  // most chips first: the others are often not worth a search then
  for (const ChipPart& part : parts) {
    const std::int64_t around = part.link_cycles + part.global_sync_cycles;
    if (out.best && least_cycles(config, part.product) + around > out.best->cycles()) continue;
    // Operands that lie on fewer chips than they could leave less to the product.
    const std::int64_t room = config.sram.count() - config.program.count() - tile_share(config, operands, part.chips());
    const Search found = search(config, part.product, part.chips() == config.chips ? limit : std::min(limit, room));
    if (out.least_memory == 0 || found.least_memory < out.least_memory) out.least_memory = found.least_memory;
    if (!found.best) continue;
    const Shared shared{.part = part, .choice = *found.best};
    if (!out.best || shared.cycles() <= out.best->cycles()) out.best = shared;
  }
  return out;
}

}  // namespace chipcast::ipu

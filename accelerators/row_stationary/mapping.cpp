// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/mapping.h"

#include "accelerators/row_stationary/law.h"

namespace chipcast::row_stationary {

std::string to_text(const Mapping& mapping) {
  const auto part = [](const char* letter, std::int64_t value) { return letter + std::to_string(value); };
  return part("m ", mapping.m) + part(", n ", mapping.n) + part(", e ", mapping.e) + part(", p ", mapping.p) +
         part(", q ", mapping.q) + part(", r ", mapping.r) + part(", t ", mapping.t);
}

std::string to_text(const Excess& excess) {
  return std::string(excess.what) + " is " + std::to_string(excess.value) + ", but at most " +
         std::to_string(excess.limit) + " fit " + excess.field;
}

std::int64_t sets_on_array(const Config& config, const Layer& layer, std::int64_t e) {
  const std::int64_t up = config.rows / layer.kernel_rows;
  const std::int64_t segments = ceil_div<std::int64_t>(e, config.columns);
  return up * (config.columns / ceil_div(e, segments)) / segments;
}

std::int64_t ifmap_channels(const Layer& layer, const Mapping& mapping) {
  return layer.per_channel ? mapping.p * mapping.t : mapping.q * mapping.r;
}

std::int64_t ifmap_banks(const Config& config, const Layer& layer, const Mapping& mapping) {
  const std::int64_t words =
      mapping.n * ifmap_channels(layer, mapping) * layer.rows_under(mapping.e) * layer.columns_under(mapping.f);
  return ceil_div(words * kWordBytes, config.buffer.bank.count());
}

std::int64_t psum_banks(const Config& config, const Layer& /*layer*/, const Mapping& mapping) {
  return ceil_div(mapping.m * mapping.n * mapping.e * mapping.f * kWordBytes, config.buffer.bank.count());
}

std::optional<Excess> excess(const Config& config, const Layer& layer, const Mapping& mapping) {
  const auto& [m, n, e, p, q, r, t, f] = mapping;
  const std::int64_t window = (layer.per_channel ? p : q) * layer.window();
  const Excess limits[] = {
      {"p, psums of an element,", "spads.psum", p, config.spads.psum},
      {"p q S, weights of an element,", "spads.filter", p * q * layer.kernel_columns, config.spads.filter},
      {"the window of inputs in an element", "spads.ifmap", window, config.spads.ifmap},
      {"q r of a depthwise layer", "the array", q * r, layer.per_channel ? 1 : q * r},
      {"r t, sets on the array,", "rows x columns", r * t, sets_on_array(config, layer, e)},
      {"the bytes of a pass's weights", "buffer.filters", filter_words_per_pass(layer, mapping) * kWordBytes,
       config.buffer.filters.count()},
      {"the number of banks for inputs and psums", "buffer.banks",
       ifmap_banks(config, layer, mapping) + psum_banks(config, layer, mapping), config.buffer.banks}};
  for (const Excess& limit : limits) {
    if (limit.value > limit.limit) return limit;
  }
  return std::nullopt;
}

}  // namespace chipcast::row_stationary

// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/law.h"

#include <algorithm>

#include "models/dma/compression.h"

namespace chipcast::row_stationary {
namespace {

/// A map's extent cut into strips.
struct Strips {
  std::int64_t count;
  std::int64_t read;    ///< inputs under all strips, halo and padding included
  std::int64_t stored;  ///< the same without padding
};

/// Extents along one axis of a layer.
struct Axis {
  std::int64_t out, strip, stride, in, pad;
};

/// Inputs under strips that lie outside of the tensor on one side: `beyond(i)` of the i-th strip from there.
template <class Beyond>
std::int64_t padding(std::int64_t number, const Beyond& beyond) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < number; ++i) {
    const std::int64_t more = beyond(i);
    if (more <= 0) break;  // strips further inside have none
    sum += more;
  }
  return sum;
}

/// `under(outputs)`: inputs under so many. Kernels that are cut into `folds` have taps all over: of their strips, only
/// what the overlaps add to the tensor is known.
template <class Under>
Strips strips(const Axis& axis, std::int64_t folds, const Under& under) {
  const std::int64_t number = ceil_div(axis.out, axis.strip);
  const std::int64_t last = axis.out - (number - 1) * axis.strip;
  const std::int64_t read = (number - 1) * under(axis.strip) + under(last);
  if (folds > 1) {
    const std::int64_t overlap = std::max<std::int64_t>(0, under(axis.strip) - axis.strip * axis.stride);
    return {number, read, std::min(read, axis.in + (number - 1) * overlap)};
  }
  const auto span = [&](std::int64_t i) { return under(i + 1 == number ? last : axis.strip); };
  const auto begin = [&](std::int64_t i) { return i * axis.strip * axis.stride - axis.pad; };
  const std::int64_t before = padding(number, [&](std::int64_t i) { return std::min(span(i), -begin(i)); });
  const std::int64_t behind = padding(number, [&](std::int64_t i) {
    const std::int64_t from_end = number - 1 - i;
    return std::min(span(from_end), begin(from_end) + span(from_end) - axis.in);
  });
  return {number, read, read - before - behind};
}

/// Array cycles of a pass: elements multiply while the buses bring inputs and partial sums and take these away.
///   max(n p q S f, n ifmap words / ifmap bus, n e f p t / psum bus)
Cycles streaming(const Config& config, const Layer& layer, const Mapping& map, std::int64_t macs) {
  const std::int64_t inputs = map.n * ifmap_channels(layer, map) * layer.rows_under(map.e) * layer.columns_under(map.f);
  const std::int64_t psums = map.n * map.e * map.f * map.p * map.t;
  return Cycles(std::max(
      {macs, ceil_div<std::int64_t>(inputs, config.noc.ifmap), ceil_div<std::int64_t>(psums, config.noc.psum)}));
}

/// What a pass does not overlap: its weights, the first window of inputs, the first partial sums in, the last out.
Cycles fill(const Config& config, const Layer& layer, const Mapping& map) {
  const std::int64_t inputs = layer.rows_under(map.e) * ifmap_channels(layer, map) * layer.window();
  const std::int64_t psums = map.e * map.p * map.t;
  return Cycles(ceil_div<std::int64_t>(filter_words_per_pass(layer, map), config.noc.filter) +
                ceil_div<std::int64_t>(inputs, config.noc.ifmap) + 2 * ceil_div<std::int64_t>(psums, config.noc.psum));
}

}  // namespace

std::int64_t filter_words_per_pass(const Layer& layer, const Mapping& map) {
  return map.p * map.t * map.q * map.r * layer.kernel_rows * layer.kernel_columns;
}

Counts count(const Config& config, const Layer& layer, const Mapping& map) {
  const Strips rows = strips({layer.rows, map.e, layer.stride_rows, layer.in_rows, layer.pad_rows}, layer.folds,
                             [&](std::int64_t out) { return layer.rows_under(out); });
  const Strips columns = strips({layer.columns, map.f, layer.stride_columns, layer.in_columns, layer.pad_columns},
                                layer.folds, [&](std::int64_t out) { return layer.columns_under(out); });
  const std::int64_t batches = ceil_div(layer.batch, map.n);
  const std::int64_t loads = ceil_div(layer.filters, map.m);          // of the inputs into the global buffer
  const std::int64_t reads = loads * ceil_div(map.m, map.p * map.t);  // of the inputs into the array
  const std::int64_t sums = ceil_div(layer.channels, map.q * map.r) * layer.folds;
  const std::int64_t places = layer.groups * batches * rows.count * columns.count;

  Counts c;
  c.units = places * loads;
  c.passes = places * sums * reads;
  c.active_pes = map.r * map.t * map.e * layer.kernel_rows;
  const std::int64_t macs = map.n * map.p * map.q * layer.kernel_columns * map.f;
  c.pass_macs = Cycles(macs);
  c.pass_fill = fill(config, layer, map);
  c.pass = streaming(config, layer, map, macs) + c.pass_fill;
  c.cycles = c.pass * c.passes;

  // Per channel, each filter has inputs of its own in the array: they are read once, whatever the number of passes.
  const std::int64_t area = rows.read * columns.read * layer.folds, stored = rows.stored * columns.stored * layer.folds;
  if (layer.per_channel) {
    const std::int64_t maps = layer.batch * layer.filters;
    c.ifmap_reads = maps * area;
    c.ifmap_words = maps / layer.multiplier * area;
    c.ifmap_stored = maps / layer.multiplier * stored;
  } else {
    const std::int64_t maps = layer.batch * layer.groups * layer.channels;
    c.ifmap_reads = maps * area * reads;
    c.ifmap_words = maps * area * loads;
    c.ifmap_stored = maps * stored * loads;
  }

  c.ofmap_words = layer.batch * layer.groups * layer.filters * layer.rows * layer.columns;
  c.psum_writes = c.psum_reads = c.ofmap_words * sums;
  c.filter_words = layer.groups * layer.filters * layer.channels * layer.kernel_rows * layer.kernel_columns *
                   layer.folds * rows.count * columns.count * batches;
  c.spad_fills = c.passes * c.active_pes * map.p * map.q * layer.kernel_columns;
  return c;
}

double cost_of(const Config& config, const Counts& c) {
  const auto dram = static_cast<double>(c.ifmap_words + c.filter_words + c.ofmap_words);
  const auto buffer = static_cast<double>(c.ifmap_reads + c.psum_reads + c.psum_writes);
  const double pes = static_cast<double>(config.rows) * config.columns;
  return config.search.dram * dram + config.search.buffer * buffer +
         config.search.pe_cycle * pes * static_cast<double>(c.cycles.count());
}

Bytes map_bytes(const Config& config, std::int64_t stored, std::int64_t seen, double zeros) {
  const Bytes raw(stored * kWordBytes);
  if (zeros == 0.0) return raw;
  const dma::DataKind data{.element_bits = 16, .zero_share = zeros};
  return std::min(raw, dma::compressed_bytes(config.compression, Bytes(seen * kWordBytes), data));
}

}  // namespace chipcast::row_stationary

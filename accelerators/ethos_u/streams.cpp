// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/streams.h"

#include <algorithm>
#include <cmath>

namespace chipcast::ethos_u {
namespace {

constexpr std::int64_t kBrick = 16;
constexpr std::int64_t kKernelPart = 8;

/// Images with few channels are stored as they are, everything else in bricks.
std::int64_t stored_depth(std::int64_t channels) { return channels < kBrick ? channels : round_up(channels, kBrick); }

Bytes bytes(double elements, int bits) {
  return Bytes(std::max<std::int64_t>(1, std::llround(std::ceil(elements * bits / 8.0))));
}

double share(std::int64_t whole, std::int64_t part) {
  return std::max(1.0, static_cast<double>(whole) / static_cast<double>(part));
}

double fetched(const Operation& op, const BlockConfig& block) {
  if (op.unit == Unit::elementwise) return static_cast<double>(op.ifm.elements());
  const std::int64_t height = std::min(block.ifm.height, op.ifm.height);
  const std::int64_t width = std::min(block.ifm.width, op.ifm.width);
  const std::int64_t parts = ceil_div(op.kernel_height, kKernelPart) * ceil_div(op.kernel_width, kKernelPart);
  const double planes = share(op.ofm.height, block.ofm.height) * share(op.ofm.width, block.ofm.width);
  const std::int64_t depths = op.equal_depth() ? 1 : ceil_div(op.ofm.depth, block.ofm.depth);
  return static_cast<double>(height * width * stored_depth(op.ifm.depth) * parts * depths) * planes;
}

std::int64_t weight_count(const Operation& op) {
  return op.taps() * op.ofm.depth * (op.equal_depth() ? 1 : op.ifm.depth);
}

}  // namespace

Streams streams_of(const Config& config, const Operation& operation, const BlockConfig& block) {
  const int result_bits = std::min(operation.bits, 16);
  const auto repeats = static_cast<double>(operation.repeats);
  Streams out;
  out.features = bytes(fetched(operation, block) * repeats, operation.bits);
  out.results =
      bytes(static_cast<double>(operation.ofm.plane() * stored_depth(operation.ofm.depth)) * repeats, result_bits);
  if (!operation.has_weights) return out;
  const double encoded = static_cast<double>(weight_count(operation)) * config.weights.encoded;
  const std::int64_t scales = config.weights.scale.count() * operation.ofm.depth;
  out.weights = Bytes((std::llround(std::ceil(encoded)) + scales) * operation.repeats);
  if (operation.ofm.plane() == 1) return out;
  out.weight_reads = ceil_div(operation.ofm.height, block.ofm.height) * ceil_div(operation.ofm.width, block.ofm.width);
  return out;
}

}  // namespace chipcast::ethos_u

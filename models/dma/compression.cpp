// SPDX-License-Identifier: Apache-2.0
#include "models/dma/compression.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::dma {
namespace {

double bitmap_bytes(double elements, const DataKind& data) {
  return elements / 8.0 + elements * (1.0 - data.zero_share) * data.element_bits / 8.0;
}

double run_length_bytes(const Compression& c, double elements, const DataKind& data) {
  const double z = data.zero_share;
  const double longest = std::exp2(c.run_bits) - 1.0;
  // A pair stands for its zeros, at most R, and one value: the mean of min(Z, R) + 1 with P(Z >= j) = z^j.
  const double covered = z < 1.0 ? (1.0 - std::pow(z, longest + 1.0)) / (1.0 - z) : longest + 1.0;
  const int in_word = c.word_bits / (c.run_bits + data.element_bits);
  if (in_word == 0) return elements * data.element_bits;  // no pair fits a word: all blocks are sent raw
  return std::ceil(elements / covered / in_word) * c.word_bits / 8.0;
}

}  // namespace

Bytes compressed_bytes(const Compression& compression, Bytes raw, const DataKind& data) {
  CHIPCAST_ASSERT(data.zero_share >= 0.0 && data.zero_share <= 1.0 && data.element_bits > 0);
  if (compression.scheme == Scheme::none || raw <= Bytes(0)) return raw;
  const auto all = static_cast<double>(raw.count());
  const double elements = all * 8.0 / data.element_bits;
  double shorter = all;
  if (compression.scheme == Scheme::ratio) shorter = all / compression.ratio;
  if (compression.scheme == Scheme::bitmap) shorter = bitmap_bytes(elements, data);
  if (compression.scheme == Scheme::zero_run_length) shorter = run_length_bytes(compression, elements, data);
  constexpr double kNoise = 1e-9;  // 0.3 * 10 must not become 4
  const Bytes body(std::min(raw.count(), static_cast<std::int64_t>(std::ceil(shorter * (1.0 - kNoise)))));
  return body + compression.metadata * ceil_div(raw, compression.block);
}

Time codec_time(const Compression& compression, Bytes raw) {
  if (compression.scheme == Scheme::none || !compression.throughput) return Time();
  return chipcast::transfer_time(raw, *compression.throughput);
}

}  // namespace chipcast::dma

// SPDX-License-Identifier: Apache-2.0
#include "models/dma/chunks.h"

#include <algorithm>

#include "models/dma/compression.h"
#include "sim/base/check.h"

namespace chipcast::dma {

Chunks::Chunks(const Config& config, const Descriptor& descriptor)
    : chunk_(config.chunk),
      burst_(config.burst),
      compression_(config.compression),
      address_(descriptor.address),
      left_(descriptor.pattern.bytes()) {
  pattern_ = config.packed ? contiguous(left_) : merged(descriptor.pattern);
  strided_ = !pattern_.contiguous();
  CHIPCAST_ASSERT(!strided_ || (chunk_ >= burst_ && chunk_.count() % burst_.count() == 0));
}

std::uint64_t Chunks::row_address() const {
  return address_ + static_cast<std::uint64_t>((pattern_.plane_stride * plane_ + pattern_.row_stride * row_).count());
}

Bytes Chunks::on_bus(Bytes bytes) const {
  if (strided_ || compression_.scheme == Scheme::none) return bytes;
  return compressed_bytes(compression_, bytes, {compression_.element_bits, compression_.zero_share});
}

Bytes Chunks::bursts(std::uint64_t address, Bytes bytes) const {
  const auto burst = static_cast<std::uint64_t>(burst_.count());
  const std::uint64_t first = address / burst, last = (address + static_cast<std::uint64_t>(bytes.count()) - 1) / burst;
  return burst_ * static_cast<std::int64_t>(last - first + 1);
}

/// What of a row the whole bursts of a chunk hold, so that the next chunk begins with a burst of its own.
Bytes Chunks::up_to_border(std::uint64_t address) const {
  return chunk_ - Bytes(static_cast<std::int64_t>(address % static_cast<std::uint64_t>(burst_.count())));
}

Chunk Chunks::next() {
  CHIPCAST_ASSERT(!done());
  Chunk out{.address = row_address() + static_cast<std::uint64_t>(in_row_.count())};
  while (!done()) {
    const std::uint64_t from = row_address() + static_cast<std::uint64_t>(in_row_.count());
    const Bytes rest = pattern_.row - in_row_;
    const Bytes bus = strided_ ? bursts(from, rest) : rest;
    const bool fits = out.bus_bytes + bus <= chunk_;
    if (!fits && out.bytes > Bytes(0)) break;
    const Bytes part = fits ? rest : strided_ ? up_to_border(from) : chunk_;
    out.bytes += part;
    out.bus_bytes += fits ? bus : chunk_;
    if (strided_ && in_row_ == Bytes(0)) ++out.rows;
    left_ -= part;
    in_row_ += part;
    if (in_row_ < pattern_.row) break;
    in_row_ = Bytes(0);
    if (++row_ == pattern_.rows) {
      row_ = 0;
      ++plane_;
    }
  }
  out.bus_bytes = on_bus(out.bus_bytes);
  return out;
}

}  // namespace chipcast::dma

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/dma/config.h"
#include "models/dma/descriptor.h"

namespace chipcast::dma {

/// What an engine sends as one transaction.
struct Chunk {
  std::uint64_t address = 0;
  Bytes bytes{};          ///< that are wanted
  Bytes bus_bytes{};      ///< that cross the bus for them
  std::int64_t rows = 0;  ///< that begin in it; 0 where the bytes stand together
};

/// Cuts a transfer into chunks, in order. Bytes that stand together, and all transfers of an engine whose tensors are
/// stored tile by tile (`packed`), are cut every `chunk` bytes. Of a strided transfer every row takes whole aligned
/// bursts; long rows are cut at borders of bursts, short ones gathered, as far as a chunk holds them. Compression
/// shortens what bytes that stand together take of the bus; rows of strided transfers are sent as they are.
class Chunks {
 public:
  Chunks(const Config& config, const Descriptor& descriptor);
  bool done() const { return left_ == Bytes(0); }
  /// Needs !done().
  Chunk next();

 private:
  Bytes on_bus(Bytes bytes) const;
  std::uint64_t row_address() const;
  Bytes bursts(std::uint64_t address, Bytes bytes) const;
  Bytes up_to_border(std::uint64_t address) const;

  Bytes chunk_, burst_;
  Compression compression_;
  bool strided_;
  std::uint64_t address_;
  Pattern pattern_;
  std::int64_t row_ = 0, plane_ = 0;
  Bytes in_row_{};  ///< bytes of the row that are behind
  Bytes left_;
};

}  // namespace chipcast::dma

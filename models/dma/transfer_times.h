// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>

#include "models/dma/cost.h"

namespace chipcast::dma {

/// `transfer_time` of one engine on one unloaded path, for whoever asks often: all chunks of a transfer but the last
/// are equal, and what a last chunk of so many bytes takes is worked out once. May be shared by threads.
class TransferTimes {
 public:
  TransferTimes(const Config& config, UnloadedPath path);

  /// As dma::transfer_time(config, bytes, path).
  Time operator()(Bytes bytes) const;

 private:
  Time last_chunk(Bytes bytes) const;

  Config config_;
  UnloadedPath path_;
  std::int64_t chunk_;
  std::unique_ptr<std::atomic<std::int64_t>[]> last_;  ///< ps, by bytes; 0: not asked for yet; none for long chunks
  mutable std::atomic<std::int64_t> full_ = -1;
};

}  // namespace chipcast::dma

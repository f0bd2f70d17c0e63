// SPDX-License-Identifier: Apache-2.0
#include "models/dma/transfer_times.h"

namespace chipcast::dma {
namespace {

/// Longer chunks are rare, and a table of them larger than a cache.
constexpr std::int64_t kMostEntries = 16384;

}  // namespace

TransferTimes::TransferTimes(const Config& config, UnloadedPath path)
    : config_(config), path_(std::move(path)), chunk_(config.chunk.count()) {
  if (chunk_ < kMostEntries)
    last_ = std::make_unique<std::atomic<std::int64_t>[]>(static_cast<std::size_t>(chunk_) + 1);
}

/// Of a transfer of one chunk, its latency included.
Time TransferTimes::last_chunk(Bytes bytes) const {
  if (!last_) return transfer_time(config_, bytes, path_);
  std::atomic<std::int64_t>& known = last_[static_cast<std::size_t>(bytes.count())];
  if (const std::int64_t ps = known.load(std::memory_order_relaxed); ps > 0) return Time::ps(ps);
  const Time time = transfer_time(config_, bytes, path_);
  known.store(time.ps(),
              std::memory_order_relaxed);  // whoever else does it stores the same
  return time;
}

Time TransferTimes::operator()(Bytes bytes) const {
  if (bytes <= Bytes(0)) return Time();
  if (bytes.count() <= chunk_) return last_chunk(bytes);
  std::int64_t full = full_.load(std::memory_order_relaxed);
  if (full < 0) {
    full = (transfer_time(config_, config_.chunk, path_) - path_.latency).ps();
    full_.store(full, std::memory_order_relaxed);
  }
  const std::int64_t before = (bytes.count() - 1) / chunk_;
  return Time::ps(full) * before + last_chunk(bytes - config_.chunk * before);
}

}  // namespace chipcast::dma

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>

namespace chipcast::dram {

/// Rows of one bank whose requests wait in the queue at the same time. The controller serves what it finds for a row,
/// and what comes for it meanwhile, before it opens the next. Bursts are counted in the order of their arrival; the
/// queue holds `places` of them, and one more for each of the channel that was served since: requests join a batch
/// up to number
///
///     p + places + served      p: where the first batch began
class RowBatches {
 public:
  struct Request {
    int row;
    std::int64_t bursts;
    std::int64_t number;  ///< bursts of the channel before it
    double time;          ///< of those bursts on the bus
  };
  /// When the row takes column commands, where a batch for it is not over yet; the batches behind it move back.
  /// `served` are the bursts of the channel that wait behind no other batch.
  std::optional<double> join(const Request& request, std::int64_t cap, std::int64_t& served);
  /// A new batch, behind the others, whose row is open at `ready`.
  void open(const Request& request, std::int64_t places, double ready, std::int64_t& served);
  void clear() { size_ = 0; }

 private:
  struct Batch {
    int row = 0;
    std::int64_t bursts = 0;
    double ready = 0.0;
  };
  void end_first(std::int64_t& served);

  std::array<Batch, 6> batches_{};
  int size_ = 0;
  std::int64_t base_ = 0;  ///< p + places, less what was served by then
};

}  // namespace chipcast::dram

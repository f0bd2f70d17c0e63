// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "models/sram/cost.h"

namespace chipcast::sram {

/// The banks of a memory as time goes by. Transfers are booked in the order in which they arrive; each bank serves
/// their accesses one after the other, all banks side by side.
class Banks {
 public:
  explicit Banks(const Config& config);

  struct Booking {
    Time begin, end;        ///< of the first and the last access; the answer follows one latency later
    Cycles conflict;        ///< how much later it ends than on idle banks
    std::int64_t accesses;  ///< over all banks
  };
  Booking book(std::uint64_t address, Bytes bytes, bool write, Time arrival);

  /// Cycles that all transfers lost to others.
  Cycles conflicts() const { return conflicts_; }

 private:
  Config config_;
  Clock clock_;
  /// Per direction (the same where ports are shared) and bank: the first free slot; a cycle has `ports` of them.
  std::array<std::vector<std::int64_t>, 2> free_;
  Cycles conflicts_;
};

}  // namespace chipcast::sram

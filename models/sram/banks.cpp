// SPDX-License-Identifier: Apache-2.0
#include "models/sram/banks.h"

#include <algorithm>
#include <limits>

namespace chipcast::sram {

Banks::Banks(const Config& config) : config_(config), clock_(config.clock) {
  for (auto& slots : free_) slots.resize(static_cast<std::size_t>(config.banks), 0);
}

Banks::Booking Banks::book(std::uint64_t address, Bytes bytes, bool write, Time arrival) {
  const std::int64_t now = clock_.next_edge(arrival);
  const Spread spread(config_, address, bytes);
  if (spread.parts() == 0) return {.begin = arrival, .end = arrival, .conflict = Cycles(0), .accesses = 0};
  auto& slots = free_[config_.separate_ports && write ? 1 : 0];
  std::int64_t first = std::numeric_limits<std::int64_t>::max(), last = 0;
  for (std::int64_t part = 0; part < spread.parts(); ++part) {
    std::int64_t& slot = slots[static_cast<std::size_t>(spread.bank(part))];
    slot = std::max(slot, now * config_.ports);
    first = std::min(first, slot);
    slot += spread.accesses(part);
    last = std::max(last, slot);
  }
  const std::int64_t ports = config_.ports;
  const std::int64_t end = ceil_div(last, ports);
  const Cycles conflict(end - now - ceil_div(spread.most(), ports));
  conflicts_ += conflict;
  return {
      .begin = clock_.edge(first / ports), .end = clock_.edge(end), .conflict = conflict, .accesses = spread.total()};
}

}  // namespace chipcast::sram

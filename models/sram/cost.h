// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/sram/config.h"
#include "sim/base/time.h"

/// Closed forms of a banked memory. Symbols: B banks, p ports of each, w bytes of an access, I bytes that stay in one
/// bank, f the clock.
namespace chipcast::sram {

/// How the accesses of one transfer fall on the banks: part 0 is the bank of its first byte, the others follow.
class Spread {
 public:
  Spread(const Config& config, std::uint64_t address, Bytes bytes);

  /// Banks touched.
  std::int64_t parts() const { return parts_; }
  std::int64_t bank(std::int64_t part) const { return (first_bank_ + part) % banks_; }
  /// Accesses to the bank of a part; those at unaligned ends count whole.
  std::int64_t accesses(std::int64_t part) const;
  /// Of the bank that has most of them.
  std::int64_t most() const;
  std::int64_t total() const { return total_; }

 private:
  std::int64_t banks_, first_bank_ = 0, parts_ = 0, blocks_ = 0, per_block_ = 0, total_ = 0;
  std::int64_t before_ = 0, behind_ = 0;  ///< accesses of the first and last block that are outside
};

/// B * p * w * f: a stream of consecutive bytes.
BytesPerSecond stream_bandwidth(const Config& config);

/// Accesses per cycle of a stream with one access at every multiple of `stride` bytes. With g = gcd(stride, B * I) it
/// meets B * I / g places before it repeats, at most ceil(I / g) of them in one bank:
///   p * (B * I / g) / ceil(I / g)
/// which is p * B / gcd(stride / I, B) where the stride is a multiple of I.
double strided_accesses_per_cycle(const Config& config, Bytes stride);

/// Busy cycles of a transfer on idle banks: ceil(accesses to the fullest bank / p).
Cycles service_cycles(const Config& config, std::uint64_t address, Bytes bytes);
Time service_time(const Config& config, std::uint64_t address, Bytes bytes);

/// What transfers of `bytes` take of the memory wherever they start: bytes / stream bandwidth.
Time least_service(const Config& config, Bytes bytes);

Time latency(const Config& config);

/// Accesses served per cycle where `requesters` each ask for a random bank every cycle and refused ones are dropped:
/// B * E[min(X, p)], X ~ Binomial(requesters, 1 / B); with one port B * (1 - (1 - 1/B)^requesters).
double dropped_throughput(const Config& config, int requesters);

/// The same where every requester waits for its one access before it asks for the next, one port:
/// with s = B + k - 1/2: s - sqrt(s^2 - 2 B k).
double queued_throughput(int banks, int requesters);

/// Bytes of arrays that are switched by a transfer: whole accesses.
Bytes switched_bytes(const Config& config, std::uint64_t address, Bytes bytes);

/// The array whose size sets the energy of a byte (technology::sram_energy): one bank.
Bytes array_size(const Config& config);

}  // namespace chipcast::sram

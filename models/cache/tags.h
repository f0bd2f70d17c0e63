// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <variant>
#include <vector>

#include "models/cache/config.h"
#include "models/cache/sets.h"

namespace chipcast::cache {

/// Consecutive bytes.
struct Range {
  std::uint64_t address = 0;
  Bytes bytes{};
  friend bool operator==(const Range&, const Range&) = default;
};

/// What a transfer meets. Neighbouring lines are gathered; all but write-backs are in the order of addresses.
struct Access {
  std::vector<Range> hits;        ///< bytes of the transfer that the cache holds
  std::vector<Range> fills;       ///< whole lines that memory is asked for
  std::vector<Range> bypasses;    ///< bytes of the transfer that go past the cache
  std::vector<Range> writebacks;  ///< whole lines that gave way and have to be written
  std::int64_t hit_lines = 0, missed_lines = 0;
};

/// The tags of a set-associative write-back cache. A miss that takes a line in fills it from memory unless the
/// transfer writes all of it.
class Tags {
 public:
  explicit Tags(const Config& config);

  /// The answer holds until the next call.
  const Access& lookup(std::uint64_t address, Bytes bytes, bool write) {
    return lookup(address, bytes, write, config_.allocate);
  }
  /// For a transfer with a hint of its own about what is worth keeping.
  const Access& lookup(std::uint64_t address, Bytes bytes, bool write, Allocate allocate);

  /// Writes everything back, in the order of addresses; the lines stay, clean.
  std::vector<Range> flush();

 private:
  template <class Sets>
  void walk(Sets& sets, std::uint64_t address, Bytes bytes, bool write, bool allocate);

  Config config_;
  std::uint64_t line_, count_;  ///< bytes of a line, number of sets
  std::variant<LruSets, PlruSets> sets_;
  Access access_;
};

}  // namespace chipcast::cache

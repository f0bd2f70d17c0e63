// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/dram/standard.h"

namespace chipcast::dram {

/// Where a burst lies.
struct Location {
  int channel = 0;
  Address at;
};

/// Byte addresses to channels, banks, rows and columns. `order` lists the fields from the most to the least
/// significant: "row rank bank column group channel"; "column:2" is a part of a field, four bursts wide, that
/// stands apart from its rest. Sizes need not be powers of two. `hash` folds row bits into bank and group, so
/// that strides of whole rows spread over the banks. Addresses beyond the capacity wrap.
class AddressMap {
 public:
  /// Throws InputError where `order` misses, repeats or misspells a field, or a part does not divide its field.
  AddressMap(const Organisation& organisation, int channels, const std::string& order, bool hash);

  Location locate(std::int64_t byte) const;

  /// Bursts in one row before another channel, group, bank or row has its turn.
  std::int64_t grain() const { return grain_; }

  /// Bursts of a transfer that lie in one row.
  struct Run {
    Location where;
    std::int64_t bursts;
    std::int64_t part;  ///< runs of one part are used in turn, burst by burst
  };
  /// Appends the rows that `count` bursts from number `first` on touch, with how many bursts lie in each.
  /// Bursts that alternate between groups and channels below the row are gathered: `count` may be large.
  void split(std::int64_t first, std::int64_t count, std::vector<Run>& runs) const;

 private:
  enum class Field : std::uint8_t { row, rank, bank, group, column, channel };
  static constexpr std::size_t kFields = 6;
  struct Digit {
    Field field;
    std::int64_t size, weight;
    int shift;  ///< log2 of size, or -1
  };
  void add(const std::string& word, const std::array<std::int64_t, kFields>& sizes);
  void finish(const std::array<std::int64_t, kFields>& sizes);
  void measure_stripe();
  void gather(std::int64_t first, std::int64_t count, std::int64_t number, std::vector<Run>& runs) const;

  Organisation organisation_;
  bool hash_;
  std::vector<Digit> digits_;  ///< least significant first
  std::int64_t grain_ = 1;     ///< bursts before anything but the column changes
  std::int64_t period_ = 1;    ///< bursts after which only the column has changed, within a stripe
  std::int64_t stripe_ = 1;    ///< bursts before bank, rank or row change
  std::int64_t stripe_columns_ = 1;
};

/// The usual order: rows on top, bursts alternate between bank groups and channels, 64 bytes stay together.
std::string usual_order(const Organisation& organisation);

}  // namespace chipcast::dram

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

/// Levels of a memory hierarchy whose every access is counted.
namespace chipcast::crosscheck {

/// First and last place that was touched along an axis, in coordinates that begin before the tensor where it is padded.
class Touched {
 public:
  void mark(std::int64_t place) {
    first_ = none_ || place < first_ ? place : first_;
    last_ = none_ || place > last_ ? place : last_;
    none_ = false;
  }
  std::int64_t first() const { return first_; }
  std::int64_t extent() const { return none_ ? 0 : last_ - first_ + 1; }

 private:
  std::int64_t first_ = 0, last_ = -1;
  bool none_ = true;
};

/// A tensor in memory; reads are what crosses the device's port.
class Memory {
 public:
  explicit Memory(const std::vector<std::int8_t>& values) : values_(values) {}
  std::int8_t read(std::int64_t index) {
    ++reads_;
    return values_[static_cast<std::size_t>(index)];
  }
  std::int64_t reads() const { return reads_; }

 private:
  const std::vector<std::int8_t>& values_;
  std::int64_t reads_ = 0;
};

/// Part of an axis.
struct Range {
  std::int64_t first = 0, extent = 0;
  bool holds(std::int64_t place) const { return place >= first && place < first + extent; }
};

/// A slice of an input on the chip: channels x rows x columns of one image. What was not loaded is not there.
class Slice {
 public:
  /// Empties it.
  void hold(Range channels, Range rows, Range columns) {
    channels_ = channels;
    rows_ = rows;
    columns_ = columns;
    values_.clear();
    values_.reserve(static_cast<std::size_t>(channels.extent * rows.extent * columns.extent));
  }
  std::int64_t elements() const { return static_cast<std::int64_t>(values_.size()); }
  void push(std::int8_t value) { values_.push_back(value); }
  /// A value that is missing is one that no operand has, so that results show it.
  std::int32_t read(std::int64_t channel, std::int64_t row, std::int64_t column) const {
    if (!channels_.holds(channel) || !rows_.holds(row) || !columns_.holds(column)) return kMissing;
    const std::int64_t at =
        ((channel - channels_.first) * rows_.extent + row - rows_.first) * columns_.extent + column - columns_.first;
    return values_[static_cast<std::size_t>(at)];
  }

 private:
  static constexpr std::int32_t kMissing = 1 << 20;
  Range channels_, rows_, columns_;
  std::vector<std::int8_t> values_;
};

}  // namespace chipcast::crosscheck

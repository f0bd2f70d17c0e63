// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace chipcast::crosscheck {

/// One half of a double buffer, element by element: what is asked for is loaded unless it came in since the halves
/// changed roles; when a half is full they do, and the next one starts empty.
class HalfBuffer {
 public:
  HalfBuffer(std::int64_t capacity, std::int64_t elements)
      : capacity_(capacity), since_(static_cast<std::size_t>(elements), 0) {}

  void ask(std::int64_t element) {
    std::int64_t& since = since_[static_cast<std::size_t>(element)];
    if (since == turn_) return;
    ++loaded_;
    since = turn_;
    if (++filled_ < capacity_) return;
    filled_ = 0;
    ++turn_;
  }
  std::int64_t loaded() const { return loaded_; }
  /// Different elements that were asked for.
  std::int64_t different() const {
    std::int64_t count = 0;
    for (const std::int64_t since : since_) count += since > 0 ? 1 : 0;
    return count;
  }

 private:
  std::int64_t capacity_, filled_ = 0, turn_ = 1, loaded_ = 0;
  std::vector<std::int64_t> since_;
};

}  // namespace chipcast::crosscheck

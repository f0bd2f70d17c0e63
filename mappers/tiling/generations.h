// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

namespace chipcast::tiling {

/// A bounded memory: when the young half is full, the old one is forgotten and the young one becomes old. What is asked
/// for in time stays.
template <class Value>
class Generations {
 public:
  /// Values of a key; null where there are none.
  Value* find(const std::string& key) {
    if (const auto it = young_.find(key); it != young_.end()) return &it->second;
    const auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    Value value = std::move(it->second);
    old_.erase(it);
    return &insert(key, std::move(value));
  }

  Value& insert(const std::string& key, Value value) {
    if (2 * young_.size() >= most_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return young_.insert_or_assign(key, std::move(value)).first->second;
  }

  void clear(std::size_t most) {
    most_ = most;
    young_.clear();
    old_.clear();
  }

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  std::size_t most_ = 0;
  std::unordered_map<std::string, Value> young_, old_;
};

}  // namespace chipcast::tiling

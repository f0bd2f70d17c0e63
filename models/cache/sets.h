// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/cache/config.h"

/// Sets of lines and how they age. An entry is twice the line's number, plus one where it is dirty; lines stay below
/// 2^62, so that none looks like an empty place.
namespace chipcast::cache {

using Entry = std::uint64_t;
inline constexpr Entry kEmpty = ~Entry{0};
constexpr Entry entry_of(std::uint64_t line, bool dirty) { return line << 1 | Entry{dirty}; }
constexpr std::uint64_t line_of(Entry entry) { return entry >> 1; }
constexpr bool is_dirty(Entry entry) { return entry != kEmpty && (entry & 1) != 0; }

/// Looks for a line in a set. Lines of a stream stand at the same place of their sets, so the last one is tried first.
class Finder {
 public:
  /// Its place, or `ways` where it is not.
  std::size_t find(const Entry* first, std::size_t ways, std::uint64_t line) {
    const Entry wanted = entry_of(line, true);
    if ((first[last_] | 1) == wanted) return last_;
    std::size_t at = 0;
    while (at < ways && (first[at] | 1) != wanted) ++at;
    if (at < ways) last_ = at;
    return at;
  }

 private:
  std::size_t last_ = 0;
};

/// True LRU: a set is a ring in the order of last uses, so that the oldest makes room without the others moving.
class LruSets {
 public:
  LruSets(std::size_t sets, std::size_t ways) : ways_(ways), entries_(sets * ways, kEmpty), newest_(sets, 0) {}

  /// Uses a line that is there; false where it is not.
  bool touch(std::size_t set, std::uint64_t line, bool write) {
    Entry* const first = &entries_[set * ways_];
    const std::size_t at = finder_.find(first, ways_, line);
    if (at == ways_) return false;
    first[at] |= Entry{write};
    if (at == newest_[set]) return true;
    if (at == before(newest_[set])) {  // the oldest: the ring turns
      newest_[set] = static_cast<std::uint8_t>(at);
      return true;
    }
    const Entry used = first[at];
    for (std::size_t i = at; i != newest_[set]; i = before(i)) first[i] = first[before(i)];
    first[newest_[set]] = used;
    return true;
  }

  /// Takes a line in; returns the one that gave way.
  Entry insert(std::size_t set, std::uint64_t line, bool write) {
    newest_[set] = static_cast<std::uint8_t>(before(newest_[set]));
    return std::exchange(entries_[set * ways_ + newest_[set]], entry_of(line, write));
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  std::size_t before(std::size_t way) const { return (way == 0 ? ways_ : way) - 1; }

  std::size_t ways_;
  std::vector<Entry> entries_;
  std::vector<std::uint8_t> newest_;  ///< per set
  Finder finder_;
};

/// Tree pseudo-LRU: ways - 1 bits per set, each points to the half that was used less lately.
class PlruSets {
 public:
  PlruSets(std::size_t sets, std::size_t ways)
      : ways_(ways), entries_(sets * ways, kEmpty), tree_(sets, 0), away_(ways) {
    for (std::size_t way = 0; way < ways; ++way) {
      for (std::size_t node = way + ways; node > 1; node /= 2) {
        const std::uint64_t bit = std::uint64_t{1} << node / 2;
        away_[way].path |= bit;
        if (node % 2 == 0) away_[way].right |= bit;
      }
    }
  }

  bool touch(std::size_t set, std::uint64_t line, bool write) {
    Entry* const first = &entries_[set * ways_];
    const std::size_t at = finder_.find(first, ways_, line);
    if (at == ways_) return false;
    first[at] |= Entry{write};
    point_away(tree_[set], at);
    return true;
  }

  Entry insert(std::size_t set, std::uint64_t line, bool write) {
    Entry* const first = &entries_[set * ways_];
    // Sets fill from the left, and lines leave only for others.
    const std::size_t at = first[ways_ - 1] == kEmpty ? first_empty(first) : victim(tree_[set]);
    const Entry out = first[at];
    first[at] = entry_of(line, write);
    point_away(tree_[set], at);
    return out;
  }

  std::vector<Entry>& entries() { return entries_; }

 private:
  std::size_t first_empty(const Entry* first) const {
    return static_cast<std::size_t>(std::find(first, first + ways_, kEmpty) - first);
  }

  /// Nodes are numbered as in a heap, from 1; a set bit points to the right.
  std::size_t victim(std::uint64_t tree) const {
    std::size_t node = 1;
    while (node < ways_) node = 2 * node + (tree >> node & 1U);
    return node - ways_;
  }

  void point_away(std::uint64_t& tree, std::size_t way) const { tree = (tree & ~away_[way].path) | away_[way].right; }

  /// The nodes above a way, and those of them that it is left of.
  struct Away {
    std::uint64_t path = 0, right = 0;
  };

  std::size_t ways_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> tree_;
  std::vector<Away> away_;
  Finder finder_;
};

}  // namespace chipcast::cache

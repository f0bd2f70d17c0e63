// SPDX-License-Identifier: Apache-2.0
#include "models/cache/tags.h"

#include <algorithm>

#include "models/cache/cost.h"
#include "sim/base/check.h"

namespace chipcast::cache {
namespace {

void append(std::vector<Range>& ranges, std::uint64_t address, std::uint64_t bytes) {
  const Bytes more(static_cast<std::int64_t>(bytes));
  if (!ranges.empty()) {
    Range& last = ranges.back();
    if (last.address + static_cast<std::uint64_t>(last.bytes.count()) == address) {
      last.bytes += more;
      return;
    }
  }
  ranges.push_back({address, more});
}

std::variant<LruSets, PlruSets> make_sets(const Config& config) {
  const auto sets = static_cast<std::size_t>(set_count(config)), ways = static_cast<std::size_t>(config.ways);
  if (config.replacement == Replacement::lru) return LruSets(sets, ways);
  return PlruSets(sets, ways);
}

bool allocates(Allocate policy, bool write) {
  return policy == Allocate::read_write || (policy == Allocate::read_only && !write);
}

}  // namespace

Tags::Tags(const Config& config)
    : config_(config),
      line_(static_cast<std::uint64_t>(config.line.count())),
      count_(static_cast<std::uint64_t>(set_count(config))),
      sets_(make_sets(config)) {}

const Access& Tags::lookup(std::uint64_t address, Bytes bytes, bool write, Allocate allocate) {
  CHIPCAST_ASSERT(bytes >= Bytes(0));
  access_.hits.clear();
  access_.fills.clear();
  access_.bypasses.clear();
  access_.writebacks.clear();
  access_.hit_lines = access_.missed_lines = 0;
  if (bytes > Bytes(0)) {
    std::visit([&](auto& sets) { walk(sets, address, bytes, write, allocates(allocate, write)); }, sets_);
  }
  return access_;
}

template <class Sets>
void Tags::walk(Sets& sets, std::uint64_t address, Bytes bytes, bool write, bool allocate) {
  const std::uint64_t end = address + static_cast<std::uint64_t>(bytes.count());
  std::uint64_t line = address / line_;
  auto set = static_cast<std::size_t>(line % count_);
  for (std::uint64_t from = address; from < end; ++line) {
    const std::uint64_t to = std::min(end, (line + 1) * line_);
    if (sets.touch(set, line, write)) {
      ++access_.hit_lines;
      append(access_.hits, from, to - from);
    } else {
      ++access_.missed_lines;
      if (!allocate) {
        append(access_.bypasses, from, to - from);
      } else {
        if (!write || to - from < line_) append(access_.fills, line * line_, line_);
        const Entry out = sets.insert(set, line, write);
        if (is_dirty(out)) append(access_.writebacks, line_of(out) * line_, line_);
      }
    }
    if (++set == count_) set = 0;
    from = to;
  }
}

std::vector<Range> Tags::flush() {
  std::vector<std::uint64_t> dirty;
  auto& entries = std::visit([](auto& sets) -> std::vector<Entry>& { return sets.entries(); }, sets_);
  for (Entry& entry : entries) {
    if (!is_dirty(entry)) continue;
    dirty.push_back(line_of(entry));
    entry = entry_of(line_of(entry), false);
  }
  std::sort(dirty.begin(), dirty.end());
  std::vector<Range> out;
  for (const std::uint64_t line : dirty) append(out, line * line_, line_);
  return out;
}

}  // namespace chipcast::cache

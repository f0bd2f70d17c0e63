// SPDX-License-Identifier: Apache-2.0
// Addresses for tensors whose lifetimes are known.
#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>

#include "mappers/address_space.h"

namespace chipcast {
namespace {

/// Beyond so many tensors every one is not held against every other.
constexpr std::size_t kMostCompared = 3000;

struct Taken {
  std::uint64_t begin, end;
};

enum class Fit { first, best };

/// A gap between what is taken (sorted by begin) for `size` bytes.
std::uint64_t find_gap(const std::vector<Taken>& taken, std::uint64_t size, Fit fit) {
  std::uint64_t at = 0, smallest = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint64_t> found;
  for (const Taken& some : taken) {
    if (some.begin > at && some.begin - at >= size && some.begin - at < smallest) {
      found = at;
      smallest = some.begin - at;
      if (fit == Fit::first) break;
    }
    at = std::max(at, some.end);
  }
  return found.value_or(at);
}

/// What has been placed so far.
class Packer {
 public:
  explicit Packer(const std::vector<Lifetime>& lifetimes) : lifetimes_(lifetimes) {
    out_.address.resize(lifetimes.size(), 0);
  }

  void place(std::size_t i, const std::vector<std::size_t>& others, Fit fit) {
    taken_.clear();
    for (const std::size_t other : others) {
      if (!lifetimes_[i].overlaps(lifetimes_[other])) continue;
      taken_.push_back({out_.address[other], out_.address[other] + lifetimes_[other].size});
    }
    std::sort(taken_.begin(), taken_.end(), [](const Taken& a, const Taken& b) { return a.begin < b.begin; });
    out_.address[i] = find_gap(taken_, lifetimes_[i].size, fit);
    out_.size = std::max(out_.size, out_.address[i] + lifetimes_[i].size);
  }

  Packing take() { return std::move(out_); }

 private:
  const std::vector<Lifetime>& lifetimes_;
  std::vector<Taken> taken_;
  Packing out_;
};

/// Lower ends of `begin` over a lifetime and all behind it in the order of issue.
std::vector<TaskOrder::Clock> earliest_begins(const std::vector<Lifetime>& lifetimes) {
  std::vector<TaskOrder::Clock> out(lifetimes.size());
  for (std::size_t i = lifetimes.size(); i-- > 0;) {
    out[i] = lifetimes[i].begin;
    if (i + 1 == lifetimes.size()) continue;
    std::transform(out[i].begin(), out[i].end(), out[i + 1].begin(), out[i].begin(),
                   [](std::int64_t a, std::int64_t b) { return std::min(a, b); });
  }
  return out;
}

/// First fit in the order of issue. What nothing behind can overlap is forgotten, so that this stays fast.
Packing in_order_of_issue(const std::vector<Lifetime>& lifetimes) {
  Packer packer(lifetimes);
  const auto earliest = earliest_begins(lifetimes);
  std::vector<std::size_t> alive;
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    std::erase_if(alive, [&](std::size_t other) { return within(lifetimes[other].end, earliest[i]); });
    packer.place(i, alive, Fit::first);
    alive.push_back(i);
  }
  return packer.take();
}

Packing in_order(const std::vector<Lifetime>& lifetimes, const std::vector<std::size_t>& order) {
  Packer packer(lifetimes);
  std::vector<std::size_t> placed;
  for (const std::size_t i : order) {
    packer.place(i, placed, Fit::best);
    placed.push_back(i);
  }
  return packer.take();
}

std::vector<std::size_t> larger_first(const std::vector<Lifetime>& lifetimes) {
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return lifetimes[a].size > lifetimes[b].size; });
  return order;
}

/// Tensors by the most bytes that are alive at any task which they live through, then by their size.
std::vector<std::size_t> widest_first(const std::vector<Lifetime>& lifetimes) {
  std::size_t tasks = 0;
  for (const Lifetime& some : lifetimes) tasks = std::max(tasks, some.last + 1);
  std::vector<std::uint64_t> breadth(tasks, 0), widest(lifetimes.size(), 0);
  for (const Lifetime& some : lifetimes) {
    for (std::size_t t = some.first; t <= some.last; ++t) breadth[t] += some.size;
  }
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    for (std::size_t t = lifetimes[i].first; t <= lifetimes[i].last; ++t) widest[i] = std::max(widest[i], breadth[t]);
  }
  std::vector<std::size_t> order = larger_first(lifetimes);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return widest[a] > widest[b]; });
  return order;
}

}  // namespace

Packing pack(const std::vector<Lifetime>& lifetimes) {
  Packing best = in_order_of_issue(lifetimes);
  if (lifetimes.size() > kMostCompared) return best;
  for (const auto& order : {larger_first(lifetimes), widest_first(lifetimes)}) {
    Packing other = in_order(lifetimes, order);
    if (other.size < best.size) best = std::move(other);
  }
  return best;
}

}  // namespace chipcast

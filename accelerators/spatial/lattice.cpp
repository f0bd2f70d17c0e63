// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/lattice.h"

#include <algorithm>
#include <numeric>

namespace chipcast::spatial {
namespace {

std::vector<std::int64_t> divisors_of(std::int64_t n) {
  std::vector<std::int64_t> low, high;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    low.push_back(d);
    if (d * d != n) high.push_back(n / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

int prime_factors(std::int64_t n) {
  int count = 0;
  for (std::int64_t p = 2; p * p <= n; ++p) {
    for (; n % p == 0; n /= p) ++count;
  }
  return count + (n > 1 ? 1 : 0);
}

Lattice::Axis axis_of(LoopDim dim, std::vector<std::int64_t> divisors) {
  Lattice::Axis axis{.dim = dim, .divisors = std::move(divisors), .least = {}, .any = {}};
  const std::size_t size = axis.divisors.size();
  axis.least.resize(size);
  axis.any.resize(size);
  for (std::size_t from = 0; from < size; ++from) {
    for (std::size_t to = from + 1; to < size; ++to) {
      if (axis.divisors[to] % axis.divisors[from] != 0) continue;
      const Lattice::Step step{static_cast<std::int32_t>(to), axis.divisors[to] / axis.divisors[from]};
      axis.any[from].push_back(step);
      const bool between = std::any_of(axis.least[from].begin(), axis.least[from].end(),
                                       [&](const Lattice::Step& one) { return step.factor % one.factor == 0; });
      if (!between) axis.least[from].push_back(step);
    }
  }
  return axis;
}

/// Every second divisor; the first and the last stay.
void thin(std::vector<std::int64_t>& divisors) {
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i + 1 < divisors.size(); i += 2) kept.push_back(divisors[i]);
  kept.push_back(divisors.back());
  divisors = std::move(kept);
}

}  // namespace

Lattice::Lattice(const Extents& temporal, std::int32_t most) : temporal_(temporal) {
  std::vector<std::pair<LoopDim, std::vector<std::int64_t>>> all;
  double points = 1.0;
  for (const auto& [dim, name] : enum_names(LoopDim{})) {
    if (temporal[index(dim)] == 1) continue;
    all.emplace_back(dim, divisors_of(temporal[index(dim)]));
    points *= static_cast<double>(all.back().second.size());
  }
  while (points > static_cast<double>(most)) {
    auto& longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
                      return a.second.size() < b.second.size();
                    })->second;
    points /= static_cast<double>(longest.size());
    thin(longest);
    points *= static_cast<double>(longest.size());
    complete_ = false;
  }
  for (auto& [dim, divisors] : all) {
    axes_.push_back(axis_of(dim, std::move(divisors)));
    axes_.back().stride = points_;
    points_ *= static_cast<std::int32_t>(axes_.back().divisors.size());
  }
  ranks_.assign(static_cast<std::size_t>(points_), 0);
  for (const Axis& axis : axes_) {
    std::vector<int> own;
    for (const std::int64_t divisor : axis.divisors) own.push_back(prime_factors(divisor));
    for (std::int32_t point = 0; point < points_; ++point) {
      ranks_[static_cast<std::size_t>(point)] += own[static_cast<std::size_t>(place(point, axis))];
    }
  }
  order_.resize(static_cast<std::size_t>(points_));
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), [this](std::int32_t a, std::int32_t b) { return rank(a) < rank(b); });
}

Block Lattice::block(std::int32_t point) const {
  Block out{1, 1, 1, 1, 1, 1, 1, 1};
  for (const Axis& axis : axes_) {
    out[index(axis.dim)] = static_cast<double>(axis.divisors[static_cast<std::size_t>(place(point, axis))]);
  }
  return out;
}

}  // namespace chipcast::spatial

// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/moves.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chipcast::ipu {
namespace {

double common(const Box& a, const Box& b) {
  const double rows = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double columns = std::min(a.right, b.right) - std::max(a.left, b.left);
  return rows > 0.0 && columns > 0.0 ? rows * columns : 0.0;
}

/// Boxes that chips want are the same or have nothing in common.
Layout distinct(Layout::const_iterator begin, Layout::const_iterator end) {
  Layout out;
  for (; begin != end; ++begin) {
    if (begin->area() > 0.0 && std::find(out.begin(), out.end(), *begin) == out.end()) out.push_back(*begin);
  }
  return out;
}

double common(Layout::const_iterator begin, Layout::const_iterator end, const Layout& wanted) {
  double sum = 0.0;
  for (; begin != end; ++begin) {
    for (const Box& box : wanted) sum += common(*begin, box);
  }
  return sum;
}

Layout others(const Layout& wanted, int from, int to) {
  Layout rest(wanted.begin(), wanted.begin() + from);
  rest.insert(rest.end(), wanted.begin() + to, wanted.end());
  return distinct(rest.begin(), rest.end());
}

}  // namespace

Layout dealt_rows(int chips, int span) {
  Layout out(static_cast<std::size_t>(span));
  for (int i = 0; i < chips; ++i) {
    out[static_cast<std::size_t>(i)] = {.top = static_cast<double>(i) / chips,
                                        .bottom = static_cast<double>(i + 1) / chips};
  }
  return out;
}

Moves::Moves(const Config& config, int span) : config_(config), span_(span) {
  const auto chips = static_cast<std::size_t>(span), pairs = chips / 2;
  up_.resize(pairs);
  down_.resize(pairs);
  taken_.resize(chips);
  given_.resize(chips);
}

void Moves::add(std::int64_t bytes, const Layout& held, const Layout& wanted) {
  const auto all = static_cast<double>(bytes);
  for (int cut = 2; cut < span_; cut += 2) {
    const auto pair = static_cast<std::size_t>(cut / 2 - 1);
    up_[pair] += all * common(held.begin(), held.begin() + cut, distinct(wanted.begin() + cut, wanted.end()));
    down_[pair] += all * common(held.begin() + cut, held.end(), distinct(wanted.begin(), wanted.begin() + cut));
  }
  for (int first = 0; first + 1 < span_; first += 2) {
    const Layout pair = distinct(wanted.begin() + first, wanted.begin() + first + 2);
    double enters = -common(held.begin() + first, held.begin() + first + 2, pair);
    for (const Box& box : pair) enters += box.area();
    const double leaves = common(held.begin() + first, held.begin() + first + 2, others(wanted, first, first + 2));
    for (int chip = first; chip < first + 2; ++chip) {
      const auto at = static_cast<std::size_t>(chip);
      const double in = wanted[at].area() - common(wanted[at], held[at]);
      const double out = common(held.begin() + chip, held.begin() + chip + 1, others(wanted, chip, chip + 1));
      taken_[at] += all * std::max(0.0, in - enters / 2.0);
      given_[at] += all * std::max(0.0, out - leaves / 2.0);
    }
  }
}

void Moves::add_edges(std::int64_t bytes) {
  const auto each = static_cast<double>(bytes);
  for (std::size_t pair = 0; pair + 1 < up_.size(); ++pair) {
    up_[pair] += each / 2.0;
    down_[pair] += each / 2.0;
  }
  for (std::size_t chip = 0; chip < taken_.size(); ++chip) {
    taken_[chip] += each / 2.0;
    given_[chip] += each / 2.0;
  }
}

bool Moves::empty() const { return link_bytes() == 0; }

std::int64_t Moves::cycles() const {
  double longest = 0.0;  // bytes of a link
  for (std::size_t pair = 0; pair < up_.size(); ++pair) {
    longest = std::max({longest, up_[pair] / rail_links(), down_[pair] / rail_links()});
  }
  for (std::size_t chip = 0; chip < taken_.size(); ++chip) {
    longest = std::max({longest, taken_[chip] / pair_links(), given_[chip] / pair_links()});
  }
  const Links& links = config_.links;
  return static_cast<std::int64_t>(
      std::ceil(longest / (links.bandwidth.count() * links.efficiency) * config_.clock.count() - 1e-9));
}

std::int64_t Moves::link_bytes() const {
  const double rails = std::accumulate(up_.begin(), up_.end(), 0.0) + std::accumulate(down_.begin(), down_.end(), 0.0);
  const double taken = std::accumulate(taken_.begin(), taken_.end(), 0.0);
  const double given = std::accumulate(given_.begin(), given_.end(), 0.0);
  return static_cast<std::int64_t>(std::ceil(rails + std::max(taken, given) - 1e-6));
}

}  // namespace chipcast::ipu

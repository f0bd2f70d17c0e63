// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/reductions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace chipcast::kernels {
namespace {

// Independent partial results of a line: neighbours do not wait for each other.
constexpr std::int64_t kLanes = 8;
// Values of a task: it must be worth a thread's start.
constexpr std::int64_t kShare = 16384;

template <class Join, class Term>
double lanes(const float* x, std::int64_t extent, double start, Join&& join, Term&& term) {
  std::array<double, kLanes> parts{};
  parts.fill(start);
  std::int64_t i = 0;
  for (; i + kLanes <= extent; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) {
      auto& part = parts[static_cast<std::size_t>(k)];
      part = join(part, term(static_cast<double>(x[i + k])));
    }
  }
  double out = start;
  for (const double part : parts) out = join(out, part);
  for (; i < extent; ++i) out = join(out, term(static_cast<double>(x[i])));
  return out;
}

template <class Term>
double sum(const float* x, std::int64_t extent, Term&& term) {
  return lanes(
      x, extent, 0.0, [](double a, double b) { return a + b; }, term);
}

/// A NaN stays: comparisons with it are false, so it is kept on either side.
double extreme(const float* x, std::int64_t extent, bool smallest) {
  const auto same = [](double value) { return value; };
  if (smallest) {
    return lanes(
        x, extent, static_cast<double>(x[0]), [](double a, double b) { return b < a || std::isnan(b) ? b : a; }, same);
  }
  return lanes(
      x, extent, static_cast<double>(x[0]), [](double a, double b) { return b > a || std::isnan(b) ? b : a; }, same);
}

double log_sum_exp(const float* x, std::int64_t extent) {
  const double highest = extreme(x, extent, false);
  if (std::isinf(highest)) return highest;
  double total = 0.0;
  for (std::int64_t i = 0; i < extent; ++i) total += std::exp(static_cast<double>(x[i]) - highest);
  return highest + std::log(total);
}

double reduced(ReduceFunction function, const float* x, std::int64_t extent) {
  const auto same = [](double value) { return value; };
  const auto square = [](double value) { return value * value; };
  switch (function) {
    case ReduceFunction::mean:
      return sum(x, extent, same) / static_cast<double>(extent);
    case ReduceFunction::sum:
      return sum(x, extent, same);
    case ReduceFunction::l1:
      return sum(x, extent, [](double value) { return std::fabs(value); });
    case ReduceFunction::l2:
      return std::sqrt(sum(x, extent, square));
    case ReduceFunction::sum_square:
      return sum(x, extent, square);
    case ReduceFunction::log_sum_exp:
      return log_sum_exp(x, extent);
    case ReduceFunction::max:
    case ReduceFunction::min:
      return extreme(x, extent, function == ReduceFunction::min);
    default:
      CHIPCAST_ASSERT(function == ReduceFunction::prod);
      return lanes(
          x, extent, 1.0, [](double a, double b) { return a * b; }, same);
  }
}

template <class Body>
void for_lines(std::int64_t lines, std::int64_t extent, ThreadPool& pool, Body&& body) {
  const std::int64_t share = std::max<std::int64_t>(1, kShare / extent);
  pool.for_each((lines + share - 1) / share, [&](std::int64_t task, int) {
    for (std::int64_t line = task * share; line < std::min(lines, (task + 1) * share); ++line) body(line);
  });
}

}  // namespace

bool reduces_lines(ReduceFunction function) {
  using enum ReduceFunction;
  return function != argmax && function != argmin && function != any && function != all;
}

void reduce_lines(ReduceFunction function, const float* x, float* y, std::int64_t lines, std::int64_t extent,
                  ThreadPool& pool) {
  CHIPCAST_ASSERT(lines >= 1 && extent >= 1);
  for_lines(lines, extent, pool,
            [&](std::int64_t line) { y[line] = static_cast<float>(reduced(function, x + line * extent, extent)); });
}

void extreme_indices(bool smallest, bool last, const float* x, std::int64_t* y, std::int64_t lines, std::int64_t extent,
                     ThreadPool& pool) {
  CHIPCAST_ASSERT(lines >= 1 && extent >= 1);
  for_lines(lines, extent, pool, [&](std::int64_t line) {
    const float* values = x + line * extent;
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < extent; ++i) {
      const bool better = smallest ? values[i] < values[best] : values[i] > values[best];
      if (better || (last && values[i] == values[best])) best = i;
    }
    y[line] = best;
  });
}

}  // namespace chipcast::kernels

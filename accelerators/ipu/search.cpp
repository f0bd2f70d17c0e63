// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/search.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace chipcast::ipu {
namespace {

constexpr double kCoarse = 1.15;  // between splits of input channels, and numbers of steps
constexpr std::int64_t kMostInputParts = 64;

std::vector<std::int64_t> at_most(std::vector<std::int64_t> counts, std::int64_t most) {
  std::erase_if(counts, [most](std::int64_t count) { return count > most; });
  return counts;
}

/// All splits with one method.
class MethodSearch {
 public:
  MethodSearch(const Config& config, const Product& product, const Method& method, std::int64_t limit, Search& found)
      : config_(config), method_(method), limit_(limit), splitter_(config, product, method), found_(found) {
    const Shaped& shaped = splitter_.shaped();
    batches_ = part_counts(product.batch);
    rows_ = part_counts(product.rows);
    columns_ = part_counts(product.columns);
    groups_ = part_counts(shaped.groups);
    outs_ = part_counts(shaped.out_groups);
    ins_ = at_most(part_counts(shaped.in_groups, kCoarse), kMostInputParts);
  }

  void run() {
    for (const auto batch : batches_) {
      for (const auto rows : rows_) {
        for (const auto columns : columns_) {
          if (batch * rows * columns > config_.tiles) break;
          splitter_.set_field(batch, rows, columns);
          try_channels({.batch = batch, .rows = rows, .columns = columns});
        }
      }
    }
  }

 private:
  void try_channels(Split split) {
    for (const auto groups : groups_) {
      for (const auto outs : outs_) {
        if (split.field() * groups * outs > config_.tiles) break;
        for (const auto ins : ins_) {
          if (split.field() * groups * outs * ins > config_.tiles) break;
          if (splitter_.lower_bound(groups, outs, ins) >= worst_useful(ins)) continue;
          split.groups = groups;
          split.outs = outs;
          split.ins = ins;
          try_steps(split);
        }
      }
    }
  }

  /// A split without parallel input channels is worth knowing even where another one is faster.
  std::int64_t worst_useful(std::int64_t ins) const {
    if (!found_.best) return std::numeric_limits<std::int64_t>::max();
    if (ins > 1) return found_.best->cycles;
    return found_.best->whole_sums.value_or(std::numeric_limits<std::int64_t>::max());
  }

  void try_steps(Split split) {
    const std::int64_t groups = ceil_div(splitter_.shaped().in_groups, split.ins);
    std::int64_t one_step = 0;
    for (const auto serial : part_counts(groups, kCoarse)) {
      split.serial = serial;
      const SplitCost cost = splitter_.cost(split);
      ++found_tried_;
      if (serial == 1) one_step = cost.temporary;
      if (found_.least_memory == 0 || cost.temporary < found_.least_memory) found_.least_memory = cost.temporary;
      if (cost.temporary <= limit_) consider(split, cost, one_step);
    }
  }

  void consider(const Split& split, const SplitCost& cost, std::int64_t one_step) {
    const std::int64_t cycles =
        cost.compute(split) + cost.exchange(split) + cost.supersteps * config_.internal_sync.count();
    std::optional<std::int64_t> whole = found_.best ? found_.best->whole_sums : std::nullopt;
    if (split.ins == 1) whole = std::min(whole.value_or(cycles), cycles);
    const auto key = std::tuple(cycles, cost.temporary);
    if (!found_.best || key < std::tuple(found_.best->cycles, found_.best->cost.temporary)) {
      found_.best = Choice{.method = method_,
                           .split = split,
                           .cost = cost,
                           .cycles = cycles,
                           .tried = 0,
                           .whole_sums = whole,
                           .one_step = std::nullopt};
      if (split.serial > 1) found_.best->one_step = one_step;
    }
    found_.best->whole_sums = whole;
  }

 public:
  std::int64_t tried() const { return found_tried_; }

 private:
  const Config& config_;
  const Method& method_;
  std::int64_t limit_;
  Splitter splitter_;
  Search& found_;
  std::int64_t found_tried_ = 0;
  std::vector<std::int64_t> batches_, rows_, columns_, groups_, outs_, ins_;
};

}  // namespace

std::vector<std::int64_t> part_counts(std::int64_t extent, double step) {
  std::vector<std::int64_t> out;
  double next = 1.0;
  for (std::int64_t count = 1; count <= extent;) {
    if (static_cast<double>(count) >= next || count == extent) {
      out.push_back(count);
      next = static_cast<double>(count) * step;
    }
    const std::int64_t size = ceil_div(extent, count);
    if (size == 1) break;
    count = ceil_div(extent, size - 1);  // the smallest number of parts of the next smaller size
  }
  return out;
}

Search search(const Config& config, const Product& product, std::int64_t limit) {
  Search found;
  std::int64_t tried = 0;
  for (const Method& method : methods(config, product)) {
    MethodSearch one(config, product, method, limit, found);
    one.run();
    tried += one.tried();
  }
  if (found.best) found.best->tried = tried;
  return found;
}

}  // namespace chipcast::ipu

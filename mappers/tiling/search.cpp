// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/search.h"

#include <algorithm>
#include <limits>

#include "mappers/tiling/memo.h"
#include "mappers/tiling/nest_column.h"
#include "mappers/tiling/ranking.h"

namespace chipcast::tiling {
namespace {

/// What is left of a tile's cycles, and of the joules of its actions, when it is cut between rows or between columns
/// too. NPUs save nothing by a cut; DSPs may, by up to 2 % and 40 % (blocks of registers that suit fewer positions
/// better). Tests hold every bundled device to it.
struct Saving {
  double time, joules;
};
constexpr Saving kCutRows{0.95, 0.6}, kCutPlaces{0.9, 0.4}, kNothing{1.0, 1.0};

/// Plans that may be bounded away for each that may be estimated: bounding one costs a tenth of an estimate.
constexpr std::int64_t kLooksPerEstimate = 10;

/// Branch and bound over groups, output channels, input channels, columns, and rows with loop order. What bounds a
/// choice before its rows are cut: the cycles that it takes with whole rows, but for the little that cuts may save, and
/// the traffic of its passes over whole operands, of which no cut takes a byte away.
class NestSearch {
 public:
  NestSearch(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic, const SearchOptions& options)
      : options_(options),
        subject_(op, *slot.device, traffic),
        space_(space_of(op, *slot.device)),
        room_(slot.device->tilings(op)),
        prices_(op, slot, options.objective != Objective::latency),
        nest_prices_(prices_, space_.rows),
        whole_rows_(space_.rows.front()) {}

  /// First the likely plans, so that bounds bite, then the others.
  void run() {
    saves_ = saves();
    scan(true);
    scan(false);
    if (ranking_.best()) return;
    most_tiles_ = std::numeric_limits<std::int64_t>::max();
    scan(true);
    scan(false);
  }

  const Ranking& ranking() const { return ranking_; }
  const CapacityRanges& capacities() const { return seen_; }
  std::int64_t evaluated() const { return evaluated_; }
  std::int64_t considered() const { return considered_; }
  bool exact() const { return !exhausted_; }

  /// No plan is better: the least of what bounded any choice, or of all transfers where the search did not see them
  /// all.
  double lower_bound() {
    if (!exhausted_) return bound_;
    NestColumn all(
        nest_prices_, subject_,
        {space_.groups.front(), space_.out_channels.front(), space_.in_channels.front(), space_.columns.front()});
    Floor floor = floor_of(all, true);
    floor.work = {};
    return least(all, nullptr, floor, true);
  }

 private:
  /// What the plans of a column take at least, however rows are cut.
  struct Floor {
    Work work;
    Traverse traverse;
  };

  /// The whole axis, tiles of 2, 3 and 4 to it, and the smallest.
  static std::vector<Cut> some_of(const std::vector<Cut>& cuts) {
    std::vector<Cut> out;
    for (const Cut& cut : cuts) {
      if (cut.likely && (cut.count <= 4 || cut.extent == cuts.back().extent)) out.push_back(cut);
    }
    return out;
  }

  /// True where some cut between rows or columns saves cycles or joules, of large and of small channels.
  bool saves() {
    for (const bool small : {false, true}) {
      const auto pick = [&](const std::vector<Cut>& cuts) { return small ? cuts.back() : cuts.front(); };
      ColumnCut cut{pick(space_.groups), pick(space_.out_channels), pick(space_.in_channels), {}};
      std::optional<Work> whole;
      for (const Cut& columns : some_of(space_.columns)) {
        cut.columns = columns;
        NestColumn column(nest_prices_, subject_, cut);
        for (const Cut& rows : some_of(space_.rows)) {
          const Work work = column.work(rows);
          if (!whole) whole = work;
          constexpr double kRounding = 1.0 + 1e-9;
          if (work.ps * kRounding < whole->ps || work.joules * kRounding < whole->joules) return true;
        }
      }
    }
    return false;
  }

  void scan(bool likely) {
    likely_ = likely;
    for (const Cut& groups : space_.groups) {
      for (const Cut& out_channels : space_.out_channels) {
        for (const Cut& in_channels : space_.in_channels) {
          if (exhausted_) return;
          const bool all_likely = groups.likely && out_channels.likely && in_channels.likely;
          if (all_likely || !likely) {
            scan_columns({groups, out_channels, in_channels, space_.columns.back()}, all_likely);
          }
        }
      }
    }
  }

  void scan_columns(const ColumnCut& cut, bool likely) {
    if (!space_.allows({.groups = cut.groups.extent,
                        .out_channels = cut.out_channels.extent,
                        .in_channels = cut.in_channels.extent})) {
      return;
    }
    if (cut.groups.count * cut.out_channels.count * cut.in_channels.count * subject_.nest.batch > most_tiles_) return;
    // The smallest tile; weights first, which tell most.
    const OpTile weights{
        .groups = cut.groups.extent, .out_channels = cut.out_channels.extent, .in_channels = cut.in_channels.extent};
    if (!seen_.weights.fits(prices_.device().weight_bytes(prices_.op(), weights), room_.weight_capacity)) return;
    NestColumn column(nest_prices_, subject_, cut);
    if (!column.fits(room_, space_.rows.back(), seen_)) return;
    column.cut_columns(space_.columns.front());
    if (space_.columns.size() > 2 && prunes(column, floor_of(column, true))) return;
    for (const Cut& columns : space_.columns) {
      if (exhausted_) return;
      if (likely_ && !columns.likely) continue;
      column.cut_columns(columns);
      const Floor floor = floor_of(column, false);
      if (prunes(column, floor)) continue;
      nest_prices_.tidy();
      scan_rows(column, floor, likely && columns.likely);
    }
  }

  /// `places`: however columns are cut, too.
  Floor floor_of(NestColumn& column, bool places) {
    const Saving& saving = !saves_ ? kNothing : places ? kCutPlaces : kCutRows;
    column.remember(false);
    Floor floor{.work = {}, .traverse = column.least_traverse()};
    if (places && column_gaps()) floor.traverse = narrow(column.cut(), floor.traverse);
    // Devices think longer about cycles than about bytes.
    if (!hopeless(column, floor)) {
      floor.work = column.work(whole_rows_);
      floor.work.ps *= saving.time;
      floor.work.joules *= saving.joules;
    }
    column.remember(true);
    return floor;
  }

  bool column_gaps() const {
    const LoopNest& nest = subject_.nest;
    return nest.stride_w > (nest.kernel_width - 1) * nest.dilation_w + 1;
  }

  /// `whole`, with no more input than the narrowest columns load: they leave out what no window covers.
  Traverse narrow(ColumnCut cut, Traverse whole) {
    whole.input_ps = whole.input_joules = 0.0;
    if (!subject_.gaps) return whole;
    cut.columns = space_.columns.back();
    NestColumn column(nest_prices_, subject_, cut);
    column.remember(false);
    const Traverse least = column.least_traverse();
    whole.input_ps = least.input_ps;
    whole.input_joules = least.input_joules;
    return whole;
  }

  double least_of(NestColumn& column, const Floor& floor) {
    return std::min(least(column, nullptr, floor, true), least(column, nullptr, floor, false));
  }

  /// True where no plan of a column can be one of the two best.
  bool hopeless(NestColumn& column, const Floor& floor) { return ranking_.rules_out(least_of(column, floor)); }

  /// The same where it ends the matter: the bound of what is left out, or looked into, is one of all plans.
  bool prunes(NestColumn& column, const Floor& floor) {
    const double bound = least_of(column, floor);
    bound_ = std::min(bound_, bound);
    return ranking_.rules_out(bound);
  }

  void scan_rows(NestColumn& column, const Floor& floor, bool likely) {
    // The largest number of rows that fits; all below it do.
    const auto first = std::partition_point(space_.rows.begin(), space_.rows.end(),
                                            [&](const Cut& rows) { return !column.fits(room_, rows, seen_); });
    for (auto rows = first; rows != space_.rows.end() && !exhausted_; ++rows) {
      if (column.tiles(*rows) > most_tiles_) break;
      // Likely plans have been looked at before all others.
      if (likely_ != (likely && rows->likely)) continue;
      const Floor exact_traverse{floor.work, column.traverse(*rows)};
      try_order(column, *rows, exact_traverse, true);
      if (!column.one_order(*rows)) try_order(column, *rows, exact_traverse, false);
    }
  }

  void try_order(NestColumn& column, const Cut& rows, const Floor& floor, bool weights_outer) {
    if (considered_ == kLooksPerEstimate * options_.budget) {
      exhausted_ = true;
      return;
    }
    ++considered_;
    if (ranking_.rules_out(least(column, &rows, floor, weights_outer))) return;
    if (evaluated_ == options_.budget) {
      exhausted_ = true;
      return;
    }
    ++evaluated_;
    const Sums sums = column.sums(rows, weights_outer);
    const double total = sums.total_ps(prices_.launch_ps());
    ranking_.add({.tile = column.tile(rows),
                  .weights_outer = weights_outer,
                  .value = value_of(options_.objective, prices_, total, sums.joules),
                  .traffic = sums.load_bytes + sums.store_bytes,
                  .tiles = sums.tiles});
  }

  /// What a plan takes at least whose rows are these, or any.
  double least(NestColumn& column, const Cut* rows, const Floor& floor, bool weights_outer) {
    const auto& [work, traverse] = floor;
    const Passes passes = column.passes(rows != nullptr ? *rows : whole_rows_, weights_outer);
    const double transfers =
        traverse.input_ps * passes.input + traverse.weight_ps * passes.weights + traverse.output_ps;
    double head = prices_.launch_ps(), tail = 0.0, port = transfers;
    if (rows != nullptr) {
      // No load is longer than the first.
      const double first = column.first_load_ps(*rows);
      head = std::max(head, first);
      tail = column.last_store_ps(*rows);
      port = std::max(port, head + transfers - 2.0 * first);
    }
    const double total = std::max({head + work.ps + tail, head + traverse.output_ps, port});
    const double joules = work.joules + traverse.input_joules * passes.input + traverse.weight_joules * passes.weights +
                          traverse.output_joules;
    return value_of(options_.objective, prices_, total, joules);
  }

  SearchOptions options_;
  NestSubject subject_;
  Space space_;
  TilingSpace room_;
  CapacityRanges seen_;
  Prices prices_;
  NestPrices nest_prices_;
  Cut whole_rows_;
  Ranking ranking_;
  double bound_ = std::numeric_limits<double>::infinity();
  std::int64_t evaluated_ = 0, considered_ = 0, most_tiles_ = kMostTiles;
  bool exhausted_ = false, likely_ = true, saves_ = true;
};

Plan plan_of(const Candidate& some) {
  return {.nested = true, .tile = some.tile, .weights_outer = some.weights_outer, .tiles = some.tiles};
}

NestResult made_nest(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                     const SearchOptions& options, CapacityRanges& seen) {
  NestSearch search(op, slot, traffic, options);
  search.run();
  const auto& best = search.ranking().best();
  seen = search.capacities();
  if (!best) return {};
  NestResult out{.any = true,
                 .tile = best->tile,
                 .weights_outer = best->weights_outer,
                 .record = {.objective = options.objective,
                            .value = best->value,
                            .lower_bound = search.lower_bound(),
                            .evaluated = search.evaluated(),
                            .considered = search.considered(),
                            .exact = search.exact()}};
  if (const auto& second = search.ranking().second()) {
    out.record.runner_up = to_text(plan_of(*second));
    out.record.runner_up_value = second->value;
  }
  return out;
}

NestResult result_of(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                     const SearchOptions& options) {
  CapacityRanges seen;
  const auto key = nest_key(op, slot, traffic, options);
  if (!key) return made_nest(op, slot, traffic, options, seen);
  if (auto known = known_nest(*key, slot.device->tilings(op))) return *std::move(known);
  NestResult made = made_nest(op, slot, traffic, options, seen);
  keep_nest(*key, seen, made);
  return made;
}

}  // namespace

std::optional<Plan> search_nest(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                                const SearchOptions& options) {
  NestResult found = result_of(op, slot, traffic, options);
  if (!found.any) return std::nullopt;
  Plan plan{.nested = true, .tile = found.tile, .weights_outer = found.weights_outer};
  fill_nest(plan, op, slot, traffic);
  PlanRecord& record = found.record;
  if (!record.exact) {
    record.warning = op.name + " on " + slot.name + ": the search for tiles ended after " +
                     std::to_string(record.evaluated) + " plans estimated of " + std::to_string(record.considered) +
                     " looked at, its budget; others may be better";
  }
  plan.record = std::make_shared<const PlanRecord>(std::move(record));
  return plan;
}

void fill_nest(Plan& plan, const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  const NestSubject subject(op, *slot.device, traffic);
  const OpTile& tile = plan.tile;
  const Cut rows = cut_of(subject.nest.out_height, tile.out_height);
  const Prices prices(op, slot, true);
  NestPrices nest_prices(prices, {rows});
  NestColumn column(nest_prices, subject,
                    {.groups = cut_of(subject.nest.groups, tile.groups),
                     .out_channels = cut_of(subject.nest.out_channels, tile.out_channels),
                     .in_channels = cut_of(subject.nest.in_channels, tile.in_channels),
                     .columns = cut_of(subject.nest.out_width, tile.out_width)});
  fill(plan, column.sums(rows, plan.weights_outer), prices);
}

}  // namespace chipcast::tiling

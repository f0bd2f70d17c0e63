// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/tiling.h"

#include <algorithm>
#include <boost/functional/hash.hpp>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <unordered_map>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast::tiling {
namespace {

/// Beyond this many tiles a plan is not worth its overheads; larger operators take their largest tiles.
constexpr std::int64_t kMostTiles = 4096;

/// More pieces than these gain no overlap that is worth their overheads.
constexpr std::int64_t kMostPieces = 64;

/// OpTile extents worth trying along an axis: ceil(extent / n) for a geometric run of n, rounded up to `step`.
std::vector<std::int64_t> extents(std::int64_t extent, std::int64_t step) {
  std::vector<std::int64_t> out{extent};
  for (std::int64_t n = 2; n <= extent; n = n < 4 ? n + 1 : n * 3 / 2) {
    out.push_back(std::min(extent, round_up(ceil_div(extent, n), step)));
  }
  out.push_back(std::min(extent, step));
  std::sort(out.begin(), out.end(), std::greater<>());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Work and traffic of a plan, summed over its tiles with equal tiles computed once.
class Estimator {
 public:
  Estimator(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic)
      : op_(op), slot_(slot), traffic_(traffic), clock_(slot.device->clock()) {}

  void fill(Plan& plan) {
    plan.tiles = 0;
    plan.compute = Cycles(0);
    plan.loads = plan.stores = Bytes(0);
    Time transfers, first_load, last_store;
    for_each_step_class(op_, *slot_.device, plan, traffic_, [&](const StepClass& some) {
      const Step& step = some.step;
      const Time load = inputs_.time(step.input, slot_) + weights_.time(step.weights, slot_);
      const Time store = outputs_.time(step.output, slot_);
      if (some.first) first_load = load;
      if (some.last) last_store = store;
      transfers += (load + store) * some.count;
      plan.compute += cycles(step) * some.count;
      plan.loads += (step.input + step.weights) * some.count;
      plan.stores += step.output * some.count;
      plan.tiles += some.count;
    });
    const Time compute = clock_.after(Time(), plan.compute);
    plan.latency = std::max(compute + first_load + last_store, transfers);
  }

 private:
  /// Transfer times of one operand. Neighbouring steps mostly move equal numbers of bytes.
  struct Transfers {
    EngineKind engine;
    Time time(Bytes bytes, const DeviceSlot& slot) {
      if (bytes == last_bytes) return last_time;
      last_bytes = bytes;
      auto [it, fresh] = known.try_emplace(bytes.count());
      if (fresh && bytes > Bytes(0)) it->second = slot.transfer(engine, bytes);
      return last_time = it->second;
    }
    std::unordered_map<std::int64_t, Time> known{};
    Bytes last_bytes{};
    Time last_time{};
  };

  Cycles cycles(const Step& step) {
    if (step.scheduled != nullptr) return step.scheduled->work.cycles;
    const OpTile& tile = step.tile;
    const Shape key{tile.groups,    tile.out_channels,     tile.in_channels, tile.out_height,
                    tile.out_width, tile.last_in_channels, tile.pieces,      tile.larger_piece};
    auto [it, fresh] = cycles_.try_emplace(key);
    if (fresh) it->second = slot_.device->cost(op_, tile).cycles;
    return it->second;
  }

  const OpDescription& op_;
  const DeviceSlot& slot_;
  const Traffic& traffic_;
  Clock clock_;
  /// groups, output channels, input channels, rows, columns, last input channels, pieces, larger piece
  using Shape =
      std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool, std::int64_t, bool>;
  Transfers inputs_{EngineKind::load}, weights_{EngineKind::load}, outputs_{EngineKind::store};
  std::unordered_map<Shape, Cycles, boost::hash<Shape>> cycles_;
};

bool better(const Plan& a, const Plan& b) {
  return std::tuple(a.latency, a.loads + a.stores, a.tiles) < std::tuple(b.latency, b.loads + b.stores, b.tiles);
}

/// The search over tilings of a loop nest.
class NestSearch {
 public:
  NestSearch(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic)
      : op_(op), slot_(slot), nest_(tiling_nest(op)), space_(slot.device->tilings(op)), estimator_(op, slot, traffic) {}

  std::optional<Plan> run() {
    const bool per_channel = nest_.in_channels == 1 && nest_.groups > 1;
    for (const auto groups :
         per_channel ? extents(nest_.groups, space_.channel_step) : std::vector{nest_.groups, std::int64_t{1}}) {
      for (const auto channels : extents(nest_.out_channels, per_channel ? 1 : space_.channel_step)) {
        for (const auto inputs : input_extents()) {
          if (try_rows(groups, channels, inputs)) break;  // fewer input channels only add partial sums
        }
      }
    }
    return best_;
  }

 private:
  std::vector<std::int64_t> input_extents() const {
    if (!space_.split_in_channels) return {nest_.in_channels};
    return extents(nest_.in_channels, space_.in_channel_step);
  }

  /// Tries all row counts that fit, then parts of a row; true when any fits.
  bool try_rows(std::int64_t groups, std::int64_t channels, std::int64_t inputs) {
    OpTile tile{.groups = groups, .out_channels = channels, .in_channels = inputs, .out_width = nest_.out_width};
    bool fitted = false;
    for (const auto rows : extents(nest_.out_height, 1)) {
      tile.out_height = rows;
      if (!fits(tile)) continue;
      consider(tile);
      fitted = true;
    }
    if (fitted) return true;
    tile.out_height = 1;
    for (const auto columns : extents(nest_.out_width, 1)) {
      tile.out_width = columns;
      if (!fits(tile)) continue;
      consider(tile);
      return true;
    }
    return false;
  }

  bool fits(const OpTile& tile) const {
    const Device& device = *slot_.device;
    const Bytes input = device.input_bytes(op_, tile), weights = device.weight_bytes(op_, tile);
    const Bytes output = device.output_bytes(op_, tile);
    if (input > space_.input_capacity || weights > space_.weight_capacity || output > space_.output_capacity)
      return false;
    if (space_.shared_capacity > Bytes(0) && input + weights > space_.shared_capacity) return false;
    return tile.in_channels == nest_.in_channels || output <= space_.partial_capacity;
  }

  std::int64_t tile_count(const OpTile& t) const {
    return nest_.batch * ceil_div(nest_.groups, t.groups) * ceil_div(nest_.out_channels, t.out_channels) *
           ceil_div(nest_.in_channels, t.in_channels) * ceil_div(nest_.out_height, t.out_height) *
           ceil_div(nest_.out_width, t.out_width);
  }

  void consider(const OpTile& tile) {
    // A plan of very many tiles is only looked at while nothing better is known.
    if (best_ && tile_count(tile) > std::max(kMostTiles, best_->tiles)) return;
    try_order(tile, true);
    // With one tile along either loop their order makes no difference.
    const bool same_weights = tile.out_channels >= nest_.out_channels;
    const bool same_rows = tile.out_height >= nest_.out_height && tile.out_width >= nest_.out_width;
    if (!same_weights && !same_rows) try_order(tile, false);
  }

  void try_order(const OpTile& tile, bool weights_outer) {
    Plan plan{.nested = true, .tile = tile, .weights_outer = weights_outer};
    estimator_.fill(plan);
    if (!best_ || better(plan, *best_)) best_ = plan;
  }

  const OpDescription& op_;
  const DeviceSlot& slot_;
  LoopNest nest_;
  TilingSpace space_;
  Estimator estimator_;
  std::optional<Plan> best_;
};

/// `least`, then a geometric run of larger counts up to `most`.
std::vector<std::int64_t> piece_counts(std::int64_t least, std::int64_t most) {
  std::vector<std::int64_t> out{least};
  for (std::int64_t n = 1; n <= most; n = n < 4 ? n + 1 : n * 3 / 2) {
    if (n > least) out.push_back(n);
  }
  return out;
}

/// Equal pieces: enough of them to fit the buffers and to overlap transfer with compute.
Plan cut_in_pieces(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  const TilingSpace space = slot.device->tilings(op);
  const std::int64_t in = (op.input_bytes + op.weight_bytes).count(), out = op.output_bytes.count();
  const Bytes room =
      space.shared_capacity > Bytes(0) ? std::min(space.input_capacity, space.shared_capacity) : space.input_capacity;
  const std::int64_t fit = std::max({std::int64_t{1}, ceil_div(in, std::max<std::int64_t>(1, room.count())),
                                     ceil_div(out, std::max<std::int64_t>(1, space.output_capacity.count()))});
  // A piece below one DMA chunk would be all latency.
  const std::int64_t useful =
      std::max<std::int64_t>(1, std::max(in, out) / slot.device->dma(EngineKind::load).chunk.count());
  Plan best;
  Estimator estimator(op, slot, traffic);
  for (const std::int64_t pieces : piece_counts(fit, std::max(space.min_pieces, std::min(useful, kMostPieces)))) {
    Plan plan{.nested = false, .tile = {.pieces = pieces}};
    estimator.fill(plan);
    if (best.latency == Time() || better(plan, best)) best = plan;
  }
  return best;
}

/// The device's own schedule, checked against what it promises.
Plan take(Schedule schedule, const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  Ops macs;
  for (const ScheduleStep& step : schedule.steps) {
    CHIPCAST_ASSERT(step.count > 0);
    macs += step.work.macs * step.count;
  }
  CHIPCAST_ASSERT(!schedule.steps.empty());
  CHIPCAST_ASSERT(macs == op.macs);
  Plan plan{.schedule = std::make_shared<const Schedule>(std::move(schedule))};
  Estimator(op, slot, traffic).fill(plan);
  return plan;
}

}  // namespace

namespace {

std::optional<Plan> find_plan(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  if (auto own = slot.device->schedule(op, traffic)) return take(*std::move(own), op, slot, traffic);
  if (op.macs > Ops(0) && op.single_nest()) return NestSearch(op, slot, traffic).run();
  return cut_in_pieces(op, slot, traffic);
}

}  // namespace

std::optional<Plan> find(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) try {
  return find_plan(op, slot, traffic);
} catch (const std::range_error& error) {
  throw InputError(op.name, op.label + " on " + slot.name + ": " + error.what());
}

Plan choose(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  const auto plan = find(op, slot, traffic);
  if (plan) return *plan;
  throw InputError(op.name, op.label + " does not fit the buffers of " + slot.name + ": " + shortage(op, *slot.device) +
                                "; enlarge them or place it elsewhere");
}

std::string shortage(const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace space = device.tilings(op);
  const bool per_channel = nest.in_channels == 1 && nest.groups > 1;
  const OpTile smallest{
      .groups = per_channel ? std::min(nest.groups, space.channel_step) : 1,
      .out_channels = per_channel ? 1 : std::min(nest.out_channels, space.channel_step),
      .in_channels = space.split_in_channels ? std::min(nest.in_channels, space.in_channel_step) : nest.in_channels};
  const Bytes input = device.input_bytes(op, smallest), weights = device.weight_bytes(op, smallest);
  std::string text = "its smallest tile has " + to_text(input) + " of inputs and " + to_text(weights) + " of weights, ";
  if (space.shared_capacity > Bytes(0) && input + weights > space.shared_capacity) {
    return text + "they share " + to_text(space.shared_capacity);
  }
  return text + "there is room for " + to_text(space.input_capacity) + " and " + to_text(space.weight_capacity);
}

std::string to_text(const Plan& plan) {
  const std::string count = std::to_string(plan.tiles) + (plan.tiles == 1 ? " tile" : " tiles");
  if (plan.schedule) return plan.schedule->text;
  if (!plan.nested) return count + " of equal size";
  const OpTile& t = plan.tile;
  std::string text = count + " of ";
  if (t.groups > 1) text += std::to_string(t.groups) + " groups x ";
  text += std::to_string(t.out_channels) + " output x " + std::to_string(t.in_channels) + " input channels x " +
          std::to_string(t.out_height) + " rows x " + std::to_string(t.out_width) + " columns, ";
  return text + (plan.weights_outer ? "weights outer" : "rows outer");
}

}  // namespace chipcast::tiling

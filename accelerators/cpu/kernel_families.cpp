// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/kernel_families.h"

#include <algorithm>
#include <cmath>

#include "accelerators/cpu/cost.h"
#include "accelerators/cpu/formats.h"
#include "accelerators/cpu/streams.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::cpu {
namespace {

constexpr double kSum = 4.0;  ///< bytes of a sum

double real(std::int64_t count) { return static_cast<double>(count); }

bool pointwise(const LoopNest& nest) {
  return nest.kernel_height * nest.kernel_width == 1 && nest.stride_h == 1 && nest.stride_w == 1 && nest.pad_top == 0 &&
         nest.pad_left == 0;
}

bool winograd_window(const LoopNest& nest) {
  return nest.kernel_height == 3 && nest.kernel_width == 3 && nest.stride_h == 1 && nest.stride_w == 1 &&
         nest.dilation_h == 1 && nest.dilation_w == 1 && !nest.transposed;
}

/// Whether an algorithm can compute an operator.
bool computes(const KernelFamily& family, const OpDescription& op) {
  const bool single = op.single_nest();
  const bool dense = single && (op.op_class == OpClass::conv || op.op_class == OpClass::matrix ||
                                op.op_class == OpClass::vector_matrix);
  const LoopNest nest = single ? tiling_nest(op) : LoopNest{};
  const std::int64_t positions = nest.out_height * nest.out_width;
  switch (family.algorithm) {
    case Algorithm::product:
      return dense && pointwise(nest) && (family.most_rows == 0 || positions <= family.most_rows);
    case Algorithm::vector:
      return dense && pointwise(nest) && (family.most_rows == 0 || positions <= family.most_rows);
    case Algorithm::patches:
      return dense;
    case Algorithm::winograd:
      return op.op_class == OpClass::conv && single && winograd_window(nest);
    case Algorithm::depthwise:
      return op.op_class == OpClass::depthwise_conv && single;
    case Algorithm::steps:
      return op.op_class == OpClass::recurrent;
    case Algorithm::elements:
      return true;
  }
  return false;
}

/// Whether a family computes an operator.
bool takes(const KernelFamily& family, const OpDescription& op) {
  const auto& names = family.operators;
  return (names.empty() || std::find(names.begin(), names.end(), op.label) != names.end()) && computes(family, op);
}

/// Transformed weights are larger than the graph's.
double weight_growth(const KernelFamily& family) {
  return family.algorithm == Algorithm::winograd ? (family.winograd + 2.0) * (family.winograd + 2.0) / 9.0 : 1.0;
}

/// Streams of an operator's operands.
class Streams {
 public:
  explicit Streams(const Config& config) : config_(config) {
    first_ = rates(0);
    for (std::size_t level = 1; level < config.caches.size(); ++level) outer_.push_back(rates(level));
  }

  /// Cycles beyond the first cache's own time of reading so many bytes, each again after `distance` bytes.
  double read(double bytes, double distance) const { return stream(bytes, distance, false); }
  double write(double bytes, double distance) const { return stream(bytes, distance, true); }

 private:
  /// Bytes per cycle of all cores.
  struct Rates {
    double read, write;
  };

  Rates rates(std::size_t level) const {
    const auto rate = [&](Stream stream) {
      return (stream_rate(config_, stream, config_.cores, level, {}).rate / config_.clock).count();
    };
    return {rate(Stream::read), rate(Stream::write)};
  }

  double stream(double bytes, double distance, bool write) const {
    if (outer_.empty()) return 0.0;
    double left = 1.0 - held(capacity(0), distance), cycles = 0.0;
    for (std::size_t level = 0; level < outer_.size() && left > 0.0; ++level) {
      const bool last = level + 1 == outer_.size();
      const double share = last ? left : std::min(left, held(capacity(level + 1), distance));
      const double rate = write ? outer_[level].write : outer_[level].read;
      const double first = write ? first_.write : first_.read;
      cycles += share * bytes * std::max(0.0, 1.0 / rate - 1.0 / first);
      left -= share;
    }
    return cycles;
  }

  Bytes capacity(std::size_t level) const {
    const CacheLevel& cache = config_.caches[level];
    return cache.shared ? cache.size : cache.size * config_.cores;
  }

  const Config& config_;
  Rates first_{};
  std::vector<Rates> outer_;
};

/// One operator in the terms of one family.
class Counter {
 public:
  Counter(const Config& config, const KernelFamily& family, const OpDescription& op, Bytes parameters, Bytes evicted)
      : config_(config),
        family_(family),
        op_(op),
        streams_(config),
        format_(executed_as(config, op.compute_dtype)),
        bytes_(bits_of(format_) / 8.0),
        touched_(real((op.input_bytes + op.weight_bytes + op.output_bytes).count())),
        between_weights_(std::max(touched_, real((parameters + op.input_bytes + op.output_bytes).count()))) {
    // Of the network's weights, these are larger than the graph's; what the others' packing adds is not known here.
    between_weights_ += real(op.weight_bytes.count()) * (weight_growth(family) - 1.0) + real(evicted.count());
  }

  KernelCounts count() {
    counts_.results = results();
    counts_.weights = real(op_.weight_bytes.count()) * 8.0 / bits_of(op_.weight_dtype);
    counts_.streamed = streams_.read(real(op_.input_bytes.count()), touched_) +
                       streams_.write(real(op_.output_bytes.count()), touched_) +
                       streams_.read(real(op_.weight_bytes.count()), between_weights_);
    counts_.fetched =
        real((op_.input_bytes + op_.output_bytes).count()) * (1.0 - held(last_level(config_), touched_)) +
        real(op_.weight_bytes.count()) * weight_growth(family_) * (1.0 - held(last_level(config_), between_weights_));
    switch (family_.algorithm) {
      case Algorithm::product:
      case Algorithm::patches:
        products();
        break;
      case Algorithm::winograd:
        winograd();
        break;
      case Algorithm::depthwise:
        depthwise();
        break;
      case Algorithm::vector:
        vector();
        break;
      case Algorithm::steps:
        steps();
        break;
      case Algorithm::elements:
        elements();
        break;
    }
    return counts_;
  }

 private:
  double registers() const { return real(config_.core.vector.count()) / 2.0; }  // two pipes
  double peak() const { return macs_per_cycle(config_.core, format_); }
  double results() const {
    double sum = 0.0;
    for (const auto& output : op_.outputs) sum += real(output.bytes.count());
    return sum * 8.0 / bits_of(op_.compute_dtype);
  }

  /// Loads that a core begins in a cycle, of whole registers or of single values.
  double loads() const {
    const double width = real(family_.lanes) * (real(family_.depth) * bytes_);
    return std::max(1.0, real(config_.core.load_width.count()) / width);
  }

  /// A product of P positions, K terms, M channels, `count` times.
  void product(std::int64_t positions, std::int64_t terms, std::int64_t channels, double count) {
    const std::int64_t block = family_.block_rows > 0 ? family_.block_rows : positions;
    const std::int64_t blocks = ceil_div(positions, block);
    const std::int64_t parts = family_.block_depth > 0 ? ceil_div(terms, std::int64_t{family_.block_depth}) : 1;
    const auto row_tiles = ceil_div(positions, std::int64_t{family_.rows});
    const double rows = real(positions) / real(row_tiles);  // tiles are as equal as may be
    const double steps = real(ceil_div(terms, std::int64_t{family_.depth}));
    double cycles = 0.0;
    const auto tiles = [&](double columns, double many) {
      const double multiply = rows * columns * family_.depth / peak();
      const double load = (rows + columns / family_.lanes) / loads();
      cycles += many * real(row_tiles) * steps * std::max({multiply, load, static_cast<double>(family_.chain)});
      counts_.tiles += many * real(row_tiles * parts) * count;
    };
    const std::int64_t whole = channels / family_.columns, rest = channels % family_.columns;
    tiles(family_.columns, real(whole));
    if (rest > 0) tiles(real(ceil_div(rest, std::int64_t{family_.lanes}) * family_.lanes), 1.0);
    counts_.multiply += cycles * count;
    const double weights = real(terms * channels) * bytes_ * count;
    counts_.streamed += streams_.read(weights * real(blocks - 1), weights);
    const double sums = 2.0 * real(parts - 1) * real(positions * channels) * kSum * count;
    counts_.streamed += streams_.read(sums, real(block * channels) * kSum);
  }

  void products() {
    const LoopNest nest = tiling_nest(op_);
    const std::int64_t taps = nest.kernel_height * nest.kernel_width, positions = nest.out_height * nest.out_width;
    const double count = real(nest.batch * nest.groups);
    const std::int64_t scattered = nest.transposed ? taps : 1;
    product(positions, nest.in_channels * taps / scattered, nest.out_channels * scattered, count);
    // Where the second matrix is no parameter, it is packed when it is known; a product's first one is copied into
    // blocks; patches are gathered.
    counts_.arranged += real(positions * nest.in_channels * (nest.transposed ? 1 : taps)) * bytes_ * count;
    const bool packed = op_.inputs.size() > 1 && !op_.inputs[1].parameter && op_.op_class != OpClass::conv;
    if (packed) counts_.arranged += real(nest.in_channels * nest.out_channels) * bytes_ * count;
  }

  void winograd() {
    const LoopNest nest = tiling_nest(op_);
    const std::int64_t side = family_.winograd, matrices = (side + 2) * (side + 2);
    const std::int64_t tiles = ceil_div(nest.out_height, side) * ceil_div(nest.out_width, side);
    const double count = real(nest.batch * nest.groups);
    product(tiles, nest.in_channels, nest.out_channels, real(matrices) * count);
    const double transformed = real(matrices * tiles * (nest.in_channels + nest.out_channels)) * bytes_ * count;
    counts_.arranged += transformed;
    // Transformed inputs and sums pass through the cache that holds them; weights are larger than the graph's.
    counts_.streamed += streams_.write(transformed, transformed) + streams_.read(transformed, transformed);
    const double grown = real(op_.weight_bytes.count()) * (weight_growth(family_) - 1.0);
    counts_.streamed += streams_.read(grown, between_weights_);
  }

  void depthwise() {
    const LoopNest nest = tiling_nest(op_);
    const double count = real(nest.batch);
    const std::int64_t taps = nest.kernel_height * nest.kernel_width;
    const std::int64_t registers = ceil_div(nest.groups * nest.out_channels, std::int64_t{family_.lanes});
    // A tile: `rows` neighbouring columns of one register of channels.
    const std::int64_t tiles = ceil_div(nest.out_width, std::int64_t{family_.rows}) * nest.out_height * registers;
    const double outputs = real(nest.out_height * nest.out_width * registers * family_.lanes);
    const double issue = outputs * real(taps) / peak();
    const double load = outputs / family_.lanes * real(taps) / loads();
    counts_.multiply += std::max(issue, load) * count;
    counts_.tiles += real(tiles) * count;
    if (nest.pad_top > 0 || nest.pad_left > 0) {
      counts_.arranged += real(nest.groups * nest.in_height * nest.in_width) * bytes_ * count;
    }
  }

  void vector() {
    const LoopNest nest = tiling_nest(op_);
    const double count = real(nest.batch * nest.groups), rows = real(nest.out_height * nest.out_width);
    const std::int64_t channels = ceil_div(nest.out_channels, std::int64_t{family_.lanes}) * family_.lanes;
    const double weights = real(channels * nest.in_channels) * bytes_;
    const double load = weights / real(config_.core.load_width.count());
    counts_.multiply += std::max(load, rows * real(channels * nest.in_channels) / peak()) * count;
    counts_.tiles += real(ceil_div(nest.out_channels, std::int64_t{family_.columns})) * rows * count;
  }

  /// The first nest has all inputs of all steps as rows; the second takes one step after another, and reads the weights
  /// of the state anew for each.
  void steps() {
    for (const LoopNest& nest : op_.nests) {
      const std::int64_t positions = nest.out_height * nest.out_width;
      const double count = real(nest.batch * nest.groups);
      if (!nest.sequential_rows) {
        product(positions, nest.in_channels, nest.out_channels, count);
        continue;
      }
      const double weights = real(nest.in_channels * nest.out_channels) * bytes_ * count;
      counts_.multiply += real(positions) * std::max(weights / real(config_.core.load_width.count()),
                                                     real(nest.in_channels * nest.out_channels) * count / peak());
      counts_.tiles += real(positions * ceil_div(nest.out_channels, std::int64_t{family_.columns})) * count;
      counts_.streamed += streams_.read(weights * real(positions), weights);
    }
    elements();
  }

  void elements() {
    const double moved = real((op_.input_bytes + op_.output_bytes).count()) / 2.0 * 8.0 / bits_of(op_.compute_dtype);
    // Products move their elements through `multiply` and `arranged`; here only what they do besides.
    const double operations = std::max(real(op_.element_ops.count()), op_.macs > Ops(0) ? 0.0 : moved);
    counts_.elements += operations * kernel_bytes(config_, op_.compute_dtype) / real(config_.core.vector.count());
  }

  const Config& config_;
  const KernelFamily& family_;
  const OpDescription& op_;
  Streams streams_;
  DType format_;
  double bytes_;
  double touched_, between_weights_;
  KernelCounts counts_;
};

}  // namespace

double held(Bytes capacity, double block) {
  if (block <= 0.0) return 1.0;
  return std::clamp(3.0 - 2.0 * block / real(capacity.count()), 0.0, 1.0);
}

const KernelFamily* kernel_family(const Config& config, const OpDescription& op) {
  const auto seconds = [&](const KernelFamily& family) {
    return kernel_cycles(config, family, kernel_counts(config, family, op, op.weight_bytes)) / config.clock.count() +
           family.call.count();
  };
  const KernelFamily* best = nullptr;
  for (const KernelFamily& family : config.profile_of(executed_as(config, op.compute_dtype)).kernels) {
    if (!takes(family, op)) continue;
    if (best == nullptr || seconds(family) < seconds(*best)) best = &family;
    if (family.algorithm != Algorithm::winograd) break;
  }
  return best;
}

KernelCounts kernel_counts(const Config& config, const KernelFamily& family, const OpDescription& op, Bytes parameters,
                           Bytes evicted) {
  return Counter(config, family, op, parameters, evicted).count();
}

double kernel_cycles(const Config& config, const KernelFamily& family, const KernelCounts& counts) {
  const double core = counts.multiply / family.issue + family.tile * counts.tiles + family.arrange * counts.arranged +
                      family.result * counts.results + family.element * counts.elements +
                      family.prepare * counts.weights;
  return core / config.cores + family.exposed * counts.streamed + family.fetch * counts.fetched;
}

std::optional<Schedule> family_schedule(const Config& config, const OpDescription& op, const Traffic& traffic) {
  const KernelFamily* const family = kernel_family(config, op);
  if (family == nullptr) return std::nullopt;
  const double grown = weight_growth(*family);
  const auto bytes_of_all = traffic.parameters + Bytes(std::llround(real(op.weight_bytes.count()) * (grown - 1.0)));
  const bool outside =
      traffic.first_operand && (op.op_class == OpClass::conv || op.op_class == OpClass::depthwise_conv);
  const double relayout =
      outside ? family->relayout * real(first_operand_bytes(op).count()) * 8.0 / bits_of(op.compute_dtype) : 0.0;
  const double cycles =
      kernel_cycles(config, *family, kernel_counts(config, *family, op, traffic.parameters)) + relayout / config.cores;
  // What crosses to memory: with `warm` caches, what has been pushed out of the outermost one since it was used last.
  const auto crossing = [&](Bytes bytes, bool crosses, Bytes besides) {
    if (!crosses) return Bytes(0);
    if (!config.warm) return bytes;
    const double share = 1.0 - held(last_level(config), real((bytes + besides).count()));
    return Bytes(std::llround(std::floor(real(bytes.count()) * share)));
  };
  const Bytes first = first_operand_bytes(op);
  const Bytes others = Bytes(std::llround(real(other_operand_bytes(op).count()) * grown));
  const Bytes activations = op.input_bytes + op.output_bytes;
  const bool parameters = op.weight_bytes > Bytes(0);
  const Bytes input = crossing(first, traffic.first_operand, op.output_bytes + op.weight_bytes);
  const Bytes weights =
      crossing(others, traffic.other_operands,
               parameters ? std::max(bytes_of_all - others, Bytes(0)) + activations : op.output_bytes);
  const Bytes output = crossing(op.output_bytes, traffic.result, op.input_bytes + op.weight_bytes);
  const Bytes touched = first + others + op.output_bytes;
  Schedule schedule{.steps = {}, .text = family->name};
  const auto whole = std::max<std::int64_t>(1, std::llround(cycles));
  TileWork work{.cycles = Cycles(whole), .macs = op.macs};
  work.activity.push_back({0, real(whole) * config.cores});
  for (std::uint32_t level = 0; level < config.caches.size(); ++level) {
    work.activity.push_back({level + 1, real(touched.count())});
  }
  // Loads run two steps ahead: these run beside the computing, and not before the operator begins.
  schedule.steps.push_back({.work = std::move(work)});
  if (input + weights + output > Bytes(0)) {
    schedule.steps.push_back({.input = input, .weights = weights});
    schedule.steps.push_back({.output = output});
  }
  return schedule;
}

}  // namespace chipcast::cpu

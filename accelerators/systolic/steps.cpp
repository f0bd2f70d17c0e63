// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/steps.h"

#include <algorithm>
#include <cmath>

#include "accelerators/tile_geometry.h"

namespace chipcast::systolic {
namespace {

/// Steps of an operator whose transfers are small: enough to overlap them with computing.
constexpr std::int64_t kUsualSteps = 64;
/// Steps of any operator.
constexpr std::int64_t kMostSteps = 2048;

/// Part of the operator's time, with bytes of all cores.
struct Slice {
  double folds = 0.0;  ///< share of the operator
  double input = 0.0, weights = 0.0, output = 0.0;
};

/// Bytes per element that crosses the port.
struct Widths {
  double input, weights, output, partial;
};

Widths widths_of(const OpDescription& op, const Plan& plan, const Config& config) {
  const double index_bits = std::ceil(std::log2(static_cast<double>(config.sparsity.of)));
  const double kept = static_cast<double>(config.sparsity.kept) / config.sparsity.of;
  const double weight_bits = bits_of(op.weight_dtype);
  const auto results = static_cast<double>(plan.whole.m * plan.whole.n) * static_cast<double>(plan.whole.count);
  return {.input = bits_of(op.compute_dtype) / 8.0,
          .weights = kept * (weight_bits + index_bits) / 8.0,
          .output = static_cast<double>(op.output_bytes.count()) / results,
          .partial = static_cast<double>(config.partial_bytes)};
}

/// The slices of one product of a part.
std::vector<Slice> slices_of(const OpDescription& op, const Plan& plan, const Config& config, const Traffic& traffic) {
  const std::int64_t parts = std::max<std::int64_t>(1, kUsualSteps / plan.part.count);
  const Widths width = widths_of(op, plan, config);
  const double groups = plan.group_parts, inputs = plan.pixel_parts * groups, weights = plan.filter_parts * groups,
               results = plan.pixel_parts * plan.filter_parts * groups;
  const double all = static_cast<double>(plan.folds.count()) * static_cast<double>(plan.part.count);
  std::vector<Slice> out;
  for (const FoldTraffic& some :
       traffic_of(op.nests.front(), plan.part, plan.array, plan.folds,
                  halves_of(config, op.compute_dtype, op.weight_dtype), config.partial_sums, parts)) {
    Slice slice{.folds = static_cast<double>(some.folds) / all};
    if (traffic.first_operand) {
      slice.input = some.ifmap * inputs * width.input + some.partial_reads * results * width.partial;
    }
    if (traffic.other_operands) slice.weights = some.filter * weights * width.weights;
    if (traffic.result) {
      slice.output = some.ofmap * results * width.output + some.partial_writes * results * width.partial;
    }
    out.push_back(slice);
  }
  return out;
}

/// Shares of a total that add up to it exactly, given one after the other.
class Dealer {
 public:
  explicit Dealer(std::int64_t total) : total_(total) {}
  std::int64_t up_to(double share) {
    const std::int64_t now =
        share >= 1.0 ? total_
                     : std::min(total_, static_cast<std::int64_t>(std::llround(static_cast<double>(total_) * share)));
    const std::int64_t part = std::max<std::int64_t>(0, now - given_);
    given_ += part;
    return part;
  }

 private:
  std::int64_t total_, given_ = 0;
};

class Cutter {
 public:
  Cutter(const TileWork& whole, double input, double weights, double output)
      : whole_(whole),
        cycles_(whole.cycles.count()),
        macs_(whole.macs.count()),
        ifmap_(whole.sram.ifmap_reads),
        filter_(whole.sram.filter_reads),
        ofmap_reads_(whole.sram.ofmap_reads),
        ofmap_writes_(whole.sram.ofmap_writes),
        input_(rounded_up(input)),
        weights_(rounded_up(weights)),
        output_(rounded_up(output)),
        all_{.folds = 1.0, .input = input, .weights = weights, .output = output} {}

  /// The next step; the last one takes what is left.
  void step(const Slice& slice, bool last) {
    done_.folds += slice.folds;
    done_.input += slice.input;
    done_.weights += slice.weights;
    done_.output += slice.output;
    const double time = last ? 1.0 : done_.folds;
    ScheduleStep out{.input = Bytes(input_.up_to(last ? 1.0 : part(done_.input, all_.input))),
                     .weights = Bytes(weights_.up_to(last ? 1.0 : part(done_.weights, all_.weights))),
                     .output = Bytes(output_.up_to(last ? 1.0 : part(done_.output, all_.output)))};
    TileWork& work = out.work;
    work.cycles = Cycles(cycles_.up_to(time));
    work.macs = Ops(macs_.up_to(time));
    work.sram = {ifmap_.up_to(time), filter_.up_to(time), ofmap_reads_.up_to(time), ofmap_writes_.up_to(time)};
    const double share = time - time_;
    time_ = time;
    for (const Activity& activity : whole_.activity) {
      work.activity.push_back({activity.action, activity.count * std::max(0.0, share)});
    }
    steps_.push_back(std::move(out));
  }

  std::vector<ScheduleStep> take() { return std::move(steps_); }

 private:
  static std::int64_t rounded_up(double bytes) { return static_cast<std::int64_t>(std::ceil(bytes - 1e-6)); }
  static double part(double done, double all) { return all > 0.0 ? done / all : 1.0; }

  const TileWork& whole_;
  Dealer cycles_, macs_, ifmap_, filter_, ofmap_reads_, ofmap_writes_, input_, weights_, output_;
  Slice all_, done_;
  double time_ = 0.0;
  std::vector<ScheduleStep> steps_;
};

/// Into how many pieces a slice is cut so that each fits the buffers.
std::int64_t pieces_of(const Slice& slice, const Config& config) {
  const auto halves = [&](double bytes, Bytes buffer) {
    return bytes / (static_cast<double>(buffer.count()) / 2.0 * config.cores);
  };
  const double most = std::max({halves(slice.input, config.ifmap_buffer), halves(slice.weights, config.filter_buffer),
                                halves(slice.output, config.ofmap_buffer)});
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(std::min(most, 1e9) - 1e-9)));
}

Slice times(const Slice& slice, double factor) {
  return {slice.folds * factor, slice.input * factor, slice.weights * factor, slice.output * factor};
}

/// Slices of the whole operator: those of one product again and again, or several products in one.
std::vector<Slice> repeated(const std::vector<Slice>& product, std::int64_t count) {
  std::vector<Slice> out;
  if (count <= kUsualSteps) {
    for (std::int64_t i = 0; i < count; ++i) out.insert(out.end(), product.begin(), product.end());
    return out;
  }
  for (std::int64_t i = 0; i < kUsualSteps; ++i) {
    const std::int64_t products = count * (i + 1) / kUsualSteps - count * i / kUsualSteps;
    out.push_back(times(product.front(), static_cast<double>(products)));
  }
  return out;
}

}  // namespace

std::vector<ScheduleStep> steps_of(const OpDescription& op, const Plan& plan, const Config& config,
                                   const Traffic& traffic, const TileWork& whole) {
  std::vector<Slice> slices = repeated(slices_of(op, plan, config, traffic), plan.part.count);
  if (traffic.other_operands) {  // bias and scales come before the first fold
    for (std::size_t i = 2; i < op.inputs.size(); ++i) {
      slices.front().weights += static_cast<double>(op.inputs[i].bytes.count());
    }
  }
  Slice all;
  std::int64_t wanted = 0;
  for (const Slice& slice : slices) {
    all = {all.folds + slice.folds, all.input + slice.input, all.weights + slice.weights, all.output + slice.output};
    wanted += pieces_of(slice, config);
  }
  const double thinning = std::max(1.0, static_cast<double>(wanted) / static_cast<double>(kMostSteps));
  Cutter cutter(whole, all.input, all.weights, all.output);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto pieces =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(pieces_of(slices[i], config)) / thinning - 1e-9));
    for (std::int64_t p = 0; p < pieces; ++p) {
      cutter.step(times(slices[i], 1.0 / static_cast<double>(pieces)), i + 1 == slices.size() && p + 1 == pieces);
    }
  }
  return cutter.take();
}

}  // namespace chipcast::systolic

// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/steps.h"

#include <algorithm>
#include <cmath>

namespace chipcast::systolic {
namespace {

/// Steps of any operator.
constexpr std::int64_t kMostSteps = 2048;

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
  Cutter(const TileWork& whole, const Slice& all)
      : whole_(whole),
        cycles_(whole.cycles.count()),
        macs_(whole.macs.count()),
        ifmap_(whole.sram.ifmap_reads),
        filter_(whole.sram.filter_reads),
        ofmap_reads_(whole.sram.ofmap_reads),
        ofmap_writes_(whole.sram.ofmap_writes),
        input_(rounded_up(all.input)),
        weights_(rounded_up(all.weights)),
        output_(rounded_up(all.output)),
        all_(all) {}

  /// The next step; the last one takes what is left.
  void step(const Slice& slice, bool last) {
    done_ += slice;
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

}  // namespace

std::vector<ScheduleStep> steps_of(const Flow& flow, const Config& config, const TileWork& whole) {
  std::int64_t wanted = 0;
  for (const Slice& slice : flow.slices) wanted += pieces_of(slice, config);
  const double thinning = std::max(1.0, static_cast<double>(wanted) / static_cast<double>(kMostSteps));
  Cutter cutter(whole, flow.all);
  for (const Slice& slice : flow.slices) {
    const auto pieces =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(pieces_of(slice, config)) / thinning - 1e-9));
    for (std::int64_t p = 1; p <= pieces; ++p) {
      cutter.step(slice * (1.0 / static_cast<double>(pieces)), &slice == &flow.slices.back() && p == pieces);
    }
  }
  return cutter.take();
}

}  // namespace chipcast::systolic

// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/window_stream.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace chipcast::systolic {
namespace {

/// Folds of a column that are walked one by one.
constexpr std::int64_t kMostFolds = 1 << 20;
/// Blocks of inputs that a walk keeps track of.
constexpr double kMostBlocks = 1 << 25;

/// One half of a double buffer, by blocks of elements.
class HalfBuffer {
 public:
  HalfBuffer(std::int64_t capacity, std::int64_t blocks)
      : capacity_(capacity), seen_(static_cast<std::size_t>(blocks), 0) {}

  /// Elements to load for a block; 0 where it is there.
  std::int64_t look(std::int64_t block, std::int64_t elements) {
    std::uint32_t& seen = seen_[static_cast<std::size_t>(block)];
    if (seen == generation_) return 0;
    fill_ += elements;
    if (fill_ >= capacity_) {  // what is beyond the end comes into the other half
      fill_ %= capacity_;
      ++generation_;
      seen = fill_ > 0 ? generation_ : generation_ - 1;
    } else {
      seen = generation_;
    }
    return elements;
  }

 private:
  std::int64_t capacity_, fill_ = 0;
  std::uint32_t generation_ = 1;
  std::vector<std::uint32_t> seen_;
};

/// A tap of the window and some of its channels.
struct Step {
  std::int64_t row, column, block, elements;
};

class Walk {
 public:
  Walk(const LoopNest& nest, const Product& product, const Array& array, const Folds& folds)
      : nest_(nest), product_(product), array_(array), folds_(folds) {
    block_ = block_size();
    blocks_ = ceil_div(nest.in_channels, block_);
    plane_ = nest.out_height * nest.out_width;
  }

  /// Makes ready; false where even the windows of one fold are too many to walk, or reach too far.
  bool prepare(std::int64_t half) {
    const double steps = static_cast<double>(nest_.kernel_height) * static_cast<double>(nest_.kernel_width) *
                         static_cast<double>(blocks_);
    const std::int64_t fewest = std::min(product_.m, std::max(array_.rows, array_.columns));
    if (steps > kMostLooks / 8.0 || steps * static_cast<double>(fewest) > 2.0 * kMostLooks) return false;
    if (folds_.count() / folds_.column_folds > kMostFolds) return false;
    positions_ = std::clamp<std::int64_t>(kMostLooks / static_cast<std::int64_t>(steps), fewest, product_.m);
    const std::int64_t images = ceil_div(positions_, plane_);
    rows_ = reach(ceil_div(std::min(positions_, plane_), nest_.out_width), nest_.stride_h, nest_.kernel_height,
                  nest_.dilation_h, nest_.in_height);
    columns_ = reach(std::min(positions_, nest_.out_width), nest_.stride_w, nest_.kernel_width, nest_.dilation_w,
                     nest_.in_width);
    const double cells = static_cast<double>(images) * static_cast<double>(rows_) * static_cast<double>(columns_);
    if (cells * static_cast<double>(blocks_) > kMostBlocks) return false;
    buffer_.emplace(half, images * rows_ * columns_ * blocks_);
    make_steps();
    return true;
  }

  void run(const AddToFolds& add) {
    const std::int64_t most = array_.dataflow == Dataflow::is ? 1 : folds_.column_folds;
    const std::int64_t per_pass = folds_.count() / most;
    std::vector<double> later;  // average of the passes after the first
    std::int64_t pass = 0;
    for (; pass < most && (pass < 2 || looks_ < kMostLooks); ++pass) {
      const std::vector<double> loads = walk_once();
      for (std::size_t f = 0; f < loads.size(); ++f) add(pass * per_pass + run_start(f), run_length(f), loads[f]);
      if (pass == 0) continue;
      later.resize(loads.size(), 0.0);
      for (std::size_t f = 0; f < loads.size(); ++f) later[f] += loads[f];
    }
    const std::int64_t rest = most - pass;
    if (rest == 0) return;
    const double sum = std::accumulate(later.begin(), later.end(), 0.0) / static_cast<double>(pass - 1);
    add(pass * per_pass, rest * per_pass, sum * static_cast<double>(rest));
  }

 private:
  /// Rows or columns of the input that the first `windows` windows take.
  static std::int64_t reach(std::int64_t windows, std::int64_t stride, std::int64_t kernel, std::int64_t dilation,
                            std::int64_t available) {
    return std::min(available, (windows - 1) * stride + (kernel - 1) * dilation + 1);
  }

  void make_steps() {
    for (std::int64_t r = 0; r < nest_.kernel_height; ++r) {
      for (std::int64_t c = 0; c < nest_.kernel_width; ++c) {
        for (std::int64_t b = 0; b < blocks_; ++b) {
          const std::int64_t channels = std::min(block_, nest_.in_channels - b * block_);
          steps_.push_back({r * nest_.dilation_h, c * nest_.dilation_w, b, channels});
        }
      }
    }
  }

  /// Channels that are looked up together: as many as slices of the reduction leave whole, unless that is few.
  std::int64_t block_size() const {
    const std::int64_t channels = nest_.in_channels, coarse = ceil_div(channels, std::int64_t{16});
    if (array_.dataflow == Dataflow::os) return coarse;
    std::int64_t whole = std::gcd(array_.rows, channels);
    if (array_.dataflow == Dataflow::is) {
      while (whole % 2 == 0 && whole > coarse) whole /= 2;
    }
    return std::max(whole, coarse / 4);
  }

  /// Runs of folds of a pass that are walked together: single ones, as far as the walk goes.
  std::int64_t run_start(std::size_t index) const { return starts_[index]; }
  std::int64_t run_length(std::size_t index) const { return starts_[index + 1] - starts_[index]; }

  std::vector<double> walk_once() {
    starts_.assign(1, 0);
    switch (array_.dataflow) {
      case Dataflow::os:
        return walk_results();
      case Dataflow::ws:
        return walk_weights();
      case Dataflow::is:
        return walk_inputs();
    }
    return {};
  }

  /// Results stay: each fold takes R positions and the whole reduction.
  std::vector<double> walk_results() {
    std::vector<double> loads;
    for (std::int64_t at = 0; at < positions_; at += array_.rows) {
      const std::int64_t end = std::min(at + array_.rows, positions_);
      loads.push_back(skewed(at, end));
      starts_.push_back(starts_.back() + 1);
    }
    scale_up(loads, folds_.row_folds * folds_.chunks);
    return loads;
  }

  /// Position i of a fold enters i cycles after the first one.
  double skewed(std::int64_t at, std::int64_t end) {
    const auto steps = static_cast<std::int64_t>(steps_.size());
    const std::int64_t late = (end - at - 1) / block_;  // in steps
    double sum = 0.0;
    for (std::int64_t time = 0; time < steps + late; ++time) {
      for (std::int64_t lag = std::max<std::int64_t>(0, time - steps + 1); lag <= std::min(late, time); ++lag) {
        const std::int64_t from = at + lag * block_;
        sum += look(from, std::min(end, from + block_), steps_[static_cast<std::size_t>(time - lag)]);
      }
    }
    return sum;
  }

  /// Row i of the cells gets a position i cycles after the first one does.
  double wavefront(std::int64_t begin, std::int64_t end, std::size_t first, std::size_t last) {
    const auto steps = static_cast<std::int64_t>(last - first);
    double sum = 0.0;
    for (std::int64_t time = begin; time < end + (steps - 1) * block_; ++time) {
      for (std::int64_t s = 0; s < steps; ++s) {
        const std::int64_t at = time - s * block_;
        if (at < begin) break;
        if (at < end) sum += look(at, at + 1, steps_[first + static_cast<std::size_t>(s)]);
      }
    }
    return sum;
  }

  /// Weights stay: each fold takes a slice of the reduction and all positions (of a chunk), one after the other.
  std::vector<double> walk_weights() {
    std::vector<double> loads;
    const double factor = static_cast<double>(product_.m) / static_cast<double>(positions_);
    const std::int64_t chunks = std::min(folds_.chunks, positions_);
    for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
      const std::int64_t begin = positions_ * chunk / chunks, end = positions_ * (chunk + 1) / chunks;
      for (std::int64_t fold = 0; fold < folds_.row_folds; ++fold) {
        const auto [first, last] = slice(fold);
        loads.push_back(wavefront(begin, end, first, last) * factor);
        starts_.push_back(starts_.back() + 1);
      }
    }
    stretch(folds_.row_folds * folds_.chunks);
    return loads;
  }

  /// Inputs stay: each fold takes C positions and a slice of the reduction; each operand is read once.
  std::vector<double> walk_inputs() {
    std::vector<double> loads;
    for (std::int64_t at = 0; at < positions_; at += array_.columns) {
      const std::int64_t end = std::min(at + array_.columns, positions_);
      for (std::int64_t fold = 0; fold < folds_.row_folds * folds_.chunks; ++fold) {
        const auto [first, last] = slice(fold % folds_.row_folds);
        double sum = 0.0;  // the last row of cells gets its operand first
        for (std::size_t s = last; s > first; --s) sum += look(at, end, steps_[s - 1]);
        loads.push_back(sum);
        starts_.push_back(starts_.back() + 1);
      }
    }
    scale_up(loads, folds_.count());
    return loads;
  }

  /// Folds beyond the walk load as the walked ones did on average.
  void scale_up(std::vector<double>& loads, std::int64_t all) {
    const std::int64_t walked = starts_.back();
    if (walked >= all || positions_ == product_.m) return;
    const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
    loads.push_back(sum * static_cast<double>(product_.m - positions_) / static_cast<double>(positions_));
    starts_.push_back(all);
  }

  void stretch(std::int64_t all) {
    if (starts_.back() < all) starts_.back() = all;
  }

  /// Steps of a fold's share of the reduction.
  std::pair<std::size_t, std::size_t> slice(std::int64_t fold) const {
    const auto step_of = [&](std::int64_t packed) {
      const std::int64_t k = std::min(product_.k, packed * product_.k / product_.packed_k);
      const std::int64_t tap = k / nest_.in_channels, channel = k % nest_.in_channels;
      return static_cast<std::size_t>(tap * blocks_ + ceil_div(channel, block_));
    };
    const std::size_t first = std::min(step_of(fold * array_.rows), steps_.size() - 1);
    const std::size_t last = step_of(std::min(product_.packed_k, (fold + 1) * array_.rows));
    return {first, std::max(first + 1, last)};
  }

  /// What positions [at, end) load for one step.
  double look(std::int64_t at, std::int64_t end, const Step& step) {
    std::int64_t image = at / plane_, row = at % plane_ / nest_.out_width, column = at % nest_.out_width;
    std::int64_t loads = 0;
    looks_ += end - at;
    for (; at < end; ++at) {
      const std::int64_t h = row * nest_.stride_h - nest_.pad_top + step.row;
      const std::int64_t w = column * nest_.stride_w - nest_.pad_left + step.column;
      if (h >= 0 && h < rows_ && w >= 0 && w < columns_) {
        const std::int64_t cell = (image * rows_ + h) * columns_ + w;
        loads += buffer_->look(cell * blocks_ + step.block, step.elements);
      }
      if (++column == nest_.out_width) {
        column = 0;
        if (++row == nest_.out_height) {
          row = 0;
          ++image;
        }
      }
    }
    return static_cast<double>(loads);
  }

  const LoopNest& nest_;
  const Product& product_;
  const Array& array_;
  const Folds& folds_;
  std::int64_t block_ = 1, blocks_ = 1, positions_ = 1, plane_ = 1, rows_ = 1, columns_ = 1, looks_ = 0;
  std::vector<Step> steps_;
  std::optional<HalfBuffer> buffer_;
  std::vector<std::int64_t> starts_;
};

}  // namespace

RepeatedRun::Loads RepeatedRun::run(std::int64_t elements, std::int64_t passes) {
  const auto all = static_cast<double>(elements);
  if (elements >= half_) {
    fill_ = ((elements % half_) * (passes % half_) + fill_) % half_;
    return {all, all, all};
  }
  if (fill_ + elements < half_) {
    fill_ += elements;
    return {all, 0.0, 0.0};
  }
  const std::int64_t before = half_ - fill_;
  fill_ = passes > 1 ? elements : elements - before;
  return {all, passes > 1 ? static_cast<double>(before) : 0.0, 0.0};
}

bool windows_overlap(const LoopNest& nest) {
  if (nest.transposed) return false;
  const bool down = nest.kernel_height > 1 && (nest.stride_h < nest.kernel_height || nest.dilation_h > 1);
  const bool across = nest.kernel_width > 1 && (nest.stride_w < nest.kernel_width || nest.dilation_w > 1);
  return down || across;
}

bool windows_padded(const LoopNest& nest) { return !nest.transposed && (nest.pad_top > 0 || nest.pad_left > 0); }

bool stream_windows(const LoopNest& nest, const Product& product, const Array& array, const Folds& folds,
                    std::int64_t half, const AddToFolds& add) {
  Walk walk(nest, product, array, folds);
  if (!walk.prepare(half)) return false;
  walk.run(add);
  return true;
}

}  // namespace chipcast::systolic

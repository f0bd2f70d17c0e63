// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/vector_kernels.h"

#include <algorithm>

#include "accelerators/cpu/cost.h"
#include "accelerators/cpu/formats.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::cpu {
namespace {

constexpr double kSum = 4.0;        ///< bytes of an integer sum
constexpr double kRegister = 16.0;  ///< bytes of channels that a kernel takes at once

double bytes_of(DType format) { return bits_of(format) / 8.0; }
double real(std::int64_t count) { return static_cast<double>(count); }

/// A tile in the terms of kernels.
class Kernel {
 public:
  Kernel(const Config& config, const VectorKernels& kernels, const std::vector<CacheRate>& rates,
         const OpDescription& op, const OpTile& tile)
      : config_(config),
        kernels_(kernels),
        rates_(rates),
        op_(op),
        tile_(tile),
        nest_(tiling_nest(op)),
        format_(executed_as(config, op.compute_dtype)),
        taps_(nest_.kernel_height * nest_.kernel_width) {}

  VectorRun run() const {
    VectorRun some = kernel();
    some.cycles = some.cycles * parts() + unpacking() + further_phase() * (some.phases - 1);
    some.spilled *= parts();
    return some;
  }

 private:
  VectorRun kernel() const {
    if (op_.op_class == OpClass::vector_matrix)
      return {.cycles = vector_matrix(), .weights = stored_vectors(), .text = "weights streamed"};
    const int around = (padding() > 0.0 ? 1 : 0);
    if (op_.op_class == OpClass::depthwise_conv)
      return {.cycles = depthwise() + results(),
              .weights = stored_weights(),
              .spilled = spilled(padding()) + spilled(sums()),
              .phases = around + 1,
              .text = "depthwise"};
    VectorRun best{.cycles = product() + results(),
                   .weights = stored_weights(),
                   .spilled = spilled(columns()) + spilled(sums()),
                   .phases = around + 2,
                   .text = taps_ == 1 ? "product" : "product of columns"};
    const WinogradKernel* kernel = winograd_kernel();
    if (kernel == nullptr) return best;
    const Transformed sides = transformed_by(kernel->tile);
    const double cycles = winograd(sides) + results();
    const bool compared = kernels_.winograd_choice == WinogradChoice::faster;
    if (compared && cycles + further_phase() / parts() >= best.cycles) return best;
    const std::int64_t extent = kernel->tile + 2;
    const std::string side = std::to_string(kernel->tile);
    return {.cycles = cycles,
            .weights = real(extent * extent) / real(taps_) * kernel_bytes(config_, widened_weights()) /
                       bytes_of(op_.weight_dtype),
            .spilled = spilled(sides.inputs + sides.sums) + spilled(sums()),
            .phases = around + 3,
            .text = "Winograd " + side + "x" + side};
  }

  /// 64-bit elements are two of what the kernels are counted in.
  double parts() const { return kernel_bytes(config_, op_.compute_dtype) / bytes_of(format_); }

  /// Cycles of an image that one more phase takes to fork and join, with what groups repeat of it.
  double further_phase() const {
    if (config_.cores <= 1) return 0.0;
    const Profile& profile = config_.profile_of(format_);
    const double calls = op_.op_class == OpClass::conv ? 1.0 + profile.group_overhead * real(nest_.groups - 1) : 1.0;
    return (profile.fork_join * config_.clock).count() * calls / real(nest_.batch);
  }

  /// Format of transformed weights.
  DType widened_weights() const { return is_float(format_) ? op_.compute_dtype : widened(); }

  /// Weights of a format as memory holds them, as a share of what the graph has.
  double stored_weights() const {
    const Bytes whole(8);
    return stored_bytes(config_, op_.weight_dtype, whole) / whole;
  }

  /// Inputs and weights that are packed more than one to a byte are spread out first.
  double unpacking() const {
    const double weights = real(weight_elements(nest_, tile_));
    return spread(real(input_elements(nest_, tile_)), op_.compute_dtype) + spread(weights, op_.weight_dtype);
  }
  double spread(double elements, DType packed) const {
    if (!unpacked(config_.core, packed)) return 0.0;
    return phase(copy_work(config_.core, elements * bytes_of(packed), elements * bytes_of(format_)));
  }

  /// One phase on all cores.
  double phase(const KernelWork& work) const {
    double cache = 0.0;
    for (const CacheRate& rate : rates_) cache = std::max(cache, work.reads / rate.read + work.writes / rate.write);
    return overlapped(config_.core, work.core / config_.cores, cache);
  }

  double inputs() const { return real(input_elements(nest_, tile_)) * bytes_of(format_); }
  double padding() const { return nest_.pad_top > 0 || nest_.pad_left > 0 ? inputs() : 0.0; }
  double padded() const { return phase(copy_work(config_.core, padding(), padding())); }
  /// A phase reads one buffer and writes another: each has half of the outermost cache.
  double spilled(double bytes) const {
    return 2.0 * bytes > static_cast<double>(last_level(config_).count()) ? bytes : 0.0;
  }
  /// Of convolutions where the library has no kernel for the channels; the few of an image have one of their own.
  /// Grouped convolutions do not pay: a library that calls a convolution per group unpacks them anyway.
  double slowdown(std::int64_t inputs, std::int64_t outputs) const {
    constexpr std::int64_t kImage = 4;  // [E] images of one to four channels
    double most = 1.0;
    for (const Packing& packing : kernels_.packing) {
      const bool fits = (inputs <= kImage || inputs % packing.channels == 0) && outputs % packing.channels == 0;
      if (!fits) most = std::max(most, packing.slowdown);
    }
    return most;
  }
  double dense_slowdown() const {
    if (nest_.groups > 1 || op_.op_class != OpClass::conv) return 1.0;
    return slowdown(nest_.in_channels, nest_.out_channels);
  }
  /// Integer sums are kept whole and narrowed by a pass of their own.
  double sums() const { return is_float(format_) ? 0.0 : real(output_elements(nest_, tile_)) * kSum; }
  double results() const {
    const Core& core = config_.core;
    const double operations = sums() * kernels_.result / real(core.vector.count());
    const KernelWork moved = copy_work(core, sums(), sums() * bytes_of(format_) / kSum);
    return phase({.core = overlapped(core, operations, moved.core), .reads = moved.reads, .writes = moved.writes});
  }

  /// Of inputs arranged for the product: a copy, and a window's worth for every position (im2col).
  double columns() const {
    const std::int64_t taps = nest_.transposed ? 1 : taps_;
    return real(tile_.groups * tile_.in_channels * taps * tile_.out_height * tile_.out_width) * bytes_of(format_);
  }

  double product() const {
    const std::int64_t scattered = nest_.transposed ? taps_ : 1;
    const Product product{.channels = tile_.out_channels * scattered,
                          .depth = tile_.in_channels * taps_ / scattered,
                          .positions = tile_.out_height * tile_.out_width,
                          .count = tile_.groups,
                          .issue = kernels_.issue,
                          .slowdown = dense_slowdown()};
    return padded() + phase(copy_work(config_.core, columns(), columns())) +
           phase(product_work(config_, kernels_, format_, product));
  }

  /// Integers grow: transforms, and windows that are multiplied one by one, take them as int16.
  DType widened() const { return is_float(format_) ? format_ : DType::int16; }

  const WinogradKernel* winograd_kernel() const {
    const bool window = nest_.kernel_height == 3 && nest_.kernel_width == 3 && nest_.stride_h == 1 &&
                        nest_.stride_w == 1 && nest_.dilation_h == 1 && nest_.dilation_w == 1 && !nest_.transposed;
    if (!window) return nullptr;
    const WinogradKernel* best = nullptr;
    for (const WinogradKernel& kernel : kernels_.winograd) {
      if (!kernel.serves(nest_.in_channels, nest_.out_channels)) continue;
      if (kernels_.winograd_choice != WinogradChoice::fewest) return &kernel;
      if (best == nullptr || multiplications(kernel.tile) <= multiplications(best->tile)) best = &kernel;
    }
    return best;
  }
  /// Of an output channel by an input channel, in the whole operator.
  std::int64_t multiplications(std::int64_t side) const {
    return (side + 2) * (side + 2) * ceil_div(nest_.out_height, side) * ceil_div(nest_.out_width, side);
  }

  /// Bytes of a Winograd convolution between its phases.
  struct Transformed {
    std::int64_t matrices, tiles;
    double inputs, sums;
  };
  Transformed transformed_by(std::int64_t side) const {
    const std::int64_t matrices = (side + 2) * (side + 2),
                       tiles = ceil_div(tile_.out_height, side) * ceil_div(tile_.out_width, side);
    const double elements = real(matrices * tiles * tile_.groups), bytes = bytes_of(widened());
    return {matrices, tiles, elements * real(tile_.in_channels) * bytes,
            elements * real(tile_.out_channels) * (is_float(format_) ? bytes : kSum)};
  }

  double winograd(const Transformed& sides) const {
    const double outputs = real(output_elements(nest_, tile_)) * bytes_of(format_);
    const Product product{.channels = tile_.out_channels,
                          .depth = tile_.in_channels,
                          .positions = sides.tiles,
                          .count = sides.matrices * tile_.groups,
                          .issue = kernels_.winograd_issue.value_or(kernels_.issue),
                          .slowdown = dense_slowdown()};
    return padded() + transform(sides.inputs, inputs(), sides.inputs) +
           phase(product_work(config_, kernels_, widened(), product)) + transform(sides.sums, sides.sums, outputs);
  }

  /// Two passes over elements of so many bytes: operations, and a load and a store each.
  double transform(double bytes, double read, double written) const {
    const Core& core = config_.core;
    const double operations = bytes * kernels_.transform / real(core.vector.count());
    const double moves = copy_work(core, 2.0 * bytes, 2.0 * bytes).core;
    return phase({.core = overlapped(core, operations, moves), .reads = read, .writes = written});
  }

  double depthwise() const {
    const Core& core = config_.core;
    const DType format = widened();
    const double outputs = real(output_elements(nest_, tile_));
    const double issue = outputs * real(taps_) / macs_per_cycle(core, format);
    const std::int64_t shared = kernels_.depthwise_columns;
    const double window =
        real(nest_.kernel_height * (nest_.kernel_width + (shared - 1) * nest_.stride_w)) / real(shared);
    const double loads = outputs * window * bytes_of(format) / real(core.load_width.count());
    const double stores = outputs * bytes_of(format) / real(core.store_width.count());
    const auto lanes = std::max<std::int64_t>(1, static_cast<std::int64_t>(kRegister / bytes_of(format)));
    const double uneven = imbalance(config_.cores, ceil_div(tile_.groups, lanes));
    return padded() + phase({.core = (overlapped(core, issue, loads) + stores) * uneven *
                                     slowdown(nest_.groups, nest_.groups) / kernels_.depthwise,
                             .reads = inputs(),
                             .writes = outputs * bytes_of(format_)});
  }

  /// Weights of vector-matrix products, which the profile may keep narrower: as memory holds them.
  double stored_vectors() const {
    if (!kernels_.stored_vectors) return stored_weights();
    return std::min(stored_weights(), bytes_of(*kernels_.stored_vectors) / bytes_of(op_.weight_dtype));
  }
  /// The same as the kernel loads them.
  double loaded_vectors() const {
    return kernels_.stored_vectors ? std::min(1.0, bytes_of(*kernels_.stored_vectors) / bytes_of(format_)) : 1.0;
  }

  double vector_matrix() const {
    const double macs = real(tile_macs(nest_, tile_));
    const double share = config_.profile_of(format_).vector_matrix;
    const double issue = macs / (macs_per_cycle(config_.core, format_) * share);
    const double loads = macs * bytes_of(format_) * loaded_vectors() / real(config_.core.load_width.count());
    return overlapped(config_.core, issue, loads) / config_.cores;
  }

  const Config& config_;
  const VectorKernels& kernels_;
  const std::vector<CacheRate>& rates_;
  const OpDescription& op_;
  const OpTile& tile_;
  LoopNest nest_;
  DType format_;
  std::int64_t taps_;
};

}  // namespace

const VectorKernels* vector_kernels(const Config& config, const OpDescription& op) {
  const Profile& profile = config.profile_of(executed_as(config, op.compute_dtype));
  const bool product = op.op_class == OpClass::conv || op.op_class == OpClass::depthwise_conv ||
                       op.op_class == OpClass::matrix || op.op_class == OpClass::vector_matrix;
  return profile.vectors && product && op.single_nest() ? &*profile.vectors : nullptr;
}

VectorRun vector_run(const Config& config, const VectorKernels& kernels, const std::vector<CacheRate>& rates,
                     const OpDescription& op, const OpTile& tile) {
  return Kernel(config, kernels, rates, op, tile).run();
}

}  // namespace chipcast::cpu

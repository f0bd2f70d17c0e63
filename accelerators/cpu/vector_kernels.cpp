// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/vector_kernels.h"

#include <algorithm>

#include "accelerators/cpu/cost.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::cpu {
namespace {

constexpr double kSum = 4.0;  ///< bytes of an integer sum

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
        format_(executed_as(config.core, op.compute_dtype)),
        taps_(nest_.kernel_height * nest_.kernel_width) {}

  VectorRun run() const {
    if (op_.op_class == OpClass::depthwise_conv) return {depthwise() + results(), 1.0, "depthwise"};
    if (op_.op_class == OpClass::vector_matrix) return {vector_matrix(), stored_share(), "weights streamed"};
    VectorRun best{product() + results(), 1.0, taps_ == 1 ? "product" : "product of columns"};
    const WinogradKernel* kernel = winograd_kernel();
    if (kernel == nullptr) return best;
    const double cycles = winograd(kernel->tile) + results();
    if (cycles >= best.cycles) return best;
    const std::int64_t extent = kernel->tile + 2;
    const std::string side = std::to_string(kernel->tile);
    return {cycles, real(extent * extent) / real(taps_) * bytes_of(transformed()) / bytes_of(format_),
            "Winograd " + side + "x" + side};
  }

 private:
  /// One phase on all cores.
  double phase(const KernelWork& work) const {
    double cache = 0.0;
    for (const CacheRate& rate : rates_) cache = std::max(cache, work.reads / rate.read + work.writes / rate.write);
    return overlapped(config_.core, work.core / config_.cores, cache);
  }

  double inputs() const { return real(input_elements(nest_, tile_)) * bytes_of(format_); }
  double padded() const {
    const bool pads = nest_.pad_top > 0 || nest_.pad_left > 0;
    return pads ? phase(copy_work(config_.core, inputs(), inputs())) : 0.0;
  }
  double results() const {
    if (is_float(format_)) return 0.0;
    const double bytes = real(output_elements(nest_, tile_)) * kSum;
    return bytes * kernels_.result / (real(config_.core.vector.count()) * config_.cores);
  }

  double product() const {
    const bool pointwise = taps_ == 1 && nest_.stride_h == 1 && nest_.stride_w == 1;
    Product product{.channels = tile_.out_channels,
                    .depth = tile_.in_channels * taps_,
                    .positions = tile_.out_height * tile_.out_width,
                    .count = tile_.groups};
    double columns = real(product.depth * product.positions * product.count) * bytes_of(format_);
    if (nest_.transposed) {
      product.channels *= taps_;
      product.depth /= taps_;
      columns = inputs();
    }
    const double arranged = phase(copy_work(config_.core, columns, columns));
    return (pointwise ? 0.0 : padded()) + arranged + phase(product_work(config_, kernels_, format_, product));
  }

  DType transformed() const { return is_float(format_) ? format_ : DType::int16; }

  const WinogradKernel* winograd_kernel() const {
    const bool window = nest_.kernel_height == 3 && nest_.kernel_width == 3 && nest_.stride_h == 1 &&
                        nest_.stride_w == 1 && nest_.dilation_h == 1 && nest_.dilation_w == 1 && !nest_.transposed;
    if (!window) return nullptr;
    for (const WinogradKernel& kernel : kernels_.winograd) {
      if (std::max(nest_.in_channels, nest_.out_channels) <= kernel.max_channels) return &kernel;
    }
    return nullptr;
  }

  double winograd(std::int64_t side) const {
    const DType format = transformed();
    const std::int64_t matrices = (side + 2) * (side + 2),
                       tiles = ceil_div(tile_.out_height, side) * ceil_div(tile_.out_width, side);
    const double elements = real(matrices * tiles * tile_.groups);
    const double before = elements * real(tile_.in_channels) * bytes_of(format);
    const double after = elements * real(tile_.out_channels) * (is_float(format) ? bytes_of(format) : kSum);
    const double outputs = real(output_elements(nest_, tile_)) * bytes_of(format_);
    const Product product{.channels = tile_.out_channels,
                          .depth = tile_.in_channels,
                          .positions = tiles,
                          .count = matrices * tile_.groups};
    return padded() + transform(before, inputs(), before) + phase(product_work(config_, kernels_, format, product)) +
           transform(after, after, outputs);
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
    const DType format = transformed();  // narrow integers are widened on their way in
    const double outputs = real(output_elements(nest_, tile_));
    const double issue = outputs * real(taps_) / macs_per_cycle(core, format);
    const std::int64_t shared = kernels_.depthwise_columns;
    const double window =
        real(nest_.kernel_height * (nest_.kernel_width + (shared - 1) * nest_.stride_w)) / real(shared);
    const double loads = outputs * window * bytes_of(format) / real(core.load_width.count());
    const double stores = outputs * bytes_of(format) / real(core.store_width.count());
    return padded() + phase({.core = (overlapped(core, issue, loads) + stores) / kernels_.depthwise,
                             .reads = inputs(),
                             .writes = outputs * bytes_of(format_)});
  }

  double stored_share() const {
    return kernels_.stored_vectors ? std::min(1.0, bytes_of(*kernels_.stored_vectors) / bytes_of(op_.weight_dtype))
                                   : 1.0;
  }

  double vector_matrix() const {
    const double macs = real(tile_macs(nest_, tile_));
    const double issue = macs / (macs_per_cycle(config_.core, format_) * kernels_.issue);
    const double loads = macs * bytes_of(format_) * stored_share() / real(config_.core.load_width.count());
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
  const Profile& profile = config.profile_of(executed_as(config.core, op.compute_dtype));
  const bool product = op.op_class == OpClass::conv || op.op_class == OpClass::depthwise_conv ||
                       op.op_class == OpClass::matrix || op.op_class == OpClass::vector_matrix;
  return profile.vectors && product && op.single_nest() ? &*profile.vectors : nullptr;
}

VectorRun vector_run(const Config& config, const VectorKernels& kernels, const std::vector<CacheRate>& rates,
                     const OpDescription& op, const OpTile& tile) {
  return Kernel(config, kernels, rates, op, tile).run();
}

}  // namespace chipcast::cpu

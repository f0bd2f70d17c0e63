// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "kernels/conv/plan.h"
#include "kernels/conv/winograd.h"
#include "kernels/gemm/blocked.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels::conv_detail {

namespace {

constexpr std::size_t kMostInputs = 36, kMostOutputs = 16;
/// Tiles that a thread transforms at a time.
constexpr std::int64_t kTilesPerTask = 4;

/// Channels of a tile in a buffer, and a line more where rows would fall on the same lines of the first-level cache.
std::int64_t spaced(std::int64_t channels) { return channels % 256 == 0 ? channels + 16 : channels; }

class WinogradPlan : public Conv::Plan {
 public:
  WinogradPlan(Problem problem, int outputs);
  std::size_t packed_bytes() const override;
  void run(const void* input, void* output, ThreadPool& pool) const override {
    for (std::int64_t group = 0; group < problem_.shape.groups; ++group) {
      run_group(group, static_cast<const float*>(input), static_cast<float*>(output), pool);
    }
  }

 private:
  /// Tiles [first, first + tiles) on their way: place p of tile t at p * place + t * row.
  struct Block {
    std::int64_t group = 0, first = 0, tiles = 0;
    float* inputs = nullptr;
    float* products = nullptr;
    std::int64_t input_row = 0, input_place = 0, product_row = 0, product_place = 0;
  };

  std::int64_t places() const { return (outputs_ + 2) * (outputs_ + 2); }
  std::int64_t tiles() const { return images_ * tiles_y_ * tiles_x_; }
  void pack_group(std::int64_t group);
  void run_group(std::int64_t group, const float* input, float* output, ThreadPool& pool) const;
  void run_block(const Block& block, const float* input, float* output, ThreadPool& pool) const;
  void transform_in(const Block& block, std::int64_t tile, const float* input) const;
  void transform_out(const Block& block, std::int64_t tile, float* output) const;
  void multiply_place(const Block& block, std::int64_t place, const gemm_detail::TaskGrid& grid,
                      std::int64_t task) const;
  const PackedMatrix& weights(std::int64_t group, std::int64_t place) const {
    return weights_[static_cast<std::size_t>(group * places() + place)];
  }

  Problem problem_;
  int outputs_;
  std::int64_t images_, tiles_y_, tiles_x_;
  Extents3 out_;
  std::vector<PackedMatrix> weights_{};  // [group][place]
  std::vector<float> zeros_;
};

WinogradPlan::WinogradPlan(Problem problem, int outputs)
    : problem_(std::move(problem)), outputs_(outputs), out_(problem_.shape.output()) {
  images_ = problem_.shape.batch * problem_.shape.input[0];
  tiles_y_ = kernels::parts_of(out_[1], outputs_);
  tiles_x_ = kernels::parts_of(out_[2], outputs_);
  zeros_.assign(static_cast<std::size_t>(problem_.shape.in_per_group()), 0.0f);
  for (std::int64_t group = 0; group < problem_.shape.groups; ++group) pack_group(group);
}

void WinogradPlan::pack_group(std::int64_t group) {
  const std::int64_t in = problem_.shape.in_per_group(), out = problem_.shape.out_per_group();
  std::vector<float> all(static_cast<std::size_t>(places() * in * out));
  for (std::int64_t i = 0; i < in; ++i) {
    for (std::int64_t o = 0; o < out; ++o) {
      std::array<double, 9> filter{};
      for (std::int64_t tap = 0; tap < 9; ++tap) {
        const float weight = weight_at(problem_.weights, problem_.shape, group, o, {0, tap / 3, tap % 3}, i);
        filter[static_cast<std::size_t>(tap)] = static_cast<double>(weight);
      }
      const std::vector<double> transformed = winograd::transform_filter(outputs_, filter.data());
      for (std::int64_t p = 0; p < places(); ++p) {
        all[static_cast<std::size_t>((p * in + i) * out + o)] =
            static_cast<float>(transformed[static_cast<std::size_t>(p)]);
      }
    }
  }
  for (std::int64_t p = 0; p < places(); ++p) weights_.emplace_back(dense(all.data() + p * in * out, in, out));
}

std::size_t WinogradPlan::packed_bytes() const { return weights_.size() * weights_.front().bytes(); }

void WinogradPlan::run_group(std::int64_t group, const float* input, float* output, ThreadPool& pool) const {
  const ConvShape& shape = problem_.shape;
  const GemmBlocking& blocking = weights(group, 0).kernels().blocking;
  Block block;
  block.group = group;
  block.input_row = spaced(shape.in_per_group());
  block.product_row = spaced(shape.out_per_group());
  const std::int64_t each = winograd::tiles_at_work(blocking, places(), shape.in_per_group(), shape.out_per_group());
  const std::int64_t parts = kernels::parts_of(tiles(), pool.threads() * each);
  const std::int64_t most = kernels::parts_of(tiles(), parts);
  block.input_place = most * block.input_row + 16;  // the places of a tile fall on different lines of the cache
  block.product_place = most * block.product_row + 16;
  block.inputs = float_workspace(Workspace::winograd_input, places() * block.input_place);
  block.products = float_workspace(Workspace::winograd_product, places() * block.product_place);
  for (std::int64_t i = 0; i < parts; ++i) {
    block.first = part_begin(tiles(), parts, i);
    block.tiles = part_begin(tiles(), parts, i + 1) - block.first;
    run_block(block, input, output, pool);
  }
}

void WinogradPlan::run_block(const Block& block, const float* input, float* output, ThreadPool& pool) const {
  const std::int64_t tasks = kernels::parts_of(block.tiles, kTilesPerTask);
  pool.for_each(tasks, [&](std::int64_t task, int) {
    for (std::int64_t t = part_begin(block.tiles, tasks, task); t < part_begin(block.tiles, tasks, task + 1); ++t) {
      transform_in(block, t, input);
    }
  });
  const gemm_detail::TaskGrid whole;  // there are more places than threads
  pool.for_each(places(), [&](std::int64_t place, int) { multiply_place(block, place, whole, 0); });
  pool.for_each(tasks, [&](std::int64_t task, int) {
    for (std::int64_t t = part_begin(block.tiles, tasks, task); t < part_begin(block.tiles, tasks, task + 1); ++t) {
      transform_out(block, t, output);
    }
  });
}

void WinogradPlan::transform_in(const Block& block, std::int64_t tile, const float* input) const {
  const ConvShape& shape = problem_.shape;
  const std::int64_t all = block.first + tile, size = outputs_ + 2;
  const std::int64_t left = all % tiles_x_ * outputs_ - shape.pad_begin[2];
  const std::int64_t top = all / tiles_x_ % tiles_y_ * outputs_ - shape.pad_begin[1];
  const float* image = input + all / (tiles_x_ * tiles_y_) * shape.input[1] * shape.input[2] * shape.in_channels +
                       block.group * shape.in_per_group();
  std::array<const float*, kMostInputs> pixels;
  for (std::int64_t i = 0; i < places(); ++i) {
    const std::int64_t y = top + i / size, x = left + i % size;
    const bool inside = y >= 0 && y < shape.input[1] && x >= 0 && x < shape.input[2];
    pixels[static_cast<std::size_t>(i)] = inside ? image + (y * shape.input[2] + x) * shape.in_channels : zeros_.data();
  }
  winograd::InputTile one;
  one.pixels = pixels.data();
  one.channels = shape.in_per_group();
  one.to = block.inputs + tile * block.input_row;
  one.place_stride = block.input_place;
  winograd::transform_input(outputs_, one);
}

void WinogradPlan::multiply_place(const Block& block, std::int64_t place, const gemm_detail::TaskGrid& grid,
                                  std::int64_t task) const {
  gemm_detail::Product product;
  product.m = block.tiles;
  product.in_place = block.inputs + place * block.input_place;
  product.in_place_stride = block.input_row;
  product.b = panels_of(weights(block.group, place));
  product.c = {block.products + place * block.product_place, DType::fp32, block.tiles, problem_.shape.out_per_group(),
               block.product_row};
  gemm_detail::multiply_part(product, grid, task);
}

void WinogradPlan::transform_out(const Block& block, std::int64_t tile, float* output) const {
  const ConvShape& shape = problem_.shape;
  const std::int64_t all = block.first + tile;
  const std::int64_t left = all % tiles_x_ * outputs_, top = all / tiles_x_ % tiles_y_ * outputs_;
  float* image = output + all / (tiles_x_ * tiles_y_) * out_[1] * out_[2] * shape.out_channels +
                 block.group * shape.out_per_group();
  std::array<float*, kMostOutputs> pixels;
  for (std::int64_t i = 0; i < outputs_ * outputs_; ++i) {
    const std::int64_t y = top + i / outputs_, x = left + i % outputs_;
    const bool inside = y < out_[1] && x < out_[2];
    pixels[static_cast<std::size_t>(i)] = inside ? image + (y * out_[2] + x) * shape.out_channels : nullptr;
  }
  winograd::OutputTile one;
  one.from = block.products + tile * block.product_row;
  one.place_stride = block.product_place;
  one.channels = shape.out_per_group();
  one.pixels = pixels.data();
  one.bias = problem_.bias_of(block.group);
  one.low = problem_.clamp.low;
  one.high = problem_.clamp.high;
  winograd::transform_output(outputs_, one);
}

}  // namespace

std::unique_ptr<const Conv::Plan> make_winograd_plan(Problem problem, int outputs) {
  return std::make_unique<const WinogradPlan>(std::move(problem), outputs);
}

}  // namespace chipcast::kernels::conv_detail

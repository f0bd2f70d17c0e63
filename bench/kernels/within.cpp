// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/within.h"

#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/kernels/case.h"
#include "bench/kernels/paired.h"
#include "kernels/adder/adder.h"
#include "kernels/array.h"
#include "kernels/binary/binary.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm_int/gemm_int.h"
#include "kernels/simd/targets.h"
#include "kernels/sparse/blocks.h"
#include "kernels/sparse/structured.h"

namespace chipcast::bench {

namespace {

using namespace chipcast::kernels;

constexpr int kRounds = 21;
constexpr double kSlice = 2e-3;

/// A square product, or rows x columns x depth.
struct Sizes {
  std::int64_t m, n, k;
};

template <class T>
Values<T> random_values(std::int64_t count, int low, int high) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> any(low, high);
  Values<T> values(static_cast<std::size_t>(count) + kAlignment);
  for (T& value : values) value = static_cast<T>(any(random));
  return values;
}

std::function<void()> float_product(const Sizes& s) {
  struct State {
    Values<float> a, b, c;
    PackedMatrix packed;
    ThreadPool pool{1};
  };
  auto state = std::make_shared<State>();
  state->a = random_values<float>(s.m * s.k, -9, 9);
  state->b = random_values<float>(s.k * s.n, -9, 9);
  state->c.resize(static_cast<std::size_t>(s.m * s.n));
  state->packed = PackedMatrix(MatrixView{state->b.data(), DType::fp32, s.k, s.n, s.n, 1});
  return [state, s] {
    gemm(MatrixView{state->a.data(), DType::fp32, s.m, s.k, s.k, 1}, state->packed,
         MatrixTarget{state->c.data(), DType::fp32, s.m, s.n, s.n}, {}, state->pool);
  };
}

std::function<void()> int_product(const Sizes& s, DType format) {
  struct State {
    Values<std::int8_t> a, b;
    Values<std::int32_t> c;
    std::unique_ptr<IntGemm> gemm;
    ThreadPool pool{1};
  };
  auto state = std::make_shared<State>();
  const int most = format == DType::int7 ? 63 : 127;
  state->a = random_values<std::int8_t>(s.m * s.k, -most, most);
  state->b = random_values<std::int8_t>(s.k * s.n, -most, most);
  state->c.resize(static_cast<std::size_t>(s.m * s.n));
  const IntWeights weights{.type = format,
                           .values = state->b.data(),
                           .inputs = s.k,
                           .outputs = s.n,
                           .input_stride = s.n,
                           .output_stride = 1};
  state->gemm = std::make_unique<IntGemm>(weights, format, 0, std::span<const std::int32_t>{}, IntOutput{});
  return [state, s] { state->gemm->run(state->a.data(), s.m, s.k, state->c.data(), s.n, state->pool); };
}

std::function<void()> binary_product(const Sizes& s) {
  struct State {
    Values<std::uint8_t> a, b;
    Values<std::int32_t> c;
    std::unique_ptr<BinaryGemm> gemm;
    ThreadPool pool{1};
  };
  auto state = std::make_shared<State>();
  const std::int64_t row = bit_row_bytes(s.k);
  state->a = random_values<std::uint8_t>(s.m * row, 0, 255);
  state->b = random_values<std::uint8_t>(s.n * row, 0, 255);
  state->c.resize(static_cast<std::size_t>(s.m * s.n));
  state->gemm = std::make_unique<BinaryGemm>(state->b.data(), s.k, s.n, row);
  return [state, s, row] { state->gemm->run(state->a.data(), s.m, row, state->c.data(), s.n, state->pool); };
}

std::function<void()> adder_layer(const Sizes& s) {
  struct State {
    Values<float> a, b, c;
    std::unique_ptr<AdderConv> conv;
    ThreadPool pool{1};
  };
  auto state = std::make_shared<State>();
  state->a = random_values<float>(s.m * s.k, -9, 9);
  state->b = random_values<float>(s.k * s.n, -9, 9);
  state->c.resize(static_cast<std::size_t>(s.m * s.n));
  const AdderShape shape{.in_w = s.m, .in_c = s.k, .out_w = s.m, .out_c = s.n};
  state->conv = std::make_unique<AdderConv>(shape, state->b.data());
  return [state] { state->conv->run(state->a.data(), state->c.data(), state->pool); };
}

/// Weights s.n x s.k, activations s.k x s.m, as sparse kernels have them.
template <class Sparse>
std::function<void()> sparse_product(const Sizes& s, Sparse made) {
  struct State {
    explicit State(Sparse some) : weights(std::move(some)) {}
    Sparse weights;
    Values<float> x, y;
    ThreadPool pool{1};
  };
  auto state = std::make_shared<State>(std::move(made));
  state->x = random_values<float>(s.k * s.m, -9, 9);
  state->y.resize(static_cast<std::size_t>(s.n * s.m));
  return [state, s] { state->weights.multiply(s.m, state->x.data(), nullptr, state->y.data(), {}, state->pool); };
}

BlockSparseF32 pruned_blocks(const Sizes& s, int block, double sparsity) {
  Values<float> weights = random_values<float>(s.n * s.k, -90, 90);
  prune_blocks(block, sparsity, s.n, s.k, weights.data());
  return BlockSparseF32(block, s.n, s.k, weights.data());
}

StructuredF32 pruned_structure(const Sizes& s, SparsePattern pattern) {
  Values<float> weights = random_values<float>(s.n * s.k, -90, 90);
  prune(pattern, s.n, s.k, weights.data());
  return StructuredF32(pattern, s.n, s.k, weights.data());
}

void print(const std::string& what, const std::string& beside, const std::vector<Sizes>& sizes,
           const std::function<std::function<void()>(const Sizes&)>& ours,
           const std::function<std::function<void()>(const Sizes&)>& other) {
  std::vector<double> ratios;
  std::printf("%-34s", (what + " over " + beside).c_str());
  for (const Sizes& s : sizes) {
    const auto times = in_turns({ours(s), other(s)}, kRounds, kSlice);
    ratios.push_back(paired_ratio(times[1], times[0]));
    std::printf("  %lldx%lldx%lld: %.2f", static_cast<long long>(s.m), static_cast<long long>(s.n),
                static_cast<long long>(s.k), ratios.back());
  }
  std::printf("  mean %.2f\n", geometric_mean(ratios));
  std::fflush(stdout);
}

}  // namespace

void print_within() {
  const std::vector<Sizes> sizes{
      {256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {196, 256, 2304}, {784, 128, 512}};
  std::printf("\nKernels of this project beside each other, M x N x K: how many times faster\n");
  print("binary", "fp32", sizes, binary_product, float_product);
  print(
      "int8", "fp32", sizes, [](const Sizes& s) { return int_product(s, DType::int8); }, float_product);
  print("AdderNet", "fp32", sizes, adder_layer, float_product);
  print(
      "2:4", "fp32", sizes,
      [](const Sizes& s) {
        return sparse_product(s, pruned_structure(s, {2, 4}));
      },
      float_product);
  for (const double sparsity : {0.8, 0.9}) {
    print(
        "1x4 blocks, " + std::to_string(static_cast<int>(sparsity * 100)) + " % zero", "fp32", sizes,
        [sparsity](const Sizes& s) { return sparse_product(s, pruned_blocks(s, 4, sparsity)); }, float_product);
  }
  limit_target("AVX2");
  print(
      "int7", "int8, both AVX2", sizes, [](const Sizes& s) { return int_product(s, DType::int7); },
      [](const Sizes& s) { return int_product(s, DType::int8); });
  limit_target("");
}

}  // namespace chipcast::bench

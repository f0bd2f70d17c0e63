// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/stated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/executor/executor.h"
#include "kernels/formats/half.h"
#include "kernels/reference/values.h"
#include "sim/config/json.h"
#include "workloads/builder.h"

namespace chipcast::kernels {
namespace {

using quantized::Storing;
using testing::ElementsAre;
using testing::HasSubstr;
using Doubles = reference::Values<double>;

Array filled(const TensorType& type, const Doubles& values) { return reference::pack(values, type); }

Doubles values_of(const Array& array) { return reference::unpack<double>(array); }

std::string kernel_of(const Executor& executor) { return executor.times().front().kernel; }

constexpr HalfArithmetic kHalfSums{.sums = HalfArithmetic::Sums::fp16};

/// 2048 and `ones` times 1, added up: a gemm of one row.
Graph sum_of(std::int64_t ones) {
  GraphBuilder b("sum");
  const auto x = b.input("x", {{1, ones + 1}, DType::fp16});
  b.output(b.add_one("fc", Gemm{}, {x, b.parameter("w", {{ones + 1, 1}, DType::fp16})}));
  return std::move(b).build();
}

Doubles summed(std::int64_t ones, const StatedArithmetics& stated, std::string* kernel = nullptr) {
  const Graph graph = sum_of(ones);
  Doubles x(static_cast<std::size_t>(ones + 1), 1.0);
  const Array w = filled({{ones + 1, 1}, DType::fp16}, x);
  x[0] = 2048.0;
  Executor executor(graph, {{"w", w}}, {.stated = stated});
  const std::vector<Array> inputs{filled({{1, ones + 1}, DType::fp16}, x)};
  const auto out = values_of(executor.run(inputs).front());
  if (kernel != nullptr) *kernel = kernel_of(executor);
  return out;
}

TEST(StatedArithmetic, gemm_sums_in_fp16_where_it_is_stated) {
  std::string kernel;
  EXPECT_THAT(summed(64, {}), ElementsAre(2112.0));
  EXPECT_THAT(summed(64, {{"another", {.half = kHalfSums}}}), ElementsAre(2112.0));
  EXPECT_THAT(summed(64, {{"fc", {.half = kHalfSums}}}, &kernel), ElementsAre(2048.0));
  EXPECT_EQ(kernel, "matmul_half_arithmetic");
}

/// Two channels of 2 x 2 with padding; both layouts, all in one group or one each.
Graph convolution(Layout layout, std::int64_t groups) {
  GraphBuilder b("conv");
  const bool last = layout == Layout::nhwc;
  const auto x = b.input("x", {last ? Shape{1, 4, 5, 2} : Shape{1, 2, 4, 5}, DType::fp16});
  Conv conv{Window{.layout = layout, .pads = {1, 0, 1, 0}}};
  conv.groups = groups;
  const std::int64_t in = 2 / groups;
  const auto w = b.parameter("w", {last ? Shape{2, 2, 2, in} : Shape{2, in, 2, 2}, DType::fp16});
  b.output(b.add_one("c", conv, {x, w, b.parameter("b", {{2}, DType::fp16})}));
  return std::move(b).build();
}

TEST(StatedArithmetic, convolutions_of_small_whole_numbers_are_exact_in_halves_too) {
  for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
    for (const std::int64_t groups : {1, 2}) {
      const Graph graph = convolution(layout, groups);
      const auto whole = [&](std::size_t tensor, int factor) {
        const TensorType& type = graph.tensors[tensor].type;
        Doubles values(static_cast<std::size_t>(type.elements()));
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i) * factor % 7 - 3;
        return filled(type, values);
      };
      const auto run = [&](const StatedArithmetics& stated, const std::string& kernel) {
        Parameters parameters;
        for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
          if (graph.tensors[i].parameter) parameters.emplace(graph.tensors[i].name, whole(i, 5));
        }
        Executor executor(graph, parameters, {.stated = stated});
        const std::vector<Array> inputs{whole(graph.inputs[0].index(), 3)};
        const auto out = values_of(executor.run(inputs).front());
        EXPECT_THAT(kernel_of(executor), HasSubstr(kernel));
        return out;
      };
      const auto wanted = run({}, groups == 2 ? "depthwise" : "conv_");
      EXPECT_EQ(run({{"c", {.half = kHalfSums}}}, "conv_half_arithmetic"), wanted);
      HalfArithmetic stochastic;
      stochastic.seed = 3;
      EXPECT_EQ(run({{"c", {.half = stochastic}}}, "conv_half_arithmetic"), wanted);
    }
  }
}

TEST(StatedArithmetic, matmul_broadcasts_in_halves) {
  GraphBuilder b("matmul");
  const auto x = b.input("x", {{2, 3, 2}, DType::fp16});
  const auto y = b.input("y", {{4, 2}, DType::fp16});
  Matmul matmul;
  matmul.transpose_b = true;
  b.output(b.add_one("m", matmul, {x, y}));
  const Graph graph = std::move(b).build();
  Doubles left(12), right(8);
  std::iota(left.begin(), left.end(), -5.0);
  std::iota(right.begin(), right.end(), -3.0);
  const std::vector<Array> inputs{filled({{2, 3, 2}, DType::fp16}, left), filled({{4, 2}, DType::fp16}, right)};
  Executor plain(graph, {}), halves(graph, {}, {.stated = {{"m", {.half = kHalfSums}}}});
  EXPECT_EQ(values_of(halves.run(inputs).front()), values_of(plain.run(inputs).front()));
  EXPECT_EQ(kernel_of(halves), "matmul_half_arithmetic");
}

TEST(StatedArithmetic, results_without_products_are_stochastic_with_a_seed) {
  constexpr std::int64_t kCount = 4096;
  GraphBuilder b("add");
  const TensorType type{{kCount}, DType::fp16};
  const auto x = b.input("x", type);
  b.output(b.add_one("add", Binary{}, {x, b.parameter("c", {{1}, DType::fp16})}));
  const Graph graph = std::move(b).build();
  const Parameters parameters{{"c", filled({{1}, DType::fp16}, {0.5})}};
  const std::vector<Array> inputs{filled(type, Doubles(kCount, 2048.0))};
  const auto run = [&](std::optional<std::uint64_t> seed) {
    HalfArithmetic half;
    half.seed = seed;
    Executor executor(graph, parameters, {.stated = {{"add", {.half = half}}}});
    return values_of(executor.run(inputs).front());
  };
  EXPECT_EQ(run(std::nullopt), Doubles(kCount, 2048.0));
  const auto random = run(1);
  EXPECT_EQ(random, run(1));
  EXPECT_NE(random, run(2));
  // 2048 or 2050, the latter for a quarter: a standard deviation of 2 sqrt(3 / 16 / 4096).
  EXPECT_NEAR(std::accumulate(random.begin(), random.end(), 0.0) / kCount, 2048.5, 5 * 0.0136);
}

/// x [1,4] times diag(w) into the scale `to`, all zero points 0, scales of 1.
Graph products(const std::string& dtype, const std::string& bias, double to) {
  const auto tensor = [](const std::string& shape, const std::string& format, double scale, bool parameter) {
    return R"({"shape":)" + shape + R"(,"dtype":")" + format + R"(","quantization":{"scales":[)" +
           std::to_string(scale) + R"(],"zero_points":[0]})" + (parameter ? R"(,"parameter":true})" : "}");
  };
  return Graph::from_json(
      Json::parse(
          R"({"format":"chipcast-graph","version":1,"name":"g","inputs":["x"],"outputs":["y"],"tensors":{"x":)" +
          tensor("[1,4]", dtype, 1.0, false) + R"(,"w":)" + tensor("[4,4]", "int8", 1.0, true) + R"(,"b":)" +
          tensor("[4]", bias, 1.0, true) + R"(,"y":)" + tensor("[1,4]", dtype, to, false) +
          R"(},"ops":[{"name":"fc","kind":"gemm","inputs":["x","w","b"],"outputs":["y"],"attributes":{}}]})"),
      "g");
}

Doubles stored(const Graph& graph, const Doubles& x, const Doubles& w, const Doubles& bias,
               const StatedArithmetics& stated, bool reference = false) {
  const auto type = [&](const std::string& name) {
    for (const auto& tensor : graph.tensors) {
      if (tensor.name == name) return tensor.type;
    }
    return TensorType{};
  };
  Executor executor(graph, {{"w", filled(type("w"), w)}, {"b", filled(type("b"), bias)}},
                    {.reference = reference, .stated = stated});
  const std::vector<Array> inputs{filled(type("x"), x)};
  return values_of(executor.run(inputs).front());
}

const Doubles kDiagonal{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};

TEST(StatedArithmetic, halves_of_int8_go_away_from_zero) {
  const Graph graph = products("int8", "int32", 2.0);
  const Doubles x{1, -1, 3, -3}, none(4, 0.0);
  for (const bool reference : {false, true}) {
    EXPECT_THAT(stored(graph, x, kDiagonal, none, {{"fc", {.storing = Storing::half_away}}}, reference),
                ElementsAre(1, -1, 2, -2));
  }
  EXPECT_THAT(stored(graph, x, kDiagonal, none, {}), ElementsAre(1, 0, 2, -1));  // upwards
}

TEST(StatedArithmetic, each_truncated_product_loses_its_fraction) {
  const Graph graph = products("int16", "int64", 2.0);
  // Column sums of products: 3/2 + 3/2, -3/2 - 3/2, ...; each floor(+-1.5) before the sum.
  const Doubles x{3, 3, 0, 0}, w{1, -1, 0, 0, 1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const StatedArithmetics stated{{"fc", {.storing = Storing::truncated}}};
  EXPECT_THAT(stored(graph, x, w, {0, 0, 5, -5}, stated), ElementsAre(2, -4, 2, -3));
  EXPECT_THAT(stored(graph, x, w, {0, 0, 5, -5}, {}), ElementsAre(3, -3, 3, -2));
  EXPECT_THAT(stored(graph, x, w, {1e6, -1e6, 0, 0}, stated), ElementsAre(32767, -32768, 0, 0));
}

}  // namespace
}  // namespace chipcast::kernels

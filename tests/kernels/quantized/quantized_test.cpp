// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/quantized.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "kernels/quantized/fixed_point.h"
#include "kernels/simd/targets.h"
#include "sim/config/json.h"

namespace chipcast::kernels::quantized {
namespace {

std::string tensor(const std::string& shape, const std::string& dtype, const std::string& scales,
                   const std::string& zeros, const std::string& more = "") {
  return R"({"shape":)" + shape + R"(,"dtype":")" + dtype + R"(","quantization":{"scales":)" + scales +
         R"(,"zero_points":)" + zeros + "}" + more + "}";
}

Graph graph(const std::string& tensors, const std::string& op) {
  const std::string text =
      R"({"format":"chipcast-graph","version":1,"name":"g","inputs":["x"],"outputs":["y"],"tensors":{)" + tensors +
      R"(},"ops":[)" + op + "]}";
  return Graph::from_json(Json::parse(text), "g");
}

Array random(const TensorType& type, std::mt19937& rng, int low, int high) {
  Array out(type);
  std::uniform_int_distribution<int> pick(low, high);
  if (type.dtype == DType::int32) {
    for (auto& value : out.span<std::int32_t>()) value = pick(rng) * 50;
  } else {
    for (auto& value : out.span<std::uint8_t>()) value = static_cast<std::uint8_t>(pick(rng));
  }
  return out;
}

std::vector<Array> operands(const Graph& g, std::mt19937& rng) {
  std::vector<Array> out;
  for (const auto& id : g.ops.front().inputs) {
    const TensorType& type = g.tensor(*id).type;
    out.push_back(random(type, rng, type.dtype == DType::uint8 ? 0 : -127, type.dtype == DType::uint8 ? 255 : 127));
  }
  return out;
}

/// The SIMD kernels of every instruction set against plain loops.
void expect_same(const Graph& g, unsigned seed) {
  std::mt19937 rng(seed);
  const auto inputs = operands(g, rng);
  ASSERT_TRUE(handles(g, OpId(0)));
  const Array wanted = evaluate(g, OpId(0), inputs, {.reference = true}).front();
  ThreadPool pool(2);
  for (const auto& target : usable_targets()) {
    limit_target(target);
    std::shared_ptr<Packed> packed;
    const Array found = evaluate(g, OpId(0), inputs, {.pool = &pool, .packed = &packed}).front();
    const Array again = evaluate(g, OpId(0), inputs, {.pool = &pool, .packed = &packed}).front();
    limit_target("");
    EXPECT_EQ(std::memcmp(found.raw(), again.raw(), found.bytes()), 0) << target;
    ASSERT_EQ(found.type(), wanted.type());
    EXPECT_EQ(std::memcmp(found.raw(), wanted.raw(), wanted.bytes()), 0) << target;
  }
}

std::string repeated(const std::string& value, int times) {
  std::string out = "[" + value;
  for (int i = 1; i < times; ++i) out += "," + value;
  return out + "]";
}

std::string conv(const std::string& attributes) {
  return R"({"name":"c","kind":"conv","inputs":["x","w","b"],"outputs":["y"],"attributes":{"layout":"nhwc",)" +
         attributes + "}}";
}

std::string parameter = R"(,"parameter":true)";
std::string bias(int count) {
  return R"("b":{"shape":[)" + std::to_string(count) + R"(],"dtype":"int32","parameter":true})";
}

TEST(QuantizedKernels, ConvolutionsOnEveryInstructionSet) {
  const std::string weights =
      R"("w":{"shape":[17,3,3,5],"dtype":"int8","parameter":true,"quantization":{"axis":0,"scales":)" +
      repeated("0.013", 17) + R"(,"zero_points":)" + repeated("0", 17) + "}}";
  const Graph g = graph(R"("x":)" + tensor("[2,9,7,5]", "int8", "[0.04]", "[-11]") + "," + weights + "," + bias(17) +
                            R"(,"y":)" + tensor("[2,5,4,17]", "int8", "[0.3]", "[7]"),
                        conv(R"("strides":[2,2],"pad_mode":"same_upper")"));
  expect_same(g, 1);
}

TEST(QuantizedKernels, ConvolutionsOfUnsignedBytes) {
  const Graph g = graph(R"("x":)" + tensor("[1,6,6,4]", "uint8", "[0.04]", "[131]") + R"(,"w":)" +
                            tensor("[8,2,2,4]", "uint8", "[0.01]", "[77]", parameter) + "," + bias(8) + R"(,"y":)" +
                            tensor("[1,5,5,8]", "uint8", "[0.2]", "[120]"),
                        conv(R"("pad_mode":"valid")"));
  expect_same(g, 2);
}

TEST(QuantizedKernels, DepthwiseConvolutionsOnEveryInstructionSet) {
  for (const std::string dilation : {"1", "2"}) {
    const Graph g =
        graph(R"("x":)" + tensor("[1,11,9,19]", "int8", "[0.04]", "[5]") + R"(,"w":)" +
                  tensor("[38,3,3,1]", "int8", "[0.02]", "[0]", parameter) + "," + bias(38) + R"(,"y":)" +
                  tensor("[1,11,9,38]", "int8", "[0.1]", "[-3]"),
              conv(R"("groups":19,"pad_mode":"same_upper","dilations":[)" + dilation + "," + dilation + "]"));
    expect_same(g, 3);
  }
}

TEST(QuantizedKernels, FullyConnectedLayersOnEveryInstructionSet) {
  const Graph g =
      graph(R"("x":)" + tensor("[3,71]", "int8", "[0.04]", "[9]") + R"(,"w":)" +
                tensor("[33,71]", "int8", "[0.02]", "[0]", parameter) + "," + bias(33) + R"(,"y":)" +
                tensor("[3,33]", "int8", "[0.5]", "[1]"),
            R"({"name":"f","kind":"gemm","inputs":["x","w","b"],"outputs":["y"],"attributes":{"transpose_b":true}})");
  expect_same(g, 4);
}

TEST(QuantizedKernels, PoolsOnEveryInstructionSet) {
  for (const std::string function : {"avg", "max"}) {
    const Graph g =
        graph(R"("x":)" + tensor("[2,7,7,21]", "int8", "[0.1]", "[3]") + R"(,"y":)" +
                  tensor("[2,4,4,21]", "int8", "[0.1]", "[3]"),
              R"({"name":"p","kind":"pool","inputs":["x"],"outputs":["y"],"attributes":{"layout":"nhwc","function":")" +
                  function + R"(","kernel":[3,3],"strides":[2,2],"pad_mode":"same_upper"}})");
    expect_same(g, 5);
  }
}

TEST(QuantizedKernels, OperatorsWithoutAnIntegerFormGoThroughFloats) {
  const Graph g =
      graph(R"("x":)" + tensor("[4]", "int8", "[0.5]", "[0]") + R"(,"y":)" + tensor("[4]", "int8", "[0.25]", "[-100]"),
            R"({"name":"s","kind":"unary","inputs":["x"],"outputs":["y"],"attributes":{"function":"softplus"}})");
  std::mt19937 rng(6);
  const auto inputs = operands(g, rng);
  const Array y = evaluate(g, OpId(0), inputs).front();
  for (std::size_t i = 0; i < 4; ++i) {
    const float real = std::log1p(std::exp(0.5F * static_cast<float>(inputs[0].span<std::int8_t>()[i])));
    const float wanted = std::min(127.0F, std::round(real / 0.25F) - 100.0F);
    EXPECT_NEAR(y.span<std::int8_t>()[i], wanted, 1.0F);
  }
}

TEST(QuantizedKernels, RefusesArraysOfOtherTypes) {
  const Graph g =
      graph(R"("x":)" + tensor("[4]", "int8", "[0.5]", "[0]") + R"(,"y":)" + tensor("[4]", "int8", "[0.5]", "[0]"),
            R"({"name":"r","kind":"unary","inputs":["x"],"outputs":["y"],"attributes":{"function":"relu"}})");
  const std::vector<Array> wrong{Array(TensorType{{5}, DType::int8})};
  try {
    evaluate(g, OpId(0), wrong);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "g: r: the array for \"x\" is not of its type, 4");
  }
}

TEST(QuantizedKernels, RefusesScalesThatAreNotPositive) {
  const Graph g =
      graph(R"("x":)" + tensor("[4]", "int8", "[0.0]", "[0]") + R"(,"y":)" + tensor("[4]", "int8", "[0.5]", "[0]"),
            R"({"name":"r","kind":"unary","inputs":["x"],"outputs":["y"],"attributes":{"function":"relu"}})");
  const std::vector<Array> inputs{Array(TensorType{{4}, DType::int8})};
  EXPECT_THROW(evaluate(g, OpId(0), inputs), InputError);
}

TEST(QuantizedKernels, HandlesOnlyWhatIsQuantised) {
  const Graph g =
      graph(R"("x":{"shape":[4],"dtype":"int8"},"y":{"shape":[4],"dtype":"int8"})",
            R"({"name":"r","kind":"unary","inputs":["x"],"outputs":["y"],"attributes":{"function":"relu"}})");
  EXPECT_FALSE(handles(g, OpId(0)));
}

// Fixed-point functions against the real ones: Q5.26 in, Q0.31 out.
TEST(QuantizedKernels, ExponentialOfFixedPointNumbers) {
  for (std::int64_t x = 0; x > -(std::int64_t{1} << 31); x -= 7654321) {
    const double real = std::exp(static_cast<double>(x) / (1 << 26));
    EXPECT_NEAR(exp_of_negative(static_cast<std::int32_t>(x)) / 2147483648.0, real, 4e-7);
  }
}

TEST(QuantizedKernels, ReciprocalOfFixedPointNumbers) {
  for (const std::int32_t x : {1 << 19, (1 << 19) + 1, 1 << 25, 123456789, 2147483647}) {
    const Reciprocal r = reciprocal_of(x, 12);
    const double real = 1.0 / (static_cast<double>(x) / (1 << 19));
    EXPECT_NEAR(std::ldexp(r.scale / 2147483648.0, -r.bits_over_unit) / real, 1.0, 1e-7);
  }
}

}  // namespace
}  // namespace chipcast::kernels::quantized

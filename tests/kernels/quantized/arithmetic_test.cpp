// SPDX-License-Identifier: Apache-2.0
// Quantised operators against real numbers: within a step of the result's scale, at the ends of the formats too.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <iomanip>
#include <random>
#include <sstream>

#include "kernels/quantized/affine.h"
#include "kernels/quantized/quantized.h"
#include "kernels/reference/values.h"
#include "sim/config/json.h"

namespace chipcast::kernels::quantized {
namespace {

using Numbers = std::vector<double>;

struct Format {
  DType dtype;
  double scale;
  int zero = 0;
};

/// With all its digits.
std::string text_of(double number) {
  std::ostringstream text;
  text << std::setprecision(17) << number;
  return text.str();
}

std::string tensor(const std::string& name, const std::string& shape, const Format& f) {
  return '"' + name + R"(":{"shape":)" + shape + R"(,"dtype":")" + std::string(name_of(f.dtype)) +
         R"(","quantization":{"scales":[)" + text_of(f.scale) + R"(],"zero_points":[)" + std::to_string(f.zero) + "]}}";
}

Graph graph(const std::string& tensors, const std::string& op, const std::string& inputs = R"(["x"])") {
  return Graph::from_json(Json::parse(R"({"format":"chipcast-graph","version":1,"name":"g","inputs":)" + inputs +
                                      R"(,"outputs":["y"],"tensors":{)" + tensors + R"(},"ops":[{"name":"o",)" + op +
                                      R"(,"inputs":)" + inputs + R"(,"outputs":["y"]}]})"),
                          "g");
}

/// Real numbers of an array, by its own scale as the graph's text gives it.
Numbers reals(const Array& array, const Format& f) {
  Numbers out;
  for (const auto value : reference::unpack<std::int64_t>(array)) {
    out.push_back(f.scale * static_cast<double>(value - f.zero));
  }
  return out;
}

double stored(double real, const Format& f) {
  const Range range = range_of(f.dtype);
  return std::clamp(real / f.scale + f.zero, static_cast<double>(range.low), static_cast<double>(range.high));
}

/// Any values, the least and the greatest in all pairs among them.
Array any(const Shape& shape, DType dtype, std::mt19937& rng, unsigned pattern) {
  const Range range = range_of(dtype);
  std::uniform_int_distribution<std::int64_t> pick(range.low, range.high);
  const TensorType type{shape, dtype};
  std::vector<std::int64_t> values(static_cast<std::size_t>(type.elements()));
  for (auto& value : values) value = pick(rng);
  for (unsigned i = 0; i < 4; ++i) values[i] = (i >> pattern & 1) != 0 ? range.low : range.high;
  return reference::pack(values, type);
}

struct BinaryCase {
  std::string function;
  std::function<double(double, double)> real;
  double out_scale_of_8, out_scale_of_16;
};

const std::vector<BinaryCase>& binary_cases() {
  static const std::vector<BinaryCase> cases{
      {"add", [](double a, double b) { return a + b; }, 0.3, 0.002},
      {"sub", [](double a, double b) { return a - b; }, 0.3, 0.002},
      {"mul", [](double a, double b) { return a * b; }, 2.0, 0.03},
      {"div", [](double a, double b) { return a / b; }, 0.5, 0.01},
      {"squared_difference", [](double a, double b) { return (a - b) * (a - b); }, 5.0, 0.2},
      {"max", [](double a, double b) { return std::max(a, b); }, 0.2, 0.001},
      {"min", [](double a, double b) { return std::min(a, b); }, 0.2, 0.001},
  };
  return cases;
}

void expect_binary(const BinaryCase& c, const Format& a, const Format& b, const Format& y, unsigned seed,
                   double bound = 1.01) {
  SCOPED_TRACE(c.function + " of " + std::string(name_of(a.dtype)) + ", zero points " + std::to_string(a.zero) + ", " +
               std::to_string(b.zero));
  std::mt19937 rng(seed);
  const Shape shape{500};
  const Graph g = graph(tensor("x", "[500]", a) + "," + tensor("z", "[500]", b) + "," + tensor("y", "[500]", y),
                        R"("kind":"binary","attributes":{"function":")" + c.function + R"("})", R"(["x","z"])");
  const std::vector<Array> inputs{any(shape, a.dtype, rng, 0), any(shape, b.dtype, rng, 1)};
  const auto found = reference::unpack<double>(evaluate(g, OpId(0), inputs).front());
  const Numbers p = reals(inputs[0], a), q = reals(inputs[1], b);
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (c.function == "div" && q[i] == 0) continue;
    ASSERT_NEAR(found[i], stored(c.real(p[i], q[i]), y), bound) << i << ": " << p[i] << ", " << q[i];
  }
}

TEST(QuantizedArithmetic, BinaryOperatorsAreNearRealNumbers) {
  for (const BinaryCase& c : binary_cases()) {
    const double wide = c.out_scale_of_8, narrow = c.out_scale_of_16;
    expect_binary(c, {DType::int8, 0.1, 3}, {DType::int8, 0.07, -5}, {DType::int8, wide, -100}, 1);
    expect_binary(c, {DType::uint8, 0.1, 130}, {DType::uint8, 0.07, 0}, {DType::uint8, wide, 7}, 2);
    expect_binary(c, {DType::int8, 0.1, -128}, {DType::int8, 0.1, -128}, {DType::int8, 0.1, -128}, 3);
    expect_binary(c, {DType::int16, 0.001}, {DType::int16, 0.001}, {DType::int16, narrow}, 4,
                  c.function == "squared_difference" ? 3 : 1.01);
    expect_binary(c, {DType::int16, 0.001, 700}, {DType::int16, 0.0005, -32768}, {DType::int16, narrow, 3}, 5);
  }
}

// The difference is rounded to whole steps of twice the scale: 1 of 2^15, of which the square has twice as much.
TEST(QuantizedArithmetic, SquaresOf16BitsDoNotOverflow) {
  const BinaryCase& c = binary_cases()[4];
  for (const double scale : {0.2, 1.0, 4.0}) {
    expect_binary(c, {DType::int16, 0.001}, {DType::int16, 0.001}, {DType::int16, scale}, 6, 3);
  }
}

/// Lines of equal values: each has 1 / extent.
void expect_uniform_softmax(DType in, const Format& y, std::int64_t extent) {
  const std::string shape = "[1," + std::to_string(extent) + "]";
  const Graph g = graph(tensor("x", shape, {in, 0.1}) + "," + tensor("y", shape, y),
                        R"("kind":"softmax","attributes":{"axis":-1})");
  const std::vector<Array> inputs{Array({{1, extent}, in})};
  const auto found = reference::unpack<double>(evaluate(g, OpId(0), inputs).front());
  const double wanted = stored(1.0 / static_cast<double>(extent), y);
  for (const double value : found) ASSERT_NEAR(value, wanted, 1.01) << extent;
}

TEST(QuantizedArithmetic, SoftmaxOverLongLines) {
  for (const std::int64_t extent : {1, 1000, 4095, 4096, 5000, 8192, 20000}) {
    expect_uniform_softmax(DType::int8, {DType::int16, 1.0 / 65536, -32768}, extent);
    expect_uniform_softmax(DType::int8, {DType::int8, 1.0 / 256, -128}, extent);
  }
  for (const std::int64_t extent : {1, 1000, 65536, 65540, 140000}) {
    expect_uniform_softmax(DType::int16, {DType::int16, 1.0 / 32768}, extent);
  }
}

void expect_reduction(const std::string& function, DType dtype, std::int64_t value, std::int64_t count,
                      const Format& y) {
  const Format x{dtype, 0.01};
  const std::string shape = "[1," + std::to_string(count) + "]";
  const Graph g =
      graph(tensor("x", shape, x) + "," + tensor("y", "[1,1]", y),
            R"("kind":"reduce","attributes":{"function":")" + function + R"(","axes":[1],"keep_dims":true})");
  const std::vector<Array> inputs{reference::pack(std::vector<std::int64_t>(static_cast<std::size_t>(count), value),
                                                  TensorType{{1, count}, dtype})};
  const auto found = reference::unpack<double>(evaluate(g, OpId(0), inputs).front());
  const double all = function == "sum" ? static_cast<double>(count) : 1.0;
  EXPECT_NEAR(found[0], stored(x.scale * static_cast<double>(value) * all, y), 1.01) << function << " of " << count;
}

TEST(QuantizedArithmetic, ReductionsOfManyValues) {
  for (const std::int64_t count : {1, 7, 65000, 70000, 300000}) {
    for (const std::int64_t value : {-32768, 32767, 100}) {
      expect_reduction("mean", DType::int16, value, count, {DType::int16, 0.02});
      expect_reduction("sum", DType::int16, value, count, {DType::int16, 4000.0});
      expect_reduction("sum", DType::int16, value, count, {DType::int16, 0.5});
    }
    expect_reduction("mean", DType::int8, -128, count, {DType::int8, 0.02, 5});
  }
}

}  // namespace
}  // namespace chipcast::kernels::quantized

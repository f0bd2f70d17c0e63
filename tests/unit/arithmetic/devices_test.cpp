// SPDX-License-Identifier: Apache-2.0
// In which number formats each device says that it computes.
#include <gtest/gtest.h>

#include "accelerators/registry.h"
#include "sim/config/writer.h"
#include "workloads/builder.h"

namespace chipcast {
namespace {

OpDescription conv_in(DType data, DType weights) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, 16, 8, 8}, data});
  const auto w = b.parameter("w", {{16, 16, 3, 3}, weights});
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  b.output(b.add_one("conv", conv, {x, w}));
  return describe_ops(std::move(b).build()).front();
}
OpDescription conv_in(DType dtype) { return conv_in(dtype, dtype); }

OpDescription relu_in(DType dtype) {
  GraphBuilder b("single");
  b.output(b.add_one("relu", Unary{UnaryFunction::relu}, {b.input("x", {{1, 16, 8, 8}, dtype})}));
  return describe_ops(std::move(b).build()).front();
}

OpDescription concat_in(DType dtype) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, 16}, dtype});
  b.output(b.add_one("concat", Concat{1}, {x, x}));
  return describe_ops(std::move(b).build()).front();
}

std::string said(const std::string& type, const OpDescription& op, const Json& config = Json::object()) {
  const auto device = device_type(type, "test").make(config, "devices.dut", "dut", {});
  return to_text(device->arithmetic(op));
}

TEST(DefaultArithmetic, FollowsTheOperatorsFormats) {
  EXPECT_EQ(to_text(default_arithmetic(conv_in(DType::fp32))), "fp32 x fp32 -> fp32, nearest even");
  EXPECT_EQ(to_text(default_arithmetic(conv_in(DType::bf16))), "bf16 x bf16 -> fp32, nearest even");
  EXPECT_EQ(to_text(default_arithmetic(conv_in(DType::int8))), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(to_text(default_arithmetic(conv_in(DType::int7))), "int7 x int7 -> int16 then int32, TFLite rounding");
  EXPECT_EQ(to_text(default_arithmetic(conv_in(DType::int16, DType::int8))), "int16 x int8 -> int64, TFLite rounding");
  EXPECT_EQ(to_text(default_arithmetic(relu_in(DType::fp16))), "fp16, nearest even");
  EXPECT_EQ(to_text(default_arithmetic(concat_in(DType::int8))), "int8, exact");
}

TEST(Arithmetic, ShowsInJson) {
  const Json json = write_value(default_arithmetic(conv_in(DType::int7)));
  EXPECT_EQ(json.at("data"), "int7");
  EXPECT_EQ(json.at("weights"), "int7");
  EXPECT_EQ(json.at("sums").at("bits"), 32);
  EXPECT_EQ(json.at("sums").at("partial_bits"), 16);
  EXPECT_EQ(json.at("rounding"), "tflite");
  EXPECT_FALSE(write_value(default_arithmetic(relu_in(DType::fp16))).contains("sums"));
}

TEST(NpuArithmetic, SumsHaveFourBytes) {
  EXPECT_EQ(said("npu", conv_in(DType::int8)), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(said("npu", conv_in(DType::int16)), "int16 x int16 -> int32, TFLite rounding");
  EXPECT_EQ(said("npu", conv_in(DType::fp16)), "fp16 x fp16 -> fp32, nearest even");
}

TEST(SystolicArithmetic, SumsAreAsWideAsConfigured) {
  EXPECT_EQ(said("systolic", conv_in(DType::int8)), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(said("systolic", conv_in(DType::int8), {{"partial_bytes", 3}}), "int8 x int8 -> int24, TFLite rounding");
  EXPECT_EQ(said("systolic", conv_in(DType::bf16), {{"partial_bytes", 2}}), "bf16 x bf16 -> fp16, nearest even");
}

TEST(EthosUArithmetic, SumsOf16BitInputsHave40Bits) {
  EXPECT_EQ(said("ethos_u", conv_in(DType::int8)), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(said("ethos_u", conv_in(DType::int16, DType::int8)), "int16 x int8 -> int40, TFLite rounding");
}

TEST(RowStationaryArithmetic, WordsOf16BitsAreCut) {
  EXPECT_EQ(said("row_stationary", conv_in(DType::int16)), "int16 x int16 -> int16, truncation");
  EXPECT_EQ(said("row_stationary", conv_in(DType::int8)), "int8 x int8 -> int16, truncation");
}

TEST(DspArithmetic, SumsHave32Bits) {
  EXPECT_EQ(said("dsp", conv_in(DType::int8)), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(said("dsp", conv_in(DType::int16)), "int16 x int16 -> int32, TFLite rounding");
}

TEST(IpuArithmetic, PartialsAndRoundingAreConfigured) {
  EXPECT_EQ(said("ipu", conv_in(DType::fp16)), "fp16 x fp16 -> fp32, nearest even");
  EXPECT_EQ(said("ipu", conv_in(DType::fp16), {{"partials", "fp16"}}), "fp16 x fp16 -> fp16, nearest even");
  EXPECT_EQ(said("ipu", conv_in(DType::fp16), {{"partials", "fp16"}, {"stochastic_rounding", true}}),
            "fp16 x fp16 -> fp16, stochastic rounding");
  EXPECT_EQ(said("ipu", conv_in(DType::fp32), {{"stochastic_rounding", true}}), "fp32 x fp32 -> fp32, nearest even");
  EXPECT_EQ(said("ipu", relu_in(DType::fp16), {{"stochastic_rounding", true}}), "fp16, stochastic rounding");
}

/// A cluster whose cores multiply these formats, with kernels as `profile` says.
Json cluster(const std::vector<std::string>& formats, const Json& profile = Json::object()) {
  Json rates = Json::array();
  for (const auto& format : formats) rates.push_back({{"dtype", format}, {"macs", "8 op/cycle"}});
  return {{"core", {{"rates", rates}}}, {"profile", profile}};
}

TEST(CpuArithmetic, FloatsRunInWhatTheRuntimeTakes) {
  EXPECT_EQ(said("cpu", conv_in(DType::fp32), cluster({"fp32"})), "fp32 x fp32 -> fp32, nearest even");
  EXPECT_EQ(said("cpu", conv_in(DType::fp16), cluster({"fp32"})), "fp32 x fp32 -> fp32, nearest even");
  EXPECT_EQ(said("cpu", conv_in(DType::fp16), cluster({"fp32", "fp16"})), "fp16 x fp16 -> fp16, nearest even");
  Json narrower = cluster({"fp32", "fp16"});
  narrower["runs"] = Json::array({{{"dtype", "fp32"}, {"as", "fp16"}}});
  EXPECT_EQ(said("cpu", conv_in(DType::fp32), narrower), "fp16 x fp16 -> fp16, nearest even");
}

TEST(CpuArithmetic, IntegersKeepTheirFormat) {
  EXPECT_EQ(said("cpu", conv_in(DType::int8), cluster({"fp32"})), "int8 x int8 -> int32, TFLite rounding");
  EXPECT_EQ(said("cpu", conv_in(DType::int8, DType::int4), cluster({"fp32", "int8"})),
            "int8 x int8 -> int32, TFLite rounding");
  const Json pairs = {{"vectors", {{"companions", 1.0}}}, {"rounding", "half_away"}};
  EXPECT_EQ(said("cpu", conv_in(DType::int8), cluster({"fp32", "int8"}, pairs)),
            "int8 x int8 -> int16 then int32, half away from zero");
  EXPECT_EQ(said("cpu", conv_in(DType::int7), cluster({"fp32", "int8"})), "int7 x int7 -> int32, TFLite rounding");
}

TEST(CpuArithmetic, MicrocontrollersRoundAsTFLiteDoes) {
  const Json words = {{"words", Json::object()}};
  EXPECT_EQ(said("cpu", conv_in(DType::int8), cluster({"int8"}, words)), "int8 x int8 -> int32, TFLite rounding");
}

}  // namespace
}  // namespace chipcast

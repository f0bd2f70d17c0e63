// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/supported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/ethos_u/cost.h"
#include "tests/unit/ethos_u/operations.h"
#include "workloads/builder.h"

namespace chipcast::ethos_u {
namespace {

using testing::HasSubstr;

Refusal refusal(const std::string& name, const Attributes& attributes, const std::vector<Shape>& inputs,
                const std::vector<Shape>& parameters, DType dtype = DType::int8) {
  GraphBuilder b("one");
  std::vector<std::optional<TensorId>> operands;
  for (const Shape& shape : inputs) operands.push_back(b.input("x" + std::to_string(operands.size()), {shape, dtype}));
  for (const Shape& shape : parameters) {
    operands.push_back(b.parameter("w" + std::to_string(operands.size()), {shape, dtype}));
  }
  b.output(b.add(name, attributes, operands).front());
  return refusal_of(describe_ops(std::move(b).build()).front());
}

Conv strided(std::int64_t stride) {
  Conv conv;
  conv.strides = {stride, stride};
  return conv;
}

TEST(EthosUSupported, IntegersOfEightAndSixteenBits) {
  for (const DType dtype : {DType::int8, DType::uint8, DType::int7, DType::int16}) {
    EXPECT_EQ(refusal("conv", strided(1), {{1, 8, 9, 9}}, {{8, 8, 3, 3}}, dtype), "");
  }
  EXPECT_EQ(refusal("conv", strided(1), {{1, 8, 9, 9}}, {{8, 8, 3, 3}}, DType::fp32), "does not compute in fp32");
  EXPECT_EQ(refusal("conv", strided(1), {{1, 8, 9, 9}}, {{8, 8, 3, 3}}, DType::int4), "does not compute in int4");
}

TEST(EthosUSupported, KernelsAndStridesHaveLimits) {
  EXPECT_EQ(refusal("conv", strided(3), {{1, 8, 99, 99}}, {{8, 8, 64, 64}}), "");
  EXPECT_THAT(refusal("conv", strided(1), {{1, 8, 99, 99}}, {{8, 8, 65, 3}}), HasSubstr("65 x 3"));
  EXPECT_THAT(refusal("conv", strided(4), {{1, 8, 99, 99}}, {{8, 8, 3, 3}}), HasSubstr("stride 4"));
}

Pool pool(PoolFunction function, std::int64_t size, std::int64_t stride, std::int64_t pad = 0) {
  Pool out;
  out.function = function;
  out.kernel = {size, size};
  out.strides = {stride, stride};
  out.pads = {pad, pad, pad, pad};
  return out;
}

TEST(EthosUSupported, PoolsHaveTheCompilersLimits) {
  const Shape large{1, 16, 512, 512}, small{1, 16, 64, 64};
  for (const DType dtype : {DType::int8, DType::int16}) {
    EXPECT_EQ(refusal("pool", pool(PoolFunction::max, 512, 1), {large}, {}, dtype),
              "does not run max_pool with a window of 262144 elements (at most 65536)");
    EXPECT_EQ(refusal("pool", pool(PoolFunction::max, 256, 1), {large}, {}, dtype), "");
  }
  EXPECT_EQ(refusal("pool", pool(PoolFunction::avg, 7, 1, 3), {small}, {}), "");
  EXPECT_EQ(refusal("pool", pool(PoolFunction::avg, 9, 1, 4), {small}, {}),
            "does not run avg_pool with a window of 81 elements (at most 8 x 8 where it is padded)");
  EXPECT_EQ(refusal("pool", pool(PoolFunction::avg, 9, 1), {small}, {}), "");
  EXPECT_EQ(refusal("pool", pool(PoolFunction::max, 3, 4), {small}, {}),
            "does not run max_pool with stride 4 (at most 3)");
  EXPECT_EQ(refusal("pool", pool(PoolFunction::avg, 64, 1), {small}, {}), "");  // all of the plane
}

TEST(EthosUSupported, WhatIsNotRefusedHasABlock) {
  for (const Config& config : {test::u55_32(), Config{}, test::u55_256()}) {
    const auto device = make_device(config, "npu", {});
    for (const DType dtype : {DType::int8, DType::int7, DType::int16}) {
      for (const std::int64_t size : {1, 2, 3, 8, 15, 64, 250, 256}) {
        for (const std::int64_t stride : {1, 2, 3, 17, 256}) {
          GraphBuilder b("one");
          const auto x = b.input("x", {{1, 16, 256, 256}, dtype});
          b.output(b.add_one("pool", pool(PoolFunction::max, size, stride), {x}));
          const OpDescription op = describe_ops(std::move(b).build()).front();
          if (device->refuses(op).empty()) {
            EXPECT_TRUE(device->schedule(op, {}).has_value()) << size << " by " << stride;
          }
        }
      }
    }
  }
}

TEST(EthosUSupported, TransposedConvolutionsSpreadByTwoAtMost) {
  const auto transposed = [](std::int64_t stride, std::int64_t kernel, std::int64_t pad, std::int64_t extent) {
    ConvTranspose conv;
    conv.strides = {stride, stride};
    conv.pads = {pad, pad, pad, pad};
    return refusal("up", conv, {{1, 8, extent, extent}}, {{8, 8, kernel, kernel}});
  };
  EXPECT_EQ(transposed(1, 3, 1, 9), "");
  EXPECT_EQ(transposed(2, 2, 0, 9), "");
  EXPECT_EQ(transposed(2, 4, 1, 9), "");
  EXPECT_EQ(transposed(1, 4, 0, 1), "");  // the first layer of a generator
  EXPECT_EQ(transposed(3, 3, 0, 9), "does not run conv_transpose with stride 3 (at most 2)");
  EXPECT_EQ(transposed(4, 4, 0, 9), "does not run conv_transpose with stride 4 (at most 2)");
}

TEST(EthosUEnergy, WhatPassesTheFeatureCacheIsCharged) {
  Config config = test::u55_256();
  config.feature_cache.size = Bytes(384 * 1024);
  const auto cached = make_device(config, "npu", {});
  GraphBuilder b("one");
  const auto x = b.input("x", {{1, 16, 16, 16}, DType::int8});
  const auto w = b.parameter("w", {{16, 16, 1, 1}, DType::int8});
  b.output(b.add_one("conv", Conv{}, {x, w}));
  const OpDescription op = describe_ops(std::move(b).build()).front();
  const auto charged = [&](const Traffic& traffic) {
    double bytes = 0.0;
    const auto schedule = cached->schedule(op, traffic);
    for (const auto& step : schedule->steps) {
      for (const auto& activity : step.work.activity) {
        const auto& action = cached->actions().at(activity.action);
        if (action.component == "npu.feature_cache") bytes += activity.count * static_cast<double>(step.count);
      }
    }
    return bytes;
  };
  const double staged = charged({.other_operands = false});
  EXPECT_DOUBLE_EQ(charged({.first_operand = false, .other_operands = false, .result = false}), staged + 2 * 16 * 256);
  EXPECT_GT(cached->actions().back().each.count(), 0.0);
}

TEST(EthosUSupported, WeightsAreParameters) {
  EXPECT_EQ(refusal("fc", Matmul{}, {{7, 33}}, {{33, 21}}), "");
  EXPECT_EQ(refusal("scores", Matmul{}, {{7, 33}, {33, 21}}, {}), "does not run matmul of two computed tensors");
}

TEST(EthosUSupported, OtherOperatorsAreNamed) {
  EXPECT_EQ(refusal("relu", Unary{}, {{1, 8, 4, 4}}, {}), "");
  EXPECT_EQ(refusal("gelu", Unary{.function = UnaryFunction::gelu}, {{1, 8, 4, 4}}, {}), "does not run gelu");
  EXPECT_EQ(refusal("div", Binary{.function = BinaryFunction::div}, {{8}, {8}}, {}), "does not run div");
  Recurrent cell;
  cell.hidden = 4;
  EXPECT_EQ(refusal("lstm", cell, {{7, 1, 11}}, {{1, 16, 11}, {1, 16, 4}}), "does not run lstm");
}

}  // namespace
}  // namespace chipcast::ethos_u

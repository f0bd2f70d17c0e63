// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/supported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  for (const DType dtype : {DType::int8, DType::uint8, DType::int16}) {
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

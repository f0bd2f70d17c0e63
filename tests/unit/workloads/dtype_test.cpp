// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/technology/cost.h"
#include "workloads/tensor.h"

namespace chipcast {
namespace {

TEST(NumberFormats, StoredWidths) {
  EXPECT_EQ(bits_of(DType::int7), 8);  // a byte each
  EXPECT_EQ(bits_of(DType::int4), 4);
  EXPECT_EQ(bits_of(DType::binary), 1);
  EXPECT_EQ((TensorType{{3, 3}, DType::int7}.bytes()), Bytes(9));
  EXPECT_EQ((TensorType{{3, 3}, DType::int4}.bytes()), Bytes(5));  // 36 bits
}

TEST(NumberFormats, ResultsAreAsWideAsTheWiderOperand) {
  EXPECT_EQ(wider(DType::int7, DType::int8), DType::int8);
  EXPECT_EQ(wider(DType::int8, DType::int7), DType::int8);
  EXPECT_EQ(wider(DType::int7, DType::int7), DType::int7);
  EXPECT_EQ(wider(DType::int7, DType::int4), DType::int7);
  EXPECT_EQ(wider(DType::int4, DType::int7), DType::int7);
  EXPECT_EQ(wider(DType::int7, DType::fp16), DType::fp16);
}

TEST(NumberFormats, MultipliersOfASignedFormatTakeItsRelatives) {
  EXPECT_EQ(multiplied_as(DType::uint8), DType::int8);
  EXPECT_EQ(multiplied_as(DType::int7), DType::int8);
  EXPECT_EQ(multiplied_as(DType::uint4), DType::int4);
  EXPECT_EQ(multiplied_as(DType::fp16), DType::fp16);
  EXPECT_EQ(multiplied_as(DType::binary), DType::binary);
}

TEST(NumberFormats, MultiplierEnergyGrowsWithTheFormat) {
  const technology::Config technology;
  const auto energy = [&](DType dtype) { return technology::mac_energy(technology, dtype); };
  EXPECT_LT(energy(DType::binary), energy(DType::int4));
  EXPECT_LT(energy(DType::int4), energy(DType::int7));
  EXPECT_LT(energy(DType::int7), energy(DType::int8));
  EXPECT_LT(energy(DType::int8), energy(DType::int16));
  EXPECT_LT(energy(DType::bf16), energy(DType::fp16));
  EXPECT_LT(energy(DType::fp16), energy(DType::fp32));
}

}  // namespace
}  // namespace chipcast

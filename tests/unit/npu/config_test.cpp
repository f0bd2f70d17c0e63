// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chipcast::npu {
namespace {

std::string mistake(const Config& config) {
  try {
    config.validate();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

TEST(NpuConfig, RefusedNamesOperators) {
  Config config;
  config.refused = {"softmax", "depthwise_conv", "global_avg_pool", "lstm", "reduce_mean", "layer_norm"};
  EXPECT_EQ(mistake(config), "");
  config.refused = {"sofmax"};
  EXPECT_EQ(mistake(config), "refused names \"sofmax\", which is no operator; did you mean \"softmax\"?");
  config.refused = {"bogus"};
  EXPECT_THAT(mistake(config), testing::HasSubstr("refused names \"bogus\", which is no operator"));
}

TEST(NpuConfig, WinogradNamesRatesOnce) {
  Config config;
  config.winograd = {DType::int8, DType::int8};
  EXPECT_EQ(mistake(config), "winograd names int8 twice; keep one of them");
  config.winograd = {DType::fp64};
  EXPECT_EQ(mistake(config), "winograd names fp64, which rates does not; it may name int8");
  config.winograd = {DType::int8};
  EXPECT_EQ(mistake(config), "");
}

}  // namespace
}  // namespace chipcast::npu

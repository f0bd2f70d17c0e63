// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "accelerators/ethos_u/cost.h"

namespace chipcast::ethos_u {
namespace {

TEST(EthosU, ACallIsPaidOncePerInference) {
  Config config;
  EXPECT_EQ(make_device(config, "npu", {})->call().cycles, Cycles(0));
  config.clock = Hertz(1e9);
  config.call = Seconds(100e-6);
  EXPECT_EQ(make_device(config, "npu", {})->call().cycles, Cycles(100000));
}

}  // namespace
}  // namespace chipcast::ethos_u

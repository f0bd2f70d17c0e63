// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/layout.h"

#include <gtest/gtest.h>

#include <map>

#include "mappers/fusion/steps.h"
#include "tests/unit/fusion/subject.h"

namespace chipcast::fusion {
namespace {

npu::Config roomy() {
  npu::Config config;
  config.buffer = Bytes(std::int64_t{1} << 28);
  return config;
}

/// Rows of a tensor that crossed the port, in order and once.
std::map<std::size_t, std::int64_t> crossed(const Layout& layout, bool loads, const std::string& what) {
  std::map<std::size_t, std::int64_t> ends;
  for (const Step& step : layout.steps) {
    const std::size_t first = loads ? step.first_load : step.first_store;
    for (std::size_t i = first; i < first + (loads ? step.loads : step.stores); ++i) {
      const Transfer& some = layout.transfers[i];
      const auto [end, fresh] = ends.try_emplace(some.tensor, some.rows.begin);
      if (loads) {  // strides beyond the kernel skip rows
        EXPECT_LE(end->second, some.rows.begin) << what << ": rows that cross twice";
      } else {
        EXPECT_EQ(end->second, some.rows.begin) << what << ": rows that cross twice, or not at all";
      }
      EXPECT_GT(some.rows.end, some.rows.begin) << what;
      end->second = some.rows.end;
    }
  }
  return ends;
}

/// Bytes that must be there while the row with the most of them is computed: what later rows still read.
Bytes least_peak(const Group& group, const std::vector<Stripe>& order) {
  Bytes peak;
  std::vector<std::int64_t> made(group.tensors.size(), 0);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const std::size_t tensor : group.ops[order[i].op].writes) made[tensor] = order[i].out.end;
    Bytes here;
    for (std::size_t tensor = 0; tensor < group.tensors.size(); ++tensor) {
      if (!group.tensors[tensor].made) continue;
      std::int64_t from = made[tensor];
      for (std::size_t later = i; later < order.size(); ++later) {
        for (const auto& read : group.ops[order[later].op].reads) {
          if (read.tensor == tensor) from = std::min(from, group.need(order[later].op, read, order[later].out).begin);
        }
      }
      here += group.tensors[tensor].row * std::max<std::int64_t>(0, made[tensor] - from);
    }
    peak = std::max(peak, here);
  }
  return peak;
}

TEST(Layout, MovesWhatEntersAndLeavesOnceAndComputesEverything) {
  int looked_at = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const Subject subject(RandomChain(seed).build(), roomy());
    const Group group = subject.group();
    if (!can_stripe(group)) continue;
    for (const std::int64_t height : {1, 4, 1000}) {
      const std::string what = "chain " + std::to_string(seed) + ", height " + std::to_string(height);
      const auto order = stripes(group, std::min(height, group.rows(group.ops.size() - 1)));
      const Layout layout = lay_out(group, order, *subject.npu);
      ASSERT_EQ(layout.problem, "") << what;
      for (const auto& [tensor, end] : crossed(layout, true, what)) {
        EXPECT_FALSE(group.tensors[tensor].made) << what;
        EXPECT_LE(end, group.tensors[tensor].rows) << what;
      }
      const auto stored = crossed(layout, false, what);
      for (std::size_t i = 0; i < group.tensors.size(); ++i) {
        const auto end = stored.find(i);
        EXPECT_EQ(end == stored.end() ? 0 : end->second, group.tensors[i].stored ? group.tensors[i].rows : 0) << what;
      }
      EXPECT_GE(layout.rows_peak, least_peak(group, order)) << what;
      Ops macs, wanted;
      for (const Step& step : layout.steps) {
        macs += work_of(group, layout, step, *subject.npu).macs * repeats(*group.ops[step.op].facts);
      }
      for (const auto& op : subject.ops) wanted += op.macs;
      EXPECT_EQ(macs, wanted) << what;
      ++looked_at;
    }
  }
  EXPECT_GT(looked_at, 600);
}

/// Two pointwise convolutions of 16 channels, 8 x 8: rows of 128 bytes, weights of 256 bytes each.
Graph two_pointwise() {
  GraphBuilder b("two");
  TensorId x = b.input("x", {{1, 16, 8, 8}, DType::int8});
  for (const char* name : {"a", "b"}) {
    x = b.add_one(name, Conv{}, {x, b.parameter(std::string(name) + "_w", {{16, 16, 1, 1}, DType::int8})});
  }
  b.output(x);
  return std::move(b).build();
}

TEST(Layout, CountsWhatIsHeldAtATime) {
  const Subject subject(two_pointwise());
  const Group group = subject.group();
  const Layout layout = lay_out(group, stripes(group, 1), *subject.npu);
  ASSERT_EQ(layout.problem, "");
  // Input: the row at hand and the one under way. Middle: one. Output: the one being stored and the one being made.
  EXPECT_EQ(layout.rows_peak, Bytes(128 * 4));
  EXPECT_EQ(layout.weights_peak, Bytes(512));
  EXPECT_EQ(layout.steps.size(), 16U);
  EXPECT_TRUE(layout.steps[0].launches && layout.steps[1].launches);
  EXPECT_FALSE(layout.steps[2].launches);
  EXPECT_EQ(layout.steps[0].weights, Bytes(256));
  EXPECT_EQ(layout.steps[2].weights, Bytes(0));
  EXPECT_EQ(layout.steps[0].kept, Bytes(128));
  EXPECT_EQ(layout.steps[1].kept, Bytes(0));
}

TEST(Layout, StreamsWeightsThatDoNotFit) {
  npu::Config config;
  config.buffer = Bytes(1024);  // rows take 512
  const Subject subject(two_pointwise(), config);
  const Group group = subject.group();
  const Layout whole = lay_out(group, stripes(group, 1), *subject.npu);
  ASSERT_EQ(whole.problem, "");
  EXPECT_TRUE(whole.weights[0].held && whole.weights[1].held);
  GraphBuilder b("wide");
  TensorId x = b.input("x", {{1, 16, 8, 8}, DType::int8});
  x = b.add_one("a", Conv{}, {x, b.parameter("aw", {{16, 16, 1, 1}, DType::int8})});
  x = b.add_one("b", Conv{}, {x, b.parameter("bw", {{64, 16, 1, 1}, DType::int8})});
  b.output(x);
  config.buffer = Bytes(2048 + 256);  // rows 128 x 3 + 512 x 2 = 1408; 896 for weights of 256 + 1024
  const Subject wide(std::move(b).build(), config);
  const Group both = wide.group();
  const Layout layout = lay_out(both, stripes(both, 1), *wide.npu);
  ASSERT_EQ(layout.problem, "");
  EXPECT_TRUE(layout.weights[0].held);
  EXPECT_FALSE(layout.weights[1].held);
  EXPECT_EQ(layout.weights[1].parts, 4);  // of 16 channels: two of 256 bytes beside the 256 that stay
  EXPECT_LE(layout.rows_peak + layout.weights_peak, config.buffer);
}

TEST(Layout, SaysWhatDoesNotFit) {
  npu::Config config;
  config.buffer = Bytes(1024);
  const Subject subject(two_pointwise(), config);
  const Group group = subject.group();
  const Layout layout = lay_out(group, stripes(group, 8), *subject.npu);
  EXPECT_EQ(layout.problem,
            "the group holds 2 KiB of rows at a time, but the device has 1 KiB; take fewer rows at a time");
}

TEST(Layout, RefusesRowsThatAreNotThere) {
  const Subject subject(two_pointwise());
  const Group group = subject.group();
  EXPECT_EQ(lay_out(group, {{1, {0, 8}}, {0, {0, 8}}}, *subject.npu).problem,
            "b needs rows 0-7 of its input before they are made");
  EXPECT_EQ(lay_out(group, {{0, {0, 4}}, {1, {0, 4}}}, *subject.npu).problem, "a makes 4 of its 8 rows");
  EXPECT_EQ(lay_out(group, {{0, {2, 8}}}, *subject.npu).problem, "a has rows 2-7 behind its first 0 of 8");
}

}  // namespace
}  // namespace chipcast::fusion

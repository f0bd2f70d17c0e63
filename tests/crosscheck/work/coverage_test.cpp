// SPDX-License-Identifier: Apache-2.0
#include "tests/crosscheck/work/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace chipcast::crosscheck {
namespace {

std::string key(const std::string& type, const std::string& level, const std::string& name) {
  return type + " " + level + " " + name;
}

}  // namespace

const std::vector<Compared>& must_be_compared() {
  static const std::vector<Compared> kTable = {
      {"cpu", "array", "macs", 539},
      {"cpu", "buffer", "cache_bytes", 115},
      {"cpu", "memory", "input_bytes", 281},
      {"cpu", "memory", "output_bytes", 510},
      {"cpu", "memory", "weight_bytes", 434},
      {"dsp", "array", "finished_elements", 511},
      {"dsp", "array", "macs", 533},
      {"dsp", "memory", "input_bytes", 600},
      {"dsp", "memory", "output_bytes", 600},
      {"dsp", "memory", "weight_bytes", 533},
      {"ethos_u", "array", "finished_elements", 175},
      {"ethos_u", "array", "macs", 527},
      {"ethos_u", "buffer", "accumulator_bytes", 175},
      {"ethos_u", "buffer", "ofmap_reads", 64},
      {"ethos_u", "buffer", "ofmap_writes", 175},
      {"ethos_u", "memory", "input_bytes", 429},
      {"ethos_u", "memory", "output_bytes", 429},
      {"ethos_u", "memory", "second_port_bytes", 175},
      {"ipu", "array", "macs", 478},
      {"ipu", "buffer", "filter_reads", 105},
      {"ipu", "buffer", "ifmap_reads", 105},
      {"ipu", "buffer", "ofmap_reads", 84},
      {"ipu", "buffer", "ofmap_writes", 105},
      {"ipu", "memory", "input_bytes", 600},
      {"ipu", "memory", "output_bytes", 600},
      {"ipu", "memory", "weight_bytes", 107},
      {"npu", "array", "accumulator_bytes", 539},
      {"npu", "array", "finished_elements", 539},
      {"npu", "array", "lane_macs", 539},
      {"npu", "array", "macs", 539},
      {"npu", "buffer", "filter_reads", 539},
      {"npu", "buffer", "ifmap_reads", 539},
      {"npu", "buffer", "ofmap_reads", 539},
      {"npu", "buffer", "ofmap_writes", 539},
      {"npu", "buffer", "read_bytes", 539},
      {"npu", "memory", "input_bytes", 600},
      {"npu", "memory", "output_bytes", 600},
      {"npu", "memory", "weight_bytes", 539},
      {"row_stationary", "array", "bus_words", 196},
      {"row_stationary", "array", "macs", 590},
      {"row_stationary", "array", "register_words", 196},
      {"row_stationary", "array", "spad_words", 196},
      {"row_stationary", "buffer", "ifmap_reads", 196},
      {"row_stationary", "buffer", "ofmap_reads", 196},
      {"row_stationary", "buffer", "ofmap_writes", 196},
      {"row_stationary", "buffer", "words", 196},
      {"row_stationary", "memory", "input_bytes", 600},
      {"row_stationary", "memory", "output_bytes", 600},
      {"row_stationary", "memory", "weight_bytes", 590},
      {"systolic", "array", "macs", 540},
      {"systolic", "buffer", "filter_bytes", 175},
      {"systolic", "buffer", "filter_reads", 175},
      {"systolic", "buffer", "ifmap_bytes", 175},
      {"systolic", "buffer", "ifmap_reads", 175},
      {"systolic", "buffer", "ofmap_bytes", 175},
      {"systolic", "buffer", "ofmap_reads", 79},
      {"systolic", "buffer", "ofmap_writes", 175},
      {"systolic", "memory", "input_bytes", 555},
      {"systolic", "memory", "output_bytes", 571},
      {"systolic", "memory", "weight_bytes", 496},
  };
  return kTable;
}

const std::vector<LeftOut>& may_be_left_out() {
  static const std::vector<LeftOut> kTable = {
      {"cpu", "cache_bytes", "a cache model: a tile's share of the whole, halo rows are in the cache", 859},
      {"cpu", "input_bytes", "a cache model: a tile's share of the whole, halo rows are in the cache", 859},
      {"cpu", "output_bytes", "a cache model: what one phase leaves for the next may go through memory", 247},
      {"cpu", "weight_bytes", "a cache model: what one phase leaves for the next may go through memory", 247},
      {"dsp", "tcm_bytes", "loads and stores of software-pipelined packets: a bound, not a program", 1000},
      {"ethos_u", "ifmap_reads", "follows from cycles, which contain the pipeline's delays", 477},
      {"ethos_u", "input_bytes", "blocks at the border count as parts of a block", 203},
      {"ethos_u", "input_bytes",
       "only sizes of pools and elementwise operators are known: windows and planes are guessed", 203},
      {"ethos_u", "input_bytes", "the stride of a transposed convolution is guessed", 73},
      {"ethos_u", "output_bytes", "blocks at the border count as parts of a block", 203},
      {"ethos_u", "output_bytes",
       "only sizes of pools and elementwise operators are known: windows and planes are guessed", 203},
      {"ethos_u", "output_bytes", "the stride of a transposed convolution is guessed", 73},
      {"ipu", "filter_reads", "parts differ, and all tiles are charged as the busiest one", 147},
      {"ipu", "ifmap_reads", "parts differ, and all tiles are charged as the busiest one", 147},
      {"ipu", "ofmap_reads", "parts differ, and all tiles are charged as the busiest one", 147},
      {"ipu", "ofmap_writes", "parts differ, and all tiles are charged as the busiest one", 147},
      {"systolic", "input_bytes",
       "overlapping or padded windows beyond half a buffer: the law looks at blocks of channels", 45},
      {"systolic", "input_bytes", "several cores: shares of the first one stand for all", 84},
      {"systolic", "input_bytes", "windows beyond the input's end: loaded as SCALE-Sim addresses them", 16},
      {"systolic", "output_bytes", "several cores: shares of the first one stand for all", 84},
      {"systolic", "weight_bytes", "several cores: shares of the first one stand for all", 84},
  };
  return kTable;
}

void Coverage::add(const std::string& type, const WorkCheck& check) {
  ++cases_[type];
  for (const Quantity& q : check.quantities) {
    if (!q.compared) {
      ++left_out_[type + " " + q.name + ": " + q.note];
    } else if (q.counted != 0.0 || q.charged != 0.0) {
      ++compared_[key(type, q.level, q.name)];
    }
  }
}

std::vector<std::string> Coverage::breaches(int fewest) const {
  std::vector<std::string> out;
  const auto rate = [&](const std::string& type, int times) { return times * 1000 / cases_.at(type); };
  for (const auto& [text, times] : left_out_) {
    const LeftOut* rule = nullptr;
    for (const LeftOut& some : may_be_left_out()) {
      if (text.starts_with(std::string(some.type) + " " + some.name + ": " + some.why)) rule = &some;
    }
    if (rule == nullptr) {
      out.push_back(text + " is no known reason to leave it out");
    } else if (cases_.at(rule->type) >= fewest && rate(rule->type, times) > rule->per_1000) {
      out.push_back(text + " left out in " + std::to_string(times) + " of " + std::to_string(cases_.at(rule->type)));
    }
  }
  for (const Compared& some : must_be_compared()) {
    const auto all = cases_.find(some.type);
    if (all == cases_.end() || all->second < fewest) continue;
    const auto found = compared_.find(key(some.type, some.level, some.name));
    const int times = found == compared_.end() ? 0 : found->second;
    if (rate(some.type, times) >= some.per_1000) continue;
    out.push_back(key(some.type, some.level, some.name) + " was compared in " + std::to_string(times) + " of " +
                  std::to_string(all->second) + " cases");
  }
  return out;
}

std::string Coverage::to_text() const {
  std::string text;
  for (const auto& [type, all] : cases_) {
    for (const auto* counts : {&compared_, &left_out_}) {
      for (const auto& [quantity, times] : *counts) {
        if (!quantity.starts_with(type + " ")) continue;
        text += quantity + ": " + std::to_string(times) + " of " + std::to_string(all) + "\n";
      }
    }
  }
  return text;
}

namespace {

TEST(WorkCoverage, IsNotEqualWhereNothingIsCompared) {
  WorkCheck check;
  EXPECT_FALSE(check.equal());
  EXPECT_EQ(check.first_difference(), "nothing was compared");
  Tally tally;
  tally.leave_out("memory", "input_bytes", 96.0, "an estimate");
  check.quantities = tally.take();
  EXPECT_FALSE(check.equal());
  tally = {};
  tally.leave_out("memory", "input_bytes", 96.0, "an estimate");
  tally.add("array", "macs", -1, 10.0, 10.0);
  check.quantities = tally.take();
  EXPECT_TRUE(check.equal());
}

TEST(WorkCoverage, QuantitiesThatAreComparedNoLongerAreMissed) {
  Coverage coverage;
  for (int i = 0; i < 100; ++i) {
    WorkCheck check;
    Tally tally;
    tally.add("array", "macs", -1, 10.0, 10.0);
    tally.leave_out("memory", "output_bytes", 96.0, "none");
    check.quantities = tally.take();
    coverage.add("dsp", check);
  }
  const std::vector<std::string> breaches = coverage.breaches(100);
  const auto has = [&](const std::string& text) {
    return std::any_of(breaches.begin(), breaches.end(), [&](const auto& some) { return some.starts_with(text); });
  };
  EXPECT_TRUE(has("dsp output_bytes: none is no known reason"));
  EXPECT_TRUE(has("dsp memory output_bytes was compared in 0 of"));
  EXPECT_FALSE(has("dsp array macs"));
}

}  // namespace
}  // namespace chipcast::crosscheck

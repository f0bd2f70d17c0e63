// SPDX-License-Identifier: Apache-2.0
// Weights of an operator come while the one before it computes, launches and hand-offs notwithstanding.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;

struct Work {
  std::optional<Time> first_load;
  Time last_compute;
};

/// By device, then by operator.
using Spans = std::map<std::string, std::map<std::size_t, Work>>;

Spans spans_of(const Trace& trace) {
  Spans out;
  for (const auto& span : trace.spans()) {
    const Track& track = trace.tracks().at(span.track.index());
    if (!span.op || !track.parent) continue;
    Work& some = out[trace.tracks().at(track.parent->index()).name][span.op->index()];
    if (track.name == "load") some.first_load = std::min(some.first_load.value_or(span.begin), span.begin);
    if (track.name == "compute") some.last_compute = std::max(some.last_compute, span.end);
  }
  return out;
}

/// Its weights are fetched for it alone, and before its inputs.
bool fetches_weights(const OpDescription& op, const Device& device) {
  const bool constant = op.inputs.size() > 1 && std::all_of(op.inputs.begin() + 1, op.inputs.end(),
                                                            [](const auto& input) { return input.parameter; });
  return op.single_nest() && constant && !device.keeps_parameters();
}

class Prefetch : public testing::TestWithParam<std::pair<const char*, DType>> {};

TEST_P(Prefetch, OfWeightsUnderTheOperatorBefore) {
  const auto [platform, dtype] = GetParam();
  Simulation simulation = simulate("mobilenet_v2", platform, dtype);
  simulation.run();
  const Spans spans = spans_of(simulation.trace());
  const auto ops = describe_ops(simulation.graph());
  int checked = 0;
  for (const auto& device : bundled(platform)->devices()) {
    const auto known = spans.find(device.name);
    if (known == spans.end()) continue;
    const Work* before = nullptr;
    for (const auto& [op, work] : known->second) {  // one device runs operators in the graph's order
      if (before != nullptr && fetches_weights(ops[op], *device.device)) {
        ASSERT_TRUE(work.first_load) << ops[op].name;
        EXPECT_LT(*work.first_load, before->last_compute) << ops[op].name << " on " << device.name;
        ++checked;
      }
      before = &work;
    }
  }
  EXPECT_GT(checked, 10) << platform;
}

INSTANTIATE_TEST_SUITE_P(Platforms, Prefetch,
                         testing::Values(std::pair("rv1106", DType::int8), std::pair("rk3588", DType::int8),
                                         std::pair("systolic", DType::int8), std::pair("eyeriss", DType::int16),
                                         std::pair("nvdla-large", DType::int8)),
                         [](const auto& some) {
                           std::string name = some.param.first;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
// Devices that keep everything: what they are asked, and what crosses their port.
#include "mappers/residency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/contract.h"
#include "sim/base/check.h"
#include "workloads/builder.h"

namespace chipcast {
namespace {

/// What a device was asked to admit: operator, parameters, live bytes.
using Asked = std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>;

class Keeper final : public Device {
 public:
  explicit Keeper(Bytes memory) : memory_(memory) {}
  Hertz clock() const override { return Hertz(1e9); }
  Refusal refuses(const OpDescription&) const override { return {}; }
  TilingSpace tilings(const OpDescription&) const override { return {}; }
  Bytes input_bytes(const OpDescription&, const OpTile&) const override { return {}; }
  Bytes weight_bytes(const OpDescription&, const OpTile&) const override { return {}; }
  Bytes output_bytes(const OpDescription&, const OpTile&) const override { return {}; }
  TileWork cost(const OpDescription&, const OpTile&) const override { return {}; }
  TileWork launch(const OpDescription&) const override { return {}; }
  Bytes resident_limit() const override { return memory_; }
  bool keeps_parameters() const override { return true; }
  void admit(const OpDescription& op, Bytes parameters, Bytes live) const override {
    asked_.emplace_back(op.name, parameters.count(), live.count());
    if (parameters + live > memory_) throw InputError(op.name, "does not fit");
  }
  const std::vector<ActionSpec>& actions() const override { return actions_; }
  Watts static_power() const override { return Watts(0.0); }
  Watts active_power() const override { return Watts(0.0); }
  dma::Config dma(EngineKind) const override { return {}; }
  Json to_json() const override { return Json::object(); }
  const Asked& asked() const { return asked_; }

 private:
  Bytes memory_;
  std::vector<ActionSpec> actions_;
  mutable Asked asked_;
};

/// x -> first (100 weights) -> a -> second (200 weights) -> b; b + x: x lives beside `second`. All int8.
Graph skip_graph() {
  GraphBuilder b("skip");
  const auto x = b.input("x", {{1, 10}, DType::int8});
  const auto w1 = b.parameter("w1", {{10, 10}, DType::int8}), w2 = b.parameter("w2", {{10, 20}, DType::int8});
  const auto w3 = b.parameter("w3", {{20, 10}, DType::int8});
  const auto a = b.add_one("first", Gemm{}, {x, w1});
  const auto wide = b.add_one("second", Gemm{}, {a, w2});
  const auto narrow = b.add_one("third", Gemm{}, {wide, w3});
  b.output(b.add_one("sum", Binary{}, {narrow, x}));
  return std::move(b).build();
}

struct Case {
  explicit Case(Bytes memory) : keeper(memory) {}
  Keeper keeper;
  Graph graph = skip_graph();
  std::vector<OpDescription> ops = describe_ops(graph);
  std::vector<DeviceSlot> slots{
      {.name = "dut", .device = &keeper, .kind = 0, .transfer = [](EngineKind, Bytes) { return Time(); }}};
  std::vector<Decision> decisions = std::vector<Decision>(ops.size(), {.slot = 0, .reason = "only one"});
  MappingProblem problem{
      .graph = graph, .ops = ops, .devices = slots, .memory = "host", .memory_capacity = Bytes(1 << 20)};
};

TEST(Residency, ADeviceThatKeepsParametersLoadsNone) {
  const Case s(Bytes(10'000));
  const Residency residency(s.problem, s.decisions);
  EXPECT_FALSE(residency.stays(s.ops[0].id, 0)) << "x comes from outside";
  EXPECT_TRUE(residency.stays(s.ops[0].id, 1)) << "w1";
  EXPECT_TRUE(residency.stays(s.ops[1].id, 0)) << "a was made here";
  EXPECT_TRUE(residency.stays(s.ops[3].id, 1)) << "x is still there";
}

TEST(Residency, AdmissionSeesAllParametersAndWhatLivesMeanwhile) {
  const Case s(Bytes(10'000));
  const Residency residency(s.problem, s.decisions);
  // 100 + 200 + 200 bytes of weights; x (10) lives beside `second` and `third`.
  EXPECT_EQ(s.keeper.asked(), (Asked{{"first", 500, 0}, {"second", 500, 10}, {"third", 500, 10}, {"sum", 500, 0}}));
}

TEST(Residency, WhatIsNotAdmittedIsAnError) {
  const Case s(Bytes(505));
  EXPECT_THROW(Residency(s.problem, s.decisions), InputError);
}

}  // namespace
}  // namespace chipcast

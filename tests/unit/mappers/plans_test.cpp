// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/plans.h"

#include <gtest/gtest.h>

#include "accelerators/cpu/cost.h"
#include "accelerators/npu/cost.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::tiling {
namespace {

/// Two devices of different kinds, the first of them twice.
struct Devices {
  std::unique_ptr<Device> npu = npu::make_device(npu::Config{}, "npu", technology::Config{});
  std::unique_ptr<Device> cpu = cpu::make_device(cpu::Config{}, "cpu", technology::Config{});
  std::vector<DeviceSlot> slots{slot("npu0", *npu, 0), slot("npu1", *npu, 0), slot("cpu", *cpu, 1)};

  static DeviceSlot slot(const std::string& name, const Device& device, std::size_t kind) {
    return {.name = name, .device = &device, .kind = kind, .transfer = [](EngineKind, Bytes bytes) {
              return Time::ps(1000 + bytes.count() * 100);
            }};
  }
};

void expect_equal(const std::optional<Plan>& a, const std::optional<Plan>& b, const std::string& what) {
  ASSERT_EQ(a.has_value(), b.has_value()) << what;
  if (!a) return;
  EXPECT_EQ(to_text(*a), to_text(*b)) << what;
  EXPECT_EQ(a->compute, b->compute) << what;
  EXPECT_EQ(a->loads, b->loads) << what;
  EXPECT_EQ(a->stores, b->stores) << what;
  EXPECT_EQ(a->latency, b->latency) << what;
}

TEST(Plans, AreThoseOfTheSearch) {
  const Devices devices;
  int compared = 0;
  for (const char* network : {"mobilenet_v2", "bert_tiny", "mlperf_tiny_ic"}) {
    const Graph graph = convert_dtype(zoo_network(network), DType::int8);
    const std::vector<OpDescription> ops = describe_ops(graph);
    Plans plans(devices.slots);
    for (const auto& op : ops) {
      if (op.op_class == OpClass::view) continue;
      for (const bool whole : {true, false}) {
        const Traffic traffic{.first_operand = whole, .loose_input = whole ? op.input_bytes : Bytes(0)};
        for (std::size_t slot = 0; slot < devices.slots.size(); ++slot) {
          if (!devices.slots[slot].device->refuses(op).empty()) continue;
          ++compared;
          expect_equal(plans.find(op, slot, traffic), find(op, devices.slots[slot], traffic), op.name);
        }
      }
    }
  }
  EXPECT_GT(compared, 500);
}

OpDescription product() {
  OpDescription op;
  op.id = OpId(3);
  op.name = "a";
  op.label = "gemm";
  op.op_class = OpClass::matrix;
  op.inputs = {{.tensor = TensorId(4), .bytes = Bytes(8)}, {.tensor = TensorId(5), .bytes = Bytes(8)}};
  op.outputs = {{.tensor = TensorId(6), .bytes = Bytes(8)}};
  return op;
}

TEST(Plans, OperatorsLookAlikeWhateverTheirNamesAre) {
  OpDescription other = product();
  other.id = OpId(9);
  other.name = "b";
  other.inputs[0].tensor = TensorId(40);
  EXPECT_TRUE(look_alike(product(), other));
}

TEST(Plans, OneTensorReadTwiceIsNotTwoTensors) {
  OpDescription square = product();
  square.inputs[1].tensor = square.inputs[0].tensor;
  EXPECT_FALSE(look_alike(product(), square));
}

TEST(Plans, ParametersAreNotActivations) {
  OpDescription weights = product();
  weights.inputs[1].parameter = true;
  EXPECT_FALSE(look_alike(product(), weights));
}

}  // namespace
}  // namespace chipcast::tiling

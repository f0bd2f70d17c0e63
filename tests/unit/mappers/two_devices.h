// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "accelerators/cpu/cost.h"
#include "accelerators/npu/cost.h"
#include "mappers/tiling/plans.h"
#include "workloads/builder.h"

namespace chipcast::mapper_test {

/// x -> conv0 -> conv1 -> ... (3x3, 8 channels, int8), `size` pixels square; every third adds what came two before.
inline Graph chain_of_convs(int convs, std::int64_t size) {
  GraphBuilder b("chain");
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  std::vector<TensorId> made{b.input("x", {{1, 8, size, size}, DType::int8})};
  for (int i = 0; i < convs; ++i) {
    const std::string number = std::to_string(i);
    if (i % 3 == 2) {
      made.push_back(b.add_one("add" + number, Binary{}, {made.back(), made[made.size() - 3]}));
    } else {
      made.push_back(
          b.add_one("conv" + number, conv, {made.back(), b.parameter("w" + number, {{8, 8, 3, 3}, DType::int8})}));
    }
  }
  b.output(made.back());
  return std::move(b).build();
}

/// An NPU and a CPU behind one memory, or the CPU alone.
struct TwoDevices {
  explicit TwoDevices(Graph network, bool cpu_alone = false) : graph(std::move(network)) {
    if (!cpu_alone) slots.push_back(slot("npu0", *npu, 0));
    slots.push_back(slot("cpu0", *cpu, 1));
  }
  static DeviceSlot slot(const char* name, const Device& device, std::size_t kind) {
    return {.name = name, .device = &device, .kind = kind, .transfer = [](EngineKind, Bytes bytes) {
              return Time::ps(1000 + bytes.count() * 100);
            }};
  }

  technology::Config technology;
  std::unique_ptr<Device> npu = npu::make_device({}, "npu0", technology);
  std::unique_ptr<Device> cpu = cpu::make_device({}, "cpu0", technology);
  Graph graph;
  std::vector<OpDescription> ops = describe_ops(graph);
  std::vector<DeviceSlot> slots;
  MappingProblem problem{
      .graph = graph, .ops = ops, .devices = slots, .memory = "dram", .memory_capacity = Bytes(1 << 30)};
  tiling::Plans plans{slots};
};

}  // namespace chipcast::mapper_test

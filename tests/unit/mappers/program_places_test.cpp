// SPDX-License-Identifier: Apache-2.0
// Of whole programs: every byte that is moved belongs to an operand, and results are stored once.
#include <gtest/gtest.h>

#include <algorithm>

#include "accelerators/cpu/cost.h"
#include "accelerators/npu/cost.h"
#include "mappers/emitter.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

struct Span {
  std::uint64_t from, to;
};

/// Sorted, with those that touch made one.
std::vector<Span> joined(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && span.from <= out.back().to) {
      out.back().to = std::max(out.back().to, span.to);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::int64_t size_of(const std::vector<Span>& spans) {
  std::int64_t sum = 0;
  for (const Span& span : spans) sum += static_cast<std::int64_t>(span.to - span.from);
  return sum;
}

bool inside(const Span& span, const std::vector<Span>& room) {
  return std::any_of(room.begin(), room.end(), [&](const Span& r) { return r.from <= span.from && span.to <= r.to; });
}

std::vector<Span> rooms(const Program& program, const std::vector<OpDescription::Operand>& operands) {
  std::vector<Span> out;
  for (const auto& operand : operands) {
    const Allocation& a = program.allocations.at(operand.tensor.index());
    out.push_back({a.address, a.address + static_cast<std::uint64_t>(a.bytes.count())});
  }
  return joined(out);  // constants stand back to back and are read as one
}

/// What each operator moves in a direction.
std::vector<std::vector<Span>> moved(const Program& program, std::size_t ops, EngineKind engine) {
  std::vector<std::vector<Span>> out(ops);
  for (const auto& device : program.devices) {
    for (const auto& command : device.queue(engine)) {
      if (command.kind != CommandKind::load && command.kind != CommandKind::store) continue;
      const dma::Descriptor descriptor = device.descriptor(command);
      EXPECT_EQ(descriptor.pattern.bytes(), command.bytes);
      EXPECT_NO_THROW(dma::check(descriptor, engine == EngineKind::store, "command"));
      dma::for_each_piece(descriptor, [&](std::uint64_t address, Bytes bytes) {
        out[command.op.index()].push_back({address, address + static_cast<std::uint64_t>(bytes.count())});
      });
    }
  }
  return out;
}

/// Every operator that can be cut so in two unequal parts, on the last and the first device where they run them.
std::vector<Task> split(const MappingProblem& problem, const std::vector<Task>& tasks, PartAxis axis) {
  std::vector<Task> out;
  for (const Task& task : tasks) {
    const OpDescription& op = problem.ops[task.op.index()];
    if (!task.slot || !op.cuts.can_cut(axis)) {
      out.push_back(task);
      continue;
    }
    const auto parts = parts_by_share(op, axis, {2.0, 3.0});
    const std::size_t last = problem.devices.size() - 1;
    const bool everywhere = problem.devices[last].device->refuses(op).empty();
    out.push_back({.op = op.id, .slot = task.slot, .part = parts[0]});
    out.push_back({.op = op.id, .slot = everywhere ? last : *task.slot, .part = parts[1]});
  }
  return out;
}

void check(const Graph& graph, const std::vector<const Device*>& devices, const std::string& what,
           PartAxis axis = PartAxis::whole) {
  SCOPED_TRACE(what);
  const auto ops = describe_ops(graph);
  std::vector<DeviceSlot> slots;
  for (const Device* device : devices) {
    slots.push_back({.name = "d" + std::to_string(slots.size()),
                     .device = device,
                     .kind = slots.size(),
                     .transfer = [](EngineKind, Bytes b) { return Time::ps(1000 + b.count() * 100); }});
  }
  const MappingProblem problem{
      .graph = graph, .ops = ops, .devices = slots, .memory = "dram", .memory_capacity = Bytes(1LL << 34)};
  tiling::Plans plans(slots);
  Mapping mapping = mapper_type("greedy", "test").make()->map(problem, plans);
  if (axis != PartAxis::whole) mapping.tasks = split(problem, mapping.tasks, axis);
  const Program program = emit(problem, mapping, plans);
  const auto loads = moved(program, ops.size(), EngineKind::load);
  const auto stores = moved(program, ops.size(), EngineKind::store);
  int checked = 0;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    SCOPED_TRACE(ops[i].name + ", " + program.placements[i].tiling);
    const auto inputs = rooms(program, ops[i].inputs), outputs = rooms(program, ops[i].outputs);
    for (const Span& span : loads[i]) ASSERT_TRUE(inside(span, inputs)) << span.from << " to " << span.to;
    for (const Span& span : stores[i]) ASSERT_TRUE(inside(span, outputs)) << span.from << " to " << span.to;
    if (stores[i].empty()) continue;
    ASSERT_EQ(size_of(joined(stores[i])), size_of(stores[i])) << "a byte is stored twice";
    ASSERT_GE(size_of(stores[i]), ops[i].output_bytes.count());
    Bytes room;
    for (const auto& output : ops[i].outputs) room += program.allocations[output.tensor.index()].bytes;
    if (room == ops[i].output_bytes) {
      ASSERT_EQ(size_of(stores[i]), room.count()) << "the result is stored whole";
    }
    ++checked;
  }
  EXPECT_GE(checked, 1);
}

class Programs : public testing::TestWithParam<const char*> {
 protected:
  static Graph network(DType dtype, int batch = 1) {
    const std::string name = GetParam();
    ZooOptions options{.batch = batch};
    if (name.find("bert") != std::string::npos) options.sequence_length = 32;
    if (name.find("mobilenet") != std::string::npos) options.resolution = 128;  // as many operators, fewer tiles
    return convert_dtype(zoo_network(GetParam(), options), dtype);
  }
};

TEST_P(Programs, OfNpus) {
  const technology::Config technology;
  const auto cpu = cpu::make_device({}, "cpu", technology);
  for (const int batch : {1, 3}) {
    for (const int kib : {64, 384}) {
      for (const int alignment : {1, 16, 20}) {  // 20 divides neither lanes nor channels
        npu::Config config;
        config.buffer = Bytes(kib * 1024);
        config.channel_alignment = alignment;
        const auto npu = npu::make_device(config, "npu", technology);
        for (const PartAxis axis : {PartAxis::whole, PartAxis::out_rows, PartAxis::out_channels}) {
          if (axis != PartAxis::whole && (kib == 64 || batch > 1 || alignment != 20)) continue;
          check(
              network(DType::int8, batch), {npu.get(), cpu.get()},
              std::to_string(kib) + " KiB, alignment " + std::to_string(alignment) + ", " + std::string(name_of(axis)),
              axis);
        }
      }
    }
  }
}

TEST_P(Programs, OfCpus) {
  const technology::Config technology;
  for (const DType dtype : {DType::int8, DType::fp32, DType::int4}) {
    for (const int kib : {32, 1024}) {
      cpu::Config config;
      config.caches = {{.name = "l2", .size = Bytes(kib * 1024)}};
      const auto cpu = cpu::make_device(config, "cpu", technology);
      check(network(dtype, 2), {cpu.get()}, std::string(name_of(dtype)) + " " + std::to_string(kib) + " KiB");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Programs,
                         testing::Values("mlperf_tiny_kws", "mlperf_tiny_ic", "mlperf_tiny_ad", "mobilenet_v2",
                                         "mobilenet_v3_small", "bert_tiny", "squeezenet1_1", "resnet18"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace chipcast

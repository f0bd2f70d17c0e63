// SPDX-License-Identifier: Apache-2.0
// What every mapper promises in mappers/contract.h. Registered mappers are found by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "mappers/tiling/plans.h"
#include "sim/base/check.h"
#include "tests/conformance/device_entries.h"
#include "tests/conformance/operators.h"
#include "tests/system/program_check.h"
#include "tests/system/random_graph.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class Mappers : public testing::TestWithParam<std::size_t> {
 protected:
  const MapperType& type_ = mapper_types().at(GetParam());

  RunOptions options() const {
    RunOptions options;
    options.mapper = type_.name;
    options.mapping = nothing_given();
    return options;
  }

  /// Policies that follow a mapping get one that states nothing.
  Json nothing_given() const { return type_.name == "fixed" ? Json{{"tasks", Json::array()}} : Json(); }

  static std::string error_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
};

TEST_P(Mappers, AreDescribed) {
  EXPECT_FALSE(type_.name.empty());
  EXPECT_FALSE(type_.doc.empty());
  EXPECT_EQ(mapper_type(type_.name, "here").name, type_.name);
  EXPECT_THAT(error_of([&] { mapper_type(type_.name + "x", "here"); }),
              AllOf(HasSubstr("here"), HasSubstr(type_.name)));
}

TEST_P(Mappers, ProgramsOfRandomSystemsAreSound) {
  int mapped = 0;
  for (std::uint64_t seed = 10'000; seed < 10'060; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Graph graph = random_graph(dice);
    const auto platform = std::make_shared<const Platform>(Platform::from_json(random_platform(dice), "random", {}));
    std::unique_ptr<Simulation> simulation, again;
    try {
      simulation = std::make_unique<Simulation>(platform, graph, options());
      again = std::make_unique<Simulation>(platform, graph, options());
    } catch (const InputError&) {
      continue;  // does not fit its buffers
    }
    ++mapped;
    EXPECT_THAT(problems_of(*platform, describe_ops(simulation->graph()), simulation->program()), IsEmpty());
    EXPECT_EQ(again->program().to_json(), simulation->program().to_json()) << "equal inputs, equal programs";
    EXPECT_THAT(problems_of(*simulation, simulation->run()), IsEmpty());
  }
  EXPECT_GE(mapped, 50);
}

TEST_P(Mappers, EveryKindOfOperatorIsMapped) {
  int mapped = 0;
  for (const auto& name : platforms_of_each_kind()) {
    for (const DType dtype : conformance::kFormats) {
      SCOPED_TRACE(std::string(name).append(" in ").append(name_of(dtype)));
      try {
        Simulation simulation(bundled(name), conformance::all_kinds_of_operators(dtype), options());
        EXPECT_THAT(problems_of(*bundled(name), describe_ops(simulation.graph()), simulation.program()), IsEmpty());
        EXPECT_THAT(problems_of(simulation, simulation.run()), IsEmpty());
        ++mapped;
      } catch (const InputError& error) {
        EXPECT_TRUE(is_a_refusal(error.what())) << error.what();
      }
    }
  }
  EXPECT_GE(mapped, 8);
}

TEST_P(Mappers, DevicesThatAreLeftOutStayIdle) {
  RunOptions only = options();
  only.devices = {"a55"};
  const Simulation simulation(bundled("rk3588"), network("mlperf_tiny_ic"), only);
  for (const auto& device : simulation.program().devices) {
    for (const auto& queue : device.queues) EXPECT_EQ(queue.empty(), device.device != "a55") << device.device;
  }
}

TEST_P(Mappers, AnOperatorThatNobodyRunsIsAnErrorThatNamesAll) {
  RunOptions only = options();
  only.devices = {"npu0", "npu1"};
  only.dtype = DType::fp32;
  EXPECT_THAT(error_of([&] { Simulation(bundled("rk3588"), network("mlperf_tiny_ic"), only); }),
              AllOf(HasSubstr("conv"), HasSubstr("npu0"), HasSubstr("npu1"), HasSubstr("fp32")));
}

TEST_P(Mappers, EveryPlacementHasAReason) {
  const Simulation simulation(bundled("rk3588"), network("mobilenet_v3_small"), options());
  for (const auto& placement : simulation.program().placements) {
    EXPECT_FALSE(placement.reason.empty()) << placement.op;
    EXPECT_FALSE(placement.tiling.empty()) << placement.op;
  }
}

TEST_P(Mappers, ANetworkLargerThanTheMemoryIsAWarning) {
  Json json = bundled("rk3588")->to_json();
  json["memories"] = Json{{"memory", Json{{"type", "simple"}, {"capacity", "64 KiB"}}}};
  json.erase("power");  // names the memory that is gone
  const auto small = std::make_shared<const Platform>(Platform::from_json(json, "small", {}));
  Simulation simulation(small, network("mlperf_tiny_ic"), options());
  EXPECT_THAT(simulation.program().warnings, Contains(AllOf(HasSubstr("needs"), HasSubstr("64 KiB"))));
  EXPECT_GT(simulation.run().totals.latency_s, 0.0);
}

TEST_P(Mappers, ADeviceThatIsNotRegisteredCanBeUsed) {
  const auto entry = std::find_if(conformance::device_entries().begin(), conformance::device_entries().end(),
                                  [](const auto& candidate) { return candidate.type.name == "ideal"; });
  const auto device = entry->make();
  const Graph graph = network("mlperf_tiny_ic");
  const auto ops = describe_ops(graph);
  const std::vector<DeviceSlot> slots{
      {.name = "dut", .device = device.get(), .kind = 0, .transfer = [](EngineKind, Bytes b) {
         return Time::ps(b.count());
       }}};
  const MappingProblem problem{.graph = graph,
                               .ops = ops,
                               .devices = slots,
                               .memory = "dram",
                               .memory_capacity = Bytes(1 << 30),
                               .options = {.given = nothing_given()}};
  tiling::Plans plans(slots);
  const Program program = emit(problem, type_.make()->map(problem, plans), plans);
  ASSERT_EQ(program.devices.size(), 1u);
  Ops macs;
  for (const auto& command : program.devices[0].queue(EngineKind::compute)) {
    if (command.kind == CommandKind::compute) macs += program.devices[0].works.at(command.work).macs;
  }
  Ops wanted;
  for (const auto& op : ops) wanted += op.macs;
  EXPECT_EQ(macs, wanted);
}

INSTANTIATE_TEST_SUITE_P(All, Mappers, testing::Range(std::size_t{0}, mapper_types().size()),
                         [](const auto& param) { return mapper_types()[param.param].name; });

}  // namespace
}  // namespace chipcast

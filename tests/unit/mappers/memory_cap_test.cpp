// SPDX-License-Identifier: Apache-2.0
// What a policy accepts under a cap on memory, its program keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/network.h"
#include "mappers/validator.h"
#include "sim/base/check.h"
#include "tests/unit/mappers/two_devices.h"

namespace chipcast {
namespace {

using mapper_test::chain_of_convs;
using mapper_test::TwoDevices;

/// x feeds `branches` convolutions, whose results are added up one by one.
Graph fan(int branches) {
  GraphBuilder b("fan");
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  const TensorId x = b.input("x", {{1, 8, 24, 24}, DType::int8});
  std::optional<TensorId> sum;
  for (int i = 0; i < branches; ++i) {
    const std::string number = std::to_string(i);
    const TensorId made = b.add_one("conv" + number, conv, {x, b.parameter("w" + number, {{8, 8, 3, 3}, DType::int8})});
    sum = sum ? b.add_one("add" + number, Binary{}, {*sum, made}) : made;
  }
  b.output(*sum);
  return std::move(b).build();
}

MappingProblem capped(const TwoDevices& on, std::int64_t bytes) {
  MappingProblem problem = on.problem;
  problem.options.memory_cap = Bytes(bytes);
  problem.options.budget = 300;
  return problem;
}

TEST(MemoryCap, WhatPoliciesAcceptIsEmittedWithinIt) {
  int accepted = 0, refused = 0;
  for (const Graph& graph : {fan(5), chain_of_convs(9, 20)}) {
    TwoDevices on(graph);
    for (const char* policy : {"heft", "peft", "chain", "annealing", "pipeline"}) {
      for (std::int64_t cap = 4'000; cap <= 64'000; cap += 3'000) {
        const MappingProblem problem = capped(on, cap);
        try {
          const Mapping mapping = mapper_type(policy, "test").make()->map(problem, on.plans);
          EXPECT_LE(emit(problem, mapping, on.plans).memory_footprint, Bytes(cap)) << policy;
          EXPECT_THAT(problems_of(problem, mapping, on.plans), testing::IsEmpty()) << policy;
          ++accepted;
        } catch (const InputError& error) {
          EXPECT_THAT(error.what(), testing::HasSubstr("memory_cap: ")) << policy;
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(accepted, 50);
  EXPECT_GT(refused, 10);
}

TEST(MemoryCap, SchedulesCountWhatProgramsHaveAlive) {
  for (const Graph& graph : {fan(4), chain_of_convs(7, 20)}) {
    TwoDevices on(graph, true);
    const MappingProblem problem = capped(on, 1 << 30);
    schedule::Network network = schedule::network_of(problem, on.plans, false);
    const Mapping mapping = mapper_type("heft", "test").make()->map(problem, on.plans);
    const schedule::Solution solution = schedule::to_solution(problem, network, mapping, on.plans);
    const Program program = emit(problem, mapping, on.plans);
    EXPECT_EQ(schedule::Evaluator(network.problem).evaluate(solution).peak_memory,
              static_cast<double>(program.memory_live.count()))
        << graph.name;
  }
}

TEST(MemoryCap, TheGraphsInputIsGoneAfterItsLastReader) {
  TwoDevices on(chain_of_convs(2, 40), true);
  const MappingProblem problem = capped(on, 1 << 30);
  const schedule::Network network = schedule::network_of(problem, on.plans, false);
  schedule::Solution solution{.modes = {0, 0}, .order = {0, 1}};
  const double map = 8 * 40 * 40, weights = 2 * 576;
  EXPECT_EQ(schedule::Evaluator(network.problem).evaluate(solution).peak_memory, weights + 2 * map) << "of three maps";
}

}  // namespace
}  // namespace chipcast

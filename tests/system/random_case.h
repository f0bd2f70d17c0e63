// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "mappers/tiling/plans.h"
#include "platform/simulation.h"
#include "tests/system/random_graph.h"

namespace chipcast::system_test {

/// A random network on a random platform as mappers see it. Platforms have now and then a device besides those of
/// random_platform: a DSP, or one with a schedule of its own.
struct RandomCase {
  explicit RandomCase(Dice& dice);
  RandomCase(const RandomCase&) = delete;
  RandomCase& operator=(const RandomCase&) = delete;

  Graph graph;
  std::shared_ptr<const Platform> platform;
  std::vector<OpDescription> ops;
  std::vector<DeviceSlot> slots;
  MappingProblem problem;
  tiling::Plans plans;
};

/// What a run was measured at before: caps are drawn around it.
struct Scale {
  Bytes footprint;
  Watts power;
};

/// Everything that may be chosen about a mapping, the policy included; choices that exclude each other are among them.
RunOptions random_options(Dice& dice, const RandomCase& some, const std::string& mapper, const Scale& scale);

/// Some choices exclude each other: the run must be refused.
bool must_be_refused(const RunOptions& options);

}  // namespace chipcast::system_test

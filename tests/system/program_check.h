// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "platform/platform.h"
#include "workloads/op_description.h"

/// A mapper's work judged by somebody else: nothing of the mappers is used here.
namespace chipcast::system_test {

/// What is wrong with a program; empty where nothing is. Checked whatever the timing of a run may be:
/// - form: commands stand in queues that understand them, indices and addresses exist, a semaphore has one signaller;
/// - completeness: every operator's works add up to its multiply-accumulates, its transfers and cycles to its
///   placement's; an operator that moves data is computed on the devices that its placement names; its parts cover it;
/// - precedence, by replaying with vector clocks: the program ends, and whatever reads a result comes after the
///   commands that made it;
/// - memory: tensors that share addresses are never in use at the same time;
/// - capacity: what a tile loads and stores fits its half of the buffers, and loads run at most two tiles ahead.
std::vector<std::string> problems_of(const Platform& platform, const std::vector<OpDescription>& ops,
                                     const Program& program);

}  // namespace chipcast::system_test

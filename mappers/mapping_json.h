// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "mappers/contract.h"

namespace chipcast {

/// A mapping as people keep and edit it, operators and devices by name:
///
///   {"format": "chipcast-mapping", "version": 1, "network": "resnet18",
///    "tasks": [{"op": "conv1", "device": "npu0", "part": {"axis": "out_rows", "begin": 0, "end": 56}, "group": 0}],
///    "choices": [{"op": "conv1", "reason": "...", "runner_up": "...", "tasks_digest": "5ab1...",
///                 "tiling": {"out_channels": 32, ...}}],
///    "search": {"method": "heft", "seed": 0, ...}, "tasks_digest": "91c0...", "warnings": []}
///
/// Tasks stand in the order of issue; "part" and "group" are absent where there are none. The digest is of what the
/// search record is about: network, tasks and tilings; that of a choice of what its texts are about, the operator's
/// tasks.
Json to_json(const MappingProblem& problem, const Mapping& mapping);

/// The same read strictly: everything but "tasks" may be absent, and so may operators. Tasks of views may be left out.
/// An extent that a tiling leaves out is the whole axis. The search record is left out where the digest is not that of
/// what was read: somebody has edited it since. So are warnings, and the texts of operators whose tasks have changed.
/// Throws InputError(path inside `source`) with the value, what is allowed, and a guess at what was meant.
Mapping read_mapping(const MappingProblem& problem, const Json& json, const std::string& source);

/// What read_mapping gave with the tasks that are missing: views, and each operator that it does not state, whole, on
/// the device that finishes it first (as greedy estimates it) after what is stated; between the tasks of a group on
/// another device, where one runs it. Stated tasks keep their order among themselves. Throws InputError(source) where
/// they cannot: an operator before one that it reads, or that no device runs.
Mapping complete(const MappingProblem& problem, Mapping given, tiling::Plans& plans, const std::string& source);

}  // namespace chipcast

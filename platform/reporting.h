// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/recorder.h"
#include "platform/report.h"
#include "workloads/op_description.h"

namespace chipcast {

/// Everything that a report is made from.
struct ReportInputs {
  const Platform& platform;
  const Graph& graph;
  const std::vector<OpDescription>& ops;
  const Mapping& mapping;
  const Program& program;
  const Recorder& recorder;
  Time latency, analytic;
  ReportProvenance provenance;
};

Report make_report(const ReportInputs& inputs);

}  // namespace chipcast

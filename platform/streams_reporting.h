// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "platform/platform.h"
#include "platform/stream_books.h"
#include "platform/stream_machine.h"
#include "platform/streams_report.h"

namespace chipcast {

/// What is known about a mapping of a stream besides its commands.
struct VariantFacts {
  std::vector<std::string> devices;  ///< that it uses
  std::vector<StreamsReportFormat> formats;
  Time analytic;
  Ops macs;                           ///< of a job
  std::size_t first_op = 0, ops = 0;  ///< in the merged program
  std::vector<std::string> warnings;
};
struct StreamFacts {
  std::string model_sha256;
  std::vector<VariantFacts> variants;
};

struct StreamsReportInputs {
  const Platform& platform;
  const StreamsSpec& spec;
  const std::vector<StreamLoad>& loads;
  const std::vector<StreamFacts>& facts;
  Bytes footprint;
  const StreamsRun& run;
  const StreamBooks& books;
  std::vector<std::string> warnings;
};

StreamsReport make_report(const StreamsReportInputs& inputs);

/// The trace of a run with a track for each of a stream's buffers, on which its jobs stand.
Trace with_jobs(Trace trace, const StreamsSpec& spec, const std::vector<JobRecord>& jobs);

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "platform/scenario.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/config/schema.h"
#include "sim/config/unit_text.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

constexpr int kMultiStreamSamples = 8;  // of a query: MLPerf Inference rules, table of scenarios
constexpr double kResolution = 1.01;    // the search ends when two rates are this close
constexpr int kMostDoublings = 40;
constexpr double kHardlyMeet = 0.01;   // rate times latency: queries have the platform to themselves
constexpr double kBounds = 10.0;       // a run at a rate is to last so many times the bound
constexpr double kLongestRun = 8.0e6;  // seconds

std::int64_t default_queries(ScenarioKind kind) {
  switch (kind) {
    case ScenarioKind::server:
      return 512;
    case ScenarioKind::offline:
      return 256;
    default:
      return 128;
  }
}

std::int64_t queries_of(const Scenario& scenario) {
  return scenario.queries.value_or(default_queries(scenario.scenario));
}

/// The lowest rate at which the last of so many queries comes in time.
double slowest_rate(std::int64_t queries) {
  return std::max(1e-3, kResolution * static_cast<double>(queries) / Stream::kLongest.count());
}

/// Finds the highest rate whose p99 keeps the bound: doubling or halving until one does and one does not, then halving
/// the ratio between the two. All rates see the same random numbers, so that gaps between queries are scaled alike.
/// Where even the fastest query was too slow, waiting is not to blame: then the rate at which queries hardly meet
/// decides at once.
class RateSearch {
 public:
  RateSearch(Streams& streams, Seconds bound, double slowest, const Streams::RunControl& control)
      : streams_(streams), bound_(bound), slowest_(slowest), control_(control) {}

  /// Nothing where no rate keeps the bound.
  std::optional<double> find() {
    const double alone = std::max(1e-9, streams_.analytic_latency(0).seconds().count());
    if (alone > bound_.count()) return std::nullopt;  // a lower bound of every latency
    const double lowest = std::max(slowest_, kHardlyMeet / alone);
    double rate = std::max(lowest, std::min(1.0 / alone, 1e8));
    std::optional<double> good, bad;
    for (int i = 0; i < kMostDoublings && !(good && bad) && rate <= 1e9; ++i) {
      (meets(rate) ? good : bad) = rate;
      if (!good && rate <= lowest) return std::nullopt;
      rate = good ? rate * 2.0 : hopeless_ ? lowest : std::max(lowest, rate * 0.5);
    }
    if (!good) return std::nullopt;
    while (bad && *bad / *good > kResolution) {
      const double middle = std::sqrt(*good * *bad);
      (meets(middle) ? good : bad) = middle;
    }
    return good;
  }
  const std::vector<RateProbe>& probes() const { return probes_; }

 private:
  bool meets(double rate) {
    streams_.set_rate(0, Hertz(rate));
    const StreamsReport report = streams_.run({.keep_trace = false, .progress = control_.progress});
    const LatencyStatistics& latency = report.streams[0].latency;
    hopeless_ = latency.min_s > bound_.count();
    probes_.push_back({.rate_per_s = rate, .p99_s = latency.p99_s, .met = latency.p99_s <= bound_.count()});
    return probes_.back().met;
  }

  Streams& streams_;
  Seconds bound_;
  double slowest_;
  bool hopeless_ = false;  ///< of the last run: every query came too late
  const Streams::RunControl& control_;
  std::vector<RateProbe> probes_;
};

void remark(ScenarioReport& out) {
  out.remarks.push_back("MLPerf-style: " + std::to_string(out.queries) +
                        (out.queries == 1 ? " query, no minimum duration (MLPerf: 600 s), no early stopping"
                                          : " queries, no minimum duration (MLPerf: 600 s), no early stopping"));
  if (out.metric == "p90_s" && out.queries <= 10) {
    out.remarks.push_back("p90 of so few queries is the slowest of them; ask for more than 10");
  }
  if ((out.metric == "p99_s" || out.bound_s) && out.queries <= 100) {
    out.remarks.push_back("p99 of so few queries is the slowest of them; ask for more than 100");
  }
  if (out.scenario == ScenarioKind::offline && out.samples < 24576) {
    out.remarks.push_back(std::to_string(out.samples) + " samples (MLPerf: at least 24576)");
  }
}

void serve(Streams& streams, const Scenario& scenario, const Streams::RunControl& control, ScenarioReport& out) {
  std::optional<double> rate;
  if (scenario.rate) rate = scenario.rate->count();
  if (scenario.bound) out.bound_s = scenario.bound->count();
  if (!rate) {
    const double slowest = slowest_rate(queries_of(scenario));
    RateSearch search(streams, *scenario.bound, slowest, control);
    rate = search.find();
    out.search = search.probes();
    out.metric = "rate_per_s";
    out.met = rate.has_value();
    out.value = rate.value_or(0.0);
    if (!rate) {
      out.remarks.push_back("no rate keeps the bound; the run is one at which queries hardly meet");
      const double alone = std::max(1e-9, streams.analytic_latency(0).seconds().count());
      rate = std::clamp(0.1 / alone, slowest, 1e9);
    }
  }
  streams.set_rate(0, Hertz(*rate));
  out.run = streams.run(control);
  out.rate_per_s = rate;
  const double lasts = static_cast<double>(out.run.streams[0].count) / *rate;
  if (scenario.bound && lasts < kBounds * scenario.bound->count()) {
    out.remarks.push_back(
        "the queries come within less than ten times the bound: no queue that grows is seen; ask for more");
  }
  if (!scenario.rate) return;
  const double p99 = out.run.streams[0].latency.p99_s;
  out.metric = "p99_s";
  out.value = p99;
  if (scenario.bound) out.met = p99 <= scenario.bound->count();
}

}  // namespace

void Scenario::validate() const {
  if (stream.period || stream.rate || !stream.arrivals.empty() || stream.closed_loop || stream.count ||
      stream.samples != 1 || stream.deadline || stream.jitter > Seconds(0.0)) {
    throw std::invalid_argument(
        "stream has period, rate, arrivals, closed_loop, count, samples, deadline or jitter, which follow from the "
        "scenario; leave them out");
  }
  if (scenario != ScenarioKind::server && (rate || bound)) {
    throw std::invalid_argument("rate and bound are for Server; leave them out");
  }
  if (scenario == ScenarioKind::server && !rate && !bound) {
    throw std::invalid_argument(
        "Server needs a rate, or a bound (\"15 ms\") under which the highest rate is looked for");
  }
  if (rate && static_cast<double>(queries_of(*this)) / rate->count() > Stream::kLongest.count()) {
    throw std::invalid_argument("the last query comes after " + to_text(Stream::kLongest) +
                                "; lower queries or raise rate");
  }
  if (scenario == ScenarioKind::multi_stream && queries_of(*this) > Stream::kMost / kMultiStreamSamples) {
    throw std::invalid_argument("queries of eight samples are more than " + std::to_string(Stream::kMost) + " jobs");
  }
}

StreamsSpec spec_of(const Scenario& scenario) {
  Stream stream = scenario.stream;
  stream.count = queries_of(scenario);
  switch (scenario.scenario) {
    case ScenarioKind::single_stream:
      stream.closed_loop = true;
      break;
    case ScenarioKind::multi_stream:
      stream.closed_loop = true;
      stream.samples = kMultiStreamSamples;
      break;
    case ScenarioKind::server:
      stream.rate = scenario.rate.value_or(Hertz(1.0));
      stream.deadline = scenario.bound;
      break;
    case ScenarioKind::offline:
      stream.samples = static_cast<int>(*stream.count);
      stream.count = 1;
      break;
  }
  StreamsSpec spec;
  spec.name = std::string(name_of(scenario.scenario));
  spec.policy = scenario.policy;
  spec.preemption = scenario.preemption;
  spec.seed = scenario.seed;
  spec.max_simulated_time = Seconds(kLongestRun);
  spec.streams.emplace_back("query", std::move(stream));
  return spec;
}

ScenarioReport run_scenario(Streams& streams, const Scenario& scenario, const Streams::RunControl& control) {
  ScenarioReport out;
  out.scenario = scenario.scenario;
  if (scenario.scenario == ScenarioKind::server) {
    serve(streams, scenario, control, out);
  } else {
    out.run = streams.run(control);
  }
  const StreamsReportStream& stream = out.run.streams[0];
  out.queries = stream.count;
  out.samples = stream.samples;
  switch (scenario.scenario) {
    case ScenarioKind::single_stream:
      out.metric = "p90_s";
      out.value = stream.latency.p90_s;
      break;
    case ScenarioKind::multi_stream:
      out.metric = "p99_s";
      out.value = stream.latency.p99_s;
      break;
    case ScenarioKind::offline:
      out.metric = "samples_per_s";
      out.value = stream.throughput_per_s;
      break;
    case ScenarioKind::server:
      break;
  }
  remark(out);
  return out;
}

Json ScenarioReport::to_json() const {
  Writer writer;
  ScenarioReport copy = *this;
  copy.visit(writer);
  return std::move(writer.json());
}

Json ScenarioReport::schema() {
  ScenarioReport defaults;
  SchemaBuilder builder;
  defaults.visit(builder);
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast report of a scenario"}};
  out.update(builder.finish());
  return out;
}

}  // namespace chipcast

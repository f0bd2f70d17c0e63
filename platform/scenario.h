// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/streams.h"

/// MLPerf-style scenarios: one network, asked in the four ways of MLPerf Inference. No submission: counts are small,
/// there is no minimum duration, no early stopping, and no accuracy run.
namespace chipcast {

enum class ScenarioKind {
  single_stream,  ///< the next query after the previous one; p90 of latency
  multi_stream,   ///< likewise, eight samples a query; p99 of the queries' latency
  server,         ///< queries at random (Poisson); the rate at which p99 of latency keeps a bound
  offline         ///< all samples at once; throughput
};
constexpr std::array<std::pair<ScenarioKind, std::string_view>, 4> enum_names(ScenarioKind) {
  return {{{ScenarioKind::single_stream, "SingleStream"},
           {ScenarioKind::multi_stream, "MultiStream"},
           {ScenarioKind::server, "Server"},
           {ScenarioKind::offline, "Offline"}}};
}

struct Scenario {
  ScenarioKind scenario{ScenarioKind::single_stream};
  std::optional<std::int64_t> queries;
  std::optional<Hertz> rate;
  std::optional<Seconds> bound;
  Policy policy{Policy::fifo};
  Preemption preemption{Preemption::none};
  std::uint64_t seed{0};
  Stream stream;

  template <class V>
  void visit(V& v) {
    v.field("scenario", scenario, {.doc = "In which way the network is asked.", .required = true});
    v.field("queries", queries,
            {.doc = "Queries, samples for Offline; absent: 128, 512 for Server, 256 for Offline.",
             .min = 1,
             .max = Stream::kMost});
    v.field("rate", rate,
            {.doc = "Server: queries a second; absent: the highest that keeps the bound is looked for.",
             .min = Hertz(1e-3),
             .max = Hertz(1e9)});
    v.field("bound", bound,
            {.doc = "Server: what p99 of latency has to keep.", .min = Stream::kShortest, .max = Stream::kLongest});
    v.field("policy", policy, {.doc = "Which job goes first on a device."});
    v.field("preemption", preemption, {.doc = "When a device may turn to a job that goes first."});
    v.field("seed", seed, {.doc = "Of random arrivals."});
    v.field("stream", stream,
            {.doc = "The network and its mappings; when it is asked follows from the scenario.", .required = true});
  }
  /// Throws std::invalid_argument.
  void validate() const;
};

/// The streams that a scenario stands for: one, called as its network.
StreamsSpec spec_of(const Scenario& scenario);

/// One rate that the search for the highest one has tried.
struct RateProbe {
  double rate_per_s{0}, p99_s{0};
  bool met{false};
  template <class V>
  void visit(V& v) {
    v.field("rate_per_s", rate_per_s, {.doc = "Queries a second."});
    v.field("p99_s", p99_s, {.doc = "p99 of latency at that rate."});
    v.field("met", met, {.doc = "The bound was kept."});
  }
};

struct ScenarioReport {
  std::string format{"chipcast-scenario"};
  int version{1};
  ScenarioKind scenario{};
  std::int64_t queries{0}, samples{0};
  std::string metric;
  double value{0};
  std::optional<double> rate_per_s, bound_s;
  std::optional<bool> met;
  std::vector<RateProbe> search;
  std::vector<std::string> remarks;
  StreamsReport run;

  template <class V>
  void visit(V& v) {
    v.field("format", format, {.doc = "Always chipcast-scenario."});
    v.field("version", version, {.doc = "Of this form."});
    v.field("scenario", scenario, {.doc = "MLPerf-style scenario."});
    v.field("queries", queries, {.doc = "Queries that were asked."});
    v.field("samples", samples, {.doc = "Samples of each."});
    v.field("metric", metric, {.doc = "What the value is: p90_s, p99_s, rate_per_s or samples_per_s."});
    v.field("value", value, {.doc = "The scenario's answer."});
    v.field("rate_per_s", rate_per_s, {.doc = "Server: queries a second."});
    v.field("bound_s", bound_s, {.doc = "Server: the bound of p99."});
    v.field("met", met, {.doc = "Server: whether the bound was kept."});
    v.field("search", search, {.doc = "Server: the rates that were tried, in this order."});
    v.field("remarks", remarks, {.doc = "How this differs from a run of MLPerf."});
    v.field("run", run, {.doc = "The run behind the value; of a search, the one at the rate that was found."});
  }
  Json to_json() const;
  static Json schema();
};

/// `streams` has been made from spec_of(scenario). Throws as Streams::run() does.
ScenarioReport run_scenario(Streams& streams, const Scenario& scenario, const Streams::RunControl& control = {});

}  // namespace chipcast

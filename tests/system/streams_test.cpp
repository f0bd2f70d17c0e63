// SPDX-License-Identifier: Apache-2.0
#include "platform/streams.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "platform/scenario.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "tests/system/random_graph.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::HasSubstr;

StreamsSpec spec_from(const Json& json) { return read_value<StreamsSpec>(json, ""); }

Json stream_json(Json fields) {
  Json out{{"network", "net"}};
  out.update(fields);
  return out;
}

Streams one_stream(const std::string& network_name, const std::string& platform, Json fields,
                   Json top = Json::object()) {
  Json spec{{"streams", Json{{"s", stream_json(std::move(fields))}}}};
  spec.update(top);
  return Streams(bundled(platform), spec_from(spec), {{"s", network(network_name)}});
}

/// Jobs take no more buffers than there are, and no two have the same at a time.
void check_buffers(const StreamsReport& report) {
  std::map<std::tuple<std::string, std::int64_t, std::int64_t>, double> free_at;
  for (const auto& job : report.jobs) {
    double& from = free_at[{job.stream, job.variant, job.slot}];
    EXPECT_GE(job.began_s, from) << job.stream << " job " << job.job;
    from = job.ended_s;
  }
}

/// What holds for every run.
void check(const StreamsReport& report) {
  std::int64_t macs = 0, asked = 0;
  double energy = 0.0;
  for (const auto& device : report.devices) {
    macs += device.macs;
    EXPECT_LE(device.busy_s, report.duration_s * (1 + 1e-12));
  }
  for (const auto& stream : report.streams) {
    asked += stream.macs;
    EXPECT_EQ(stream.released, stream.count * stream.samples);
    EXPECT_EQ(stream.completed, stream.released);
    EXPECT_LE(stream.missed, stream.count);
    double bound = 1e9;
    for (const auto& variant : stream.variants) bound = std::min(bound, variant.analytic_latency_s);
    // Between clocks a job gains or loses part of a cycle by when it begins.
    EXPECT_GE(stream.service.min_s, bound * 0.99) << "no job is faster than alone without contention";
  }
  for (const auto& job : report.jobs) {
    EXPECT_LE(job.released_s, job.began_s);
    EXPECT_LE(job.began_s, job.ended_s);
  }
  for (const auto& [name, joules] : report.energy_by_component) energy += joules;
  EXPECT_EQ(macs, asked) << "each job's multiply-accumulates, once";
  EXPECT_NEAR(energy, report.energy_j, 1e-9 * energy);
  check_buffers(report);
}

TEST(Streams, OneJobTakesAsLongAsAPlainRun) {
  for (const char* platform : {"rk3588", "rv1106", "raspberry-pi-4", "ethos-u55-128", "stm32h7a3"}) {
    for (const std::string net : {"mobilenet_v2", "mlperf_tiny_vww"}) {
      if (net == "mobilenet_v2" && std::string(platform) != "rk3588") continue;
      SCOPED_TRACE(net + " on " + platform);

      RunOptions options;
      options.dtype = DType::int8;
      std::optional<Report> plain;
      try {
        plain = Simulation(bundled(platform), network(net), options).run();
      } catch (const InputError& error) {
        EXPECT_TRUE(is_a_refusal(error.what())) << error.what();
        continue;
      }
      for (const char* preemption : {"none", "operator", "tile"}) {
        // A plain run knows no idle states: nothing has to wake up.
        const Json awake{{"governor", Json{{"idle", "none"}}}};
        Streams streams = one_stream(net, platform, Json{{"options", Json{{"dtype", "int8"}}}},
                                     Json{{"preemption", preemption}, {"power", awake}});
        const StreamsReport report = streams.run();
        check(report);
        EXPECT_DOUBLE_EQ(report.streams[0].latency.max_s, plain->totals.latency_s) << preemption;
        EXPECT_NEAR(report.energy_j, plain->totals.energy_j, 1e-9 * plain->totals.energy_j) << preemption;
        EXPECT_EQ(report.streams[0].macs, plain->totals.macs);
        EXPECT_EQ(report.devices[0].fetched_again_bytes, 0);
      }
    }
  }
}

TEST(Streams, FramesArePipelinedOverDevices) {
  const Json options{{"dtype", "int8"}};
  Json variants = Json::array();
  for (const char* device : {"npu0", "npu1", "npu2"}) variants.push_back(Json{{"devices", {device, "a76"}}});
  const StreamsReport one =
      one_stream("mobilenet_v2", "rk3588", Json{{"options", options}, {"count", 12}, {"in_flight", 1}}).run();
  const StreamsReport three = one_stream("mobilenet_v2", "rk3588",
                                         Json{{"options", options},
                                              {"count", 12},
                                              {"in_flight", 6},
                                              {"variants", variants},
                                              {"assignment", "first_free"}})
                                  .run();
  check(one);
  check(three);
  EXPECT_GT(three.streams[0].throughput_per_s, 1.8 * one.streams[0].throughput_per_s);
  for (const auto& variant : three.streams[0].variants) EXPECT_GE(variant.jobs, 3);
}

TEST(Streams, EqualSeedsGiveEqualReports) {
  const Json fields{{"options", Json{{"dtype", "int8"}}}, {"rate", "300 Hz"}, {"count", 20}, {"jitter", "1 ms"}};
  const auto run = [&](std::uint64_t seed) {
    return one_stream("mlperf_tiny_vww", "rk3588", fields, Json{{"seed", seed}, {"preemption", "tile"}}).run();
  };
  EXPECT_EQ(run(3).to_json().dump(), run(3).to_json().dump());
  EXPECT_NE(run(3).to_json().dump(), run(4).to_json().dump());
  Streams again =
      one_stream("mlperf_tiny_vww", "rk3588", fields, Json{{"seed", std::uint64_t{3}}, {"preemption", "tile"}});
  EXPECT_EQ(again.run().to_json(), again.run().to_json());
}

TEST(Streams, AnUrgentStreamIsServedFirst) {
  const auto run = [](const char* preemption) {
    const Json options{{"dtype", "int8"}, {"devices", {"npu", "a7"}}};
    const Json spec{
        {"policy", "fixed_priority"},
        {"preemption", preemption},
        {"streams",
         Json{{"background", stream_json({{"options", options}, {"count", 4}})},
              {"urgent",
               stream_json(
                   {{"options", options}, {"count", 6}, {"period", "20 ms"}, {"offset", "3 ms"}, {"priority", 1}})}}}};
    return Streams(bundled("rv1106"), spec_from(spec),
                   {{"background", network("resnet18")}, {"urgent", network("mlperf_tiny_vww")}})
        .run();
  };
  std::vector<StreamsReport> reports;
  for (const char* preemption : {"none", "operator", "tile"}) reports.push_back(run(preemption));
  for (const auto& report : reports) check(report);
  EXPECT_LT(reports[2].streams[1].latency.max_s, reports[0].streams[1].latency.max_s);
  EXPECT_LE(reports[2].streams[1].latency.mean_s, reports[1].streams[1].latency.mean_s);
}

TEST(Streams, TheTraceHasJobsAndEngines) {
  Streams streams = one_stream("mlperf_tiny_vww", "rk3588", Json{{"count", 3}, {"in_flight", 2}});
  const StreamsReport without = streams.run();
  const StreamsReport with = streams.run({.keep_trace = true});
  EXPECT_EQ(without.to_json(), with.to_json());
  int jobs = 0;
  for (const Span& span : streams.trace().spans()) {
    jobs += streams.trace().text(span.name).starts_with("s ") ? 1 : 0;
    EXPECT_LE(span.begin, span.end);
  }
  EXPECT_EQ(jobs, 3);
}

TEST(Streams, MistakesNameTheirPlace) {
  const auto refusal = [](Json fields) -> std::string {
    try {
      one_stream("mlperf_tiny_vww", "rk3588", std::move(fields));
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_THAT(refusal({{"options", Json{{"devices", {"npu7"}}}}}), HasSubstr("streams.s: devices"));
  EXPECT_THAT(refusal({{"variants", {Json{{"devices", {"npu0", "a76"}}}, Json{{"mapper", "greddy"}}}}}),
              HasSubstr("streams.s.variants[1]: mapper"));
  EXPECT_THROW(Streams(bundled("rk3588"), spec_from({{"streams", Json{{"s", stream_json(Json::object())}}}}), {}),
               InputError);
}

TEST(Streams, ALimitEndsTheRun) {
  Streams streams = one_stream("mobilenet_v2", "rk3588", Json{{"count", 100}}, Json{{"max_simulated_time", "10 ms"}});
  EXPECT_THROW(streams.run(), LimitError);
}

ScenarioReport ask(const Json& fields) {
  Json json{{"stream", Json{{"network", "vww"}, {"options", Json{{"dtype", "int8"}}}}}};
  json.update(fields);
  const auto scenario = read_value<Scenario>(json, "");
  Streams streams(bundled("rk3588"), spec_of(scenario), {{"query", network("mlperf_tiny_vww")}});
  return run_scenario(streams, scenario);
}

TEST(Scenarios, ClosedLoopsAreFasterTheFewerTheSamples) {
  const ScenarioReport single = ask({{"scenario", "SingleStream"}, {"queries", 16}});
  const ScenarioReport multi = ask({{"scenario", "MultiStream"}, {"queries", 16}});
  check(single.run);
  check(multi.run);
  EXPECT_EQ(single.metric, "p90_s");
  EXPECT_EQ(multi.metric, "p99_s");
  EXPECT_EQ(multi.run.streams[0].released, 16 * 8);
  EXPECT_GT(multi.value, 2 * single.value);
  EXPECT_LE(multi.value, 8.01 * single.value);
}

TEST(Scenarios, OfflineIsTheFastest) {
  const ScenarioReport offline = ask({{"scenario", "Offline"}, {"queries", 64}});
  const ScenarioReport single = ask({{"scenario", "SingleStream"}, {"queries", 16}});
  check(offline.run);
  EXPECT_EQ(offline.queries, 1);
  EXPECT_EQ(offline.samples, 64);
  EXPECT_GE(offline.value, 0.99 / single.run.streams[0].latency.mean_s);
}

TEST(Scenarios, TheHighestRateKeepsItsBoundAndTheNextDoesNot) {
  const ScenarioReport server = ask({{"scenario", "Server"}, {"bound", "10 ms"}, {"queries", 200}});
  check(server.run);
  ASSERT_TRUE(server.met && *server.met);
  EXPECT_EQ(server.metric, "rate_per_s");
  EXPECT_LE(server.run.streams[0].latency.p99_s, 0.010);
  double least_bad = 1e12;
  for (const RateProbe& probe : server.search) {
    if (!probe.met) least_bad = std::min(least_bad, probe.rate_per_s);
  }
  EXPECT_LT(server.value, least_bad);
  EXPECT_LT(least_bad, 1.011 * server.value);
  const ScenarioReport asked = ask({{"scenario", "Server"}, {"bound", "10 ms"}, {"queries", 200}, {"rate", "100 Hz"}});
  EXPECT_EQ(asked.metric, "p99_s");
  EXPECT_TRUE(asked.search.empty());
  const ScenarioReport never = ask({{"scenario", "Server"}, {"bound", "1 us"}, {"queries", 20}});
  EXPECT_FALSE(*never.met);
  EXPECT_EQ(never.value, 0.0);
}

TEST(Scenarios, ABoundJustAboveTheAnalyticOneEndsTheSearchSoon) {
  const double alone =
      ask({{"scenario", "SingleStream"}, {"queries", 1}}).run.streams[0].variants[0].analytic_latency_s;
  const ScenarioReport tight =
      ask({{"scenario", "Server"}, {"bound", std::to_string(std::llround(alone * 1e9) + 1) + " ns"}, {"queries", 20}});
  EXPECT_LE(tight.search.size(), 20u);
  for (const RateProbe& probe : tight.search) EXPECT_GE(probe.rate_per_s * alone, 0.0099);
  EXPECT_EQ(*tight.met, tight.value > 0.0);
}

TEST(Scenarios, QueriesThatComeTooLateAreRefused) {
  const Json late{{"scenario", "Server"}, {"rate", "0.001 Hz"}, {"queries", 1000000}};
  EXPECT_THROW(ask(late), InputError);
  Streams streams = one_stream("mlperf_tiny_vww", "rk3588", {{"rate", "10 Hz"}, {"count", 100000}});
  EXPECT_THROW(streams.set_rate(0, Hertz(1e-3)), InputError);
}

TEST(Scenarios, RefuseWhatTheyDecideThemselves) {
  EXPECT_THROW(ask({{"scenario", "Offline"}, {"rate", "5 Hz"}}), InputError);
  EXPECT_THROW(ask({{"scenario", "Server"}}), InputError);
  EXPECT_THROW(ask({{"scenario", "Offline"}, {"stream", Json{{"network", "v"}, {"period", "1 ms"}}}}), InputError);
}

/// Random streams on random platforms: nothing locks up, nothing is lost.
class RandomStreams : public testing::TestWithParam<int> {};

Json random_stream(Dice& dice) {
  Json out = stream_json({{"count", dice.roll(1, 4)}, {"in_flight", dice.roll(1, 3)}, {"samples", dice.roll(1, 2)}});
  const std::int64_t way = dice.roll(0, 3);
  if (way == 0) out["period"] = std::to_string(dice.roll(1, 2000)) + " us";
  if (way == 1) out["rate"] = std::to_string(dice.roll(100, 100'000)) + " Hz";
  if (way == 2) out["closed_loop"] = true;
  if (way != 2 && dice.chance(50)) out["jitter"] = std::to_string(dice.roll(1, 500)) + " us";
  if (dice.chance(70)) out["deadline"] = std::to_string(dice.roll(1, 5000)) + " us";
  out["priority"] = dice.roll(0, 3);
  return out;
}

TEST_P(RandomStreams, EndAndConserve) {
  int ran = 0;
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * 40 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed + 77'000);
    const auto platform = std::make_shared<const Platform>(Platform::from_json(random_platform(dice), "random", {}));
    Json spec{{"policy", dice.one_of<std::string>({"fifo", "fixed_priority", "edf"})},
              {"preemption", dice.one_of<std::string>({"none", "operator", "tile"})},
              {"seed", seed},
              {"streams", Json::object()}};
    Named<Graph> graphs;
    for (std::int64_t s = dice.roll(1, 3); s > 0; --s) {
      const std::string name = "s" + std::to_string(s);
      graphs.emplace_back(name, random_graph(dice));
      spec["streams"][name] = random_stream(dice);
    }
    try {
      Streams streams(platform, spec_from(spec), graphs);
      const StreamsReport report = streams.run();
      check(report);
      EXPECT_EQ(streams.run().to_json(), report.to_json());
      ++ran;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(),
                  testing::AnyOf(HasSubstr("does not fit the buffers"), HasSubstr("has buffers that are too small"),
                                 HasSubstr("it has nothing to compute")));
    }
  }
  EXPECT_GE(ran, 30);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomStreams, testing::Range(0, 6));

}  // namespace
}  // namespace chipcast

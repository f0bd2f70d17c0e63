// SPDX-License-Identifier: Apache-2.0
#include "platform/arrivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "platform/streams_report.h"
#include "platform/streams_spec.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Time ms(std::int64_t value) { return Time::ps(value * 1'000'000'000); }

Stream stream_of(Json json) {
  json["network"] = "net";
  return read_value<Stream>(json, "streams.s");
}

std::string refusal(const Json& json) {
  try {
    stream_of(json);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(Arrivals, PeriodAndOffset) {
  const Stream stream = stream_of({{"period", "10 ms"}, {"offset", "3 ms"}, {"count", 3}});
  EXPECT_THAT(release_times(stream, 0, 0), ElementsAre(ms(3), ms(13), ms(23)));
}

TEST(Arrivals, WithoutAnyPatternAllComeAtOnce) {
  EXPECT_THAT(release_times(stream_of({{"count", 2}}), 0, 0), ElementsAre(ms(0), ms(0)));
}

TEST(Arrivals, ListedTimesAreTakenAsTheyAre) {
  const Stream stream = stream_of({{"arrivals", {"1 ms", "1 ms", "7 ms"}}, {"offset", "2 ms"}});
  EXPECT_THAT(release_times(stream, 0, 0), ElementsAre(ms(3), ms(3), ms(9)));
}

TEST(Arrivals, JitterDelaysByNoMoreThanItself) {
  const Stream stream = stream_of({{"period", "10 ms"}, {"jitter", "4 ms"}, {"count", 1000}});
  const auto times = release_times(stream, 7, 0);
  Time least = ms(100), most;
  for (std::size_t k = 0; k < times.size(); ++k) {
    const Time late = times[k] - ms(10) * static_cast<std::int64_t>(k);
    least = std::min(least, late);
    most = std::max(most, late);
  }
  EXPECT_GE(least, Time());
  EXPECT_LT(least, ms(4) - ms(3));
  EXPECT_LE(most, ms(4));
  EXPECT_GT(most, ms(3));
}

TEST(Arrivals, PoissonGapsHaveTheMeanAndSpreadOfTheirRate) {
  const Stream stream = stream_of({{"rate", "1 kHz"}, {"count", 20000}});
  const auto times = release_times(stream, 1, 0);
  double sum = 0.0, squares = 0.0;
  Time last;
  for (const Time time : times) {
    const double gap = (time - last).seconds().count();
    sum += gap;
    squares += gap * gap;
    last = time;
  }
  const double n = static_cast<double>(times.size()), mean = sum / n;
  // The mean of n exponential gaps has a standard deviation of 1 / sqrt(n) of itself: 0.7 %.
  EXPECT_NEAR(mean, 1e-3, 3e-5);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 1e-3, 5e-5);
}

TEST(Arrivals, SeedsAndStreamsDrawNumbersOfTheirOwn) {
  const Stream stream = stream_of({{"rate", "100 Hz"}, {"count", 20}});
  EXPECT_EQ(release_times(stream, 1, 0), release_times(stream, 1, 0));
  EXPECT_NE(release_times(stream, 1, 0), release_times(stream, 2, 0));
  EXPECT_NE(release_times(stream, 1, 0), release_times(stream, 1, 1));
}

TEST(Arrivals, TwiceTheRateHalvesEveryGap) {
  Stream stream = stream_of({{"rate", "100 Hz"}, {"count", 50}});
  const auto slow = release_times(stream, 1, 0);
  stream.rate = Hertz(200.0);
  const auto fast = release_times(stream, 1, 0);
  for (std::size_t i = 0; i < slow.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(slow[i].ps()), 2.0 * static_cast<double>(fast[i].ps()), 1e3 * 50 * 2);
  }
}

TEST(StreamsSpec, RefusesWhatMakesNoSense) {
  EXPECT_THAT(refusal({{"period", "1 ms"}, {"rate", "3 Hz"}}), HasSubstr("exclude each other"));
  EXPECT_THAT(refusal({{"arrivals", {"2 ms", "1 ms"}}}), HasSubstr("arrivals[1] is 1 ms; they have to ascend"));
  EXPECT_THAT(refusal({{"arrivals", {"2 ms"}}, {"count", 2}}), HasSubstr("count is 2, but there are 1 arrivals"));
  EXPECT_THAT(refusal({{"closed_loop", true}, {"jitter", "1 ms"}}), HasSubstr("no meaning in a closed_loop"));
  EXPECT_THAT(refusal({{"period", "1000 s"}, {"count", 100000}}), HasSubstr("lower count"));
  EXPECT_THAT(refusal({{"count", 1000000}, {"samples", 2}}), HasSubstr("more than 1000000 jobs"));
  EXPECT_THAT(refusal({{"period", 5}}), HasSubstr("streams.s.period"));
  EXPECT_THAT(refusal({{"periode", "5 ms"}}), HasSubstr("did you mean \"period\""));
  EXPECT_THAT(refusal({{"deadline", "0 s"}}), HasSubstr("streams.s.deadline"));
  EXPECT_THROW(read_value<StreamsSpec>(Json{{"streams", Json::object()}}, ""), InputError);
}

std::string refusal_of_all(const Named<Stream>& streams) {
  StreamsSpec spec;
  spec.streams = streams;
  try {
    spec.validate();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

TEST(StreamsSpec, EveryStreamIsCheckedWithItsPlace) {
  Stream late = stream_of({{"count", 1000}});
  late.period = Seconds(1e5);
  EXPECT_THAT(refusal_of_all({{"on-time", stream_of({{"count", 3}})}, {"late", late}}),
              testing::AllOf(HasSubstr("streams.late"), HasSubstr("lower count")));
}

TEST(StreamsSpec, WhatIsInMemoryAtOnceIsLimited) {
  const Stream many = stream_of({{"count", 600000}});
  EXPECT_EQ(refusal_of_all({{"a", many}}), "");
  EXPECT_THAT(refusal_of_all({{"a", many}, {"b", many}}), HasSubstr("1200000 jobs in all, more than 1000000"));
  Named<Stream> streams;
  for (int i = 0; i < 257; ++i) streams.emplace_back("s" + std::to_string(i), stream_of(Json::object()));
  EXPECT_THAT(refusal_of_all(streams), HasSubstr("257, more than 256"));
  Json variants = Json::array();
  for (int i = 0; i < 5; ++i) variants.push_back(Json{{"weight", 1000}});
  EXPECT_THAT(refusal({{"variants", variants}}), HasSubstr("add up to 5000, more than 4096"));
  for (int i = 0; i < 65; ++i) variants.push_back(Json::object());
  EXPECT_THAT(refusal({{"variants", variants}}), HasSubstr("variants are 70, more than 64"));
}

TEST(Percentiles, AreThoseOfLoadGen) {
  std::vector<Time> values;
  for (std::int64_t i = 100; i >= 1; --i) values.push_back(ms(i));
  const LatencyStatistics all = statistics_of(values);
  // Index floor(n p) of the sorted values, counted from 0: of 100 values p90 is the 91st.
  EXPECT_DOUBLE_EQ(all.p50_s, 0.051);
  EXPECT_DOUBLE_EQ(all.p90_s, 0.091);
  EXPECT_DOUBLE_EQ(all.p95_s, 0.096);
  EXPECT_DOUBLE_EQ(all.p99_s, 0.100);
  EXPECT_DOUBLE_EQ(all.min_s, 0.001);
  EXPECT_DOUBLE_EQ(all.max_s, 0.100);
  EXPECT_NEAR(all.mean_s, 0.0505, 1e-12);
  const LatencyStatistics one = statistics_of({ms(3)});
  EXPECT_DOUBLE_EQ(one.p50_s, 0.003);
  EXPECT_DOUBLE_EQ(one.p99_s, 0.003);
  EXPECT_EQ(statistics_of({}).count, 0);
}

}  // namespace
}  // namespace chipcast

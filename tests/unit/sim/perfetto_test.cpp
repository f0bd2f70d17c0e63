// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <perfetto_trace.pb.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sim/base/check.h"
#include "sim/trace/trace.h"

namespace chipcast {
namespace {

using perfetto::TrackDescriptor;
using perfetto::TrackEvent;

perfetto::Trace decoded(const Trace& trace) {
  perfetto::Trace out;
  EXPECT_TRUE(out.ParseFromString(to_perfetto(trace, "run of net on chip")));
  return out;
}

struct Slice {
  std::string name;
  std::uint64_t begin, end;
  std::optional<std::uint64_t> op;
  bool operator==(const Slice&) const = default;
};

/// What a viewer makes of the file: slices per track, matched as a stack; fails on what a viewer would reject.
class Viewer {
 public:
  explicit Viewer(const perfetto::Trace& file) {
    std::uint64_t now = 0;
    for (const auto& packet : file.packet()) {
      EXPECT_EQ(packet.trusted_packet_sequence_id(), 1u);
      for (const auto& name : packet.interned_data().event_names())
        EXPECT_TRUE(names_.emplace(name.iid(), name.name()).second);
      if (packet.has_track_descriptor()) add(packet.track_descriptor());
      if (!packet.has_track_event()) continue;
      EXPECT_GE(packet.timestamp(), now) << "packets are sorted";
      now = packet.timestamp();
      add(packet.track_event(), now);
    }
    for (const auto& [uuid, open] : open_) EXPECT_TRUE(open.empty()) << "unfinished slice";
  }

  std::map<std::uint64_t, TrackDescriptor> tracks;
  std::map<std::uint64_t, std::vector<Slice>> slices;
  std::map<std::uint64_t, std::vector<std::pair<std::uint64_t, double>>> counters;

 private:
  void add(const TrackDescriptor& track) {
    EXPECT_TRUE(!track.has_parent_uuid() || tracks.count(track.parent_uuid()) == 1) << "parents come first";
    EXPECT_TRUE(tracks.emplace(track.uuid(), track).second) << "uuids are unique";
  }
  void add(const TrackEvent& event, std::uint64_t now) {
    ASSERT_EQ(tracks.count(event.track_uuid()), 1u);
    auto& open = open_[event.track_uuid()];
    if (event.type() == TrackEvent::TYPE_SLICE_BEGIN) {
      EXPECT_TRUE(open.empty()) << "an end stands before the next begin";
      open.push_back({names_.at(event.name_iid()), now, 0, std::nullopt});
      if (event.debug_annotations_size() > 0) open.back().op = event.debug_annotations(0).uint_value();
    } else if (event.type() == TrackEvent::TYPE_SLICE_END) {
      ASSERT_FALSE(open.empty()) << "end without begin";
      open.back().end = now;
      slices[event.track_uuid()].push_back(open.back());
      open.pop_back();
    } else {
      EXPECT_TRUE(tracks.at(event.track_uuid()).has_counter());
      counters[event.track_uuid()].emplace_back(now, event.double_counter_value());
    }
  }
  std::map<std::uint64_t, std::string> names_;
  std::map<std::uint64_t, std::vector<Slice>> open_;
};

TEST(Perfetto, TracksHangUnderTheirDeviceAndTheRun) {
  Trace trace;
  const auto npu = trace.add_track({.name = "npu0", .parent = std::nullopt, .unit = ""});
  trace.add_track({.name = "compute", .parent = npu, .unit = ""});
  trace.add_track({.name = "power", .parent = npu, .counter = true, .unit = "W"});
  const auto file = decoded(trace);
  ASSERT_EQ(file.packet_size(), 4);
  EXPECT_EQ(file.packet(0).track_descriptor().process().process_name(), "run of net on chip");
  EXPECT_EQ(file.packet(0).sequence_flags(), 1u) << "incremental state starts here";
  EXPECT_EQ(file.packet(1).sequence_flags(), 2u);

  const Viewer viewer(file);
  EXPECT_EQ(viewer.tracks.at(2).name(), "npu0");
  EXPECT_EQ(viewer.tracks.at(2).parent_uuid(), 1u);
  EXPECT_EQ(viewer.tracks.at(3).name(), "compute");
  EXPECT_EQ(viewer.tracks.at(3).parent_uuid(), 2u);
  EXPECT_EQ(viewer.tracks.at(4).counter().unit_name(), "W");
}

TEST(Perfetto, SpansAndCountersComeBack) {
  Trace trace;
  const auto compute = trace.add_track({.name = "compute", .parent = std::nullopt, .unit = ""});
  const auto power = trace.add_track({.name = "power", .parent = std::nullopt, .counter = true, .unit = "W"});
  trace.sample({power, Time(), 0.25});
  trace.span({compute, trace.name("conv"), OpId(0), Time(), Time::ps(2'999)});
  trace.span({compute, trace.name("idle"), std::nullopt, Time::ps(2'999), Time::ps(5'000)});
  trace.sample({power, Time::ps(5'000), 1.5});
  const Viewer viewer(decoded(trace));
  EXPECT_EQ(viewer.slices.at(2), (std::vector<Slice>{{"conv", 0, 2, 0}, {"idle", 2, 5, std::nullopt}}));
  EXPECT_EQ(viewer.counters.at(3), (std::vector<std::pair<std::uint64_t, double>>{{0, 0.25}, {5, 1.5}}));
}

TEST(Perfetto, SpansOfNoLengthKeepTheirPlace) {
  Trace trace;
  const auto track = trace.add_track({.name = "t", .parent = std::nullopt, .unit = ""});
  // Recorded out of order; several begin and end within one nanosecond.
  trace.span({track, trace.name("c"), std::nullopt, Time::ps(1'300), Time::ps(1'800)});
  trace.span({track, trace.name("b"), std::nullopt, Time::ps(1'300), Time::ps(1'300)});
  trace.span({track, trace.name("a"), std::nullopt, Time::ps(0), Time::ps(1'300)});
  trace.span({track, trace.name("d"), std::nullopt, Time::ps(1'900), Time::ps(1'900)});
  const Viewer viewer(decoded(trace));
  EXPECT_EQ(
      viewer.slices.at(2),
      (std::vector<Slice>{
          {"a", 0, 1, std::nullopt}, {"b", 1, 1, std::nullopt}, {"c", 1, 1, std::nullopt}, {"d", 1, 1, std::nullopt}}));
}

TEST(Perfetto, RandomTracesComeBackWhole) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    Trace trace;
    std::map<std::uint64_t, std::vector<Slice>> expected;
    for (std::size_t t = 0; t < 4; ++t) {
      const auto track = trace.add_track({.name = "same name", .parent = std::nullopt, .unit = ""});
      Time now;
      for (int i = 0; i < 100; ++i) {
        const Time begin = now + Time::ps(static_cast<std::int64_t>(random() % 3 == 0 ? random() % 3000 : 0));
        now = begin + Time::ps(static_cast<std::int64_t>(random() % 4 == 0 ? 0 : random() % 2500));
        const std::string name = std::string("op") + std::to_string(random() % 20);
        trace.span({track, trace.name(name), OpId(static_cast<std::size_t>(i)), begin, now});
        expected[t + 2].push_back(
            {name, static_cast<std::uint64_t>(begin.ps() / 1000), static_cast<std::uint64_t>(now.ps() / 1000), i});
      }
    }
    ASSERT_EQ(Viewer(decoded(trace)).slices, expected);
  }
}

TEST(Perfetto, OverlapsAndBackwardSpansAreBugs) {
  const auto write = [](std::int64_t begin, std::int64_t end) {
    Trace trace;
    const auto track = trace.add_track({.name = "t", .parent = std::nullopt, .unit = ""});
    trace.span({track, trace.name("a"), std::nullopt, Time(), Time::ps(10)});
    trace.span({track, trace.name("b"), std::nullopt, Time::ps(begin), Time::ps(end)});
    return to_perfetto(trace, "p");
  };
  EXPECT_NO_THROW(write(10, 12));
  EXPECT_THROW(write(9, 12), InvariantError);
  EXPECT_THROW(write(12, 11), InvariantError);
  EXPECT_THROW(write(-5, -1), InvariantError);
}

TEST(Perfetto, ASampleBelongsOnACounterTrack) {
  Trace trace;
  const auto track = trace.add_track({.name = "t", .parent = std::nullopt, .unit = ""});
  trace.sample({track, Time(), 1.0});
  EXPECT_THROW(to_perfetto(trace, "p"), InvariantError);
}

TEST(Perfetto, EqualTracesGiveEqualBytes) {
  const auto write = [] {
    Trace trace;
    const auto track = trace.add_track({.name = "t", .parent = std::nullopt, .unit = ""});
    trace.span({track, trace.name("a"), OpId(3), Time(), Time::ps(10'000)});
    return to_perfetto(trace, "p");
  };
  EXPECT_EQ(write(), write());
}

}  // namespace
}  // namespace chipcast

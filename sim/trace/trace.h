// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace chipcast {

using TrackId = Id<struct TrackTag>;
using NameId = Id<struct NameTag>;

/// Something that an engine did from `begin` to `end`. Spans of one track do not overlap.
struct Span {
  TrackId track;
  NameId name;
  std::optional<OpId> op;
  Time begin, end;
};

/// A value that holds from `at` until the track's next sample.
struct CounterSample {
  TrackId track;
  Time at;
  double value;
};

struct Track {
  std::string name;               ///< "compute"
  std::optional<TrackId> parent;  ///< the device that the engine belongs to
  bool counter = false;
  std::string unit;  ///< of a counter: "W", "B/s"
};

/// What happened in a run, kept in memory; sinks write it out afterwards.
class Trace {
 public:
  TrackId add_track(Track track);
  NameId name(const std::string& text);
  void span(const Span& span) { spans_.push_back(span); }
  void sample(const CounterSample& sample) { samples_.push_back(sample); }

  const std::vector<Track>& tracks() const { return tracks_; }
  const std::string& text(NameId id) const { return names_.at(id.index()); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Span>& spans() const { return spans_; }
  const std::vector<CounterSample>& samples() const { return samples_; }

 private:
  std::vector<Track> tracks_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, NameId> name_ids_;
  std::vector<Span> spans_;
  std::vector<CounterSample> samples_;
};

/// 64-bit FNV-1a over (track, name, begin, end) of every span in order: equal runs have equal fingerprints.
/// Tracks and names count by their text, so the order in which they were registered does not show.
std::uint64_t fingerprint(const Trace& trace);

/// The trace as a Perfetto protobuf file (TrackEvent packets), one track per engine under its device,
/// counters as counter tracks. `process` names the run. Timestamps are nanoseconds in that format: times are
/// rounded down to it, spans keep their order. A span's operator becomes the argument "op".
std::string to_perfetto(const Trace& trace, const std::string& process);

}  // namespace chipcast

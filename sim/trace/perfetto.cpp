// SPDX-License-Identifier: Apache-2.0
#include <perfetto_trace.pb.h>

#include <algorithm>

#include "sim/base/check.h"
#include "sim/trace/trace.h"

namespace chipcast {
namespace {

using perfetto::TracePacket;
using perfetto::TrackDescriptor;
using perfetto::TrackEvent;

constexpr std::uint32_t kSequence = 1;
constexpr std::uint64_t kProcessUuid = 1;
constexpr std::int64_t kPicosecondsPerNanosecond = 1000;

std::uint64_t uuid_of(TrackId track) { return kProcessUuid + 1 + track.index(); }
std::uint64_t iid_of(NameId name) { return 1 + name.index(); }  // 0 stands for "not interned"

/// A point in the trace: the begin or end of a span, or a counter's new value.
struct Event {
  std::uint64_t ns;
  TrackEvent::Type type;
  std::size_t index;  ///< into spans() or samples()
};

std::uint64_t nanoseconds(Time t) {
  CHIPCAST_ASSERT(t >= Time());
  return static_cast<std::uint64_t>(t.ps() / kPicosecondsPerNanosecond);
}

/// Spans by begin; of spans that begin together the shorter first, so that one of no length stands before
/// the one that follows it.
std::vector<std::size_t> spans_in_time(const Trace& trace) {
  std::vector<std::size_t> order(trace.spans().size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Span &x = trace.spans()[a], &y = trace.spans()[b];
    return x.begin != y.begin ? x.begin < y.begin : x.end < y.end;
  });
  return order;
}

/// All events by time. Per track begin and end alternate, and the sort is stable: rounding to nanoseconds,
/// which makes different times equal, cannot swap them.
std::vector<Event> events_in_time(const Trace& trace) {
  std::vector<Event> events;
  events.reserve(2 * trace.spans().size() + trace.samples().size());
  std::vector<Time> free_from(trace.tracks().size());
  for (const std::size_t i : spans_in_time(trace)) {
    const Span& span = trace.spans()[i];
    Time& free = free_from.at(span.track.index());
    CHIPCAST_ASSERT(free <= span.begin && span.begin <= span.end);
    free = span.end;
    events.push_back({nanoseconds(span.begin), TrackEvent::TYPE_SLICE_BEGIN, i});
    events.push_back({nanoseconds(span.end), TrackEvent::TYPE_SLICE_END, i});
  }
  for (std::size_t i = 0; i < trace.samples().size(); ++i) {
    const Time at = trace.samples()[i].at;
    events.push_back({nanoseconds(at), TrackEvent::TYPE_COUNTER, i});
  }
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.ns < b.ns; });
  return events;
}

/// Appends packets to the file's bytes: a file is the concatenation of Trace messages of one packet each.
class PacketWriter {
 public:
  explicit PacketWriter(const Trace& trace) : trace_(trace), packet_(*chunk_.add_packet()) {}

  std::string write(const std::string& process) {
    process_packet(process);
    for (std::size_t i = 0; i < trace_.tracks().size(); ++i) track_packet(TrackId(i));
    for (const auto& event : events_in_time(trace_)) event_packet(event);
    return std::move(bytes_);
  }

 private:
  void begin_packet(std::uint32_t flags) {
    packet_.Clear();
    packet_.set_trusted_packet_sequence_id(kSequence);
    packet_.set_sequence_flags(flags);
  }
  void end_packet() { CHIPCAST_ASSERT(chunk_.AppendToString(&bytes_)); }

  /// The first packet: the run as a process, and the table of names that all later packets point into.
  void process_packet(const std::string& process) {
    begin_packet(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
    TrackDescriptor& descriptor = *packet_.mutable_track_descriptor();
    descriptor.set_uuid(kProcessUuid);
    descriptor.set_child_ordering(TrackDescriptor::EXPLICIT);
    descriptor.mutable_process()->set_pid(1);
    descriptor.mutable_process()->set_process_name(process);
    for (std::size_t i = 0; i < trace_.names().size(); ++i) {
      auto& name = *packet_.mutable_interned_data()->add_event_names();
      name.set_iid(iid_of(NameId(i)));
      name.set_name(trace_.names()[i]);
    }
    end_packet();
  }

  void track_packet(TrackId id) {
    const Track& track = trace_.tracks()[id.index()];
    begin_packet(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
    TrackDescriptor& descriptor = *packet_.mutable_track_descriptor();
    descriptor.set_uuid(uuid_of(id));
    descriptor.set_parent_uuid(track.parent ? uuid_of(*track.parent) : kProcessUuid);
    descriptor.set_name(track.name);
    descriptor.set_child_ordering(TrackDescriptor::EXPLICIT);
    descriptor.set_sibling_order_rank(static_cast<std::int32_t>(id.index()));
    descriptor.set_sibling_merge_behavior(TrackDescriptor::SIBLING_MERGE_BEHAVIOR_NONE);
    if (track.counter) descriptor.mutable_counter()->set_unit_name(track.unit);
    end_packet();
  }

  void event_packet(const Event& event) {
    begin_packet(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
    packet_.set_timestamp(event.ns);
    TrackEvent& out = *packet_.mutable_track_event();
    out.set_type(event.type);
    if (event.type == TrackEvent::TYPE_COUNTER) {
      fill(out, trace_.samples()[event.index]);
    } else {
      fill(out, trace_.spans()[event.index]);
    }
    end_packet();
  }

  void fill(TrackEvent& out, const CounterSample& sample) const {
    CHIPCAST_ASSERT(trace_.tracks().at(sample.track.index()).counter);
    out.set_track_uuid(uuid_of(sample.track));
    out.set_double_counter_value(sample.value);
  }

  void fill(TrackEvent& out, const Span& span) const {
    CHIPCAST_ASSERT(!trace_.tracks()[span.track.index()].counter);
    out.set_track_uuid(uuid_of(span.track));
    if (out.type() == TrackEvent::TYPE_SLICE_END) return;
    out.set_name_iid(iid_of(span.name));
    if (!span.op) return;
    auto& annotation = *out.add_debug_annotations();
    annotation.set_name("op");
    annotation.set_uint_value(span.op->index());
  }

  const Trace& trace_;
  perfetto::Trace chunk_;
  TracePacket& packet_;
  std::string bytes_;
};

}  // namespace

std::string to_perfetto(const Trace& trace, const std::string& process) { return PacketWriter(trace).write(process); }

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "accelerators/shell/job.h"
#include "models/power/governor_config.h"
#include "platform/simulation.h"
#include "sim/config/field.h"
#include "sim/config/json.h"

/// What runs on a platform over time: several networks, each again and again.
namespace chipcast {

using shell::Policy;
using shell::Preemption;

/// How jobs choose among the mappings of a stream.
enum class Assignment {
  rotate,     ///< in turn, by their weights
  first_free  ///< the first that has room for another job
};
constexpr std::array<std::pair<Assignment, std::string_view>, 2> enum_names(Assignment) {
  return {{{Assignment::rotate, "rotate"}, {Assignment::first_free, "first_free"}}};
}

/// One mapping of a stream's network; what is not stated is as in the stream's options.
struct StreamVariant {
  std::vector<std::string> devices;
  std::optional<std::string> mapper;
  int weight{1};
  std::optional<int> in_flight;

  template <class V>
  void visit(V& v) {
    v.field("devices", devices, {.doc = "Use only these devices; empty: those of the stream's options."});
    v.field("mapper", mapper, {.doc = "Placement policy; absent: that of the stream's options."});
    v.field("weight", weight, {.doc = "So many jobs of a round take this mapping.", .min = 1, .max = 1000});
    v.field("in_flight", in_flight,
            {.doc = "Jobs of this mapping in flight at most; absent: as the stream, an equal share under first_free.",
             .min = 1,
             .max = 1024});
  }
};

/// A network that is run again and again. Jobs are released by `period`, `rate`, `arrivals` or, in a closed loop, by
/// the end of the one before; without any of these all at once.
struct Stream {
  std::string network;
  Json network_options = Json::object(), shapes = Json::object();
  RunOptions options;
  std::optional<Seconds> period;
  std::optional<Hertz> rate;
  std::vector<Seconds> arrivals;
  bool closed_loop{false};
  std::optional<std::int64_t> count;
  int samples{1};
  Seconds offset{0.0}, jitter{0.0};
  std::optional<Seconds> deadline;
  int priority{0};
  int in_flight{4};
  std::vector<StreamVariant> variants;
  Assignment assignment{Assignment::rotate};

  template <class V>
  void visit(V& v) {
    v.field("network", network, {.doc = "Name of a bundled network, or a model file.", .required = true});
    v.field("network_options", network_options, {.doc = "Variant of a bundled network: {\"batch\": 4}."});
    v.field("shapes", shapes,
            {.doc = "Shapes of inputs that a model file leaves open: {\"input\": [1, 3, 224, 224]}."});
    v.field("options", options, {.doc = "How the network is transformed and mapped."});
    v.field("period", period, {.doc = "From one release to the next.", .min = kShortest, .max = kLongest});
    v.field("rate", rate,
            {.doc = "Releases at random (a Poisson process), so many a second on average.",
             .min = Hertz(1e-3),
             .max = Hertz(1e9)});
    v.field("arrivals", arrivals, {.doc = "Times of release, ascending."});
    v.field("closed_loop", closed_loop, {.doc = "A release follows the end of the one before."});
    v.field("count", count,
            {.doc = "Releases; absent: one, or as many as there are arrivals.", .min = 1, .max = kMost});
    v.field("samples", samples,
            {.doc = "Jobs that are released together: the samples of a query.", .min = 1, .max = 1'000'000});
    v.field("offset", offset,
            {.doc = "Time of the first release, or added to all.", .min = Seconds(0.0), .max = kLongest});
    v.field("jitter", jitter,
            {.doc = "Each release comes later by up to this much, at random.", .min = Seconds(0.0), .max = kLongest});
    v.field("deadline", deadline,
            {.doc = "A release is to be done after this time.", .min = kShortest, .max = kLongest});
    v.field("priority", priority,
            {.doc = "Under fixed_priority the stream with the larger one goes first.",
             .min = -1'000'000,
             .max = 1'000'000});
    v.field("in_flight", in_flight,
            {.doc = "Jobs of this stream in flight at most; each has buffers of its own for "
                    "activations. Others wait.",
             .min = 1,
             .max = 1024});
    v.field("variants", variants, {.doc = "Mappings among which jobs choose; empty: one, by the options."});
    v.field("assignment", assignment, {.doc = "How jobs choose among the variants."});
  }
  /// Throws std::invalid_argument.
  void validate() const;

  std::int64_t releases() const;

  static constexpr std::int64_t kMost = 1'000'000;
  static constexpr Seconds kShortest{1e-9}, kLongest{1e6};
};

/// What holds where a file has no member `power`: nobody changes anything, domains are always ready.
inline power::Management unmanaged() {
  power::Management out;
  out.governor.idle = power::IdlePolicy::none;
  return out;
}

/// The members of a file of streams.
struct StreamsSpec {
  std::string name{"unnamed"};
  std::string description;
  Policy policy{Policy::fifo};
  Preemption preemption{Preemption::none};
  std::uint64_t seed{0};
  Named<Stream> streams;
  power::Management power = unmanaged();
  Seconds max_simulated_time{3600.0};
  std::uint64_t max_events{2'000'000'000}, max_idle_events{50'000'000};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Short name."});
    v.field("description", description, {.doc = "What it is, for people."});
    v.field("policy", policy, {.doc = "Which job goes first on a device."});
    v.field("preemption", preemption, {.doc = "When a device may turn to a job that goes first."});
    v.field("seed", seed, {.doc = "Of jitter and of random arrivals."});
    v.field("streams", streams, {.doc = "What runs, by name.", .required = true});
    v.field("power", power,
            {.doc = "Who chooses operating points and idle states while it runs; absent: nobody, and nothing sleeps."});
    v.field("max_simulated_time", max_simulated_time,
            {.doc = "The run is ended after this much simulated time.", .min = Seconds(1e-9), .max = Seconds(8.0e6)});
    v.field("max_events", max_events, {.doc = "The run is ended after this many events.", .min = 1});
    v.field("max_idle_events", max_idle_events,
            {.doc = "The run is ended after this many events in which no load, compute or store has ended.", .min = 1});
  }
  /// Throws std::invalid_argument; InputError with its place for what is wrong with one stream.
  void validate() const;

  /// All jobs and mappings are in memory at once (jobs: Stream::kMost of all streams together).
  static constexpr std::size_t kMostStreams = 256, kMostVariants = 64;
  static constexpr std::int64_t kMostWeights = 4096;
};

/// JSON Schema of a file of streams.
Json streams_schema();

}  // namespace chipcast

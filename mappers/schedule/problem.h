// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mappers/mapping.h"
#include "sim/config/field.h"

/// Scheduling apart from networks: tasks with precedence, several ways to run each, devices that run one thing at a
/// time. Every policy works on this. Plain doubles: seconds, bytes, joules, watts.
namespace chipcast::schedule {

/// Limits of problems from outside, far beyond machines, so that sums and products stay finite. kMostSeconds is for
/// joules and watts too.
inline constexpr double kMostSeconds = 1e9, kMostBytes = 1e18, kLeastWork = 1e-15;
inline constexpr std::int64_t kMostPositions = std::int64_t{1} << 40, kMostRows = std::int64_t{1} << 20;

/// Running one thing on one device by itself.
struct Cost {
  double overhead = 0.0;  ///< s, device busy without touching memory: launch
  double work = 0.0;      ///< s, computing and moving
  double bytes = 0.0;     ///< moved during `work`: what competes for the shared memory
  double energy = 0.0;    ///< J, besides what the platform draws all the time

  double seconds() const { return overhead + work; }
  template <class V>
  void visit(V& v) {
    v.field("overhead", overhead, {.doc = "Seconds before the work: launch.", .min = 0.0, .max = kMostSeconds});
    v.field("work", work,
            {.doc = "Seconds of computing and moving: 0, or 1e-15 and more.", .min = 0.0, .max = kMostSeconds});
    v.field("bytes", bytes, {.doc = "Moved during the work.", .min = 0.0, .max = kMostBytes});
    v.field("energy", energy, {.doc = "Joules besides idle power.", .min = 0.0, .max = kMostSeconds});
  }
  friend bool operator==(const Cost&, const Cost&) = default;
};

/// What one device does of a task.
struct Part {
  std::size_t device = 0;
  OpPart range{};
  Cost cold{};                  ///< inputs come from memory
  Cost local{};                 ///< all computed inputs were written by this device; equals `cold` where it keeps none
  double publish = 0.0;         ///< s after its end until other devices may read: a store that `cold` has not in it
  double publish_energy = 0.0;  ///< J of that store
  double power = 0.0;           ///< W while it runs, for the cap

  template <class V>
  void visit(V& v) {
    v.field("device", device, {.doc = "Index of the device.", .required = true});
    v.field("axis", range.axis, {.doc = "Along which the task is cut."});
    v.field("begin", range.begin, {.doc = "First position of the part.", .min = 0, .max = kMostPositions});
    v.field("end", range.end, {.doc = "One beyond its last position.", .min = 0, .max = kMostPositions});
    v.field("cold", cold, {.doc = "Cost where inputs come from memory.", .required = true});
    v.field("local", local, {.doc = "Cost where this device wrote them.", .required = true});
    v.field("publish", publish,
            {.doc = "Seconds behind its end until other devices may read.", .min = 0.0, .max = kMostSeconds});
    v.field("publish_energy", publish_energy, {.doc = "Joules of that.", .min = 0.0, .max = kMostSeconds});
    v.field("power", power, {.doc = "Watts while it runs.", .min = 0.0, .max = kMostSeconds});
  }
};

/// A way to run a task: on one device, or cut into parts on several that start each on its own.
struct Mode {
  std::vector<Part> parts{};
  bool split() const { return parts.size() > 1; }
  template <class V>
  void visit(V& v) {
    v.field("parts", parts, {.doc = "What each device does.", .required = true});
  }
};

/// Which positions of a producer a part of its reader needs.
struct Need {
  enum class Kind {
    all,
    channels,  ///< those of the same output channels
    rows       ///< rows [stride * begin - pad, stride * (end - 1) - pad + reach)
  };
  Kind rows_cut = Kind::all, channels_cut = Kind::all;  ///< where both ends are cut along rows, along channels
  std::int64_t stride = 1, pad = 0, reach = 1;

  template <class V>
  void visit(V& v) {
    v.field("rows_cut", rows_cut, {.doc = "Where both ends are cut along rows."});
    v.field("channels_cut", channels_cut, {.doc = "Where both ends are cut along channels."});
    v.field("stride", stride, {.doc = "Rows of the producer for each of the reader.", .min = 1, .max = kMostRows});
    v.field("pad", pad, {.doc = "Rows before the first.", .min = -kMostRows, .max = kMostRows});
    v.field("reach", reach, {.doc = "Rows that one row of the reader needs.", .min = 1, .max = kMostRows});
  }
};
constexpr std::array<std::pair<Need::Kind, std::string_view>, 3> enum_names(Need::Kind) {
  return {{{Need::Kind::all, "all"}, {Need::Kind::channels, "channels"}, {Need::Kind::rows, "rows"}}};
}

struct Input {
  std::size_t task = 0;  ///< that it waits for
  double bytes = 0.0;
  Need need{};

  template <class V>
  void visit(V& v) {
    v.field("task", task, {.doc = "Index of the task that it waits for.", .required = true});
    v.field("bytes", bytes, {.doc = "Read from it.", .min = 0.0, .max = kMostBytes});
    v.field("need", need, {.doc = "Which of its parts a part needs."});
  }
};

struct Task {
  std::string name;
  std::vector<Mode> modes{};  ///< none may be empty
  std::vector<Input> inputs{};
  bool leaves = false;         ///< its result is wanted in memory at the end
  double result_bytes = 0.0;   ///< live from here to the last reader, and to the end where it leaves
  double scratch_bytes = 0.0;  ///< live while it runs

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "For people."});
    v.field("modes", modes, {.doc = "Ways to run it.", .required = true});
    v.field("inputs", inputs, {.doc = "What it waits for: earlier tasks."});
    v.field("leaves", leaves, {.doc = "Its result is wanted in memory at the end."});
    v.field("result_bytes", result_bytes, {.doc = "Live until the last reader.", .min = 0.0, .max = kMostBytes});
    v.field("scratch_bytes", scratch_bytes, {.doc = "Live while it runs.", .min = 0.0, .max = kMostBytes});
  }
};

/// A tensor that is in memory from the start until its last reader has run, or to the end where it leaves.
struct GraphInput {
  double bytes = 0.0;
  std::vector<std::size_t> readers{};  ///< tasks
  bool leaves = false;

  template <class V>
  void visit(V& v) {
    v.field("bytes", bytes, {.doc = "Live until the last reader.", .min = 0.0, .max = kMostBytes});
    v.field("readers", readers, {.doc = "Indices of the tasks that read it."});
    v.field("leaves", leaves, {.doc = "It is wanted in memory at the end."});
  }
};

/// `tasks` are in topological order.
struct Problem {
  std::vector<std::string> devices;
  std::vector<Task> tasks;
  std::vector<std::vector<std::size_t>> readers;  ///< per task; link() fills it
  std::vector<double> call;                       ///< s once, before a device's first part; empty for none
  double handoff = 0.0;  ///< s on the reader's device before a part that reads another's result
  /// s and s/byte between devices, [from * devices + to]; empty for none. For machines without a shared memory, and for
  /// conversions between the forms in which devices store.
  std::vector<double> latency, seconds_per_byte;
  double bandwidth = 0.0;    ///< bytes/s of the shared memory; 0: transfers do not disturb each other
  double idle_power = 0.0;   ///< W from start to end
  double fixed_bytes = 0.0;  ///< parameters: live all the time
  std::vector<GraphInput> graph_inputs;
  Objective objective = Objective::latency;
  std::optional<double> power_cap, memory_cap;

  double call_of(std::size_t device) const { return call.empty() ? 0.0 : call[device]; }
  void link();  ///< fills `readers`
  std::size_t transfer_index(std::size_t from, std::size_t to) const { return from * devices.size() + to; }
  /// Seconds between the end of a part and the earliest start of a reader on another device.
  double delay(const Part& from, std::size_t to, double bytes) const {
    double out = from.publish;
    if (!latency.empty()) out += latency[transfer_index(from.device, to)];
    if (!seconds_per_byte.empty()) out += bytes * seconds_per_byte[transfer_index(from.device, to)];
    return out;
  }

  template <class V>
  void visit(V& v) {
    v.field("devices", devices, {.doc = "Names.", .required = true});
    v.field("tasks", tasks, {.doc = "In an order in which they can run.", .required = true});
    v.field("call", call, {.doc = "Seconds once, before a device's first part; empty for none."});
    v.field("handoff", handoff,
            {.doc = "Seconds before a part that reads another device's result.", .min = 0.0, .max = kMostSeconds});
    v.field("latency", latency, {.doc = "Seconds from device to device, row by row; empty for none."});
    v.field("seconds_per_byte", seconds_per_byte, {.doc = "Likewise for each byte."});
    v.field("bandwidth", bandwidth,
            {.doc = "Bytes per second of the shared memory; 0: no contention; otherwise 1 and more.",
             .min = 0.0,
             .max = kMostBytes});
    v.field("idle_power", idle_power, {.doc = "Watts from start to end.", .min = 0.0, .max = kMostSeconds});
    v.field("fixed_bytes", fixed_bytes, {.doc = "Live all the time.", .min = 0.0, .max = kMostBytes});
    v.field("graph_inputs", graph_inputs, {.doc = "In memory from the start."});
    v.field("objective", objective, {.doc = "What is made least."});
    v.field("power_cap", power_cap, {.doc = "Watts of all that runs at once."});
    v.field("memory_cap", memory_cap, {.doc = "Bytes that are live at once."});
  }
};

/// A decision: a mode for each task, and the order in which work is issued; every device runs its parts in this order.
struct Solution {
  std::vector<std::uint32_t> modes;
  std::vector<std::uint32_t> order;
  friend bool operator==(const Solution&, const Solution&) = default;

  template <class V>
  void visit(V& v) {
    v.field("modes", modes, {.doc = "Of each task, its mode.", .required = true});
    v.field("order", order, {.doc = "Tasks in the order of issue.", .required = true});
  }
};

/// What it comes to.
struct Value {
  double makespan = 0.0, energy = 0.0;
  double peak_power = 0.0;   ///< of parts that run at once, idle power included
  double peak_memory = 0.0;  ///< bytes

  template <class V>
  void visit(V& v) {
    v.field("makespan", makespan, {.doc = "Seconds."});
    v.field("energy", energy, {.doc = "Joules."});
    v.field("peak_power", peak_power, {.doc = "Watts; 0 where there is no cap."});
    v.field("peak_memory", peak_memory, {.doc = "Bytes; 0 where there is no cap."});
  }
  double of(Objective objective) const {
    return objective == Objective::latency ? makespan : objective == Objective::energy ? energy : energy * makespan;
  }
};

/// Throws InputError(place) where indices, sizes, values or the order of tasks do not fit: for problems and solutions
/// from outside.
void check(const Problem& problem, const std::string& place);
void check(const Problem& problem, const Solution& solution, const std::string& place);

/// The producer's part has something that the reader's part needs.
bool overlaps(const Need& need, const OpPart& producer, const OpPart& reader);

inline constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace chipcast::schedule

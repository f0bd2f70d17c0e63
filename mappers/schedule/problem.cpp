// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/problem.h"

#include <algorithm>
#include <sstream>

#include "sim/base/check.h"

namespace chipcast::schedule {

void Problem::link() {
  readers.assign(tasks.size(), {});
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    for (const Input& input : tasks[t].inputs) {
      CHIPCAST_ASSERT(input.task < t);
      auto& list = readers[input.task];
      if (list.empty() || list.back() != t) list.push_back(t);
    }
  }
}

namespace {

std::string at(const std::string& place, const char* list, std::size_t index) {
  return place + "." + list + "[" + std::to_string(index) + "]";
}

void check_modes(const Problem& problem, const Task& task, const std::string& place) {
  if (task.modes.empty()) throw InputError(place + ".modes", "empty; a task needs at least one way to run");
  for (std::size_t m = 0; m < task.modes.size(); ++m) {
    if (task.modes[m].parts.empty()) throw InputError(at(place, "modes", m) + ".parts", "empty; name one part or more");
    for (const Part& part : task.modes[m].parts) {
      if (part.device >= problem.devices.size()) {
        throw InputError(at(place, "modes", m), "device " + std::to_string(part.device) + " is not one of the " +
                                                    std::to_string(problem.devices.size()) + " devices");
      }
      for (const Cost* cost : {&part.cold, &part.local}) {
        if (cost->work == 0.0 || cost->work >= kLeastWork) continue;
        throw InputError(at(place, "modes", m), "work is between 0 and 1e-15 s; give 0, or 1e-15 and more");
      }
    }
  }
}

void check_range(double value, double most, const std::string& place) {
  if (value >= 0.0 && value <= most) return;
  std::ostringstream text;
  text << "is " << value << "; give 0 to " << most;
  throw InputError(place, text.str());
}

void check_values(const Problem& problem, const std::string& place) {
  const auto each = [&](const std::vector<double>& list, const char* name) {
    for (std::size_t i = 0; i < list.size(); ++i) check_range(list[i], kMostSeconds, at(place, name, i));
  };
  each(problem.call, "call");
  each(problem.latency, "latency");
  each(problem.seconds_per_byte, "seconds_per_byte");
  check_range(problem.power_cap.value_or(0.0), kMostSeconds, place + ".power_cap");
  check_range(problem.memory_cap.value_or(0.0), kMostBytes, place + ".memory_cap");
  if (problem.bandwidth > 0.0 && problem.bandwidth < 1.0) {
    throw InputError(place + ".bandwidth", "is less than 1 byte/s; give 0 for no contention, or 1 and more");
  }
}

}  // namespace

void check(const Problem& problem, const std::string& place) {
  if (problem.devices.empty()) throw InputError(place + ".devices", "empty; name at least one");
  const std::size_t pairs = problem.devices.size() * problem.devices.size();
  const auto fits = [](std::size_t size, std::size_t wanted) { return size == 0 || size == wanted; };
  if (!fits(problem.latency.size(), pairs) || !fits(problem.seconds_per_byte.size(), pairs)) {
    throw InputError(place, "latency and seconds_per_byte have one entry for each pair of devices, or none");
  }
  if (!fits(problem.call.size(), problem.devices.size())) {
    throw InputError(place + ".call", "has one entry for each device, or none");
  }
  check_values(problem, place);
  for (std::size_t i = 0; i < problem.graph_inputs.size(); ++i) {
    for (const std::size_t reader : problem.graph_inputs[i].readers) {
      if (reader < problem.tasks.size()) continue;
      throw InputError(at(place, "graph_inputs", i), "reader " + std::to_string(reader) + " is not one of the " +
                                                         std::to_string(problem.tasks.size()) + " tasks");
    }
  }
  for (std::size_t t = 0; t < problem.tasks.size(); ++t) {
    check_modes(problem, problem.tasks[t], at(place, "tasks", t));
    for (const Input& input : problem.tasks[t].inputs) {
      if (input.task < t) continue;
      throw InputError(at(place, "tasks", t), "reads task " + std::to_string(input.task) +
                                                  ", which does not come before it; order tasks by precedence");
    }
  }
}

void check(const Problem& problem, const Solution& solution, const std::string& place) {
  const std::size_t tasks = problem.tasks.size();
  if (solution.modes.size() != tasks || solution.order.size() != tasks) {
    throw InputError(place, "has " + std::to_string(solution.modes.size()) + " modes and " +
                                std::to_string(solution.order.size()) + " tasks in order for " + std::to_string(tasks) +
                                " tasks");
  }
  std::vector<std::uint8_t> seen(tasks, 0);
  for (std::size_t i = 0; i < tasks; ++i) {
    if (solution.modes[i] >= problem.tasks[i].modes.size()) {
      throw InputError(at(place, "modes", i), std::to_string(solution.modes[i]) + " is not one of the task's " +
                                                  std::to_string(problem.tasks[i].modes.size()) + " modes");
    }
    const std::uint32_t task = solution.order[i];
    if (task >= tasks || seen[task] != 0) throw InputError(at(place, "order", i), "every task comes once");
    for (const Input& input : problem.tasks[task].inputs) {
      if (seen[input.task] == 0) throw InputError(at(place, "order", i), "the task comes before one that it reads");
    }
    seen[task] = 1;
  }
}

bool overlaps(const Need& need, const OpPart& producer, const OpPart& reader) {
  if (producer.whole() || reader.whole() || producer.axis != reader.axis) return true;
  if (producer.axis == PartAxis::out_channels) {
    if (need.channels_cut != Need::Kind::channels) return true;
    return producer.begin < reader.end && reader.begin < producer.end;
  }
  if (need.rows_cut != Need::Kind::rows) return true;
  const std::int64_t begin = need.stride * reader.begin - need.pad;
  const std::int64_t end = need.stride * (reader.end - 1) - need.pad + need.reach;
  return producer.begin < end && begin < producer.end;
}

}  // namespace chipcast::schedule

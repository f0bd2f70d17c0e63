// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platform/job_source.h"

// What is known of jobs that are there, and of jobs to come.
namespace chipcast {
namespace {

void earlier(std::optional<Time>& first, Time at) { first = std::min(first.value_or(at), at); }

}  // namespace

JobAhead JobSource::ahead(std::size_t index) const {
  const JobRecord& record = jobs_[index];
  const StreamState& state = streams_[record.stream];
  const shell::Job* job = live_[index].get();
  return {.stream = record.stream,
          .variant = job != nullptr ? record.variant : state.variant_of(record.number).value_or(0),
          .job = job,
          .rank = rank(record, index),
          .released = record.released,
          .deadline = record.deadline};
}

std::vector<JobAhead> JobSource::jobs() const {
  std::vector<JobAhead> out;
  for (const std::size_t index : in_flight_) out.push_back(ahead(index));
  for (const auto& stream : streams_) {
    const std::size_t count = std::min(stream.waiting.size(), kMostWaiting);
    for (std::size_t i = 0; i < count; ++i) out.push_back(ahead(stream.waiting[i]));
  }
  return out;
}

std::vector<JobAhead> JobSource::coming(Time until) const {
  std::vector<JobAhead> out;
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    const StreamState& state = streams_[s];
    if (!state.load().foreseen) continue;
    std::int64_t number = numbers_[s];
    const std::int64_t first = number;
    for (; number - first < static_cast<std::int64_t>(kMostWaiting); ++number) {
      const auto at = state.due_after((number - first) / state.load().samples);
      if (!at || *at > until) break;
      JobRecord record{.stream = s, .number = number, .released = *at};
      if (state.load().deadline) record.deadline = *at + *state.load().deadline;
      out.push_back({.stream = s,
                     .variant = state.variant_of(number).value_or(0),
                     .job = nullptr,
                     .rank = rank(record, jobs_.size() + out.size()),
                     .released = *at,
                     .deadline = record.deadline});
    }
  }
  return out;
}

JobSource::Releases JobSource::next_releases(const std::vector<std::size_t>& devices) const {
  Releases out;
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    const StreamState& state = streams_[s];
    if (!state.load().foreseen) continue;
    const auto fits = [&](std::int64_t number, const auto& does) {
      const auto variant = state.variant_of(number);
      for (std::size_t v = 0; v < state.load().variants.size(); ++v) {
        if (variant && *variant != v) continue;
        const shell::JobPlan& plan = *state.load().variants[v].plan;
        if (std::any_of(devices.begin(), devices.end(), [&](auto d) { return does(plan, d); })) return true;
      }
      return false;
    };
    bool any = false, at_once = false;
    for (std::int64_t i = 0; i < state.round() && !(any && at_once); ++i) {
      const auto at = state.due_after(i / state.load().samples);
      if (!at) break;
      const std::int64_t number = numbers_[s] + i;
      if (!any && fits(number, uses)) {
        any = true;
        earlier(out.any, *at);
      }
      if (!at_once && fits(number, begins_on)) {
        at_once = true;
        earlier(out.at_once, *at);
      }
    }
  }
  return out;
}

bool JobSource::expects() const {
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const StreamState& state) { return state.due().has_value(); });
}

}  // namespace chipcast

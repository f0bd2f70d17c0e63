// SPDX-License-Identifier: Apache-2.0
#include "platform/job_source.h"

#include <algorithm>
#include <limits>

#include "sim/base/check.h"

namespace chipcast {
namespace {

std::int64_t major_rank(Policy policy, const StreamLoad& load, const JobRecord& record) {
  switch (policy) {
    case Policy::fixed_priority:
      return -load.priority;
    case Policy::edf:
      return record.deadline ? record.deadline->ps() : std::numeric_limits<std::int64_t>::max();
    case Policy::fifo:
      break;
  }
  return 0;
}

}  // namespace

JobSource::JobSource(sc_core::sc_module_name name, const StreamsSetup& setup, shell::Fleet& fleet, StreamBooks& books)
    : sc_module(name), setup_(setup), fleet_(fleet), books_(books), numbers_(setup.streams.size(), 0) {
  for (const auto& load : setup.streams) {
    streams_.emplace_back(load);
    total_ += load.count * load.samples;
  }
  fleet.done = [this](shell::Job& job) { ended(job); };
  SC_METHOD(run);
}

double JobSource::share() const {
  return static_cast<double>(ended_) / static_cast<double>(std::max<std::int64_t>(1, total_));
}

std::string JobSource::state() const {
  return std::to_string(ended_) + " of " + std::to_string(total_) + " jobs have ended";
}

void JobSource::run() {
  std::optional<Time> next;
  for (std::size_t s = 0; s < streams_.size(); ++s) {
    std::optional<Time> due = streams_[s].due();
    for (; due && *due <= now(); due = streams_[s].due()) release(s);
    if (due) next = std::min(next.value_or(*due), *due);
  }
  if (on_change) on_change();
  if (next) next_trigger(to_sc_time(*next - now()));
}

void JobSource::release(std::size_t stream) {
  StreamState& state = streams_[stream];
  const std::int64_t query = state.release();
  for (int i = 0; i < state.load().samples; ++i) {
    JobRecord record{.stream = stream, .number = numbers_[stream]++, .query = query, .released = now()};
    if (state.load().deadline) record.deadline = now() + *state.load().deadline;
    state.waiting.push_back(jobs_.size());
    jobs_.push_back(record);
    live_.emplace_back();
  }
  let_in(stream);
}

void JobSource::let_in(std::size_t stream) {
  StreamState& state = streams_[stream];
  while (!state.waiting.empty()) {
    const std::size_t index = state.waiting.front();
    const auto place = state.place(jobs_[index].number);
    if (!place) return;
    state.waiting.pop_front();
    state.take(*place);
    start(index, *place);
  }
}

void JobSource::start(std::size_t index, const StreamState::Place& place) {
  JobRecord& record = jobs_[index];
  record.variant = place.variant;
  record.slot = place.slot;
  const MappedVariant& variant = streams_[record.stream].load().variants[place.variant];
  auto job = std::make_unique<shell::Job>(*variant.plan, *variant.program);
  job->shared_base = variant.base;
  job->own_base = variant.base + place.slot * variant.stride;
  job->rank = rank(record, index);
  job->user = index;
  shell::Job& started = *job;
  live_[index] = std::move(job);
  in_flight_.insert(std::upper_bound(in_flight_.begin(), in_flight_.end(), index), index);
  CHIPCAST_ASSERT(started.left > 0);
  for (auto* device : fleet_.devices) device->admit(started);
}

void JobSource::ended(shell::Job& job) {
  const std::size_t index = job.user;
  JobRecord& record = jobs_[index];
  record.began = job.began.value_or(now());
  record.ended = last_end_ = now();
  record.completed = true;
  ++ended_;
  live_[index].reset();
  in_flight_.erase(std::lower_bound(in_flight_.begin(), in_flight_.end(), index));
  StreamState& state = streams_[record.stream];
  const std::size_t stream = record.stream;
  state.give_back({record.variant, record.slot});
  const bool follows = state.job_ended(record.query) && state.follows_itself();
  books_.fold_if_large();
  let_in(stream);
  if (follows) release(stream);
  if (on_change) on_change();
}

shell::Job::Rank JobSource::rank(const JobRecord& record, std::size_t sequence) const {
  return {.major = major_rank(setup_.policy, streams_[record.stream].load(), record),
          .released = record.released,
          .sequence = sequence};
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "models/cache/model.h"

#include <algorithm>
#include <cmath>

#include "models/cache/cost.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::cache {
namespace {

Bytes sum_of(const std::vector<Range>& ranges) {
  Bytes sum;
  for (const Range& range : ranges) sum += range.bytes;
  return sum;
}

}  // namespace

Model::Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer)
    : sc_module(name), config_(config), observer_(observer), tags_(config), latency_(hit_latency(config)) {
  target.register_b_transport(this, &Model::b_transport);
  target.register_nb_transport_fw(this, &Model::nb_transport_fw);
  memory.register_nb_transport_bw(this, &Model::nb_transport_bw);
}

/// What a transfer needs of the memory; books the data path for what it hits and fills.
Model::Job Model::look_up(tlm::tlm_generic_payload& payload, Time arrival) {
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  const Access& access = tags_.lookup(payload.get_address(), bytes, payload.is_write());
  const Bytes bypassed = sum_of(access.bypasses);
  statistics_.hit_lines += access.hit_lines;
  statistics_.missed_lines += access.missed_lines;
  statistics_.written_back += sum_of(access.writebacks);
  statistics_.bypassed += bypassed;

  Job job;
  job.payload = &payload;
  job.bus_share = static_cast<double>(TransferExtension::on_bus(payload).count()) / static_cast<double>(bytes.count());
  const auto add = [&job](const std::vector<Range>& ranges, bool write, bool awaited) {
    for (const Range& range : ranges) job.parts.push_back({.range = range, .write = write, .awaited = awaited});
    if (awaited) job.awaited += static_cast<int>(ranges.size());
  };
  add(access.writebacks, true, false);
  add(access.fills, false, true);
  const std::size_t cached_parts = job.parts.size();
  add(access.bypasses, payload.is_write(), true);
  for (std::size_t i = cached_parts; i < job.parts.size(); ++i) job.parts[i].past = true;

  const Time begin = std::max(arrival, busy_until_);
  const Bytes cached = bytes - bypassed;
  busy_until_ = begin + service_time(config_, payload.get_address(), cached);
  job.data_free = busy_until_;
  job.response = busy_until_ + latency_;
  job.earliest = begin + latency_;
  TransferEvent event{.op = std::nullopt,
                      .write = payload.is_write(),
                      .bytes = bytes,
                      .on_bus = bytes,
                      .begin = begin,
                      .end = busy_until_};
  if (const auto* extension = payload.get_extension<TransferExtension>()) event.op = job.op = extension->op;
  event.counts[kDataBytes] = static_cast<double>((cached + sum_of(access.fills) + sum_of(access.writebacks)).count());
  event.counts[kLookups] = static_cast<double>(access.hit_lines + access.missed_lines);
  observer_.on_transfer(event);
  return job;
}

tlm::tlm_generic_payload& Model::request_for(const Job& job, const Part& part) {
  tlm::tlm_generic_payload& payload = pool_.acquire();
  auto& extension = *payload.get_extension<TransferExtension>();
  extension.op = job.op;
  if (part.past) {
    extension.bus_bytes = Bytes(std::llround(std::ceil(static_cast<double>(part.range.bytes.count()) * job.bus_share)));
  }
  extension.accept = now();
  const auto size = static_cast<std::size_t>(part.range.bytes.count());
  if (line_data_.empty() || line_data_.back().size() < size) line_data_.emplace_back(size);
  payload.set_command(part.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(part.range.address);
  payload.set_data_ptr(line_data_.back().data());
  payload.set_data_length(static_cast<unsigned>(size));
  payload.set_streaming_width(static_cast<unsigned>(size));
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  return payload;
}

/// Sends what the memory takes of a transfer's requests.
void Model::send(Job& job) {
  while (job.sent < job.parts.size() && open_ == nullptr) {
    const Part part = job.parts[job.sent++];
    tlm::tlm_generic_payload& payload = request_for(job, part);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = to_sc_time(std::max(job.earliest, now()) - now());
    asked_[&payload] = {&job, part.awaited};
    open_ = &payload;
    const auto status = memory->nb_transport_fw(payload, phase, delay);
    const bool responds = status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP;
    if (status == tlm::TLM_COMPLETED || responds) {
      if (open_ == &payload) open_ = nullptr;
      asked_.erase(&payload);
      answered(job, part.awaited, *payload.get_extension<TransferExtension>(), now() + from_sc_time(delay));
      if (responds) {
        phase = tlm::END_RESP;
        memory->nb_transport_fw(payload, phase, delay);
      }
      payload.release();
      continue;
    }
    job.eager = false;
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ && open_ == &payload) open_ = nullptr;
  }
}

void Model::answered(Job& job, bool awaited, const TransferExtension& extension, Time response) {
  job.complete = job.complete && extension.complete;
  if (extension.complete && job.eager) job.earliest = std::max(job.earliest, extension.room);
  if (!awaited) return;
  --job.awaited;
  job.response = std::max(job.response, response);
  job.travelled = std::max(job.travelled, extension.travelled);
}

/// Fills in what the initiator's extension asks; the answer is known.
void Model::tell(Job& job) {
  job.payload->set_response_status(tlm::TLM_OK_RESPONSE);
  auto* extension = job.payload->get_extension<TransferExtension>();
  if (extension == nullptr || !job.complete) return;
  if (job.eager) {
    // The memory lies one latency further away.
    const Time room = std::max(job.data_free, job.earliest > latency_ ? job.earliest - latency_ : Time());
    extension->room = job.parts.empty() ? job.data_free : room;
    extension->occupied_until(extension->room);
  }
  extension->travelled += latency_ + job.travelled;
  extension->complete = true;
  job.response = std::max(job.response, extension->accept + extension->travelled);
}

tlm::tlm_sync_enum Model::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    response_open_ = false;
    answer();
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (nothing_to_do(payload)) return tlm::TLM_COMPLETED;
  auto job = std::make_unique<Job>(look_up(payload, now() + from_sc_time(delay)));
  const bool first = std::all_of(jobs_.begin(), jobs_.end(), [](const auto& j) { return j->sent == j->parts.size(); });
  if (first) send(*job);
  const bool sent = job->sent == job->parts.size();
  if (sent && job->awaited == 0) {
    // Write-backs may still be under way: nobody waits for them.
    for (auto& [request, asked] : asked_) {
      if (asked.job == job.get()) asked.job = nullptr;
    }
    tell(*job);
    delay = to_sc_time(job->response - now());
    return tlm::TLM_COMPLETED;
  }
  payload.acquire();
  job->taken = sent;
  jobs_.push_back(std::move(job));
  if (!sent) return tlm::TLM_ACCEPTED;
  phase = tlm::END_REQ;
  delay = sc_core::SC_ZERO_TIME;
  return tlm::TLM_UPDATED;
}

tlm::tlm_sync_enum Model::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  if (phase == tlm::END_REQ) {
    if (open_ == &payload) open_ = nullptr;
    go_on();
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const auto found = asked_.find(&payload);
  CHIPCAST_ASSERT(found != asked_.end());
  const Asked asked = found->second;
  asked_.erase(found);
  if (open_ == &payload) open_ = nullptr;  // it implies END_REQ
  if (asked.job != nullptr) {
    answered(*asked.job, asked.awaited, *payload.get_extension<TransferExtension>(), now() + from_sc_time(delay));
  }
  payload.release();
  go_on();
  return tlm::TLM_COMPLETED;
}

/// Transfers in order: requests to the memory, END_REQ once all of them are sent, the answer once all have come back.
void Model::go_on() {
  // By index: whoever gets END_REQ may send the next request in the call.
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    Job* job = jobs_[i].get();
    send(*job);
    if (job->sent < job->parts.size()) break;
    if (!job->taken) {
      job->taken = true;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay;
      target->nb_transport_bw(*job->payload, phase, delay);
    }
  }
  for (const auto& job : jobs_) {
    if (job->sent == job->parts.size() && job->awaited == 0 && !job->answering) {
      job->answering = true;
      ready_.push_back(job.get());
    }
  }
  answer();
}

/// One response at a time.
void Model::answer() {
  while (!ready_.empty() && !response_open_) {
    Job& job = *ready_.front();
    ready_.pop_front();
    tell(job);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = to_sc_time(std::max(job.response, now()) - now());
    const auto status = target->nb_transport_bw(*job.payload, phase, delay);
    response_open_ = status == tlm::TLM_ACCEPTED || (status == tlm::TLM_UPDATED && phase != tlm::END_RESP);
    job.payload->release();
    for (auto& [request, asked] : asked_) {
      if (asked.job == &job) asked.job = nullptr;
    }
    std::erase_if(jobs_, [&](const auto& other) { return other.get() == &job; });
  }
}

void Model::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (nothing_to_do(payload)) return;
  Job job = look_up(payload, now() + from_sc_time(delay));
  for (const Part& part : job.parts) {
    tlm::tlm_generic_payload& request = request_for(job, part);
    sc_core::sc_time until = to_sc_time(std::max(job.earliest, now()) - now());
    memory->b_transport(request, until);
    answered(job, part.awaited, *request.get_extension<TransferExtension>(), now() + from_sc_time(until));
    request.release();
  }
  tell(job);
  delay = to_sc_time(std::max(job.response, now()) - now());
}

std::string Model::state() const {
  if (jobs_.empty()) return {};
  return std::string(basename()) + " waits for its memory (" + std::to_string(asked_.size()) + " requests for " +
         std::to_string(jobs_.size()) + " transfers)";
}

}  // namespace chipcast::cache

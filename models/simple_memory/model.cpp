// SPDX-License-Identifier: Apache-2.0
#include "models/simple_memory/model.h"

#include <algorithm>

#include "models/simple_memory/cost.h"

namespace chipcast::simple_memory {

Model::Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer)
    : EagerMemory(name, observer),
      config_(config),
      latency_(Time::from_seconds(config.latency)),
      turnaround_(Time::from_seconds(config.turnaround)) {}

EagerMemory::Answer Model::serve(std::uint64_t /*address*/, Bytes bytes, bool write, Time arrival) {
  if (bytes != cached_size_) {
    cached_size_ = bytes;
    cached_service_ = service_time(config_, bytes);
  }
  Time begin = std::max(arrival, busy_until_);
  if (write != last_write_ && busy_until_ > Time()) begin = std::max(begin, busy_until_ + turnaround_);
  last_write_ = write;
  busy_until_ = begin + cached_service_;
  Answer answer{
      .begin = begin, .end = busy_until_, .room = busy_until_, .response = busy_until_ + latency_, .latency = latency_};
  answer.counts[write ? kWrittenBytes : kReadBytes] = static_cast<double>(bytes.count());
  return answer;
}

std::vector<MemoryModule::Standing> Model::close(Time end) {
  return {{"background", Joules(config_.background_power.count() * end.seconds().count())}};
}

}  // namespace chipcast::simple_memory

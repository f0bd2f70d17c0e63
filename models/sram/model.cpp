// SPDX-License-Identifier: Apache-2.0
#include "models/sram/model.h"

#include "models/sram/cost.h"
#include "models/sram/law.h"

namespace chipcast::sram {

Model::Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer)
    : EagerMemory(name, observer), config_(config), banks_(config), latency_(latency(config)) {}

EagerMemory::Answer Model::serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) {
  const Banks::Booking booking = banks_.book(address, bytes, write, arrival);
  Answer answer{.begin = booking.begin,
                .end = booking.end,
                .room = booking.begin,
                .response = booking.end + latency_,
                .latency = latency_};
  answer.counts[write ? kWrittenBytes : kReadBytes] =
      static_cast<double>(switched_bytes(config_, address, bytes).count());
  return answer;
}

std::vector<MemoryModule::Standing> Model::close(Time end) {
  return {{"leakage", Joules(config_.static_power.count() * end.seconds().count())}};
}

}  // namespace chipcast::sram

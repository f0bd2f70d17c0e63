// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/memory_module.h"
#include "models/simple_memory/config.h"

namespace chipcast::simple_memory {

/// First come, first served; busy for the service time, idle for the turnaround where the direction changes.
class Model final : public EagerMemory {
 public:
  Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer);
  std::vector<Standing> close(Time end) override;

 private:
  Answer serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) override;

  Config config_;
  Time latency_, turnaround_;
  Time busy_until_;
  bool last_write_ = false;
  Bytes cached_size_;
  Time cached_service_;
};

}  // namespace chipcast::simple_memory

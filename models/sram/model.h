// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/memory_module.h"
#include "models/sram/banks.h"

namespace chipcast::sram {

/// A banked memory behind one port of the interconnect. Transfers are booked at their banks in the order of arrival;
/// the next one is welcome once the last has begun, so that transfers to different banks overlap.
class Model final : public EagerMemory {
 public:
  Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer);
  std::vector<Standing> close(Time end) override;

 private:
  Answer serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) override;

  Config config_;
  Banks banks_;
  Time latency_;
};

}  // namespace chipcast::sram

// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/payload_pool.h"

namespace chipcast {

// The payloads would delete the extensions, which are members here.
PayloadPool::~PayloadPool() {
  for (const auto& item : all_) item->payload.clear_extension(&item->extension);
}

tlm::tlm_generic_payload& PayloadPool::acquire() {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Item>());
    all_.back()->payload.set_mm(this);
    all_.back()->payload.set_extension(&all_.back()->extension);
    idle_.push_back(&all_.back()->payload);
  }
  tlm::tlm_generic_payload& payload = *idle_.back();
  idle_.pop_back();
  *payload.get_extension<TransferExtension>() = TransferExtension{};
  payload.acquire();
  return payload;
}

void PayloadPool::free(tlm::tlm_generic_payload* payload) { idle_.push_back(payload); }

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <tlm>
#include <vector>

#include "sim/kernel/transfer.h"

namespace chipcast {

/// The memory manager that TLM-2.0 asks of initiators which use nb_transport. Payloads come with a
/// TransferExtension and go back when the last user has released them.
class PayloadPool : public tlm::tlm_mm_interface {
 public:
  PayloadPool() = default;
  ~PayloadPool() override;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;

  /// A payload with one reference, its extension as new.
  tlm::tlm_generic_payload& acquire();
  void free(tlm::tlm_generic_payload* payload) override;
  std::size_t size() const { return all_.size(); }

 private:
  struct Item {
    tlm::tlm_generic_payload payload;
    TransferExtension extension;
  };
  std::vector<std::unique_ptr<Item>> all_;
  std::vector<tlm::tlm_generic_payload*> idle_;
};

}  // namespace chipcast

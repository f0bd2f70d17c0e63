// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <systemc>
#include <tlm>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/base/units.h"

namespace chipcast {

/// What our initiators, links and targets tell each other beside the generic payload. It may be ignored: whoever
/// does not know it goes by the phases and delays of the base protocol alone.
///
/// A transfer crosses stages (links, memory). Each stage is busy for its own service time; the stages overlap
/// (cut-through). `travelled` is the latency from the initiator to the stage at hand; `accept` collects when,
/// seen from the initiator, every stage is free for the next transfer of the same stream.
struct TransferExtension : tlm::tlm_extension<TransferExtension> {
  std::optional<OpId> op;  ///< who pays for the energy
  Time travelled;          ///< latency of the stages already crossed
  Time accept;             ///< earliest issue time of the stream's next transfer; the initiator sets its own
  Time waited;             ///< for the transfers of other initiators
  Time room;               ///< set by a target that knows: when it takes the next request
  Bytes bus_bytes{};       ///< that cross links and pins for the payload's bytes; 0: as many
  bool complete = false;   ///< set by a target that has filled in all of this

  tlm::tlm_extension_base* clone() const override { return new TransferExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const TransferExtension&>(other);
  }

  /// Bytes that a transfer takes of links and memories.
  static Bytes on_bus(const tlm::tlm_generic_payload& payload) {
    const auto* extension = payload.get_extension<TransferExtension>();
    if (extension != nullptr && extension->bus_bytes > Bytes(0)) return extension->bus_bytes;
    return Bytes(static_cast<std::int64_t>(payload.get_data_length()));
  }

  /// Called by a stage that is busy with the transfer until `busy_until`.
  void occupied_until(Time busy_until) {
    const Time free_at = busy_until - travelled;
    if (free_at > accept) accept = free_at;
  }
};

/// Whether a payload asks for nothing, and the answer to that: an error where data of length zero are asked for, which
/// the standard does not allow (14.11).
inline bool nothing_to_do(tlm::tlm_generic_payload& payload) {
  const bool ignored = payload.get_command() == tlm::TLM_IGNORE_COMMAND;
  if (!ignored && payload.get_data_length() > 0) return false;
  payload.set_response_status(ignored ? tlm::TLM_OK_RESPONSE : tlm::TLM_BURST_ERROR_RESPONSE);
  return true;
}

}  // namespace chipcast

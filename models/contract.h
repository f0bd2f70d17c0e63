// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/base/units.h"

namespace chipcast {

inline constexpr std::size_t kTransferActions = 4;

/// What a memory or a link tells about a transfer that crossed it.
struct TransferEvent {
  std::optional<OpId> op;
  bool write = false;
  Bytes bytes;                                    ///< that were asked for
  Bytes on_bus{};                                 ///< that crossed the resource for them: whole bursts, compressed
  Time begin, end;                                ///< when the resource was busy with it
  std::uint32_t link = 0;                         ///< which of an interconnect's links
  std::array<double, kTransferActions> counts{};  ///< of the resource's own actions (MemoryLaw::actions)
};

/// Models tell, observers record: no model knows ledgers, traces or files.
class TransferObserver {
 public:
  virtual ~TransferObserver() = default;
  virtual void on_transfer(const TransferEvent& event) = 0;
};

}  // namespace chipcast

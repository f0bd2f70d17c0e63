// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"

namespace chipcast {

/// A device that schedules every operator itself, so that its tiles are never searched. Where tiles are asked for all
/// the same, they are shares of the operator's work: by multiply-accumulates, or equal pieces.
class ScheduledDevice : public Device {
 public:
  /// Throws InputError where the operator moves more than can be simulated.
  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const final;
  TilingSpace tilings(const OpDescription& op) const final;
  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const final;
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const final;
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const final;
  TileWork cost(const OpDescription& op, const OpTile& tile) const final;

 protected:
  virtual Schedule own_schedule(const OpDescription& op, const Traffic& traffic) const = 0;
  /// The work of the whole operator, where nothing crosses the port.
  virtual TileWork work_of(const OpDescription& op) const = 0;

  /// The operator in equal pieces: each fits the rooms for what it loads and stores, and is no smaller than a
  /// chunk of the load engine.
  Schedule in_pieces(const OpDescription& op, const ScheduleStep& whole, Bytes load_room, Bytes store_room) const;
};

/// What crosses the port of an operator that is cut into equal pieces; its work is empty.
ScheduleStep loose_step(const OpDescription& op, const Traffic& traffic);

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "mappers/address_space.h"
#include "mappers/contract.h"
#include "mappers/residency.h"
#include "mappers/tiling/plans.h"

namespace chipcast {

/// Turns decisions into command queues. Every device has one semaphore per engine, signalled once per tile
/// (stores: once per stored tile); double buffering and data dependencies are waits on those counts.
class Emitter {
 public:
  Emitter(const MappingProblem& problem, const std::vector<Decision>& decisions, tiling::Plans& plans);

  /// Plans and emits all operators in order.
  Program emit();

 private:
  /// What engines have been told to do so far.
  struct Progress {
    std::int64_t tiles = 0, stores = 0;
    std::map<OpTile, std::uint32_t> works;  ///< of the operator at hand
  };
  /// When and where a tensor's data is ready.
  struct Ready {
    std::optional<std::size_t> slot;  ///< none: in memory from the start
    std::int64_t tiles = 0, stores = 0;
    bool in_memory = true;
  };

  void emit_op(const OpDescription& op, const Decision& decision);
  /// The fixed cost of starting an operator, and of taking over data from another device.
  void emit_launch(const OpDescription& op, std::size_t slot);
  bool takes_over(const OpDescription& op, std::size_t slot) const;
  void emit_view(const OpDescription& op);
  void emit_step(const OpDescription& op, std::size_t slot, const tiling::Step& step, Bytes& loaded, Bytes& stored);
  /// An operand besides the first was computed, so that it cannot be fetched ahead as weights can.
  bool reads_two_results(const OpDescription& op) const;
  /// The first operand that does not stay in the device.
  TensorId first_loaded(const OpDescription& op) const;
  void wait_for_inputs(const OpDescription& op, std::size_t slot, EngineKind queue);
  void wait(std::size_t slot, EngineKind queue, EngineKind on_engine, std::size_t on_slot, std::int64_t value);
  void signal(std::size_t slot, EngineKind queue);
  std::uint32_t work_for(const OpDescription& op, std::size_t slot, const OpTile& tile);

  tiling::Traffic traffic_of(const OpDescription& op) const;
  bool must_store(const OpDescription& op) const;

  const MappingProblem& problem_;
  const std::vector<Decision>& decisions_;
  tiling::Plans& plans_;
  Program program_;
  AddressPlan addresses_;
  std::vector<TensorId> root_;
  Residency residency_;
  std::vector<Ready> ready_;
  std::vector<Progress> progress_;
  bool inputs_waited_ = false;
};

}  // namespace chipcast

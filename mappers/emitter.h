// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "mappers/address_space.h"
#include "mappers/contract.h"
#include "mappers/emitter_pieces.h"
#include "mappers/emitter_places.h"
#include "mappers/emitter_streams.h"
#include "mappers/residency.h"
#include "mappers/tiling/plans.h"

namespace chipcast {

/// Turns decisions into command queues. Every device has one semaphore per engine, signalled once per tile
/// (stores: once per stored tile); double buffering and data dependencies are waits on those counts.
class Emitter {
 public:
  Emitter(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);

  /// Plans and emits all operators in order.
  Program emit();

 private:
  /// What engines have been told to do so far.
  struct Progress {
    std::int64_t tiles = 0, stores = 0;
    bool called = false;                    ///< the network has been handed over
    std::map<OpTile, std::uint32_t> works;  ///< of the operator at hand
    std::map<const ScheduleStep*, std::uint32_t> scheduled;
  };
  /// What has been decided about an operator before anything is emitted.
  struct Planned {
    Traffic traffic;
    tiling::Plan plan;
    std::optional<OperandPlaces> places;  ///< of nested plans; others are streams or cut into pieces
  };
  /// Bytes of one tensor that a step moves.
  struct Part {
    TensorId tensor;
    Place place;
  };
  /// When and where a tensor's data is ready.
  struct Ready {
    std::optional<std::size_t> slot;  ///< none: in memory from the start
    std::int64_t tiles = 0, stores = 0;
    bool in_memory = true;
    bool computes_last = false;  ///< a step without results came behind the last store
  };

  void emit_op(const OpDescription& op, const Decision& decision);
  /// The fixed cost of starting an operator, and of taking over data from another device.
  void emit_launch(const OpDescription& op, std::size_t slot);
  bool takes_over(const OpDescription& op, std::size_t slot) const;
  void emit_view(const OpDescription& op);
  void emit_step(const OpDescription& op, std::size_t slot, const tiling::Step& step);
  void transfer(const OpDescription& op, std::size_t slot, EngineKind queue, const Part& part);
  /// Operators without a single loop nest are cut tensor by tensor.
  void begin_pieces(const OpDescription& op);
  /// Operands as one stream each where the device has a schedule of its own.
  void begin_streams(const OpDescription& op);
  Stream stream_of(const std::vector<TensorId>& tensors) const;
  static std::vector<Part> parts_of(Stream& stream, Bytes bytes);
  static std::vector<Part> parts_of(Pieces& pieces, Bytes bytes);
  /// What a step loads of the first operand, of the others, and what it stores.
  std::vector<Part> input_parts(const OpDescription& op, const tiling::Step& step);
  std::vector<Part> other_parts(const OpDescription& op, const tiling::Step& step);
  std::vector<Part> output_parts(const OpDescription& op, const tiling::Step& step);
  /// An operand besides the first was computed, so that it cannot be fetched ahead as weights can.
  bool reads_two_results(const OpDescription& op) const;
  void wait_for_inputs(const OpDescription& op, std::size_t slot, EngineKind queue);
  void wait(std::size_t slot, EngineKind queue, EngineKind on_engine, std::size_t on_slot, std::int64_t value);
  void signal(std::size_t slot, EngineKind queue);
  std::uint32_t work_for(const OpDescription& op, std::size_t slot, const tiling::Step& step);

  std::optional<Planned> plan(const OpDescription& op);
  void plan_rooms();
  std::vector<bool> kept_elsewhere() const;
  void plan_stream_rooms(const OpDescription& op, const Planned& planned);
  void widen_stream(const std::vector<TensorId>& tensors, Bytes largest_step);
  /// Operands besides the first that cross the port, each tensor once.
  std::vector<TensorId> other_stream(const OpDescription& op) const;
  void widen(TensorId tensor, Bytes room);
  /// Operands that cross the port of a device that cuts them into pieces, each tensor once.
  std::vector<OpDescription::Operand> loose_inputs(const OpDescription& op) const;
  Traffic traffic_of(const OpDescription& op) const;
  bool must_store(const OpDescription& op) const;

  const MappingProblem& problem_;
  std::vector<Decision> decisions_;
  tiling::Plans& plans_;
  Program program_;
  std::vector<TensorId> root_;
  Residency residency_;
  std::vector<std::optional<Planned>> planned_;  ///< per operator; views have none
  std::vector<Bytes> rooms_;                     ///< per tensor, views none of their own
  AddressPlan addresses_;
  std::vector<std::map<dma::Pattern, std::uint32_t>> patterns_;  ///< per device
  std::optional<Pieces> loads_, stores_;                         ///< of the operator at hand, where it is cut so
  std::optional<Stream> inputs_, others_, results_;              ///< likewise, where the device has a schedule
  Bytes stored_;                                                 ///< of the operator at hand
  std::vector<Ready> ready_;
  std::vector<Progress> progress_;
  bool inputs_waited_ = false;
};

/// A program that does what the mapping says. `plans` are of the problem's devices. Throws InputError where a task does
/// not fit its device.
Program emit(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);

}  // namespace chipcast

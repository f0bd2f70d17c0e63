// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "mappers/address_space.h"
#include "mappers/contract.h"
#include "mappers/emitter_groups.h"
#include "mappers/emitter_pieces.h"
#include "mappers/emitter_places.h"
#include "mappers/emitter_streams.h"
#include "mappers/mapping_tasks.h"
#include "mappers/residency.h"
#include "mappers/tiling/plans.h"

namespace chipcast {

/// Turns a mapping into command queues. Every device has one semaphore per engine, signalled once per tile
/// (stores: once per stored tile); double buffering and data dependencies are waits on those counts.
class Emitter {
 public:
  Emitter(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);

  /// Emits all tasks in their order.
  Program emit();
  /// Address space that its tensors take.
  Bytes footprint() const { return addresses_.footprint; }
  /// How whole operators that run by themselves are cut, by operator; none of those that a device cuts by itself, and
  /// of those whose tiles cannot be stated (mapping_tiles.h).
  std::vector<std::optional<TileChoice>> tiles() const;
  /// States in a mapping how the tiles were searched for; returns the warning, if any.
  std::string state_searches(Mapping& mapping) const;

 private:
  /// What engines have been told to do so far.
  struct Progress {
    std::int64_t tiles = 0, stores = 0;
    bool called = false;                    ///< the network has been handed over
    std::map<OpTile, std::uint32_t> works;  ///< of the task at hand
    std::map<const ScheduleStep*, std::uint32_t> scheduled;
    bool open = false;  ///< a unit of a group still computes
  };
  /// What has been decided about a task before anything is emitted.
  struct Planned {
    Traffic traffic;
    tiling::Plan plan;
    std::optional<OperandPlaces> places;  ///< of nested plans; others are streams or cut into pieces
    std::int64_t origin = 0;              ///< where a part's results begin in the whole
  };
  /// Bytes of one tensor that a step moves.
  struct Part {
    TensorId tensor;
    Place place;
  };
  /// When a device has made its share of a tensor, and where that is.
  struct Made {
    std::int64_t tiles = 0, stores = 0;
    bool in_memory = true;
    bool computes_last = false;  ///< a step without results came behind the last store
  };
  /// By device; none: in memory from the start.
  using Ready = std::map<std::size_t, Made>;

  void emit_task(std::size_t index);
  /// The fixed cost of starting an operator, and of taking over data from another device.
  void emit_launch(std::size_t slot);
  void emit_tiles(std::size_t slot);
  bool takes_over(std::size_t slot) const;
  void emit_step(std::size_t slot, const tiling::Step& step);
  void transfer(std::size_t slot, EngineKind queue, const Part& part);
  /// Operators without a single loop nest are cut tensor by tensor.
  void begin_pieces();
  /// Operands as one stream each where the device has a schedule of its own.
  void begin_streams();
  static std::vector<Part> parts_of(Stream& stream, Bytes bytes);
  static std::vector<Part> parts_of(Pieces& pieces, Bytes bytes);
  /// What a step loads of the first operand, of the others, and what it stores.
  std::vector<Part> input_parts(const tiling::Step& step);
  std::vector<Part> other_parts(const tiling::Step& step);
  std::vector<Part> output_parts(const tiling::Step& step);
  /// An operand besides the first was computed, so that it cannot be fetched ahead as weights can.
  bool reads_two_results() const;
  void wait_for_inputs(std::size_t slot, EngineKind queue);
  void wait_for_input(std::size_t input, std::size_t slot, EngineKind queue);
  void wait(std::size_t slot, EngineKind queue, EngineKind on_engine, std::size_t on_slot, std::int64_t value);
  void signal(std::size_t slot, EngineKind queue);
  std::uint32_t work_for(std::size_t slot, const tiling::Step& step);
  const Ready& ready(TensorId tensor) const { return ready_[root_[tensor.index()].index()]; }

  void emit_grouped(std::size_t slot);
  void emit_group_step(const GroupPlan& plan, const fusion::Step& step, std::size_t slot);
  void wait_for_outside(const fusion::Group& group, std::size_t slot, EngineKind queue);
  void load_weights(const GroupPlan& plan, const fusion::Step& step, std::size_t slot);
  Part rows_of(const GroupPlan& plan, const fusion::Transfer& transfer) const;
  static std::vector<OpDescription::Operand> parameters_of(const OpDescription& op);
  void plan_group_rooms(std::size_t index);
  void close_unit(std::size_t slot);
  /// Units of groups that the task at hand is not in end here.
  void leave_groups();

  /// What came of the task at hand, for people.
  void record(PlacementPart& placed);

  std::optional<Planned> plan(std::size_t index);
  tiling::Plan find_plan(std::size_t index, const Traffic& traffic);
  void plan_rooms();
  void plan_task_rooms(std::size_t index);
  /// Where the parts of an operator's result stand beside each other.
  void lay_out_parts(OpId op);
  bool lay_out_maps(const std::vector<std::size_t>& parts);
  Bytes result_room(std::size_t index) const;
  std::vector<bool> kept_elsewhere() const;
  void plan_stream_rooms(std::size_t index);
  void widen_stream(const std::vector<TensorId>& tensors, Bytes largest_step);
  /// Operands besides the first that cross the port, each tensor once among them.
  std::vector<OpDescription::Operand> other_stream(std::size_t index) const;
  void widen(TensorId tensor, Bytes room);
  Bytes room(TensorId tensor) const { return rooms_[root_[tensor.index()].index()]; }
  /// Operands that cross the port of a device that cuts them into pieces, each tensor once.
  std::vector<OpDescription::Operand> loose_inputs(std::size_t index) const;
  Traffic traffic_of(std::size_t index) const;
  bool must_store(const OpDescription& op) const;

  const MappingProblem& problem_;
  const Mapping& mapping_;
  TaskList tasks_;
  tiling::Plans& plans_;
  Program program_;
  std::vector<TensorId> root_;
  std::vector<bool> in_group_;  ///< per root: never leaves the device
  Residency residency_;
  GroupPlans groups_;
  std::vector<std::optional<Planned>> planned_;  ///< per task; views have none
  std::vector<Bytes> rooms_;                     ///< per tensor, views none of their own
  AddressPlan addresses_;
  std::vector<std::map<dma::Pattern, std::uint32_t>> patterns_;  ///< per device
  std::vector<Ready> ready_;                                     ///< per root
  std::vector<Progress> progress_;

  // Of the task at hand.
  std::size_t task_ = 0;
  std::optional<std::uint32_t> group_;
  const OpDescription* op_ = nullptr;
  PlacementPart* placed_ = nullptr;
  std::optional<Pieces> loads_, stores_;             ///< where it is cut so
  std::optional<Stream> inputs_, others_, results_;  ///< likewise, where the device has a schedule
  Bytes stored_;
  bool inputs_waited_ = false, last_step_stored_ = false;
};

/// A program that does what the mapping says. `plans` are of the problem's devices. Throws InputError where a task does
/// not fit its device.
Program emit(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);

/// The same, and states the tiles in the mapping: followed again, it gives an equal program and needs no search.
Program emit_and_state_tiles(const MappingProblem& problem, Mapping& mapping, tiling::Plans& plans);

/// Address space that the tensors of such a program take: what a cap on memory is held against.
Bytes memory_footprint(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans);

}  // namespace chipcast

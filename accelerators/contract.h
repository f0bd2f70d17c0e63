// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accelerators/arithmetic.h"
#include "accelerators/program.h"
#include "models/dma/config.h"
#include "models/technology/config.h"
#include "sim/config/json.h"
#include "sim/ledger/ledger.h"
#include "workloads/op_description.h"

/// What a device tells the mapper. Pure functions; no event kernel.
namespace chipcast {

/// A piece of an operator. For operators with a loop nest the extents are of the output; for all others
/// `pieces` of equal size are cut and the extents are unused.
struct OpTile {
  std::int64_t groups = 1, out_channels = 1, in_channels = 1, out_height = 1, out_width = 1;
  bool first_in_channels = true, last_in_channels = true;  ///< partial sums start and end here
  std::int64_t pieces = 1;                                 ///< operators without a single loop nest
  bool larger_piece = false;  ///< takes one of the multiply-accumulates that equal pieces would leave over

  friend auto operator<=>(const OpTile&, const OpTile&) = default;
};

/// What bounds a device's tilings for an operator.
struct TilingSpace {
  Bytes input_capacity, weight_capacity, output_capacity;  ///< one half of each double buffer
  Bytes shared_capacity;                                   ///< when > 0: inputs and weights of a tile share this much
  Bytes partial_capacity;         ///< output elements (as stored) whose partial sums can be kept
  std::int64_t channel_step = 1;  ///< tiles of output channels are multiples of this
  std::int64_t in_channel_step = 1;
  bool split_in_channels = true;  ///< partial sums may be kept between tiles
  std::int64_t min_pieces = 1;    ///< at least this many, so that transfer and compute overlap
};

/// Which of an operator's operands cross the device's port; the others are on the device already, or stay there.
struct Traffic {
  bool first_operand = true;   ///< the loop nest's input
  bool other_operands = true;  ///< weights, bias, second matrix
  bool result = true;
  Bytes loose_input{};  ///< bytes to load of an operator that is cut into equal pieces
  Bytes parameters{};   ///< weights of all operators of this device: what a run reads between two uses of one

  friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// One step of a schedule: what crosses the port before and after it, and what it computes. Transfers of
/// neighbouring steps overlap computing, two steps deep (double buffers).
struct ScheduleStep {
  Bytes input{};    ///< of the first operand; beyond its size it is read again from its start
  Bytes weights{};  ///< of all other operands, one behind the other; likewise
  Bytes output{};   ///< of the results
  TileWork work{};
  std::int64_t count = 1;  ///< so many equal steps in a row
};

/// How a device runs a whole operator where its own sequencer or its compiler's fixed rules decide that, not the
/// mapper's search over tiles.
struct Schedule {
  std::vector<ScheduleStep> steps;
  std::string text;  ///< the decision, for people: "36 folds of 32 x 32, weights stationary"
};

/// What a device offers operators that run depth first, as a group: a stripe of rows of each in turn, while what they
/// hand to each other stays in memory that the compiler fills.
struct GroupSpace {
  Bytes capacity;  ///< for rows, for weights that stay, and for what is on its way in or out
  Bytes bank{1};   ///< rows of tensors and weights take whole banks each
  /// Charged for every byte of a result that stays, where the cost of a tile does not have it.
  std::optional<std::uint32_t> write_action{};
};

/// Why a device does not run an operator; empty when it does.
using Refusal = std::string;

class Device {
 public:
  virtual ~Device() = default;

  virtual Hertz clock() const = 0;
  /// Refusal names the operator kind or the number format that is missing.
  virtual Refusal refuses(const OpDescription& op) const = 0;
  /// The number formats in which it computes an operator that it does not refuse.
  virtual Arithmetic arithmetic(const OpDescription& op) const { return default_arithmetic(op); }
  /// The device's own way to run an operator that it does not refuse; none where tiles are to be searched. Operands
  /// that do not cross the port (`traffic`) have no bytes in it. The bytes of results add up to at least the
  /// operator's (less where they are stored compressed), its multiply-accumulates exactly.
  virtual std::optional<Schedule> schedule(const OpDescription& /*op*/, const Traffic& /*traffic*/) const {
    return std::nullopt;
  }
  /// Its answers differ for operators that have different names and are alike otherwise.
  virtual bool tells_names_apart() const { return false; }
  /// Text that says all that the bytes of an operator's tiles, and the cycles of their cost, depend on, but for the
  /// operator: where two devices say the same, searches over its tiles may share what they found. Empty: not known.
  virtual std::string tile_law(const OpDescription& /*op*/) const { return {}; }
  virtual TilingSpace tilings(const OpDescription& op) const = 0;
  /// Bytes that a tile moves, in the device's stored form (padding, compression).
  virtual Bytes input_bytes(const OpDescription& op, const OpTile& tile) const = 0;
  virtual Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const = 0;
  virtual Bytes output_bytes(const OpDescription& op, const OpTile& tile) const = 0;
  /// Cycles and activity of a tile.
  virtual TileWork cost(const OpDescription& op, const OpTile& tile) const = 0;
  /// Fixed cost before the first tile of an operator (driver, registers, fork/join).
  virtual TileWork launch(const OpDescription& op) const = 0;
  /// Fixed cost of handing a network over, before the first operator that runs here.
  virtual TileWork call() const { return {}; }
  /// Capacity of a cache that keeps operands by itself: activations between operators, operands between tiles.
  virtual Bytes resident_limit() const { return Bytes(0); }
  /// None where operators cannot run depth first: no memory under the compiler's control, or a fixed sequencer.
  virtual std::optional<GroupSpace> group_space() const { return std::nullopt; }
  /// Weights are on the device before a run starts and never cross its port.
  virtual bool keeps_parameters() const { return false; }
  /// Asked for every operator that is to run here: `parameters` are the bytes of all weights that stay here,
  /// `live` those of tensors that stay here meanwhile and are no operands of this one. Throws InputError where that
  /// does not fit, naming the place and the bytes.
  virtual void admit(const OpDescription& /*op*/, Bytes /*parameters*/, Bytes /*live*/) const {}

  virtual const std::vector<ActionSpec>& actions() const = 0;
  /// The action that is charged for every byte its load engine brings in; none by default.
  virtual std::optional<std::uint32_t> load_action() const { return std::nullopt; }
  virtual Watts static_power() const = 0;  ///< all the time
  virtual Watts active_power() const = 0;  ///< while its compute engine is busy
  /// The machinery of its load or its store engine.
  virtual dma::Config dma(EngineKind engine) const = 0;
  /// The resolved configuration, for `describe` and for provenance.
  virtual Json to_json() const = 0;
};

/// How the platform makes devices of a type.
struct DeviceType {
  std::string name;  ///< "npu"
  std::string doc;
  std::unique_ptr<Device> (*make)(const Json& json, const std::string& path, const std::string& instance,
                                  const technology::Config& technology);
  Json (*schema)();
  std::string (*docs)(const std::string& title);  ///< Markdown tables of its configuration
};

}  // namespace chipcast

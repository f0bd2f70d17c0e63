// SPDX-License-Identifier: Apache-2.0
#include "tests/system/program_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "tests/system/memory_check.h"
#include "tests/system/program_parts.h"

namespace chipcast::system_test {
namespace {

constexpr std::size_t kMostProblems = 20;

using Queue = std::vector<Command>;

/// A queue of the whole machine by one number.
std::size_t queue_index(std::size_t device, EngineKind kind) {
  return device * kEnginesPerDevice + static_cast<std::size_t>(kind);
}

TilingSpace any_size() {
  constexpr Bytes kAny(std::int64_t{1} << 60);
  TilingSpace space{};
  space.input_capacity = space.weight_capacity = space.output_capacity = kAny;
  return space;
}

class Problems {
 public:
  void add(const std::string& text) {
    if (list_.size() < kMostProblems) list_.push_back(text);
  }
  const std::vector<std::string>& list() const { return list_; }

 private:
  std::vector<std::string> list_;
};

/// What every operator was given, gathered over all queues.
struct OpSums {
  Ops macs;
  Cycles compute, launch;
  Bytes loads, stores;
  std::int64_t computes = 0;
  std::set<std::size_t> devices;
  struct Part {
    /// Last command of the part in each queue; what comes after it has all that the part made.
    std::map<std::size_t, std::size_t> last_store, last_compute;
    Bytes stored;
    std::uint64_t stored_from = 0, stored_to = 0;  ///< addresses between which its result lies
  };
  std::vector<Part> parts;
  std::map<std::size_t, std::int64_t> computed, loaded, stored;  ///< by device: tiles and bytes so far
};

class Checker {
 public:
  Checker(const Platform& platform, const std::vector<OpDescription>& ops, const Program& program)
      : platform_(platform), ops_(ops), program_(program), sums_(ops.size()) {}

  std::vector<std::string> run() {
    if (program_.devices.size() != platform_.devices().size() || program_.placements.size() != ops_.size()) {
      problems_.add("the program does not list every device and every operator");
      return problems_.list();
    }
    parts_.emplace(ops_, program_);
    for (const std::string& problem : parts_->problems()) problems_.add(problem);
    for (std::size_t i = 0; i < ops_.size(); ++i) sums_[i].parts.resize(parts_->count(i));
    for (std::size_t d = 0; d < program_.devices.size(); ++d) {
      if (program_.devices[d].device != platform_.devices()[d].name) problems_.add("devices are out of order");
      for (const auto& [kind, name] : enum_names(EngineKind{})) check_form(d, kind);
    }
    if (!problems_.list().empty()) return problems_.list();
    check_completeness();
    find_writers();
    for (OpSums& sums : sums_) sums.loaded.clear(), sums.computed.clear();
    transfers_.resize(ops_.size());
    replay();
    if (!problems_.list().empty()) return problems_.list();
    for (const std::string& problem : overlaps(ops_, program_, transfers_)) problems_.add(problem);
    return problems_.list();
  }

 private:
  std::string place(std::size_t device, EngineKind kind, std::size_t position) const {
    return program_.devices[device].device + "." + std::string(name_of(kind)) + "[" + std::to_string(position) + "]";
  }
  const Queue& queue(std::size_t device, EngineKind kind) const { return program_.devices[device].queue(kind); }

  // Form ------------------------------------------------------------------------------------------------------

  void check_form(std::size_t device, EngineKind kind) {
    const Queue& commands = queue(device, kind);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      if (const auto problem = problem_of(device, kind, commands[i], i)) {
        problems_.add(place(device, kind, i) + ": " + *problem);
      }
    }
  }

  std::optional<std::string> problem_of(std::size_t device, EngineKind kind, const Command& command, std::size_t i) {
    if (command.kind == CommandKind::wait || command.kind == CommandKind::signal) {
      return problem_of_semaphore(device, kind, command);
    }
    if (name_of(command.kind) != name_of(kind)) return "a " + std::string(name_of(command.kind)) + " in this queue";
    if (command.op.index() >= ops_.size()) return "an operator that is not there";
    OpSums& sums = sums_[command.op.index()];
    sums.devices.insert(device);
    if (command.kind == CommandKind::compute) return gather_compute(device, command, i, sums);
    return gather_transfer(device, command, i, sums);
  }

  std::optional<std::string> problem_of_semaphore(std::size_t device, EngineKind kind, const Command& command) {
    if (command.semaphore.index() >= program_.semaphores) return "a semaphore that is not there";
    if (command.kind == CommandKind::wait) return std::nullopt;
    const auto [it, fresh] = signaller_.try_emplace(command.semaphore.index(), queue_index(device, kind));
    if (it->second != queue_index(device, kind)) return "a second signaller of a semaphore";
    return std::nullopt;
  }

  std::optional<std::string> gather_compute(std::size_t device, const Command& command, std::size_t i, OpSums& sums) {
    const auto& works = program_.devices[device].works;
    if (command.work >= works.size()) return "a work that is not there";
    const TileWork& work = works[command.work];
    if (work.cycles < Cycles(0) || work.macs < Ops(0)) return "negative work";
    sums.macs += work.macs;
    (work.overhead ? sums.launch : sums.compute) += work.cycles;
    if (!work.overhead) {
      ++sums.computes;
      OpSums::Part& part = sums.parts[part_at(command, device, EngineKind::compute, sums.computed[device]++)];
      part.last_compute[queue_index(device, EngineKind::compute)] = i;
    }
    for (const auto& activity : work.activity) {
      if (activity.action >= platform_.devices()[device].device->actions().size()) return "an action that is not there";
      if (!(activity.count >= 0.0)) return "a negative count of an action";
    }
    return std::nullopt;
  }

  std::optional<std::string> gather_transfer(std::size_t device, const Command& command, std::size_t i, OpSums& sums) {
    if (command.bytes <= Bytes(0)) return "a transfer of nothing";
    const auto size = static_cast<std::uint64_t>(command.bytes.count());
    const auto space = static_cast<std::uint64_t>(program_.memory_footprint.count());
    if (size > space || command.address > space - size) {
      return "bytes " + std::to_string(command.address) + " + " + std::to_string(size) +
             " are outside of the address space of " + std::to_string(space);
    }
    if (command.kind == CommandKind::load) {
      sums.loads += command.bytes;
    } else {
      sums.stores += command.bytes;
      OpSums::Part& part = sums.parts[part_at(command, device, EngineKind::store, sums.stored[device])];
      sums.stored[device] += command.bytes.count();
      part.stored_from = part.stored == Bytes(0) ? command.address : std::min(part.stored_from, command.address);
      part.stored_to = std::max(part.stored_to, command.address + size);
      part.stored += command.bytes;
      part.last_store[queue_index(device, EngineKind::store)] = i;
    }
    return std::nullopt;
  }

  std::size_t part_at(const Command& command, std::size_t device, EngineKind kind, std::int64_t done) const {
    return parts_->at(command.op.index(), program_.devices[device].device, kind, done);
  }

  // Completeness ----------------------------------------------------------------------------------------------

  void check_completeness() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      const OpSums& sums = sums_[i];
      const Placement& placement = program_.placements[i];
      const auto expect_equal = [&](const char* what, std::int64_t expected, std::int64_t actual) {
        if (expected == actual) return;
        problems_.add(ops_[i].name + ": " + what + " should be " + std::to_string(expected) + ", the commands say " +
                      std::to_string(actual));
      };
      const bool view = ops_[i].op_class == OpClass::view;
      std::set<std::string> named;
      for (std::size_t part = 0; part < parts_->count(i); ++part) named.insert(parts_->part(i, part).device);
      expect_equal("number of devices", view ? 0 : static_cast<std::int64_t>(named.size()),
                   static_cast<std::int64_t>(sums.devices.size()));
      if (view) continue;
      if (sums.computes == 0) problems_.add(ops_[i].name + " is never computed");
      for (const std::size_t device : sums.devices) {
        if (!named.contains(program_.devices[device].device)) problems_.add(ops_[i].name + " runs elsewhere");
        const Refusal refusal = platform_.devices()[device].device->refuses(ops_[i]);
        if (!refusal.empty()) problems_.add(ops_[i].name + " runs on a device that " + refusal);
      }
      expect_equal("multiply-accumulates of the graph", ops_[i].macs.count(), sums.macs.count());
      expect_equal("multiply-accumulates of the placement", placement.macs.count(), sums.macs.count());
      expect_equal("bytes loaded", placement.load_bytes.count(), sums.loads.count());
      expect_equal("bytes stored", placement.store_bytes.count(), sums.stores.count());
      expect_equal("compute cycles", placement.compute_cycles.count(), sums.compute.count());
      expect_equal("launch cycles", placement.launch_cycles.count(), sums.launch.count());
      expect_equal("tiles", placement.tiles, sums.computes);
    }
  }

  // Precedence ------------------------------------------------------------------------------------------------

  /// The operators whose results each operator reads, seen through views.
  void find_writers() {
    std::map<std::size_t, std::optional<std::size_t>> writer_of;  // tensor -> operator
    writers_.resize(ops_.size());
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      const bool view = ops_[i].op_class == OpClass::view;
      for (const auto& input : ops_[i].inputs) {
        const auto it = writer_of.find(input.tensor.index());
        if (!view && it != writer_of.end() && it->second) writers_[i].insert(*it->second);
      }
      for (const auto& output : ops_[i].outputs) {
        auto& writer = writer_of[output.tensor.index()];
        if (!view) {
          writer = i;
        } else if (!ops_[i].inputs.empty()) {
          writer = writer_of[ops_[i].inputs.front().tensor.index()];
        }
      }
    }
  }

  struct Cursor {
    std::size_t device;
    EngineKind kind;
    std::size_t next = 0;
    std::int64_t signals = 0;
    VectorClock clock;
    Bytes tile_bytes;  ///< loaded for the tile at hand
  };

  void replay() {
    const std::size_t queues = program_.devices.size() * kEnginesPerDevice;
    std::vector<Cursor> cursors;
    for (std::size_t d = 0; d < program_.devices.size(); ++d) {
      for (const auto& [kind, name] : enum_names(EngineKind{})) {
        cursors.push_back({.device = d, .kind = kind, .clock = VectorClock(queues, 0), .tile_bytes = {}});
      }
    }
    signals_.assign(program_.semaphores, {});
    bool progress = true;
    while (progress) {
      progress = false;
      for (auto& cursor : cursors) {
        while (step(cursor)) progress = true;
      }
    }
    for (const auto& cursor : cursors) {
      if (cursor.next < queue(cursor.device, cursor.kind).size()) {
        problems_.add(place(cursor.device, cursor.kind, cursor.next) + " waits for ever");
      }
    }
  }

  bool step(Cursor& cursor) {
    const Queue& commands = queue(cursor.device, cursor.kind);
    if (cursor.next == commands.size()) return false;
    const Command& command = commands[cursor.next];
    VectorClock& clock = cursor.clock;
    if (command.kind == CommandKind::wait) {
      const auto& history = signals_[command.semaphore.index()];
      if (static_cast<std::int64_t>(history.size()) < command.value) return false;
      if (command.value > 0) {
        const VectorClock& other = history[static_cast<std::size_t>(command.value - 1)];
        std::transform(clock.begin(), clock.end(), other.begin(), clock.begin(),
                       [](std::size_t a, std::size_t b) { return std::max(a, b); });
      }
    } else if (command.kind != CommandKind::signal) {
      check_command(cursor, command);
    }
    ++cursor.next;
    clock[queue_index(cursor.device, cursor.kind)] = cursor.next;
    if (command.kind == CommandKind::signal) {
      ++cursor.signals;
      cursor.tile_bytes = Bytes(0);
      signals_[command.semaphore.index()].push_back(clock);
    }
    return true;
  }

  void check_command(Cursor& cursor, const Command& command) {
    const std::size_t op = command.op.index();
    OpSums& sums = sums_[op];
    if (cursor.kind == EngineKind::compute) {
      if (program_.devices[cursor.device].works[command.work].overhead) return;
      const std::size_t part = part_at(command, cursor.device, cursor.kind, sums.computed[cursor.device]++);
      for (const std::size_t writer : writers_[op]) {
        for (std::size_t made = 0; made < parts_->count(writer); ++made) {
          if (!parts_->needs(op, part, writer, made)) continue;
          expect_before(cursor, op, writer, sums_[writer].parts[made].last_compute);
        }
      }
      return;
    }
    OpTransfers& transfers = transfers_[op];
    const std::size_t queue = queue_index(cursor.device, cursor.kind);
    transfers.last[queue] = cursor.next;
    const std::int64_t done = cursor.kind == EngineKind::load ? sums.loaded[cursor.device] : 0;
    const std::size_t part = part_at(command, cursor.device, cursor.kind, done);
    const TilingSpace& space = space_of(cursor.device, op, part);
    if (cursor.kind == EngineKind::load) {
      sums.loaded[cursor.device] += command.bytes.count();
      check_load(cursor, command, space);
    } else {
      transfers.before_storing.try_emplace(queue, cursor.clock);
      if (command.bytes > space.output_capacity) {
        problems_.add(place(cursor.device, cursor.kind, cursor.next) + ": stores more than the buffer holds");
      }
    }
  }

  /// Buffers that the tiles of an operator must fit; a device with a schedule of its own looks after them itself.
  const TilingSpace& space_of(std::size_t device, std::size_t op, std::size_t part) {
    const auto [it, fresh] = spaces_.try_emplace(std::tuple(device, op, part));
    if (!fresh) return it->second;
    const Device& runs_it = *platform_.devices()[device].device;
    const OpDescription some = parts_->described(op, part);
    if (parts_->grouped(op, part)) {
      it->second = any_size();
      if (const auto group = runs_it.group_space()) it->second.shared_capacity = group->capacity;
    } else {
      it->second = runs_it.schedule(some, {}) ? any_size() : runs_it.tilings(some);
    }
    return it->second;
  }

  void check_load(Cursor& cursor, const Command& command, const TilingSpace& space) {
    const std::size_t op = command.op.index();
    const bool parameters =
        std::any_of(ops_[op].inputs.begin(), ops_[op].inputs.end(), [](const auto& input) { return input.parameter; });
    for (const std::size_t writer : writers_[op]) {
      // Weights may come early; what another device made, or what lies where a result was stored, may not.
      const bool elsewhere = !parameters && !sums_[writer].devices.contains(cursor.device);
      for (const OpSums::Part& made : sums_[writer].parts) {
        if (!elsewhere && !touches_result(made, command)) continue;
        // A part below a byte stores nothing: its bits are in its neighbour's byte.
        const bool none = sums_[writer].parts.size() > 1 && made.last_store.empty();
        expect_before(cursor, op, writer, none ? made.last_compute : made.last_store);
      }
    }

    cursor.tile_bytes += command.bytes;
    const Bytes most =
        space.shared_capacity > Bytes(0) ? space.shared_capacity : space.input_capacity + space.weight_capacity;
    if (cursor.tile_bytes > most) {
      problems_.add(place(cursor.device, cursor.kind, cursor.next) + ": a tile of " + ops_[op].name + " loads " +
                    std::to_string(cursor.tile_bytes.count()) + " bytes into a half of " +
                    std::to_string(most.count()));
    }
    // The tile at hand is number `signals`; the one two before it must have been computed.
    const std::size_t computed = cursor.clock[queue_index(cursor.device, EngineKind::compute)];
    if (cursor.signals >= 2 && signals_before(cursor.device, computed) < cursor.signals - 1) {
      problems_.add(place(cursor.device, cursor.kind, cursor.next) + ": loads over a tile that is still needed");
    }
  }

  /// Signals among the first `position` commands of a compute queue.
  std::int64_t signals_before(std::size_t device, std::size_t position) {
    auto& counts = compute_signals_[device];
    const Queue& commands = queue(device, EngineKind::compute);
    if (counts.empty()) {
      counts.push_back(0);
      for (const auto& command : commands) counts.push_back(counts.back() + (command.kind == CommandKind::signal));
    }
    return counts[position];
  }

  static bool touches_result(const OpSums::Part& made, const Command& command) {
    const std::uint64_t begin = command.address, end = begin + static_cast<std::uint64_t>(command.bytes.count());
    return begin < made.stored_to && made.stored_from < end;
  }

  /// The commands of `writer` that stand in `made` are known to have ended before the one at the cursor.
  void expect_before(const Cursor& cursor, std::size_t op, std::size_t writer,
                     const std::map<std::size_t, std::size_t>& made) {
    const bool before = !made.empty() && std::all_of(made.begin(), made.end(), [&](const auto& last) {
      return cursor.clock[last.first] > last.second;
    });
    if (before) return;
    problems_.add(place(cursor.device, cursor.kind, cursor.next) + ": " + ops_[op].name + " may read the result of " +
                  ops_[writer].name + " before it is there");
  }

  const Platform& platform_;
  const std::vector<OpDescription>& ops_;
  const Program& program_;
  Problems problems_;
  std::vector<OpSums> sums_;
  std::map<std::size_t, std::size_t> signaller_;
  std::vector<std::set<std::size_t>> writers_;
  std::vector<std::vector<VectorClock>> signals_;
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, TilingSpace> spaces_;
  std::optional<ProgramParts> parts_;
  std::vector<OpTransfers> transfers_;
  std::map<std::size_t, std::vector<std::int64_t>> compute_signals_;
};

}  // namespace

std::vector<std::string> problems_of(const Platform& platform, const std::vector<OpDescription>& ops,
                                     const Program& program) {
  return Checker(platform, ops, program).run();
}

}  // namespace chipcast::system_test

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "platform/merged_programs.h"
#include "platform/stream_machine.h"

/// Hand-written programs that share devices.
namespace chipcast::dispatch_test {

constexpr Time ns(std::int64_t value) { return Time::ps(value * 1000); }

/// Devices of 1 GHz with ports of 1 B per ns (bytes and cycles are nanoseconds) on a memory that is never the limit.
inline Platform platform_of(const std::vector<std::string>& devices) {
  const Json dma{{"outstanding", 64}, {"burst", "64 B"}, {"chunk", "64 B"}, {"port", "1 GB/s"}};
  Json list = Json::object();
  for (const auto& name : devices) list[name] = Json{{"type", "npu"}, {"clock", "1 GHz"}, {"dma", dma}};
  return Platform::from_json(
      Json{{"name", "test"},
           {"interconnect", Json{{"clock", "1 GHz"}, {"width", "64 B/cycle"}, {"latency", "0 cycles"}}},
           {"memories", Json{{"dram", Json{{"type", "simple"}, {"bandwidth", "64 GB/s"}, {"latency", "0 ns"}}}}},
           {"devices", list}},
      "test", {});
}

/// Writes a program tile by tile, with the waits of the emitter's double buffers.
class ProgramWriter {
 public:
  explicit ProgramWriter(const std::vector<std::string>& devices) : tiles_(devices.size()), stores_(devices.size()) {
    program_.semaphores = devices.size() * kEnginesPerDevice;
    for (const auto& name : devices) {
      program_.devices.emplace_back();
      program_.devices.back().device = name;
    }
    program_.memory_footprint = Bytes(1 << 20);
  }

  struct TileText {
    std::int64_t weights = 0, input = 0, cycles = 0, output = 0;
  };

  /// The next tiles are of a new operator.
  ProgramWriter& op() {
    program_.placements.push_back({.op = "op" + std::to_string(program_.placements.size()), .label = "test"});
    return *this;
  }

  /// Its inputs are what `from` has stored so far.
  ProgramWriter& after(std::size_t device, std::size_t from) {
    wait(device, EngineKind::load, from, EngineKind::store, stores_[from]);
    wait(device, EngineKind::compute, from, EngineKind::store, stores_[from]);
    return *this;
  }

  ProgramWriter& tile(std::size_t device, const TileText& text) {
    if (program_.placements.empty()) op();
    wait(device, EngineKind::load, device, EngineKind::compute, tiles_[device] - 1);
    load(device, text.weights, false);
    load(device, text.input, true);
    signal(device, EngineKind::load);
    wait(device, EngineKind::compute, device, EngineKind::load, tiles_[device] + 1);
    if (text.output > 0) wait(device, EngineKind::compute, device, EngineKind::store, stores_[device] - 1);
    compute(device, text.cycles);
    signal(device, EngineKind::compute);
    ++tiles_[device];
    if (text.output == 0) return *this;
    wait(device, EngineKind::store, device, EngineKind::compute, tiles_[device]);
    push(device, EngineKind::store, {.kind = CommandKind::store, .bytes = Bytes(text.output)});
    signal(device, EngineKind::store);
    ++stores_[device];
    return *this;
  }

  /// Nothing but cycles.
  ProgramWriter& compute(std::size_t device, std::int64_t cycles, bool overhead = false) {
    if (program_.placements.empty()) op();
    DeviceProgram& on = program_.devices[device];
    on.works.push_back(
        {.cycles = Cycles(cycles), .macs = Ops(cycles), .activity = {}, .sram = {}, .overhead = overhead});
    push(device, EngineKind::compute,
         {.kind = CommandKind::compute, .work = static_cast<std::uint32_t>(on.works.size() - 1)});
    return *this;
  }

  const Program& program() const { return program_; }
  const std::vector<std::vector<shell::LoadInfo>>& loads() {
    infos_.resize(program_.devices.size());
    for (std::size_t d = 0; d < infos_.size(); ++d)
      infos_[d].resize(program_.devices[d].queue(EngineKind::load).size());
    return infos_;
  }

 private:
  void push(std::size_t device, EngineKind kind, Command command) {
    command.op = OpId(program_.placements.size() - 1);
    program_.devices[device].queue(kind).push_back(command);
  }
  void load(std::size_t device, std::int64_t bytes, bool first) {
    if (bytes == 0) return;
    infos_.resize(program_.devices.size());
    infos_[device].resize(program_.devices[device].queue(EngineKind::load).size() + 1);
    infos_[device].back() = {.first_operand = first, .parameter = !first};
    push(device, EngineKind::load, {.kind = CommandKind::load, .bytes = Bytes(bytes)});
  }
  static SemaphoreId semaphore(std::size_t device, EngineKind kind) {
    return SemaphoreId(device * kEnginesPerDevice + static_cast<std::size_t>(kind));
  }
  void signal(std::size_t device, EngineKind kind) {
    push(device, kind, {.kind = CommandKind::signal, .semaphore = semaphore(device, kind)});
  }
  void wait(std::size_t device, EngineKind kind, std::size_t on, EngineKind engine, std::int64_t value) {
    if (value <= 0 || (device == on && kind == engine)) return;
    push(device, kind, {.kind = CommandKind::wait, .semaphore = semaphore(on, engine), .value = value});
  }

  Program program_;
  std::vector<std::int64_t> tiles_, stores_;
  std::vector<std::vector<shell::LoadInfo>> infos_;
};

/// Streams of such programs on a platform.
class Bench {
 public:
  Bench(const Platform& platform, const std::vector<std::string>& devices)
      : platform_(platform), devices_(devices), merged_(devices) {}

  /// The stream's only mapping is `writer`'s program; returns the stream for what is to be changed.
  StreamLoad& add(ProgramWriter& writer, std::vector<Time> releases, int priority = 0,
                  std::optional<Time> deadline = std::nullopt) {
    const Program& part = merged_.add(writer.program(), "s" + std::to_string(streams_.size()));
    plans_.push_back(shell::plan_job(writer.program(), {.loads = writer.loads(), .cached = {}}));
    StreamLoad load;
    load.count = static_cast<std::int64_t>(releases.size());
    load.releases = std::move(releases);
    load.deadline = deadline;
    load.priority = priority;
    load.in_flight = 16;
    load.variants.push_back({.program = &part, .plan = &plans_.back(), .in_flight = 16});
    streams_.push_back(std::move(load));
    return streams_.back();
  }
  /// Who manages power in the runs to come.
  void manage(const PowerSetup& power) { power_.emplace(power); }

  StreamsRun run(Policy policy, Preemption preemption, const RunLimits& limits = {}) {
    StreamBooks books(platform_, merged_.all(), false);
    StreamsRun run = execute({.platform = platform_,
                              .merged = merged_.all(),
                              .footprint = Bytes(1 << 20),
                              .streams = {streams_.begin(), streams_.end()},
                              .policy = policy,
                              .preemption = preemption,
                              .limits = limits,
                              .progress = {},
                              .power = power_},
                             books);
    macs_ = books.macs(0);
    return run;
  }
  Ops macs() const { return macs_; }

 private:
  const Platform& platform_;
  std::vector<std::string> devices_;
  MergedPrograms merged_;
  std::deque<shell::JobPlan> plans_;
  std::deque<StreamLoad> streams_;
  std::optional<PowerSetup> power_;
  Ops macs_;
};

}  // namespace chipcast::dispatch_test

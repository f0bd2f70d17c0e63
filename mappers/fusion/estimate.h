// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/functional/hash.hpp>
#include <cstdint>
#include <tuple>
#include <unordered_map>

#include "mappers/fusion/steps.h"
#include "mappers/tiling/plans.h"

namespace chipcast::fusion {

/// What running some operators costs, alone on an idle platform.
struct Cost {
  Time latency;
  Joules energy;  ///< 0 unless asked for
  Bytes loads, stores;
  Time compute;  ///< of the latency: launches and tiles

  Bytes traffic() const { return loads + stores; }
  Cost& operator+=(const Cost& other);
};

/// Prices of one device. Keeps what it has been asked: stripes repeat their sizes.
class Pricer {
 public:
  Pricer(const MappingProblem& problem, std::size_t slot, bool with_energy);

  /// A group: its units (Step::begins_unit) in a pipeline of load, compute and store, each two deep, as emitted; not
  /// less than all its transfers one after the other. Its energy: activity, transfers, and what flows all the time
  /// meanwhile.
  Cost of(const Group& group, const Layout& layout);
  /// An operator by itself, all operands in memory.
  Cost of(const OpDescription& op, const tiling::Plan& plan, const Traffic& traffic);
  /// Launching and computing an operator in one tile, whether that fits or not.
  Time in_one_tile(const OpDescription& op);

 private:
  struct Work {
    Time time;
    Joules energy;
  };
  struct Pipeline;
  /// Operator, rows, channels, and bytes kept of a step.
  using StepSize = std::tuple<std::size_t, std::int64_t, std::int64_t, std::int64_t>;
  Time transfer(EngineKind engine, Bytes bytes);
  Work work(const Group& group, const Layout& layout, const Step& step);
  Work launch(const OpDescription& op);
  Work priced(const TileWork& work, std::int64_t times) const;
  Joules moved(EngineKind engine, Bytes bytes) const;
  Joules background(const Cost& cost) const;

  const DeviceSlot& slot_;
  Watts always_on_;
  bool with_energy_;
  Clock clock_;
  std::unordered_map<std::int64_t, Time> transfers_[2];
  std::unordered_map<StepSize, Work, boost::hash<StepSize>> works_;
  std::unordered_map<std::size_t, Work> launches_;
};

}  // namespace chipcast::fusion

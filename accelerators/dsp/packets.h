// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/dsp/config.h"

/// How many VLIW packets a bundle of operations takes.
namespace chipcast::dsp {

/// Operations of a kernel, by what they need. Fractions where one load serves several steps.
struct Operations {
  double loads = 0.0, stores = 0.0, multiplies = 0.0, alu = 0.0;

  Operations& operator+=(const Operations& other);
  friend Operations operator*(Operations a, double factor) {
    return {a.loads * factor, a.stores * factor, a.multiplies * factor, a.alu * factor};
  }
  friend Operations operator+(Operations a, const Operations& b) { return a += b; }
};

/// Fewest packets of a software-pipelined loop body, where every slot holds one operation. By Hall's theorem that is
///   max over sets of units S of  (operations of S) / (slots that can issue any of S)
class PacketRule {
 public:
  explicit PacketRule(const std::vector<Slot>& slots);
  double operator()(const Operations& operations) const;

 private:
  static constexpr std::size_t kUnits = enum_names(Unit{}).size();
  std::array<double, std::size_t{1} << kUnits> packets_each_{};  ///< 1 / slots, by set of units
};

}  // namespace chipcast::dsp

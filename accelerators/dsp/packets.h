// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/container/static_vector.hpp>

#include "accelerators/dsp/config.h"

/// How many VLIW packets a bundle of operations takes.
namespace chipcast::dsp {

/// Operations of a kernel, by what they need. Fractions where one load serves several steps.
struct Operations {
  double loads = 0.0, stores = 0.0, multiplies = 0.0, alu = 0.0;

  Operations& operator+=(const Operations& other) {
    loads += other.loads;
    stores += other.stores;
    multiplies += other.multiplies;
    alu += other.alu;
    return *this;
  }
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

  double operator()(const Operations& operations) const {
    double most = 0.0;
    for (const Set& set : sets_) {
      const double needed = operations.loads * set.has[0] + operations.stores * set.has[1] +
                            operations.multiplies * set.has[2] + operations.alu * set.has[3];
      most = std::max(most, needed * set.packets_each);
    }
    return most;
  }

 private:
  static constexpr std::size_t kUnits = enum_names(Unit{}).size();

  struct Set {
    std::array<double, kUnits> has{};  ///< 1 for its units
    double packets_each = 0.0;         ///< 1 / slots
  };
  /// Those that may decide: no larger set has as few slots.
  boost::container::static_vector<Set, std::size_t{1} << kUnits> sets_;
};

}  // namespace chipcast::dsp

// SPDX-License-Identifier: Apache-2.0
#include "models/power/config.h"

#include <algorithm>
#include <stdexcept>

namespace chipcast::power {
namespace {

std::string megahertz(Hertz clock) {
  std::string text = std::to_string(clock.count() / 1e6);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " MHz";
}

}  // namespace

void Domain::validate() const {
  if (members.empty()) throw std::invalid_argument("members is empty; name at least one device, memory or load");
  for (std::size_t i = 1; i < opps.size(); ++i) {
    if (!(opps[i - 1].clock < opps[i].clock)) {
      throw std::invalid_argument("opps." + std::to_string(i) + " of " + megahertz(opps[i].clock) +
                                  " does not ascend from the one before; sort them by clock, each once");
    }
    if (opps[i].volts < opps[i - 1].volts) {
      throw std::invalid_argument("opps." + std::to_string(i) + " needs less voltage than the slower one before it");
    }
  }
  const auto same = [this](const OperatingPoint& opp) { return opp.clock == *clock; };
  if (clock && std::none_of(opps.begin(), opps.end(), same)) {
    std::string known;
    for (const auto& opp : opps) known += (known.empty() ? "" : ", ") + megahertz(opp.clock);
    throw std::invalid_argument("clock " + megahertz(*clock) + " is no operating point; " +
                                (known.empty() ? "the domain has none" : "it has " + known));
  }
  for (std::size_t i = 0; i < idle.size(); ++i) {
    if (i > 0 && idle[i].power_share > idle[i - 1].power_share) {
      throw std::invalid_argument("idle." + idle[i].name + " keeps more power than the shallower state before it");
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (idle[j].name == idle[i].name) throw std::invalid_argument("idle names \"" + idle[i].name + "\" twice");
    }
  }
}

void Load::validate() const {
  if (full < idle) throw std::invalid_argument("full is less than idle; level 1 is the busiest");
}

}  // namespace chipcast::power

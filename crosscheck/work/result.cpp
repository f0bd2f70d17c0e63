// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/result.h"

#include <algorithm>
#include <cmath>

namespace chipcast::crosscheck {
namespace {

/// Charges of fractions (shares of an activity) add up with rounding errors of doubles; whole numbers have none.
bool same(double counted, double charged) {
  if (counted == charged) return true;
  const bool fractions = counted != std::floor(counted) || charged != std::floor(charged);
  return fractions && std::abs(counted - charged) <= 1e-9 * std::max(1.0, std::abs(charged));
}

std::string number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

bool WorkCheck::equal() const {
  const auto compared = [](const Quantity& q) { return q.compared; };
  const auto same = [](const Quantity& q) { return q.equal; };
  return different == 0 && std::any_of(quantities.begin(), quantities.end(), compared) &&
         std::all_of(quantities.begin(), quantities.end(), same);
}

std::string WorkCheck::first_difference() const {
  for (const Quantity& q : quantities) {
    if (!q.equal) return q.level + " " + q.name + ": " + q.note;
  }
  if (different == 0) return equal() ? std::string() : "nothing was compared";
  return std::to_string(different) + " of " + std::to_string(results) + " results differ from the untiled loops'";
}

Quantity& Tally::entry(const std::string& level, const std::string& name) {
  for (Quantity& known : quantities_) {
    if (known.level == level && known.name == name) return known;
  }
  quantities_.push_back({.level = level, .name = name, .note = {}});
  return quantities_.back();
}

void Tally::add(const std::string& level, const std::string& name, std::int64_t step, double counted, double charged) {
  Quantity& sum = entry(level, name);
  sum.counted += counted;
  sum.charged += charged;
  if (same(counted, charged) || !sum.equal) return;
  sum.equal = false;
  sum.note = (step < 0 ? std::string() : "step " + std::to_string(step) + ": ") + "counted " + number(counted) +
             ", charged " + number(charged);
}

void Tally::leave_out(const std::string& level, const std::string& name, double charged, const std::string& why) {
  Quantity& sum = entry(level, name);
  sum.charged += charged;
  sum.compared = false;
  sum.note = why;
}

}  // namespace chipcast::crosscheck

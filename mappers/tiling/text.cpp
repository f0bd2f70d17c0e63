// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>

#include "mappers/tiling/tiling.h"

namespace chipcast::tiling {
namespace {

/// How much larger `a` is than `b`.
std::string percent(double a, double b) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2g %%", b > 0.0 ? (a / b - 1.0) * 100.0 : 0.0);
  return text.data();
}

std::string limit_text(Limit limit, const std::string& memory) {
  switch (limit) {
    case Limit::compute:
      return "its computing";
    case Limit::memory:
      return memory;
    case Limit::launch:
      return "its launch";
    case Limit::fill:
      return "filling and draining";
  }
  return {};
}

}  // namespace

std::string to_text(const Plan& plan) {
  const std::string count = std::to_string(plan.tiles) + (plan.tiles == 1 ? " tile" : " tiles");
  if (plan.schedule) return plan.schedule->text;
  if (!plan.nested) return count + " of equal size";
  const OpTile& t = plan.tile;
  std::string text = count + " of ";
  if (t.groups > 1) text += std::to_string(t.groups) + " groups x ";
  text += std::to_string(t.out_channels) + " output x " + std::to_string(t.in_channels) + " input channels x " +
          std::to_string(t.out_height) + " rows x " + std::to_string(t.out_width) + " columns, ";
  return text + (plan.weights_outer ? "weights outer" : "rows outer");
}

std::string explain(const Plan& plan, const std::string& memory) {
  std::string text = "limited by " + limit_text(plan.limit, memory);
  if (plan.schedule) return text + "; the device's own schedule";
  if (!plan.record) return text + "; given, not searched for";
  const PlanRecord& record = *plan.record;
  text += "; best " + std::string(name_of(record.objective)) +
          (record.exact ? " of its space, " : " found before the budget ended, ") + std::to_string(record.evaluated) +
          (record.evaluated == 1 ? " plan" : " plans") + " estimated, " + percent(record.value, record.lower_bound) +
          " above the bound";
  if (record.runner_up.empty()) return text;
  return text + "; runner-up " + record.runner_up + " loses " + percent(record.runner_up_value, record.value);
}

}  // namespace chipcast::tiling

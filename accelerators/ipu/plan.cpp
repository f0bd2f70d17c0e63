// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/plan.h"

#include <array>
#include <cstdio>

#include "accelerators/ipu/plan_product.h"
#include "accelerators/ipu/plan_vector.h"

namespace chipcast::ipu {

Phases Plan::total() const {
  Phases sum;
  for (const Stage& stage : stages) {
    sum += {stage.phases.compute * stage.count, stage.phases.exchange * stage.count, stage.phases.sync * stage.count};
  }
  return sum;
}

Plan plan_of(const Config& config, const OpDescription& op, const Traffic& traffic) {
  if (op.nests.size() == 2) return plan_recurrent(config, op, traffic);
  if (op.single_nest()) return plan_product(config, op, op.nests.front(), op.element_ops.count(), traffic);
  return plan_vector(config, op);
}

std::string shares_text(const Phases& phases) {
  const double all = static_cast<double>(phases.total()) / 100.0;
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "compute %.1f %%, exchange %.1f %%, sync %.1f %%",
                static_cast<double>(phases.compute) / all, static_cast<double>(phases.exchange) / all,
                static_cast<double>(phases.sync) / all);
  return text.data();
}

}  // namespace chipcast::ipu

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "crosscheck/work/result.h"
#include "crosscheck/work/stored_form.h"
#include "mappers/tiling/tiling.h"

/// Is the work that a device is charged for the work that its mapped loops do?
namespace chipcast::crosscheck {

struct WorkOptions {
  std::int64_t most_macs = 5'000'000;  ///< of an operator; above, a sample of each tile's results is computed
  std::uint64_t seed = 1;              ///< of the operands' values

  template <class V>
  void visit(V& v) {
    v.field("most_macs", most_macs,
            {.doc = "Multiply-accumulates that are executed one by one of an operator; of larger ones some results of "
                    "each tile are computed.",
             .min = 1});
    v.field("seed", seed, {.doc = "Of the operands' values."});
  }
};

/// Executes a plan of an operator on small whole numbers, tile by tile, and counts; the device's cost functions are
/// asked only for what is compared with the counts. The device must not refuse the operator, and the plan must be one
/// of this device's under this traffic: found by tiling::find, or any tiling of its loop nest.
WorkCheck check_work(const OpDescription& op, const DeviceUnderCheck& on, const tiling::Plan& plan,
                     const Traffic& traffic, const WorkOptions& options = {});

/// Everything crosses the port, but for weights that the device keeps.
Traffic whole_traffic(const OpDescription& op, const Device& device);

}  // namespace chipcast::crosscheck

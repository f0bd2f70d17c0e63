// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "accelerators/npu/config.h"
#include "workloads/op_description.h"

namespace chipcast::npu {

/// See Device::tile_law: the configuration without what only capacities (TilingSpace), times, powers and transfers come
/// from. Depthwise convolutions see of the lanes no more than the speed of their number format.
class TileLaw {
 public:
  explicit TileLaw(const Config& config);
  std::string of(const OpDescription& op) const;

 private:
  Config config_;
  std::string dense_, depthwise_;
};

}  // namespace chipcast::npu

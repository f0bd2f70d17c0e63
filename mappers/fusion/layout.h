// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "mappers/fusion/weights.h"

namespace chipcast::fusion {

/// Rows of a tensor of the group that cross the port.
struct Transfer {
  std::size_t tensor = 0;
  Rows rows;
};

/// What the device does in one go: some rows and, where weights come in parts, some channels of an operator.
struct Step {
  std::size_t op = 0;  ///< of the group
  Rows out;
  std::int64_t part = 0;   ///< of the weights
  Bytes weights;           ///< to be loaded before
  bool launches = false;   ///< the operator's first step
  bool ends_rows = false;  ///< the last part of these rows
  /// Begins a new unit of double buffering: what a unit loads comes while the one before computes, what it stores
  /// leaves while the next one does. Steps that neither load nor follow a store belong to the unit before.
  bool begins_unit = false;
  std::size_t first_load = 0, loads = 0, first_store = 0, stores = 0;  ///< in Layout::transfers
  Bytes kept;                                                          ///< of its results, that the group reads again
};

/// A group's steps in order, and what it takes of the device's memory.
struct Layout {
  std::vector<Step> steps;
  std::vector<Transfer> transfers;
  std::vector<WeightUse> weights;  ///< per operator of the group
  Bytes rows_peak;                 ///< rows of all tensors at a time, those under way included
  Bytes weights_peak;
  std::string problem;  ///< why there is no such layout; empty where there is
};

/// Stripes of a group in the order given. Rows of tensors from outside are loaded once, while the unit before computes,
/// and kept until their last reader has passed; rows that the group makes likewise; rows that leave it until the second
/// next store. The peak of all that, in whole banks, and weights, in whole banks, must fit the group's space.
Layout lay_out(const Group& group, const std::vector<Stripe>& stripes, const Device& device);

}  // namespace chipcast::fusion

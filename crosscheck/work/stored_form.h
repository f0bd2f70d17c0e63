// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "accelerators/contract.h"

/// How a device keeps operands in memory: from counted elements to bytes. Written down for each type beside its cost
/// functions, not taken from them.
namespace chipcast::crosscheck {

/// A device as the checks see it.
struct DeviceUnderCheck {
  std::string name, type;  ///< the type picks the description of its stored form and the executor of its schedules
  const Device* device = nullptr;
};

struct StoredForm {
  int input_bits = 8;                            ///< of an element
  std::int64_t channel_group = 1;                ///< channels stand in whole groups; fewer than one stand as they are
  bool groups_of_results = false;                ///< results too
  int narrowed_from = 1, narrowed_to = 1;        ///< bits in the graph and as the runtime stores them
  std::int64_t other_bytes = 0, weights = 1;     ///< bytes of all operands besides the first, over the nest's weights
  std::int64_t result_bytes = 0, positions = 1;  ///< bytes of the result, over the nest's output elements
  std::string input_estimate, weight_estimate;   ///< why that is no count of elements; empty where it is

  Bytes input(std::int64_t channels, std::int64_t in_positions) const;
  /// Biases and scales stand with the weights, an equal share with each.
  Bytes others(std::int64_t weight_elements) const;
  /// A transposed nest's positions have an equal share of the results each.
  Bytes output(std::int64_t channels, std::int64_t out_positions) const;

 private:
  std::int64_t padded(std::int64_t channels) const;
};

StoredForm stored_form(const OpDescription& op, const DeviceUnderCheck& on);

}  // namespace chipcast::crosscheck

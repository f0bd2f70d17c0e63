// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "workloads/operators.h"

namespace chipcast {

/// Types of an operator's outputs. `inputs` are in the order of the attribute struct's comment, nullptr for an
/// absent optional one. Extents are checked (1 to 2^31 - 1, product within 63 bits); attributes may be
/// hostile. Number formats: the output takes the format of the data input (the wider of two), comparisons give
/// bool, indices int64. Throws InputError(place, ...).
std::vector<TensorType> infer_shapes(const Attributes& attributes, std::span<const TensorType* const> inputs,
                                     std::size_t wanted_outputs, const std::string& place);

}  // namespace chipcast

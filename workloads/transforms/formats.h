// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "workloads/graph.h"

/// What transforms that change number formats share.
namespace chipcast::formats {

/// What a tensor is for, as far as its format goes.
enum class Role { data, bias, index };

/// One for each tensor of the graph.
std::vector<Role> roles_of(const Graph& graph);

/// Formats that networks run in; int64, int32 and bool belong to indices, sums and conditions.
bool runs_in(DType dtype);

/// Throws InputError(place) for a format that networks do not run in.
void check_runs_in(DType dtype, const std::string& place);

/// The format of a tensor where the operators that it belongs to run in `dtype`; its own where it does not follow.
DType format_of(const Tensor& tensor, Role role, DType dtype);

}  // namespace chipcast::formats

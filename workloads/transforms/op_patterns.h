// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"
#include "workloads/graph.h"

namespace chipcast {

/// Formats by pattern: an operator's name in which * stands for any text and ? for one character, or "class:" and the
/// name of a class of operators (conv, depthwise_conv, matrix, ...). The last that matches counts.
using PrecisionPatterns = Named<DType>;

/// Whether all of `text` is what `pattern` stands for.
bool matches(std::string_view pattern, std::string_view text);

/// What only passes values on: its results have the format of its operands. Casts are among them: they follow.
bool passes_on(const Op& op);

/// For each operator the format that the patterns give it; none for those that pass values on. Throws
/// InputError("precision.PATTERN") for a pattern without such an operator, an unknown class, or a format that networks
/// do not run in.
std::vector<std::optional<DType>> formats_of(const Graph& graph, const PrecisionPatterns& patterns);

}  // namespace chipcast

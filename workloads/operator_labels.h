// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/check.h"
#include "workloads/graph.h"

/// All names that Graph::label gives to operators, for lists in configurations.
namespace chipcast {
namespace detail {

/// Labels of an operator for each word of one of its enumerations.
template <class A, class E>
void add_labels(std::vector<std::string>& out, A op, E A::*field) {
  for (const auto& [value, name] : enum_names(E{})) {
    op.*field = value;
    out.push_back(Op{.name = {}, .attributes = op}.label());
  }
}

template <std::size_t... kinds>
void add_default_labels(std::vector<std::string>& out, std::index_sequence<kinds...>) {
  (out.push_back(Op{.name = {}, .attributes = std::variant_alternative_t<kinds, Attributes>{}}.label()), ...);
}

}  // namespace detail

inline std::vector<std::string> operator_labels() {
  std::vector<std::string> out{"grouped_conv", "depthwise_conv", "log_softmax", "space_to_depth", "depth_to_space"};
  detail::add_default_labels(out, std::make_index_sequence<std::variant_size_v<Attributes>>());
  for (const bool global : {false, true}) {
    Pool pool;
    pool.global = global;
    detail::add_labels(out, pool, &Pool::function);
  }
  detail::add_labels(out, Unary{}, &Unary::function);
  detail::add_labels(out, Binary{}, &Binary::function);
  detail::add_labels(out, Norm{}, &Norm::function);
  detail::add_labels(out, Reduce{}, &Reduce::function);
  detail::add_labels(out, Recurrent{}, &Recurrent::cell);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// Lists of operators name known ones. Throws std::invalid_argument, for a config's validate().
inline void refuse_unknown_operators(const std::vector<std::string>& names, const std::string& field) {
  const std::vector<std::string> known = operator_labels();
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string guess = closest_match(name, known);
    throw std::invalid_argument(field + " names " + in_quotes(name) + ", which is no operator" +
                                (guess.empty() ? "; names are those of a report's `kind`, \"softmax\" for one"
                                               : "; did you mean " + in_quotes(guess) + "?"));
  }
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms/op_patterns.h"

#include "sim/base/check.h"
#include "workloads/op_description.h"
#include "workloads/transforms/formats.h"

namespace chipcast {
namespace {

constexpr std::string_view kClass = "class:";

std::optional<OpClass> class_of(const std::string& pattern, const std::string& place) {
  if (!pattern.starts_with(kClass)) return std::nullopt;
  const std::string name = pattern.substr(kClass.size());
  const auto found = enum_from<OpClass>(name);
  if (found) return found;
  const std::string close = closest_match(name, all_names<OpClass>());
  throw InputError(place, "no class of operators " + in_quotes(name) +
                              (close.empty() ? std::string() : " (did you mean " + in_quotes(close) + "?)"));
}

[[noreturn]] void fail_without_match(const Graph& graph, const std::string& pattern, const std::string& place) {
  std::vector<std::string> names;
  for (const Op& op : graph.ops) {
    if (matches(pattern, op.name)) {
      throw InputError(place, in_quotes(op.name) + " passes values on in the format of what reads it; name the reader");
    }
    if (!passes_on(op)) names.push_back(op.name);
  }
  const std::string close = closest_match(pattern, names);
  throw InputError(place, "no operator of " + graph.name + " matches" +
                              (close.empty() ? std::string() : " (did you mean " + in_quotes(close) + "?)"));
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {  // the last star takes one character more
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool passes_on(const Op& op) {
  return op.as<Reshape>() != nullptr || op.as<Transpose>() != nullptr || op.as<Slice>() != nullptr ||
         op.as<Split>() != nullptr || op.as<Pad>() != nullptr || op.as<Concat>() != nullptr ||
         op.as<Expand>() != nullptr || op.as<Tile>() != nullptr || op.as<SpaceDepth>() != nullptr ||
         op.as<ChannelShuffle>() != nullptr || op.as<Cast>() != nullptr;
}

std::vector<std::optional<DType>> formats_of(const Graph& graph, const PrecisionPatterns& patterns) {
  std::vector<std::optional<DType>> out(graph.ops.size());
  std::vector<OpDescription> described;
  for (const auto& [pattern, dtype] : patterns) {
    const std::string place = "precision." + pattern;
    formats::check_runs_in(dtype, place);
    const auto op_class = class_of(pattern, place);
    if (op_class && described.empty()) described = describe_ops(graph);
    bool found = false;
    for (std::size_t i = 0; i < graph.ops.size(); ++i) {
      if (passes_on(graph.ops[i])) continue;
      if (op_class ? described[i].op_class != *op_class : !matches(pattern, graph.ops[i].name)) continue;
      out[i] = dtype;
      found = true;
    }
    if (!found) fail_without_match(graph, pattern, place);
  }
  return out;
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "sim/config/reader.h"
#include "workloads/graph_json/declarations.h"

namespace chipcast::graph_json {
namespace {

template <std::size_t... I>
std::optional<Attributes> read_any(const std::string& kind, const Json& json, const std::string& path,
                                   std::index_sequence<I...>) {
  std::optional<Attributes> out;
  const auto attempt = [&]<class A>(std::type_identity<A>) {
    if (A::kind == kind) out = read_value<A>(json, child_path(path, "attributes"));
  };
  (attempt(std::type_identity<std::variant_alternative_t<I, Attributes>>{}), ...);
  return out;
}

template <std::size_t... I>
std::vector<std::string> names(std::index_sequence<I...>) {
  return {std::string(std::variant_alternative_t<I, Attributes>::kind)...};
}

using Indices = std::make_index_sequence<std::variant_size_v<Attributes>>;

}  // namespace

std::vector<std::string> kind_names() { return names(Indices{}); }

Attributes read_attributes(const std::string& kind, const Json& json, const std::string& path) {
  if (auto attributes = read_any(kind, json, path, Indices{})) return *std::move(attributes);
  throw InputError(child_path(path, "kind"), in_quotes(kind) + " is not an operator" + suggestion(kind, kind_names()));
}

}  // namespace chipcast::graph_json

// SPDX-License-Identifier: Apache-2.0
#include "sim/config/schema.h"

#include "workloads/graph_json/declarations.h"

namespace chipcast {
namespace {

/// One alternative per kind: its name, and the attributes that go with it.
template <class Kind>
Json kind_schema() {
  Json schema = schema_of<graph_json::OpDeclaration>();
  schema["properties"]["kind"] = Json{{"const", std::string(Kind::kind)}};
  schema["properties"]["attributes"] = schema_of<Kind>();
  return schema;
}

template <class... Kinds>
Json kind_schemas(const std::variant<Kinds...>*) {
  return Json::array({kind_schema<Kinds>()...});
}

}  // namespace

Json Graph::schema() {
  Json schema = schema_of<graph_json::Header>();
  schema["properties"]["format"] = Json{{"const", std::string(graph_json::kFormat)}};
  schema["properties"]["version"] = Json{{"const", graph_json::kVersion}};
  schema["properties"]["tensors"] =
      Json{{"type", "object"}, {"additionalProperties", schema_of<graph_json::TensorDeclaration>()}};
  schema["properties"]["ops"] =
      Json{{"type", "array"}, {"items", Json{{"anyOf", kind_schemas(static_cast<const Attributes*>(nullptr))}}}};
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast graph"}};
  out.update(schema);
  return out;
}

}  // namespace chipcast

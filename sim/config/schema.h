// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

#include "sim/config/field.h"
#include "sim/config/json.h"
#include "sim/config/writer.h"

/// JSON Schema (draft 7) from the same declarations that the reader uses.
namespace chipcast {

template <class T>
Json schema_of();

/// What `schema` describes, or null: an optional value may be switched off in so many words.
inline Json or_null(Json schema) { return Json{{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}}; }

/// Whole numbers; types narrower than JSON's own bring their limits.
template <std::integral T>
Json integer_schema() {
  Json out{{"type", "integer"}};
  if (std::is_unsigned_v<T> || sizeof(T) < sizeof(std::int64_t)) out["minimum"] = std::numeric_limits<T>::min();
  if (sizeof(T) < sizeof(std::int64_t)) out["maximum"] = std::numeric_limits<T>::max();
  return out;
}

class SchemaBuilder {
 public:
  template <class T>
  void field(const char* name, T& value, const Field<std::type_identity_t<T>>& info = {}) {
    Json entry = schema_of<detail::bare_t<T>>();
    if constexpr (Ranged<T> && std::is_arithmetic_v<detail::bare_t<T>>) {
      if (const auto min = detail::bare(info.min)) entry["minimum"] = *min;
      if (const auto max = detail::bare(info.max)) entry["maximum"] = *max;
    }
    if constexpr (detail::is_optional_v<T>) entry = or_null(std::move(entry));
    if (!info.doc.empty()) entry["description"] = std::string(info.doc);
    if (info.required) {
      required_.push_back(name);
    } else if (Json fallback = write_value(value); !fallback.is_null()) {
      entry["default"] = std::move(fallback);
    }
    properties_[name] = std::move(entry);
  }

  /// Adds a property with a schema of its own.
  void property(const char* name, Json schema) { properties_[name] = std::move(schema); }

  Json finish() {
    properties_["$schema"] = Json{{"type", "string"}};
    properties_["$comment"] = Json::object();
    Json out{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties_)}};
    if (!required_.empty()) out["required"] = std::move(required_);
    return out;
  }

 private:
  Json properties_ = Json::object();
  Json required_ = Json::array();
};

template <class T>
concept SelfDescribing = requires {
  { T::schema() } -> std::same_as<Json>;
};

/// A pattern that a quantity's text matches, and the units it may have.
Json quantity_schema(Dim dim);

template <class T>
Json schema_of() {
  if constexpr (SelfDescribing<T>) {
    return T::schema();
  } else if constexpr (std::same_as<T, Json>) {
    return Json::object();
  } else if constexpr (detail::is_optional_v<T>) {
    return or_null(schema_of<typename T::value_type>());
  } else if constexpr (std::same_as<T, bool>) {
    return Json{{"type", "boolean"}};
  } else if constexpr (std::integral<T>) {
    return integer_schema<T>();
  } else if constexpr (std::floating_point<T>) {
    return Json{{"type", "number"}};
  } else if constexpr (std::same_as<T, std::string>) {
    return Json{{"type", "string"}};
  } else if constexpr (is_quantity_v<T>) {
    return quantity_schema(T::dim);
  } else if constexpr (NamedEnum<T>) {
    return Json{{"enum", all_names<T>()}};
  } else if constexpr (detail::is_named_v<T>) {
    return Json{{"type", "object"}, {"additionalProperties", schema_of<typename T::value_type::second_type>()}};
  } else if constexpr (detail::is_vector_v<T>) {
    return Json{{"type", "array"}, {"items", schema_of<typename T::value_type>()}};
  } else {
    T defaults{};
    SchemaBuilder builder;
    defaults.visit(builder);
    return builder.finish();
  }
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/config/field.h"
#include "sim/config/json.h"

/// Structs back to JSON: every field, so that a resolved configuration stands on its own.
namespace chipcast {

template <class T>
Json write_value(const T& value);

class Writer {
 public:
  template <class T>
  void field(const char* name, T& value, const Field<std::type_identity_t<T>>& = {}) {
    if constexpr (detail::is_optional_v<T>) {
      if (!value) return;
    }
    json_[name] = write_value(value);
  }
  Json& json() { return json_; }

 private:
  Json json_ = Json::object();
};

template <class T>
concept SelfWriting = requires(const T& t) {
  { t.to_json() } -> std::same_as<Json>;
};

template <class T>
Json write_value(const T& value) {
  if constexpr (SelfWriting<T>) {
    return value.to_json();
  } else if constexpr (std::same_as<T, Json>) {
    return value;
  } else if constexpr (detail::is_optional_v<T>) {
    return value ? write_value(*value) : Json();
  } else if constexpr (is_quantity_v<T>) {
    return to_text(value);
  } else if constexpr (NamedEnum<T>) {
    return std::string(name_of(value));
  } else if constexpr (detail::is_named_v<T>) {
    Json out = Json::object();
    for (const auto& [key, member] : value) out[key] = write_value(member);
    return out;
  } else if constexpr (detail::is_vector_v<T>) {
    Json out = Json::array();
    for (const auto& member : value) {
      const typename T::value_type& item = member;
      out.push_back(write_value(item));
    }
    return out;
  } else if constexpr (Visitable<T>) {
    T copy = value;  // visit() is not const so that one declaration serves readers and writers
    Writer writer;
    copy.visit(writer);
    return std::move(writer.json());
  } else {
    return Json(value);
  }
}

}  // namespace chipcast

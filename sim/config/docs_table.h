// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/config/field.h"
#include "sim/config/writer.h"

/// A Markdown table of a struct's fields: name, default, range, meaning, source of the default.
namespace chipcast {

class DocsTable {
 public:
  template <class T>
  void field(const char* name, T& value, const Field<std::type_identity_t<T>>& info = {}) {
    std::string fallback = info.required ? "required" : "";
    if constexpr (!Visitable<T> && !detail::is_vector_v<T>) {
      if (!info.required) fallback = cell(write_value(value));
    }
    std::string range;
    if constexpr (is_quantity_v<T> || std::is_arithmetic_v<T>) {
      if (info.min || info.max) {
        range = (info.min ? cell(write_value(*info.min)) : "") + " … " + (info.max ? cell(write_value(*info.max)) : "");
      }
    } else if constexpr (NamedEnum<T>) {
      for (const auto& word : all_names<T>()) range += (range.empty() ? "" : ", ") + word;
    }
    rows_ += "| `" + std::string(name) + "` | " + fallback + " | " + range + " | " + std::string(info.doc) + " | " +
             std::string(info.source) + " |\n";
  }

  std::string markdown() const {
    return "| field | default | allowed | meaning | source |\n|---|---|---|---|---|\n" + rows_;
  }

 private:
  static std::string cell(const Json& json) {
    if (json.is_null()) return "none";
    return json.is_string() ? json.get<std::string>() : json.dump();
  }
  std::string rows_;
};

template <Visitable T>
std::string docs_table_of() {
  T defaults{};
  DocsTable table;
  defaults.visit(table);
  return table.markdown();
}

}  // namespace chipcast

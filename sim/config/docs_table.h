// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/config/field.h"
#include "sim/config/writer.h"

/// A Markdown table of a struct's fields: name, default, range, meaning, source of the default; structs inside
/// it follow with tables of their own.
namespace chipcast {

template <class T>
std::string docs_table_of(const std::string& title = {});

class DocsTable {
 public:
  explicit DocsTable(std::string title) : title_(std::move(title)) {}

  template <class T>
  void field(const char* name, T& value, const Field<std::type_identity_t<T>>& info = {}) {
    rows_ += "| `" + std::string(name) + "` | " + escaped(fallback(value, info.required)) + " | " +
             escaped(allowed<T>(info)) + " | " + escaped(info.doc) + " | " + escaped(info.source) + " |\n";
    nested<T>(title_.empty() ? name : title_ + "." + name);
  }

  std::string markdown() const {
    const std::string heading = title_.empty() ? "" : "### " + title_ + "\n\n";
    return heading + "| field | default | allowed | meaning | source |\n|---|---|---|---|---|\n" + rows_ + inner_;
  }

 private:
  /// Tables of what a field holds: a struct, a list of structs, structs by name.
  template <class T>
  void nested(const std::string& title) {
    if constexpr (detail::is_optional_v<T>) {
      nested<typename T::value_type>(title);
    } else if constexpr (detail::is_named_v<T>) {
      nested<typename T::value_type::second_type>(title + ".<name>");
    } else if constexpr (detail::is_vector_v<T>) {
      nested<typename T::value_type>(title + "[]");
    } else if constexpr (Visitable<T>) {
      inner_ += "\n" + docs_table_of<T>(title);
    }
  }

  template <class T>
  static std::string fallback(const T& value, bool required) {
    if (required) return "required";
    if constexpr (Visitable<T> || detail::is_vector_v<T>) return "";
    return cell(write_value(value));
  }

  template <class T>
  static std::string allowed(const Field<T>& info) {
    if constexpr (Ranged<T>) {
      const auto min = detail::bare(info.min);
      const auto max = detail::bare(info.max);
      if (min && max) return cell(write_value(*min)) + " … " + cell(write_value(*max));
      if (min) return std::string("≥ ").append(cell(write_value(*min)));
      if (max) return std::string("≤ ").append(cell(write_value(*max)));
    } else if constexpr (NamedEnum<detail::bare_t<T>>) {
      std::string words;
      for (const auto& word : all_names<detail::bare_t<T>>()) words += (words.empty() ? "" : ", ") + word;
      return words;
    }
    return "";
  }

  /// A bar would end the cell.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
    return out;
  }

  static std::string cell(const Json& json) {
    if (json.is_null()) return "none";
    return json.is_string() ? json.get<std::string>() : json.dump();
  }
  std::string title_, rows_, inner_;
};

/// `title` heads the table; without one there is no heading.
template <class T>
std::string docs_table_of(const std::string& title) {
  T defaults{};
  DocsTable table(title);
  defaults.visit(table);
  return table.markdown();
}

}  // namespace chipcast

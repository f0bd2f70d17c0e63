// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>

#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/config/field.h"
#include "sim/config/json.h"

/// The strict reader: every message has the JSON path, the value, and what is allowed.
namespace chipcast {

/// Where a value stands: the document and the path inside it.
inline std::string child_path(const std::string& parent, std::string_view key) {
  constexpr std::size_t kLongest = 80;
  return std::string(parent).append(parent.empty() ? "" : ".").append(printable(key, kLongest));
}

template <class T>
T read_value(const Json& json, const std::string& path);

/// Reads one object's fields into a struct; unknown keys are an error at the end.
class Reader {
 public:
  /// `json` must be an object and outlive the reader.
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json_.is_object()) throw InputError(path_, "expected an object, got " + brief(json_));
  }

  template <class T>
  void field(const char* name, T& out, const Field<std::type_identity_t<T>>& info = {}) {
    known_.emplace_back(name);
    const auto it = json_.find(name);
    const std::string path = child_path(path_, name);
    if (it == json_.end()) {
      if (info.required) {
        throw InputError(path, std::string("missing; add it").append(info.doc.empty() ? "" : ": ").append(info.doc));
      }
      return;
    }
    out = read_value<T>(*it, path);
    check_range(out, info, path);
  }

  /// Marks a key as handled by the caller ("type" of a polymorphic object, for example).
  void allow(const char* name) { known_.emplace_back(name); }

  void finish() const {
    for (const auto& [key, value] : json_.items()) {
      bool found = key == "$schema" || key == "$comment";
      for (const auto& name : known_) found = found || name == key;
      if (!found) throw InputError(path_, "unknown field " + in_quotes(key) + suggestion(key, known_));
    }
  }

  const std::string& path() const { return path_; }

 private:
  template <class T>
  static std::string shown(const T& value) {
    if constexpr (is_quantity_v<T>) {
      return to_text(value);
    } else {
      return Json(value).dump();
    }
  }

  template <class T>
  static void check_range(const T& value, const Field<T>& info, const std::string& path) {
    if constexpr (Ranged<T> && detail::is_optional_v<T>) {
      if (value) check_bounds(*value, detail::bare(info.min), detail::bare(info.max), path);
    } else if constexpr (Ranged<T>) {
      check_bounds(value, info.min, info.max, path);
    }
  }

  template <class T>
  static void check_bounds(const T& value, const std::optional<T>& min, const std::optional<T>& max,
                           const std::string& path) {
    // Written so that a NaN fails.
    const bool low = min && !(value >= *min);
    const bool high = max && !(value <= *max);
    if (!low && !high) return;
    throw InputError(
        path, shown(value) + " is outside [" + (min ? shown(*min) : "-inf") + ", " + (max ? shown(*max) : "inf") + "]");
  }

  const Json& json_;
  std::string path_;
  std::vector<std::string> known_;
};

namespace detail {

template <class T>
T read_integer(const Json& json, const std::string& path) {
  if (!json.is_number_integer()) throw InputError(path, "expected a whole number, got " + brief(json));
  if (json.is_number_unsigned()) {
    const auto v = json.template get<std::uint64_t>();
    if (v > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      throw InputError(path, brief(json) + " is too large");
    }
    return static_cast<T>(v);
  }
  const auto v = json.template get<std::int64_t>();
  if constexpr (std::is_unsigned_v<T>) {
    throw InputError(path, brief(json) + " is negative");
  } else {
    if (v < std::numeric_limits<T>::min()) throw InputError(path, brief(json) + " is too small");
    return static_cast<T>(v);
  }
}

template <class Q>
Q read_quantity(const Json& json, const std::string& path) {
  if (!json.is_string()) {
    throw InputError(path, "expected a number with a unit (" + unit_list(Q::dim) + ") in quotes, got " + brief(json));
  }
  constexpr bool whole = std::integral<typename Q::rep>;
  return Q(
      static_cast<typename Q::rep>(parse_quantity(json.template get_ref<const std::string&>(), Q::dim, whole, path)));
}

template <NamedEnum E>
std::string choice_of() {
  std::string out;
  for (const auto& name : all_names<E>()) out += (out.empty() ? "\"" : ", \"") + name + "\"";
  return "one of " + out;
}

template <class T>
T read_object(const Json& json, const std::string& path) {
  T out{};
  Reader reader(json, path);
  out.visit(reader);
  reader.finish();
  if constexpr (Validated<T>) {
    try {
      out.validate();
    } catch (const std::invalid_argument& e) {
      throw InputError(path, e.what());
    }
  }
  return out;
}

template <class T>
T read_named(const Json& json, const std::string& path) {
  if (!json.is_object()) throw InputError(path, "expected an object of named members, got " + brief(json));
  T out;
  for (const auto& [key, value] : json.items()) {
    out.emplace_back(key, read_value<typename T::value_type::second_type>(value, child_path(path, key)));
  }
  return out;
}

template <class T>
T read_list(const Json& json, const std::string& path) {
  if (!json.is_array()) throw InputError(path, "expected a list, got " + brief(json));
  T out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    out.push_back(read_value<typename T::value_type>(json[i], path + "[" + std::to_string(i) + "]"));
  }
  return out;
}

}  // namespace detail

/// A type that reads itself: `static T from_json(const Json&, const std::string& path)`.
template <class T>
concept SelfReading = requires(const Json& j, const std::string& p) {
  { T::from_json(j, p) } -> std::same_as<T>;
};

template <class T>
T read_value(const Json& json, const std::string& path) {
  if constexpr (SelfReading<T>) {
    return T::from_json(json, path);
  } else if constexpr (std::same_as<T, Json>) {
    return json;
  } else if constexpr (detail::is_optional_v<T>) {
    if (json.is_null()) return std::nullopt;
    return read_value<typename T::value_type>(json, path);
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) throw InputError(path, "expected true or false, got " + brief(json));
    return json.get<bool>();
  } else if constexpr (std::integral<T>) {
    return detail::read_integer<T>(json, path);
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number()) throw InputError(path, "expected a number, got " + brief(json));
    const auto v = json.get<T>();
    if (!std::isfinite(v)) throw InputError(path, brief(json) + " is not a finite number");
    return v;
  } else if constexpr (std::same_as<T, std::string>) {
    if (!json.is_string()) throw InputError(path, "expected text in quotes, got " + brief(json));
    return json.get<std::string>();
  } else if constexpr (is_quantity_v<T>) {
    return detail::read_quantity<T>(json, path);
  } else if constexpr (NamedEnum<T>) {
    if (!json.is_string()) throw InputError(path, "expected " + detail::choice_of<T>() + ", got " + brief(json));
    const auto& text = json.get_ref<const std::string&>();
    if (const auto value = enum_from<T>(text)) return *value;
    throw InputError(path, in_quotes(text) + " is not known" + suggestion(text, all_names<T>()));
  } else if constexpr (detail::is_named_v<T>) {
    return detail::read_named<T>(json, path);
  } else if constexpr (detail::is_vector_v<T>) {
    return detail::read_list<T>(json, path);
  } else {
    static_assert(Visitable<T>, "a configuration field needs a text form or a visit()");
    return detail::read_object<T>(json, path);
  }
}

}  // namespace chipcast

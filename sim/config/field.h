// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/config/unit_text.h"

/// Configuration is declared once. A struct lists its fields in `visit`:
///
///     struct NpuConfig {
///       int rows{32};
///       template <class V> void visit(V& v) {
///         v.field("rows", rows, {.doc = "Processing-element rows.", .min = 1, .max = 1024});
///       }
///     };
///
/// and Reader, Writer, SchemaBuilder and DocsTable do the rest. A struct may also have
/// `void validate() const` for rules over several fields (throw std::invalid_argument).
namespace chipcast {

template <class T>
struct Field {
  std::string_view doc{};
  std::optional<T> min{}, max{};
  bool required = false;      ///< absent is an error instead of the default
  std::string_view source{};  ///< where the default comes from
};

struct AnyVisitor {
  template <class T>
  void field(const char*, T&, const Field<T>& = {}) {}
};

template <class T>
concept Visitable = requires(T& t, AnyVisitor& v) {
  t.visit(v);
};

template <class T>
concept Validated = requires(const T& t) {
  t.validate();
};

/// An enumeration with text names: `constexpr std::array<std::pair<E, std::string_view>, N> enum_names(E)`.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  enum_names(e);
};

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  for (const auto& [candidate, name] : enum_names(value)) {
    if (candidate == value) return name;
  }
  return "?";
}

template <NamedEnum E>
std::vector<std::string> all_names() {
  std::vector<std::string> out;
  for (const auto& entry : enum_names(E{})) out.emplace_back(entry.second);
  return out;
}

template <NamedEnum E>
std::optional<E> enum_from(std::string_view text) {
  for (const auto& [candidate, name] : enum_names(E{})) {
    if (name == text) return candidate;
  }
  return std::nullopt;
}

/// Members by name, in the order in which the user wrote them.
template <class T>
using Named = std::vector<std::pair<std::string, T>>;

namespace detail {
template <class T>
inline constexpr bool is_optional_v = false;
template <class T>
inline constexpr bool is_optional_v<std::optional<T>> = true;
template <class T>
inline constexpr bool is_named_v = false;
template <class T>
inline constexpr bool is_named_v<std::vector<std::pair<std::string, T>>> = true;
template <class T>
inline constexpr bool is_vector_v = false;
template <class T>
inline constexpr bool is_vector_v<std::vector<T>> = !is_named_v<std::vector<T>>;
template <class T>
struct Bare {
  using type = T;
};
template <class T>
struct Bare<std::optional<T>> {
  using type = T;
};
/// T, or what an optional holds.
template <class T>
using bare_t = typename Bare<T>::type;

template <class T>
std::optional<bare_t<T>> bare(const std::optional<T>& bound) {
  if constexpr (is_optional_v<T>) {
    return bound ? *bound : std::nullopt;
  } else {
    return bound;
  }
}
}  // namespace detail

/// Values that a range applies to: numbers and quantities, also where they are optional.
template <class T>
concept Ranged = is_quantity_v<detail::bare_t<T>> ||
    (std::is_arithmetic_v<detail::bare_t<T>> && !std::same_as<detail::bare_t<T>, bool>);

}  // namespace chipcast

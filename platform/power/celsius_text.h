// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdio>
#include <string>

/// Temperatures in messages.
namespace chipcast {

inline std::string kelvin(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f K", value);
  return text.data();
}

inline std::string degrees(double celsius) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.0f degrees Celsius", celsius);
  return text.data();
}

}  // namespace chipcast

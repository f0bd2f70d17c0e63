// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace chipcast {

/// `text` as one line of valid UTF-8 that is safe on a terminal: control characters, line separators,
/// direction marks and malformed bytes become "?". Cut between characters after `longest` bytes, marked "...".
std::string printable(std::string_view text, std::size_t longest = std::string_view::npos);

}  // namespace chipcast

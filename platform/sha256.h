// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace chipcast {

/// SHA-256 of `text`, 64 hexadecimal digits.
std::string sha256(std::string_view text);

}  // namespace chipcast

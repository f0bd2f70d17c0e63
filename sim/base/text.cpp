// SPDX-License-Identifier: Apache-2.0
#include "sim/base/text.h"

namespace chipcast {
namespace {

struct Character {
  char32_t code;
  std::size_t bytes;
};
constexpr Character kMalformed{0, 1};

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// The first character of `text` (not empty), by table 3-7 of the Unicode standard: no overlong forms, no surrogates.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = sequence_length(lead);
  if (bytes == 0 || bytes > text.size()) return kMalformed;
  if (bytes == 1) return {lead, 1};
  auto code = static_cast<char32_t>(lead & (0xFFU >> (bytes + 1)));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return kMalformed;
    code = (code << 6U) | (next & 0x3FU);
  }
  const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? kMalformed : Character{code, bytes};
}

bool shows(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return false;                      // C0, delete, C1
  if (code == 0x2028 || code == 0x2029) return false;                                  // line separators
  return !((code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069));  // direction marks
}

}  // namespace

std::string printable(std::string_view text, std::size_t longest) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const Character c = first_character(text.substr(at));
    if (at + c.bytes > longest) return out + "...";
    if (shows(c.code)) {
      out += text.substr(at, c.bytes);
    } else {
      out += '?';
    }
    at += c.bytes;
  }
  return out;
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace chipcast {
namespace {

/// Levenshtein distance; a user types a name, so both words are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string closest_match(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 64) return {};
  const std::string needle = lowered(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(needle, lowered(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto match = closest_match(word, known); !match.empty()) return " (did you mean \"" + match + "\"?)";
  if (known.empty()) return {};
  std::string list;
  for (const auto& name : known) list += (list.empty() ? "" : ", ") + name;
  return " (known: " + list + ")";
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = "\"";
  for (const char c : text.substr(0, kLongest)) {
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) {
      out += '?';
    } else {
      out += c;
    }
  }
  return out + (text.size() > kLongest ? "...\"" : "\"");
}

void invariant_failed(const char* condition, const char* file, int line) {
  throw InvariantError("internal error: " + std::string(condition) + " does not hold at " + file + ":" +
                       std::to_string(line) + "; please report it");
}

}  // namespace chipcast

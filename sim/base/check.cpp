// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "sim/base/text.h"

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

InputError::InputError(const std::string& place, const std::string& message)
    : std::runtime_error(printable(place.empty() ? message : place + ": " + message)),
      place_(printable(place)),
      message_(printable(message)) {}

std::string closest_match(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 64) return {};
  const std::string needle = lowered(word);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(needle, lowered(candidate));
    const bool shares_a_letter = distance < std::max(word.size(), candidate.size());
    if (distance < best_distance && (shares_a_letter || word == candidate)) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (const auto match = closest_match(word, known); !match.empty()) return " (did you mean \"" + match + "\"?)";
  if (known.empty()) return {};
  constexpr std::size_t kLongest = 300;
  std::string list;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (list.size() + known[i].size() > kLongest) {
      return " (known: " + list + " and " + std::to_string(known.size() - i) + " more)";
    }
    list += (list.empty() ? "" : ", ") + known[i];
  }
  return " (known: " + list + ")";
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::string out = printable(text, kLongest);
  out.insert(0, 1, '"');
  out += '"';
  return out;
}

void invariant_failed(const char* condition, const char* file, int line) {
  throw InvariantError("internal error: " + std::string(condition) + " does not hold at " + file + ":" +
                       std::to_string(line) + "; please report it");
}

}  // namespace chipcast

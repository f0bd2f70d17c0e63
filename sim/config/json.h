// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

/// JSON from users: parsed with limits on size and depth, duplicate keys refused.
namespace chipcast {

/// Object members keep the order in which they were written.
using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t bytes = std::size_t{16} << 20;
  int depth = 64;
};

/// Parses `text`; `source` names it in messages. Throws InputError with line and column.
Json parse_json(std::string_view text, const std::string& source, const JsonLimits& limits = {});

/// Reads and parses a file. Throws InputError where it is missing, too large or malformed.
Json parse_json_file(const std::filesystem::path& path, const JsonLimits& limits = {});

/// The whole file as text. Throws InputError where it is missing or larger than `limit` bytes.
std::string read_text_file(const std::filesystem::path& path, std::size_t limit);

/// `value` in one line, shortened, for messages.
std::string brief(const Json& value);

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "sim/config/json.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "sim/base/check.h"

namespace chipcast {
namespace {

/// Watches the parser's events: depth and duplicate keys are refused before a tree exists.
class Guard {
 public:
  Guard(std::string source, int max_depth) : source_(std::move(source)), max_depth_(max_depth) {}

  bool operator()(int /*depth*/, Json::parse_event_t event, Json& value) {
    switch (event) {
      case Json::parse_event_t::object_start:
      case Json::parse_event_t::array_start:
        if (static_cast<int>(scopes_.size()) >= max_depth_) {
          throw InputError(source_, "nested deeper than " + std::to_string(max_depth_) + " levels; flatten it");
        }
        scopes_.emplace_back();
        break;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end:
        scopes_.pop_back();
        break;
      case Json::parse_event_t::key:
        if (!scopes_.back().insert(value.get<std::string>()).second) {
          throw InputError(source_, "key " + in_quotes(value.get<std::string>()) +
                                        " stands twice in one object; keep one of them");
        }
        break;
      case Json::parse_event_t::value:
        break;
    }
    return true;
  }

 private:
  std::string source_;
  int max_depth_;
  std::vector<std::set<std::string>> scopes_;
};

/// "line 3, column 7: ..." out of the parser's message, without its library's name and code.
std::string parser_message(const std::string& what) {
  const auto at = what.find("at line ");
  std::string text = at == std::string::npos ? what : what.substr(at + 3);
  if (const auto close = what.find("] "); at == std::string::npos && close != std::string::npos) {
    text = what.substr(close + 2);
  }
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text.substr(0, 240);
}

}  // namespace

Json parse_json(std::string_view text, const std::string& source, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    throw InputError(source, "is " + std::to_string(text.size()) + " bytes, more than the " +
                                 std::to_string(limits.bytes) + " allowed");
  }
  try {
    return Json::parse(text, Guard(source, limits.depth));
  } catch (const Json::exception& e) {
    throw InputError(source, "not valid JSON: " + parser_message(e.what()));
  }
}

std::string read_text_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputError(path.string(), "no such file; check the path");
  }
  if (const auto size = std::filesystem::file_size(path, error); !error && size > limit) {
    throw InputError(path.string(), "is " + std::to_string(size) + " bytes, more than the " + std::to_string(limit) +
                                        " allowed");
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw InputError(path.string(), "cannot be read; check its permissions");
  return std::move(text).str();
}

Json parse_json_file(const std::filesystem::path& path, const JsonLimits& limits) {
  return parse_json(read_text_file(path, limits.bytes), path.string(), limits);
}

std::string brief(const Json& value) {
  constexpr std::size_t kLongest = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > kLongest ? text.substr(0, kLongest) + "..." : text;
}

}  // namespace chipcast

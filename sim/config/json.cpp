// SPDX-License-Identifier: Apache-2.0
#include "sim/config/json.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unordered_set>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/text.h"

namespace chipcast {
namespace {

/// "line 3, column 7: ..." out of the parser's message, without its library's name and code.
std::string parser_message(const std::string& what) {
  const auto at = what.find("at line ");
  std::string text = at == std::string::npos ? what : what.substr(at + 3);
  if (const auto close = what.find("] "); at == std::string::npos && close != std::string::npos) {
    text = what.substr(close + 2);
  }
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text.substr(0, 240);
}

/// Builds the tree from the parser's events. Depth and duplicate keys are refused before they cost anything;
/// members are appended without a search, so that an object of a million keys takes linear time.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string source, int max_depth) : source_(std::move(source)), max_depth_(max_depth) {}

  Json take() { return std::move(root_); }

  bool null() override { return append(nullptr); }
  bool boolean(bool value) override { return append(value); }
  bool number_integer(number_integer_t value) override { return append(value); }
  bool number_unsigned(number_unsigned_t value) override { return append(value); }
  bool number_float(number_float_t value, const std::string& /*text*/) override { return append(value); }
  bool string(std::string& value) override { return append(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // JSON text has none

  bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    Scope& scope = scopes_.back();
    if (!scope.keys.insert(name).second) {
      const std::string where = path();
      throw InputError(source_, "key " + in_quotes(name) + " stands twice in one object" +
                                    (where.empty() ? "" : " (" + where + ")") + "; keep one of them");
    }
    scope.key = std::move(name);
    return true;
  }

  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& error) override {
    throw InputError(source_, "not valid JSON: " + parser_message(error.what()));
  }

 private:
  struct Scope {
    Json* value;
    std::string key;  ///< of the member that is being read
    std::unordered_set<std::string> keys;
  };

  Json& place(Json&& value) {
    if (scopes_.empty()) return root_ = std::move(value);
    Scope& scope = scopes_.back();
    if (scope.value->is_array()) return scope.value->get_ref<Json::array_t&>().emplace_back(std::move(value));
    return scope.value->get_ref<Json::object_t&>().emplace_back(scope.key, std::move(value)).second;
  }

  bool append(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json empty) {
    if (static_cast<int>(scopes_.size()) >= max_depth_) {
      throw InputError(source_, "nested deeper than " + std::to_string(max_depth_) + " levels; flatten it");
    }
    // The parent grows only after this scope is closed, so the pointer stays good.
    scopes_.push_back({&place(std::move(empty)), {}, {}});
    return true;
  }

  bool close() {
    scopes_.pop_back();
    return true;
  }

  /// Where the innermost object stands: "soc.npus[2]".
  std::string path() const {
    std::string out;
    for (std::size_t i = 0; i + 1 < scopes_.size(); ++i) {
      if (scopes_[i].value->is_array()) {
        out.append("[").append(std::to_string(scopes_[i].value->size() - 1)).append("]");
      } else {
        out.append(out.empty() ? "" : ".").append(printable(scopes_[i].key, 80));
      }
    }
    return out;
  }

  std::string source_;
  int max_depth_;
  Json root_;
  std::vector<Scope> scopes_;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& source, const JsonLimits& limits) {
  if (text.size() > limits.bytes) {
    throw InputError(source, "is " + std::to_string(text.size()) + " bytes, more than the " +
                                 std::to_string(limits.bytes) + " allowed");
  }
  TreeBuilder builder(source, limits.depth);
  Json::sax_parse(text, &builder);
  return builder.take();
}

std::string read_text_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw InputError(path.string(), "no such file; check the path");
  }
  if (const auto size = std::filesystem::file_size(path, error); !error && size > limit) {
    throw InputError(path.string(),
                     "is " + std::to_string(size) + " bytes, more than the " + std::to_string(limit) + " allowed");
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
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), kLongest);
}

}  // namespace chipcast

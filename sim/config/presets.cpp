// SPDX-License-Identifier: Apache-2.0
#include "sim/config/presets.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast {
namespace {

namespace fs = std::filesystem;

/// Presets that one document may load; a handful is usual.
constexpr int kMostLoads = 1000;

bool inside(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end();
}

/// All presets that a user could have meant, for the message.
std::vector<std::string> known_presets(const std::vector<fs::path>& search) {
  constexpr std::size_t kMost = 2000;
  std::vector<std::string> out;
  for (const auto& folder : search) {
    std::error_code error;
    for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end && out.size() < kMost;
         it.increment(error)) {
      if (it->path().extension() == ".json") out.push_back(fs::relative(it->path(), folder, error).string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Members of `over` win; objects merge member by member, anything else is replaced.
void merge(Json& base, Json over) {
  if (!base.is_object() || !over.is_object()) {
    base = std::move(over);
    return;
  }
  for (auto& [key, value] : over.items()) {
    if (const auto it = base.find(key); it != base.end()) {
      merge(*it, std::move(value));
    } else {
      base[key] = std::move(value);
    }
  }
}

class Resolver {
 public:
  explicit Resolver(std::vector<fs::path> search) : search_(std::move(search)) {}

  /// `folder` is where the document at hand stands: presets beside it are found first.
  Json resolve(Json json, const std::string& path, const std::optional<fs::path>& folder) {
    if (json.is_array()) {
      for (std::size_t i = 0; i < json.size(); ++i) {
        json[i] = resolve(std::move(json[i]), path + "[" + std::to_string(i) + "]", folder);
      }
      return json;
    }
    if (!json.is_object()) return json;
    Json base = Json::object();
    if (const auto it = json.find("extends"); it != json.end()) {
      base = parents(*it, child_path(path, "extends"), folder);
      json.erase("extends");
    }
    for (auto& [key, value] : json.items()) value = resolve(std::move(value), child_path(path, key), folder);
    merge(base, std::move(json));
    return base;
  }

 private:
  Json parents(const Json& names, const std::string& path, const std::optional<fs::path>& folder) {
    const Json list = names.is_array() ? names : Json::array({names});
    Json base = Json::object();
    for (const auto& name : list) {
      if (!name.is_string()) throw InputError(path, "expected the name of a preset in quotes, got " + brief(name));
      merge(base, preset(name.get<std::string>(), path, folder));
    }
    return base;
  }

  Json preset(const std::string& name, const std::string& path, const std::optional<fs::path>& folder) {
    const fs::path file = find(name, path, folder);
    if (std::find(open_.begin(), open_.end(), file) != open_.end()) {
      throw InputError(path, "preset " + in_quotes(name) + " extends itself; break the circle");
    }
    if (++loads_ > kMostLoads) {
      throw InputError(path, "more than " + std::to_string(kMostLoads) + " presets are loaded; flatten them");
    }
    open_.push_back(file);
    Json json = parse_json_file(file);
    if (!json.is_object()) throw InputError(file.string(), "expected an object, got " + brief(json));
    json.erase("$schema");
    Json out = resolve(std::move(json), path + "(" + name + ")", file.parent_path());
    open_.pop_back();
    return out;
  }

  fs::path find(const std::string& name, const std::string& path, const std::optional<fs::path>& folder) const {
    std::vector<fs::path> folders;
    if (folder) folders.push_back(*folder);
    folders.insert(folders.end(), search_.begin(), search_.end());
    for (const auto& candidate : folders) {
      std::error_code error;
      const fs::path root = fs::weakly_canonical(candidate, error);
      const fs::path file = fs::weakly_canonical(root / name, error);
      if (!error && fs::is_regular_file(file, error) && allowed(file, root)) return file;
    }
    throw InputError(path, "no preset " + in_quotes(name) + suggestion(name, known_presets(search_)));
  }

  bool allowed(const fs::path& file, const fs::path& root) const {
    if (inside(file, root)) return true;
    return std::any_of(search_.begin(), search_.end(), [&](const fs::path& folder) {
      std::error_code error;
      return inside(file, fs::weakly_canonical(folder, error));
    });
  }

  std::vector<fs::path> search_;
  std::vector<fs::path> open_;
  int loads_ = 0;
};

/// One step into a document: a member, or an element of a list.
struct Step {
  std::string member;
  std::optional<std::size_t> element;
};

std::vector<Step> parse_path(const std::string& path, const std::string& assignment) {
  std::vector<Step> steps;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t dot = std::min(path.find('.', at), path.size());
    std::string part = path.substr(at, dot - at);
    at = dot + 1;
    const std::size_t bracket = part.find('[');
    if (part.empty() || bracket == 0) throw InputError(assignment, "expected path=value, as in npu0.clock=800 MHz");
    steps.push_back({part.substr(0, bracket), std::nullopt});
    if (bracket == std::string::npos) continue;
    std::size_t index = 0;
    const char* first = part.data() + bracket + 1;
    const auto [end, error] = std::from_chars(first, part.data() + part.size(), index);
    if (error != std::errc{} || end + 1 != part.data() + part.size() || *end != ']') {
      throw InputError(assignment, in_quotes(part) + " is not name[number]");
    }
    steps.push_back({{}, index});
  }
  return steps;
}

Json& enter(Json& json, const Step& step, const std::string& assignment) {
  if (step.element) {
    if (!json.is_array() || *step.element >= json.size()) {
      throw InputError(assignment, "there is no element " + std::to_string(*step.element));
    }
    return json[*step.element];
  }
  if (json.is_null()) json = Json::object();
  if (!json.is_object()) throw InputError(assignment, brief(json) + " has no member " + in_quotes(step.member));
  return json[step.member];
}

}  // namespace

Json resolve_presets(Json json, const std::string& source, const std::vector<fs::path>& search) {
  if (!json.is_object()) throw InputError(source, "expected an object, got " + brief(json));
  return Resolver(search).resolve(std::move(json), "", std::nullopt);
}

Json load_with_presets(const fs::path& file, const std::vector<fs::path>& search) {
  Json json = parse_json_file(file);
  if (!json.is_object()) throw InputError(file.string(), "expected an object, got " + brief(json));
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  return Resolver(search).resolve(std::move(json), "", folder);
}

void apply_override(Json& json, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw InputError(assignment, "expected path=value, as in npu0.clock=800 MHz");
  }
  Json* at = &json;
  for (const Step& step : parse_path(assignment.substr(0, equals), assignment)) at = &enter(*at, step, assignment);
  const std::string text = assignment.substr(equals + 1);
  const bool parses = !Json::parse(text, nullptr, false).is_discarded();
  *at = parses ? parse_json(text, assignment) : Json(text);
}

const Json& value_at(const Json& json, const std::string& path, const std::string& place) {
  const Json* at = &json;
  for (const Step& step : parse_path(path, place)) {
    if (step.element) {
      if (!at->is_array() || *step.element >= at->size()) {
        throw InputError(place, "there is no element " + std::to_string(*step.element));
      }
      at = &(*at)[*step.element];
      continue;
    }
    if (!at->is_object()) throw InputError(place, brief(*at) + " has no member " + in_quotes(step.member));
    const auto it = at->find(step.member);
    if (it == at->end()) {
      std::vector<std::string> known;
      for (const auto& [key, value] : at->items()) known.push_back(key);
      throw InputError(place, "there is no " + in_quotes(step.member) + suggestion(step.member, known));
    }
    at = &*it;
  }
  return *at;
}

}  // namespace chipcast

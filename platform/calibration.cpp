// SPDX-License-Identifier: Apache-2.0
#include "platform/calibration.h"

#include <array>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/config/presets.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"

namespace chipcast {
namespace {

constexpr const char* kMember = "calibration";

/// As overrides take it: devices and memories by their names.
std::string short_path(const std::string& path) {
  for (const std::string_view group : {"devices.", "memories."}) {
    if (path.starts_with(group)) return path.substr(group.size());
  }
  return path;
}

/// Members that `outer` does not have are taken from `inner`.
void complete(Json& outer, const Json& inner) {
  if (!outer.is_object() || !inner.is_object()) return;
  for (const auto& [key, value] : inner.items()) {
    if (!outer.contains(key)) outer[key] = value;
  }
}

class Gatherer {
 public:
  void walk(Json& json, const std::string& path) {
    if (json.is_array()) {
      for (std::size_t i = 0; i < json.size(); ++i) walk(json[i], path + "[" + std::to_string(i) + "]");
    }
    if (!json.is_object()) return;
    if (const auto it = json.find(kMember); it != json.end()) {
      take(*it, path);
      json.erase(kMember);
    }
    for (auto& [key, value] : json.items()) walk(value, path.empty() ? key : path + "." + key);
  }

  Json finish() {
    Json out = std::move(top_);
    if (!out.is_object()) out = Json::object();
    if (!free_.empty()) out["free"] = std::move(free_);
    if (!fitted_.empty()) out["fitted"] = std::move(fitted_);
    return out;
  }

 private:
  /// The walk comes from outside inwards, so what stands already wins.
  void take(Json& calibration, const std::string& path) {
    const std::string place = child_path(path, kMember);
    if (!calibration.is_object()) throw InputError(place, "expected an object, got " + brief(calibration));
    const std::string group = calibration.contains("group") && calibration["group"].is_string()
                                  ? calibration["group"].get<std::string>()
                                  : std::string();
    for (const char* list : {"free", "fitted"}) {
      const auto it = calibration.find(list);
      if (it == calibration.end()) continue;
      if (!it->is_object()) throw InputError(child_path(place, list), "expected paths with an object each");
      for (auto& [key, value] : it->items()) {
        if (!value.is_object()) {
          throw InputError(child_path(place, list) + "." + key, "expected an object, got " + brief(value));
        }
        if (list == std::string_view("free") && !group.empty() && !value.contains("group")) {
          value["group"] = group + ":" + key;
        }
        add(list == std::string_view("free") ? free_ : fitted_, short_path(path.empty() ? key : path + "." + key),
            value);
      }
      calibration.erase(list);
    }
    if (path.empty()) {
      top_ = calibration;
    } else {
      check_rest(calibration, place);
    }
  }

  static void add(Json& list, const std::string& path, const Json& value) {
    if (list.contains(path)) {
      complete(list[path], value);
    } else {
      list[path] = value;
    }
  }

  /// An inner object's evidence has no place at the top; anything else is a mistake.
  static void check_rest(const Json& calibration, const std::string& place) {
    for (const auto& [key, value] : calibration.items()) {
      if (key != "group" && key != "evidence" && key != "$comment") {
        throw InputError(place, "unknown field " + in_quotes(key) +
                                    suggestion(key, std::vector<std::string>{"free", "fitted", "group", "evidence"}));
      }
    }
  }

  Json top_, free_ = Json::object(), fitted_ = Json::object();
};

/// The parameter that a path names, or an error with what there is instead.
const Json& parameter(const Json& resolved, const std::string& path, const std::string& place) {
  const std::string head = path.substr(0, path.find_first_of(".["));
  for (const char* group : {"devices", "memories"}) {
    const auto it = resolved.find(group);
    if (it != resolved.end() && it->contains(head)) return value_at(*it, path, place);
  }
  return value_at(resolved, path, place);
}

/// A number, or text that starts like an amount: "20 us".
bool is_amount(const Json& value) {
  if (value.is_number()) return true;
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return !text.empty() && text.find_first_of("0123456789") <= 1 && text.find(' ') != std::string::npos;
}

void check_like(const Json& value, const Json& present, const std::string& place) {
  if (is_amount(value) && value.is_string() == present.is_string()) return;
  throw InputError(place, brief(value) + " has not the form of the parameter, which is " + brief(present));
}

void check_order(const std::optional<Json>& low, const std::optional<Json>& high, const std::string& place) {
  if (low && high && low->is_number() && high->is_number() && low->get<double>() >= high->get<double>()) {
    throw InputError(place, "low " + brief(*low) + " is not below high " + brief(*high));
  }
}

}  // namespace

void gather_calibrations(Json& json) {
  Gatherer gatherer;
  gatherer.walk(json, "");
  if (Json found = gatherer.finish(); !found.empty()) json[kMember] = std::move(found);
}

void forget_missing(Calibration& calibration, const Json& resolved) {
  const auto gone = [&](const auto& entry) {
    try {
      parameter(resolved, entry.first, "");
      return false;
    } catch (const InputError&) {
      return true;
    }
  };
  std::erase_if(calibration.free, gone);
  std::erase_if(calibration.fitted, gone);
}

void check_calibration(const Calibration& calibration, const Json& resolved) {
  for (const auto& [path, free] : calibration.free) {
    const std::string place = "calibration.free[" + in_quotes(path) + "]";
    const Json& present = parameter(resolved, path, place);
    if (!is_amount(present)) throw InputError(place, "is " + brief(present) + "; only numbers and amounts can be free");
    for (const auto& bound : {free.low, free.high}) {
      if (bound) check_like(*bound, present, place);
    }
    check_order(free.low, free.high, place);
  }
  for (const auto& [path, fitted] : calibration.fitted) {
    const std::string place = "calibration.fitted[" + in_quotes(path) + "]";
    check_like(fitted.value, parameter(resolved, path, place), place);
  }
}

Json calibration_schema() {
  Json schema = schema_of<Calibration>();
  schema["description"] = "What measurements may settle about this object, by paths that start at it.";
  const Json amount{{"type", Json::array({"number", "string"})}};
  for (const char* bound : {"low", "high"}) {
    schema["properties"]["free"]["additionalProperties"]["properties"][bound].update(amount);
    schema["properties"]["fitted"]["additionalProperties"]["properties"][bound].update(amount);
  }
  return schema;
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "platform/platform.h"

#include <algorithm>

#include "accelerators/registry.h"
#include "models/cache/cost.h"
#include "models/interconnect/cost.h"
#include "platform/memories.h"
#include "platform/names.h"
#include "platform/power/operating_point.h"
#include "platform/sha256.h"
#include "sim/base/check.h"
#include "sim/config/presets.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

/// "npu0.clock=1 GHz" means devices.npu0; memories likewise. Everything else is a path from the top.
std::string qualified(const Json& json, const std::string& assignment) {
  const std::string head = assignment.substr(0, assignment.find_first_of(".=["));
  for (const char* group : {"devices", "memories"}) {
    const auto it = json.find(group);
    if (it != json.end() && it->is_object() && it->contains(head)) return std::string(group) + "." + assignment;
  }
  std::vector<std::string> known;
  for (const char* group : {"devices", "memories"}) {
    if (const auto it = json.find(group); it != json.end() && it->is_object()) {
      for (const auto& [key, value] : it->items()) known.push_back(key);
    }
  }
  PlatformFile file;
  SchemaBuilder fields;
  file.visit(fields);
  const Json top = fields.finish();
  for (const auto& [key, value] : top["properties"].items()) {
    if (key == head) return assignment;
    known.push_back(key);
  }
  throw InputError(assignment, "the platform has no " + in_quotes(head) + suggestion(head, known));
}

/// Values that a fit found stand in place of the declared ones.
void apply_fitted(Json& json) {
  const auto calibration = json.find("calibration");
  if (calibration == json.end() || !calibration->contains("fitted")) return;
  const Json fitted = calibration->at("fitted");
  for (const auto& [path, entry] : fitted.items()) {
    const auto value = entry.find("value");
    if (value == entry.end()) throw InputError("calibration.fitted[" + in_quotes(path) + "]", "value: missing; add it");
    apply_override(json, qualified(json, path + "=" + value->dump()));
  }
}

/// Calibrations of all objects at the top, and what a fit found in its place.
Json with_calibration(Json json, const std::string& source) {
  try {
    gather_calibrations(json);
    apply_fitted(json);
  } catch (const InputError& error) {
    throw InputError(source, error.what());
  }
  return json;
}

std::string type_of(const Json& device, const std::string& path) {
  if (!device.is_object()) throw InputError(path, "expected an object, got " + brief(device));
  const auto it = device.find("type");
  if (it == device.end()) throw InputError(path + ".type", "missing; name the kind of device, \"npu\" or \"cpu\"");
  if (!it->is_string()) throw InputError(path + ".type", "expected text in quotes, got " + brief(*it));
  return it->get<std::string>();
}

/// Presets may be used in every object, and they may supply what is required. `free`: every object may also say
/// which of its parameters are free.
void allow_presets(Json& schema, bool free) {
  if (schema.is_array()) {
    for (auto& element : schema) allow_presets(element, free);
  }
  if (!schema.is_object()) return;
  if (schema.contains("properties") && schema.value("type", "") == "object") {
    schema.erase("required");
    for (auto& [key, value] : schema["properties"].items()) allow_presets(value, free);
    if (free) {
      schema["properties"]["calibration"] = Json{{"$ref", "#/definitions/calibration"}};
    }
    schema["properties"]["extends"] = Json{{"description", "Presets whose members this object takes and overrides."},
                                           {"type", Json::array({"string", "array"})},
                                           {"items", Json{{"type", "string"}}}};
    return;
  }
  for (auto& [key, value] : schema.items()) allow_presets(value, free);
}

/// One of several types, told apart by "type".
template <class Types>
Json typed_schemas(const Types& types) {
  Json alternatives = Json::array();
  for (const auto& type : types) {
    Json schema = type.schema();
    schema["description"] = type.doc;
    schema["properties"]["type"] = Json{{"const", type.name}};
    alternatives.push_back(std::move(schema));
  }
  return Json{{"type", "object"}, {"additionalProperties", Json{{"anyOf", std::move(alternatives)}}}};
}

/// The type that an object states, and the object without it.
std::pair<std::string, Json> split_type(const Json& json, const std::string& path, const char* otherwise) {
  if (!json.is_object()) throw InputError(path, "expected an object, got " + brief(json));
  const auto it = json.find("type");
  if (it == json.end()) return {otherwise, json};
  if (!it->is_string()) throw InputError(path + ".type", "expected text in quotes, got " + brief(*it));
  Json rest = json;
  rest.erase("type");
  return {it->get<std::string>(), rest};
}

}  // namespace

Platform Platform::load(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search,
                        const std::vector<std::string>& overrides) {
  return from_json(load_with_presets(file, search), file.filename().string(), search, overrides);
}

Platform Platform::from_json(Json json, const std::string& source, const std::vector<std::filesystem::path>& search,
                             const std::vector<std::string>& overrides) {
  return from_resolved(with_calibration(resolve_presets(std::move(json), source, search), source), source, overrides);
}

Json Platform::document(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search) {
  const std::string source = file.filename().string();
  return with_calibration(resolve_presets(load_with_presets(file, search), source, search), source);
}

Platform Platform::from_resolved(Json json, const std::string& source, const std::vector<std::string>& overrides,
                                 const Platform* like) {
  for (const auto& assignment : overrides) apply_override(json, qualified(json, assignment));
  Platform platform;
  try {
    gather_calibrations(json);  // of a whole preset that was given as an override
    platform.file_ = read_value<PlatformFile>(json, "");
    if (platform.file_.memories.empty()) throw InputError("memories", "empty; name at least one memory");
    if (platform.file_.devices.empty()) throw InputError("devices", "empty; name at least one device");
    check_names(platform.file_);
    for (const auto& [name, config] : platform.file_.memories) platform.add_memory(name, config);
    for (const auto& [name, config] : platform.file_.devices) {
      platform.devices_.push_back(platform.make_device(name, config, like));
    }
    platform.set_operating_points(overrides, like);
    std::vector<std::string> devices, memories;
    for (const auto& device : platform.devices_) devices.push_back(device.name);
    for (const auto& memory : platform.memories_) memories.push_back(memory.name);
    platform.topology_ = std::make_shared<const interconnect::Topology>(platform.file_.interconnect, devices, memories);
    const Json resolved = platform.to_json();
    if (!overrides.empty()) forget_missing(platform.file_.calibration, resolved);
    check_calibration(platform.file_.calibration, resolved);
  } catch (const InputError& error) {
    throw InputError(source, error.what());
  }
  for (std::size_t i = 0; i < platform.devices_.size(); ++i) {
    auto& device = platform.devices_[i];
    device.kind = i;
    for (std::size_t j = 0; j < i && device.kind == i; ++j) {
      const auto& other = platform.devices_[j];
      if (other.type == device.type && *other.resolved == *device.resolved) device.kind = other.kind;
    }
  }
  return platform;
}

void Platform::add_memory(const std::string& name, const Json& config) {
  const std::string path = "memories." + name;
  const auto [type, rest] = split_type(config, path, "dram");
  auto law = memory_type(type, path + ".type").make(rest, path, file_.technology);
  Json resolved = law->to_json();
  memories_.push_back({.name = name, .type = type, .law = std::move(law), .resolved = std::move(resolved)});
}

PlatformDevice Platform::make_device(const std::string& name, const Json& config, const Platform* like) const {
  if (like != nullptr) {
    for (std::size_t i = 0; i < like->devices_.size(); ++i) {
      const auto& [known, its_config] = like->file_.devices.at(i);
      if (known == name && its_config == config) return like->devices_[i];
    }
  }
  const std::string path = "devices." + name;
  const std::string type = type_of(config, path);
  std::shared_ptr<const Device> device = device_type(type, path + ".type").make(config, path, name, file_.technology);
  auto resolved = std::make_shared<const Json>(device->to_json());
  PlatformDevice out{.name = name, .type = type, .device = std::move(device), .resolved = std::move(resolved)};
  if (like != nullptr) {
    out.law = std::make_shared<const std::string>(type + out.resolved->dump() + write_value(file_.technology).dump());
  }
  return out;
}

/// Members of domains that state their clock are made again, at that point.
void Platform::set_operating_points(const std::vector<std::string>& overrides, const Platform* like) {
  std::vector<PowerDomain> domains = resolve_domains(file_);
  check_overrides(file_, domains, overrides);
  for (PowerDomain& domain : domains) {
    find_operating_point(*this, domain);
    const power::OperatingPoint* point = stated_point(domain.config);
    if (point == nullptr) continue;
    for (const std::size_t i : domain.devices) {
      auto& [name, config] = file_.devices.at(i);
      config = at_operating_point(config, *devices_.at(i).resolved, *point, file_.technology);
      devices_.at(i) = make_device(name, config, like);
    }
    for (const std::size_t i : domain.memories) {
      auto& [name, config] = file_.memories.at(i);
      config = at_operating_point(config, memories_.at(i).resolved, *point, file_.technology);
      add_memory(name, config);
      std::swap(memories_.at(i), memories_.back());
      memories_.pop_back();
    }
    move_interconnect(file_, domain);
    find_operating_point(*this, domain);
  }
  domains_ = std::move(domains);
}

dma::UnloadedPath Platform::unloaded_path(std::size_t device, EngineKind engine) const {
  const interconnect::Config& links = file_.interconnect;
  const interconnect::Port port = interconnect::port_of(links, devices_.at(device).name);
  const MemoryLaw* law = memory().law.get();
  Time latency =
      interconnect::latency(links, topology_->hops(device, 0)) + law->least_latency(engine == EngineKind::store);
  if (file_.system_cache) latency += cache::hit_latency(*file_.system_cache);
  return {.latency = latency, .slowest_service = [links, port, law](Bytes bytes) {
            return std::max({interconnect::service_time(links, bytes), law->least_service(bytes),
                             interconnect::cap_interval(port, bytes)});
          }};
}

dma::UnloadedPath Platform::least_path(std::size_t device, EngineKind engine) const {
  if (!file_.system_cache) return unloaded_path(device, engine);
  const interconnect::Config& links = file_.interconnect;
  const interconnect::Port port = interconnect::port_of(links, devices_.at(device).name);
  // Bytes that go past the cache cross no data path of it.
  return {.latency = interconnect::latency(links, topology_->hops(device, 0)) + cache::hit_latency(*file_.system_cache),
          .slowest_service = [links, port](Bytes bytes) {
            return std::max(interconnect::service_time(links, bytes), interconnect::cap_interval(port, bytes));
          }};
}

Joules Platform::transfer_energy(EngineKind engine, Bytes bytes) const {
  JoulesPerByte way = file_.technology.wire_per_mm * file_.interconnect.length_mm + file_.interconnect.hop_energy;
  way = way * supply_factor(*this, domain_of(domains_, "interconnect"));
  if (memory().law->off_chip()) way += file_.technology.dram_phy;
  return way * bytes + memory().law->stream_energy(bytes, engine == EngineKind::store) * memory_supply_factor(*this, 0);
}

Json Platform::to_json() const {
  PlatformFile copy = file_;
  for (std::size_t i = 0; i < memories_.size(); ++i) {
    Json memory{{"type", memories_[i].type}};
    memory.update(memories_[i].resolved);
    copy.memories[i].second = std::move(memory);
  }
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    Json device{{"type", devices_[i].type}};
    device.update(*devices_[i].resolved);
    copy.devices[i].second = std::move(device);
  }
  return write_value(copy);
}

std::map<std::string, std::string> Platform::core_names() const {
  std::map<std::string, std::string> out;
  for (const PlatformDevice& device : devices_) {
    const Json& config = *device.resolved;
    if (const auto core = config.find("core"); core != config.end()) out[device.name] = core->value("name", "");
  }
  return out;
}

std::string Platform::sha256() const {
  Json json = to_json();
  json.erase("calibration");
  return chipcast::sha256(json.dump());
}

Json Platform::schema() {
  Json schema = schema_of<PlatformFile>();
  schema["properties"]["devices"] = typed_schemas(device_types());
  schema["properties"]["memories"] = typed_schemas(memory_types());
  schema["properties"]["$schema"] = Json{{"type", "string"}};
  allow_presets(schema, true);
  Json calibration = calibration_schema();
  allow_presets(calibration, false);
  schema["definitions"]["calibration"] = std::move(calibration);
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast platform"}};
  out.update(schema);
  return out;
}

}  // namespace chipcast

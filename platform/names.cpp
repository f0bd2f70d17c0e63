// SPDX-License-Identifier: Apache-2.0
#include "platform/names.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "accelerators/program.h"
#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/config/schema.h"

namespace chipcast {
namespace {

/// What has a name, by that name.
using Taken = std::map<std::string, std::string>;

void check_characters(const std::string& name, const std::string& path) {
  const bool fine = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!fine) throw InputError(path, in_quotes(name) + " is not a name; use letters, digits, _ and -");
}

Taken members_of_platforms() {
  Taken out{{"power", "the power over time in traces"}, {"board", "the board"}};
  SchemaBuilder fields;
  PlatformFile().visit(fields);
  const Json schema = fields.finish();
  for (const auto& [name, field] : schema["properties"].items()) out.emplace(name, "a member of platforms");
  return out;
}

/// The same for all platforms.
const Taken& reserved() {
  static const Taken names = members_of_platforms();
  return names;
}

void take(Taken& taken, const std::string& name, const std::string& path, const std::string& what) {
  const auto [it, fresh] = taken.emplace(name, what);
  if (!fresh) throw InputError(path, in_quotes(name) + " is the name of " + it->second + " already; choose another");
}

}  // namespace

void check_names(const PlatformFile& file) {
  Taken taken = reserved();
  for (const auto& [name, config] : file.devices) {
    check_characters(name, "devices");
    for (const auto& [kind, suffix] : enum_names(EngineKind{})) {
      taken.emplace(name + "_" + std::string(suffix), "an engine of device " + in_quotes(name));
    }
  }
  for (const auto& [name, config] : file.devices) take(taken, name, "devices." + name, "a device");
  for (const auto& [name, config] : file.memories) {
    check_characters(name, "memories");
    take(taken, name, "memories." + name, "a memory");
  }
  for (const auto& [name, config] : file.power.loads) {
    check_characters(name, "power.loads");
    take(taken, name, "power.loads." + name, "a load");
  }
  for (const auto& [name, config] : file.power.rails) {
    check_characters(name, "power.rails");
    const Taken::const_iterator it = taken.find(name);
    if (it != taken.end()) take(taken, name, "power.rails." + name, "a rail");
  }
  // A domain may have the name of a member of its own.
  for (const auto& [name, config] : file.power.domains) {
    check_characters(name, "power.domains");
    const bool member = std::find(config.members.begin(), config.members.end(), name) != config.members.end();
    if (!member) take(taken, name, "power.domains." + name, "a domain");
  }
  for (const auto& [name, config] : file.thermal.nodes) check_characters(name, "thermal.nodes");
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "platform/memories.h"

#include "models/dram/cost.h"
#include "models/dram/model.h"
#include "models/simple_memory/cost.h"
#include "models/simple_memory/model.h"
#include "models/sram/law.h"
#include "models/sram/model.h"
#include "sim/base/check.h"
#include "sim/config/docs_table.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"

namespace chipcast {
namespace {

/// Some memories take what they leave open from the technology.
template <auto make_law, class Config>
std::unique_ptr<MemoryLaw> law_of(const Config& config, const technology::Config& technology) {
  if constexpr (std::is_invocable_v<decltype(make_law), const Config&, const technology::Config&>) {
    return make_law(config, technology);
  } else {
    return make_law(config);
  }
}

template <class Config, auto make_law, auto make_module>
MemoryType entry(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .make =
              [](const Json& json, const std::string& path, const technology::Config& technology) {
                return law_of<make_law>(read_value<Config>(json, path), technology);
              },
          .make_module = [](const PlatformMemory& memory, TransferObserver& observer) -> std::unique_ptr<MemoryModule> {
            return make_module(memory.name.c_str(), read_value<Config>(memory.resolved, memory.name), observer);
          },
          .schema = &schema_of<Config>,
          .docs = [](const std::string& title) { return docs_table_of<Config>(title); }};
}

template <class Model, class Config>
std::unique_ptr<MemoryModule> make_model(const char* name, const Config& config, TransferObserver& observer) {
  return std::make_unique<Model>(name, config, observer);
}

}  // namespace

const std::vector<MemoryType>& memory_types() {
  static const std::vector<MemoryType> types{
      entry<dram::BoardConfig, dram::make_law, dram::make_model>("dram",
                                                                 "DRAM of a JEDEC standard, with its controllers."),
      entry<simple_memory::Config, simple_memory::make_law, make_model<simple_memory::Model, simple_memory::Config>>(
          "simple", "A memory of fixed bandwidth and latency."),
      entry<sram::Config, sram::make_law, make_model<sram::Model, sram::Config>>("sram", "Banked memory on the chip."),
  };
  return types;
}

const MemoryType& memory_type(const std::string& name, const std::string& path) {
  std::vector<std::string> known;
  for (const auto& type : memory_types()) {
    if (type.name == name) return type;
    known.push_back(type.name);
  }
  throw InputError(path, "unknown memory type " + in_quotes(name) + suggestion(name, known));
}

}  // namespace chipcast

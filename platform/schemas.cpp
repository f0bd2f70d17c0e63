// SPDX-License-Identifier: Apache-2.0
#include "platform/schemas.h"

#include "accelerators/registry.h"
#include "platform/memories.h"
#include "platform/platform.h"
#include "platform/report.h"
#include "platform/scenario.h"
#include "platform/simulation.h"
#include "sim/config/docs_table.h"
#include "sim/config/schema.h"

namespace chipcast {
namespace {

Json titled(const char* title, const Json& schema) {
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
  out.update(schema);
  return out;
}

}  // namespace

Json schemas() {
  return Json{{"platform", Platform::schema()},
              {"graph", Graph::schema()},
              {"options", titled("Chipcast run options", schema_of<RunOptions>())},
              {"report", Report::schema()},
              {"streams", streams_schema()},
              {"streams-report", StreamsReport::schema()},
              {"scenario-report", ScenarioReport::schema()}};
}

std::string config_docs() {
  std::string text = "# Configuration reference\n\nGenerated from the declarations in the code; do not edit.\n\n";
  text += docs_table_of<PlatformFile>("platform");
  for (const auto& type : device_types())
    text += "\n" + type.docs("devices.<name> of type " + type.name) + "\n" + type.doc + "\n";
  for (const auto& type : memory_types())
    text += "\n" + type.docs("memories.<name> of type " + type.name) + "\n" + type.doc + "\n";
  text += "\n" + docs_table_of<RunOptions>("options");
  text += "\n" + docs_table_of<StreamsSpec>("streams");
  return text;
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "platform/report.h"

#include "sim/config/schema.h"
#include "sim/config/writer.h"

namespace chipcast {

Json Report::to_json() const {
  Writer writer;
  Report copy = *this;
  copy.visit(writer);
  return std::move(writer.json());
}

Json Report::schema() {
  Report defaults;
  SchemaBuilder builder;
  defaults.visit(builder);
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast report"}};
  out.update(builder.finish());
  return out;
}

}  // namespace chipcast

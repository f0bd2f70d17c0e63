// SPDX-License-Identifier: Apache-2.0
#include "platform/streams_report.h"

#include <algorithm>

#include "sim/config/schema.h"
#include "sim/config/writer.h"

namespace chipcast {

LatencyStatistics statistics_of(std::vector<Time> values) {
  LatencyStatistics out;
  if (values.empty()) return out;
  std::sort(values.begin(), values.end());
  const auto at = [&](std::size_t percent) { return values[values.size() * percent / 100].seconds().count(); };
  double sum = 0.0;
  for (const Time value : values) sum += value.seconds().count();
  out.count = static_cast<std::int64_t>(values.size());
  out.min_s = values.front().seconds().count();
  out.mean_s = sum / static_cast<double>(values.size());
  out.p50_s = at(50);
  out.p90_s = at(90);
  out.p95_s = at(95);
  out.p99_s = at(99);
  out.max_s = values.back().seconds().count();
  return out;
}

Json StreamsReport::to_json() const {
  Writer writer;
  StreamsReport copy = *this;
  copy.visit(writer);
  return std::move(writer.json());
}

Json StreamsReport::schema() {
  StreamsReport defaults;
  SchemaBuilder builder;
  defaults.visit(builder);
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast report of streams"}};
  out.update(builder.finish());
  return out;
}

}  // namespace chipcast

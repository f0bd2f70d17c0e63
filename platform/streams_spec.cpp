// SPDX-License-Identifier: Apache-2.0
#include "platform/streams_spec.h"

#include <algorithm>
#include <stdexcept>

#include "sim/config/schema.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

void check_arrivals(const Stream& stream) {
  if (stream.count && *stream.count > static_cast<std::int64_t>(stream.arrivals.size())) {
    throw std::invalid_argument("count is " + std::to_string(*stream.count) + ", but there are " +
                                std::to_string(stream.arrivals.size()) + " arrivals; leave one of the two out");
  }
  for (std::size_t i = 0; i < stream.arrivals.size(); ++i) {
    const Seconds at = stream.arrivals[i];
    if (!(at >= Seconds(0.0) && at <= Stream::kLongest) || (i > 0 && at < stream.arrivals[i - 1])) {
      throw std::invalid_argument("arrivals[" + std::to_string(i) + "] is " + to_text(at) +
                                  "; they have to ascend from 0 s to at most " + to_text(Stream::kLongest));
    }
  }
}

}  // namespace

void Stream::validate() const {
  if (network.empty()) throw std::invalid_argument("network is empty; name a bundled network or a model file");
  const int ways = (period ? 1 : 0) + (rate ? 1 : 0) + (arrivals.empty() ? 0 : 1) + (closed_loop ? 1 : 0);
  if (ways > 1) throw std::invalid_argument("period, rate, arrivals and closed_loop exclude each other; keep one");
  if (closed_loop && jitter > Seconds(0.0)) {
    throw std::invalid_argument("jitter has no meaning in a closed_loop; leave one of the two out");
  }
  if (!arrivals.empty()) check_arrivals(*this);
  const double gaps = period ? period->count() : rate ? 1.0 / rate->count() : 0.0;
  if (gaps * static_cast<double>(releases()) > kLongest.count()) {
    throw std::invalid_argument("the last release comes after " + to_text(kLongest) + "; lower count");
  }
  if (releases() > kMost / samples) {
    throw std::invalid_argument("count times samples is more than " + std::to_string(kMost) + " jobs");
  }
}

std::int64_t Stream::releases() const {
  return count.value_or(arrivals.empty() ? 1 : static_cast<std::int64_t>(arrivals.size()));
}

void StreamsSpec::validate() const {
  if (streams.empty()) throw std::invalid_argument("streams is empty; name at least one stream");
}

Json streams_schema() {
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast streams"}};
  out.update(schema_of<StreamsSpec>());
  return out;
}

}  // namespace chipcast

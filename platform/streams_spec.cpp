// SPDX-License-Identifier: Apache-2.0
#include "platform/streams_spec.h"

#include <algorithm>
#include <stdexcept>

#include "sim/base/check.h"
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

void check_variants(const Stream& stream) {
  if (stream.variants.size() > StreamsSpec::kMostVariants) {
    throw std::invalid_argument("variants are " + std::to_string(stream.variants.size()) + ", more than " +
                                std::to_string(StreamsSpec::kMostVariants) + "; keep fewer");
  }
  std::int64_t weights = 0;
  for (const auto& variant : stream.variants) weights += variant.weight;
  if (weights > StreamsSpec::kMostWeights) {
    throw std::invalid_argument("the weights of variants add up to " + std::to_string(weights) + ", more than " +
                                std::to_string(StreamsSpec::kMostWeights) + "; divide them");
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
  if (samples < 1) throw std::invalid_argument("samples is " + std::to_string(samples) + "; it has to be at least 1");
  const double gaps = period ? period->count() : rate ? 1.0 / rate->count() : 0.0;
  if (gaps * static_cast<double>(releases()) > kLongest.count()) {
    throw std::invalid_argument("the last release comes after " + to_text(kLongest) + "; lower count");
  }
  if (releases() > kMost / samples) {
    throw std::invalid_argument("count times samples is more than " + std::to_string(kMost) + " jobs");
  }
  check_variants(*this);
}

std::int64_t Stream::releases() const {
  return count.value_or(arrivals.empty() ? 1 : static_cast<std::int64_t>(arrivals.size()));
}

void StreamsSpec::validate() const {
  if (streams.empty()) throw std::invalid_argument("streams is empty; name at least one stream");
  if (streams.size() > kMostStreams) {
    throw std::invalid_argument("streams are " + std::to_string(streams.size()) + ", more than " +
                                std::to_string(kMostStreams) + "; leave some out");
  }
  std::int64_t jobs = 0;
  for (const auto& [stream_name, stream] : streams) {
    try {
      stream.validate();
    } catch (const std::invalid_argument& error) {
      throw InputError("streams." + stream_name, error.what());
    }
    jobs += stream.releases() * stream.samples;
  }
  if (jobs > Stream::kMost) {
    throw std::invalid_argument("streams ask for " + std::to_string(jobs) + " jobs in all, more than " +
                                std::to_string(Stream::kMost) + "; lower count or samples");
  }
}

Json streams_schema() {
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Chipcast streams"}};
  out.update(schema_of<StreamsSpec>());
  return out;
}

}  // namespace chipcast

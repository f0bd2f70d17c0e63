// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/graph.h"

/// Networks that are written here, layer by layer from their papers: fp32, NCHW, batch normalisation as
/// operators of its own where the original has it (docs/zoo.md).
namespace chipcast {

struct ZooEntry {
  std::string name;
  std::string description;
  std::string source;  ///< the paper or the published definition

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name of the network."});
    v.field("description", description, {.doc = "What it is."});
    v.field("source", source, {.doc = "Where its definition was published."});
  }
};

/// What may be changed. An option that the network's authors do not offer is an error.
struct ZooOptions {
  std::int64_t batch{1};
  std::optional<std::int64_t> resolution{};       ///< edge of the square image
  std::optional<double> width{};                  ///< multiplier on the channels
  std::optional<std::int64_t> sequence_length{};  ///< tokens

  template <class V>
  void visit(V& v) {
    v.field("batch", batch, {.doc = "Inputs of one inference.", .min = 1, .max = 4096});
    v.field("resolution", resolution, {.doc = "Edge of the square input image, 32 to 4096."});
    v.field("width", width, {.doc = "Multiplier on the channels (MobileNets), 0.1 to 4."});
    v.field("sequence_length", sequence_length, {.doc = "Tokens (BERT), 1 to 512."});
  }
};

/// All networks, in the order in which they are listed.
const std::vector<ZooEntry>& zoo();

/// Builds one. Throws InputError for an unknown name and for options that the network does not have.
Graph zoo_network(std::string_view name, const ZooOptions& options = {});

}  // namespace chipcast

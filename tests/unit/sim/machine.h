// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/config/field.h"

/// A configuration with a field of every kind, for the tests of reader, writer, schema and documentation.
namespace chipcast::test {

enum class Dataflow { kWeight, kOutput };
constexpr std::array<std::pair<Dataflow, std::string_view>, 2> enum_names(Dataflow) {
  return {{{Dataflow::kWeight, "weight_stationary"}, {Dataflow::kOutput, "output_stationary"}}};
}

struct Port {
  std::string name{"p"};
  std::optional<BytesPerSecond> rate;

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name of the port."});
    v.field("rate", rate, {.doc = "Cap.", .min = BytesPerSecond(1e6), .max = BytesPerSecond(1e12)});
  }
  bool operator==(const Port&) const = default;
};

struct Machine {
  int rows{32};
  std::int64_t macs{1};
  std::uint8_t bits{8};
  double share{0.5};
  bool fused{false};
  std::string name;
  Hertz clock{8e8};
  Bytes buffer{512 * 1024};
  Dataflow dataflow{Dataflow::kWeight};
  std::optional<int> lanes;
  std::optional<Dataflow> other;
  std::vector<int> sizes{1, 2};
  std::vector<bool> flags;
  Named<Port> ports;
  Port main;

  template <class V>
  void visit(V& v) {
    v.field("rows", rows, {.doc = "Processing-element rows.", .min = 1, .max = 1024, .source = "A-12"});
    v.field("macs", macs, {.doc = "Counted.", .min = 1});
    v.field("bits", bits, {.doc = "Width | of a word."});
    v.field("share", share, {.doc = "Part.", .max = 1.0});
    v.field("fused", fused, {.doc = "Whether fused."});
    v.field("name", name, {.doc = "Name of the machine.", .required = true});
    v.field("clock", clock, {.doc = "Core clock.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("buffer", buffer, {.doc = "Local memory.", .min = Bytes(1024)});
    v.field("dataflow", dataflow, {.doc = "What stays."});
    v.field("lanes", lanes, {.doc = "Lanes.", .min = 1, .max = 8});
    v.field("other", other, {.doc = "What else stays."});
    v.field("sizes", sizes, {.doc = "Sizes."});
    v.field("flags", flags, {.doc = "Flags."});
    v.field("ports", ports, {.doc = "Ports."});
    v.field("main", main, {.doc = "Main port."});
  }
  void validate() const {
    if (fused && rows > 512) throw std::invalid_argument("fused needs rows of at most 512");
  }
  bool operator==(const Machine&) const = default;
};

}  // namespace chipcast::test

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/config/field.h"

namespace chipcast::dma {

/// How data is shortened on the bus.
enum class Scheme { none, ratio, zero_run_length, bitmap };
constexpr std::array<std::pair<Scheme, std::string_view>, 4> enum_names(Scheme) {
  return {{{Scheme::none, "none"},
           {Scheme::ratio, "ratio"},
           {Scheme::zero_run_length, "zero_run_length"},
           {Scheme::bitmap, "bitmap"}}};
}

/// A compressor between an engine and the bus. Data is cut into blocks, each with a header; a block that would grow
/// is sent as it is.
struct Compression {
  Scheme scheme{Scheme::none};
  double ratio{1.0};
  int run_bits{5};
  int word_bits{64};
  Bytes block{4096};
  Bytes metadata{0};
  std::optional<BytesPerSecond> throughput{};
  int element_bits{8};
  double zero_share{0.0};

  template <class V>
  void visit(V& v) {
    v.field("scheme", scheme, {.doc = "How zeros, or bytes at large, are saved."});
    v.field("ratio", ratio, {.doc = "Scheme \"ratio\": raw over compressed bytes.", .min = 1.0, .max = 1000.0});
    v.field("run_bits", run_bits,
            {.doc = "Scheme \"zero_run_length\": bits of a count of zeros.", .min = 1, .max = 32});
    v.field("word_bits", word_bits,
            {.doc = "Scheme \"zero_run_length\": pairs of run and value are packed into words of this size, none "
                    "across two.",
             .min = 8,
             .max = 1024});
    v.field("block", block, {.doc = "Raw bytes of a block.", .min = Bytes(1), .max = Bytes(1 << 24)});
    v.field("metadata", metadata, {.doc = "Header of a block.", .min = Bytes(0), .max = Bytes(4096)});
    v.field("element_bits", element_bits, {.doc = "Size of the elements.", .min = 1, .max = 64});
    v.field(
        "zero_share", zero_share,
        {.doc = "Share of elements that are zero; of the network's data, not of the chip.", .min = 0.0, .max = 1.0});
    v.field("throughput", throughput,
            {.doc = "Raw bytes that the (de)compressor passes; no limit where absent.",
             .min = BytesPerSecond(1e3),
             .max = BytesPerSecond(1e14)});
  }

  void validate() const {
    if (scheme != Scheme::ratio && ratio != 1.0) {
      throw std::invalid_argument("ratio has a value, but scheme is \"" + std::string(name_of(scheme)) +
                                  "\", which computes its own; take scheme \"ratio\" or leave it out");
    }
  }
};

}  // namespace chipcast::dma

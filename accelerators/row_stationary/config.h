// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "accelerators/config_lists.h"
#include "models/dma/config.h"
#include "sim/config/field.h"
#include "workloads/op_description.h"

namespace chipcast::row_stationary {

/// Scratchpads of one processing element, in words.
struct Spads {
  int filter{224}, ifmap{12}, psum{24};

  template <class V>
  void visit(V& v) {
    v.field("filter", filter, {.doc = "Weights.", .min = 1, .max = 1 << 20, .source = "E1"});
    v.field("ifmap", ifmap, {.doc = "Window of inputs.", .min = 1, .max = 1 << 20, .source = "E1"});
    v.field("psum", psum, {.doc = "Partial sums, one per filter.", .min = 1, .max = 1 << 20, .source = "E1"});
  }
};

/// The global buffer. Each bank holds inputs or partial sums, never both; weights have a buffer of their own.
struct GlobalBuffer {
  int banks{25};
  Bytes bank{4096}, filters{8192};

  template <class V>
  void visit(V& v) {
    v.field("banks", banks, {.doc = "Banks for inputs and partial sums.", .min = 2, .max = 65536, .source = "E2"});
    v.field("bank", bank, {.doc = "Size of a bank.", .min = Bytes(16), .max = Bytes(1 << 24), .source = "E2"});
    v.field("filters", filters,
            {.doc = "Weights fetched ahead; holds those of one pass.",
             .min = Bytes(16),
             .max = Bytes(1 << 24),
             .source = "E2"});
  }
};

/// What the buses between global buffer and array carry in a cycle, in words.
struct Noc {
  int ifmap{1}, filter{4}, psum{4};

  template <class V>
  void visit(V& v) {
    v.field("ifmap", ifmap, {.doc = "Inputs into the array.", .min = 1, .max = 4096, .source = "E3"});
    v.field("filter", filter, {.doc = "Weights into the array.", .min = 1, .max = 4096, .source = "E3"});
    v.field("psum", psum, {.doc = "Partial sums, each way.", .min = 1, .max = 4096, .source = "E3"});
  }
};

/// What the search for a mapping minimises: words moved and cycles, in energies of one multiply-accumulate.
struct Search {
  double dram{200.0}, buffer{6.0}, pe_cycle{0.2};

  template <class V>
  void visit(V& v) {
    v.field("dram", dram, {.doc = "A word to or from DRAM.", .min = 0.0, .max = 1e6, .source = "E4"});
    v.field("buffer", buffer, {.doc = "A word to or from the global buffer.", .min = 0.0, .max = 1e6, .source = "E4"});
    v.field("pe_cycle", pe_cycle,
            {.doc = "A cycle of one processing element, busy or not.", .min = 0.0, .max = 1e6, .source = "E5"});
  }
};

/// Energies of actions; those of words are multiples of the multiply-accumulate's. What is absent follows from the
/// technology by size.
struct Energy {
  std::optional<JoulesPerOp> mac{};
  std::optional<double> filter_spad{}, registers{}, buffer{};
  double noc{2.0};

  template <class V>
  void visit(V& v) {
    v.field("mac", mac,
            {.doc = "One multiply-accumulate of the datapath at volts; the technology's 16-bit one where absent.",
             .min = JoulesPerOp(0.0),
             .max = JoulesPerOp(1e-6)});
    v.field(
        "filter_spad", filter_spad,
        {.doc = "A word of the filter scratchpad; absent: an SRAM of its size, narrow port.", .min = 0.0, .max = 1e4});
    v.field(
        "registers", registers,
        {.doc = "A word of the scratchpads for inputs and partial sums; absent: registers.", .min = 0.0, .max = 1e4});
    v.field("noc", noc, {.doc = "A word over a bus into or out of the array.", .min = 0.0, .max = 1e4, .source = "E4"});
    v.field("buffer", buffer,
            {.doc = "A word of the global buffer; absent: an SRAM of a bank's size, port of 64 bits.",
             .min = 0.0,
             .max = 1e4});
  }
};

/// Zeros in a layer's maps: of the network and its data, not of the chip.
struct LayerZeros {
  std::string layer;
  double ifmap{0.0};
  double ofmap{0.0};

  template <class V>
  void visit(V& v) {
    v.field("layer", layer,
            {.doc = "Operator's name, or its shape as \"96x27x27 -> 256\" (input channels x height x width -> output "
                    "channels).",
             .required = true});
    v.field("ifmap", ifmap,
            {.doc = "Share of zero inputs as the array sees them, padding included.", .min = 0.0, .max = 1.0});
    v.field("ofmap", ofmap, {.doc = "Share of zero outputs as they are stored.", .min = 0.0, .max = 1.0});
  }
};

/// A mapping to be used instead of a search; letters as in the publication.
struct FixedMapping {
  std::string layer;
  int m{1}, n{1}, e{1}, p{1}, q{1}, r{1}, t{1};

  template <class V>
  void visit(V& v) {
    v.field("layer", layer, {.doc = "Operator's name or shape, as in zeros.", .required = true});
    v.field("m", m, {.doc = "Filters whose partial sums the global buffer holds.", .min = 1, .max = 1 << 20});
    v.field("n", n, {.doc = "Inputs of the batch in a pass.", .min = 1, .max = 1 << 20});
    v.field("e", e, {.doc = "Output rows in a pass: width of a set of elements.", .min = 1, .max = 1 << 20});
    v.field("p", p, {.doc = "Filters in an element.", .min = 1, .max = 1 << 20});
    v.field("q", q, {.doc = "Channels in an element.", .min = 1, .max = 1 << 20});
    v.field("r", r, {.doc = "Sets with different channels.", .min = 1, .max = 1 << 20});
    v.field("t", t, {.doc = "Sets with different filters.", .min = 1, .max = 1 << 20});
  }
};

/// A row-stationary array (Eyeriss v1).
struct Config {
  int rows{12}, columns{14};
  Hertz clock{200e6};
  Spads spads{};
  GlobalBuffer buffer{};
  Noc noc{};
  std::vector<DType> formats{DType::int16, DType::int8};
  bool zero_gating{true};
  dma::Compression compression{.scheme = dma::Scheme::zero_run_length, .run_bits = 5, .word_bits = 64};
  double ifmap_zeros{0.0}, ofmap_zeros{0.0};
  std::vector<LayerZeros> zeros{};
  std::vector<FixedMapping> mappings{};
  Search search{};
  std::vector<std::string> post{"relu", "clip"};
  int post_elements{4};
  Seconds launch{100e-6};
  Hertz link_clock{60e6};
  BytesPerCycle link_width{8};
  dma::Config dma{.outstanding = 16, .burst = Bytes(64), .chunk = Bytes(1024)};
  double volts{1.0};
  Energy energy{};
  std::optional<Watts> clock_power{};
  Watts leakage{0.001};

  template <class V>
  void visit(V& v) {
    v.field("rows", rows, {.doc = "Processing elements along filter rows.", .min = 1, .max = 1024, .source = "E1"});
    v.field("columns", columns, {.doc = "Processing elements along output rows.", .min = 1, .max = 1024});
    v.field("clock", clock, {.doc = "Core clock.", .min = Hertz(1e6), .max = Hertz(5e9), .source = "E1"});
    v.field("spads", spads, {.doc = "Scratchpads of an element."});
    v.field("buffer", buffer, {.doc = "Global buffer."});
    v.field("noc", noc, {.doc = "Buses between the global buffer and the array."});
    v.field("formats", formats,
            {.doc = "Number formats that it runs, each as words of 16 bits; int8 stands for uint8 and int7 too."});
    v.field("zero_gating", zero_gating, {.doc = "A zero input saves the weight's read and the multiply-accumulate."});
    v.field("compression", compression, {.doc = "Of maps on their way to and from DRAM."});
    v.field("ifmap_zeros", ifmap_zeros,
            {.doc = "Share of zero inputs of layers that zeros does not name.", .min = 0.0, .max = 1.0});
    v.field("ofmap_zeros", ofmap_zeros,
            {.doc = "Share of zero outputs of layers that zeros does not name.", .min = 0.0, .max = 1.0});
    v.field("zeros", zeros, {.doc = "Shares of zeros, layer by layer."});
    v.field("mappings", mappings, {.doc = "Mappings of single layers; the others are searched for."});
    v.field("search", search, {.doc = "What the search for a mapping minimises."});
    v.field("post", post, {.doc = "Operators by name that run where results leave the array."});
    v.field("post_elements", post_elements, {.doc = "Elements of those per cycle.", .min = 1, .max = 65536});
    v.field("launch", launch,
            {.doc = "Configuration of a layer.", .min = Seconds(0.0), .max = Seconds(1.0), .source = "E7"});
    v.field("link_clock", link_clock,
            {.doc = "Clock of the link off the chip.", .min = Hertz(1e5), .max = Hertz(5e9), .source = "E1"});
    v.field("link_width", link_width,
            {.doc = "Data path of that link.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096), .source = "E3"});
    v.field("dma", dma, {.doc = "Its port to memory, no faster than the link."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("energy", energy, {.doc = "Energy of its actions."});
    v.field(
        "clock_power", clock_power,
        {.doc = "Clock network and control, while the array computes or waits for inputs; absent: all registers of the "
                "array's scratchpads, every cycle.",
         .min = Watts(0.0),
         .max = Watts(1000.0)});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const {
    check_names(formats, "formats", "number format");
    for (const DType format : formats) check_multiplied(format, "formats");
    if (dma.compression.scheme != dma::Scheme::none) {
      throw std::invalid_argument(
          "dma.compression has a scheme; say it in compression, which knows each layer's zeros");
    }
  }
};

}  // namespace chipcast::row_stationary

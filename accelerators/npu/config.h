// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "accelerators/npu/config_parts.h"
#include "models/dma/config.h"
#include "workloads/format_list.h"
#include "workloads/operator_labels.h"

namespace chipcast::npu {

/// A dot-product (MAC-cell) NPU: each cycle, `input_lanes` channels of one position are multiplied with
/// `output_lanes` kernels (NVDLA, Rockchip class); one core, or several that share each operator.
struct Config {
  Hertz clock{1e9};
  int input_lanes{32};
  int output_lanes{32};
  std::vector<Rate> rates{{DType::int8, OpsPerCycle(1024)}};
  int depthwise_channels{32};
  bool channel_packing{true};
  int channel_alignment{16};
  Packing packing{Packing::lanes};
  std::vector<DType> winograd{};
  double efficiency{1.0};
  std::vector<Core> cores{};
  CoreSplit core_split{CoreSplit::best};
  Bytes buffer{384 * 1024};
  int buffer_banks{1};
  Sequencing sequencing{Sequencing::search};
  WeightStorage weights{};
  bool depth_first{true};
  Bytes resident{0};
  Bytes accumulator{128 * 1024};
  int weight_reuse{16};
  int post_elements{16};
  std::vector<PostRate> post_rates{};
  std::vector<ActivationRate> activation_rates{};
  Cycles tile_overhead{64};
  Seconds launch{6e-6};
  Cycles launch_cycles{0};
  std::vector<OpClass> classes{OpClass::conv, OpClass::depthwise_conv, OpClass::matrix,       OpClass::vector_matrix,
                               OpClass::pool, OpClass::elementwise,    OpClass::data_movement};
  std::vector<std::string> refused{};
  double volts{0.75};
  Watts leakage{0.02};
  Watts clock_power{0.05};
  dma::Config dma{};

  template <class V>
  void visit(V& v) {
    visit_array(v);
    visit_buffers(v);
    visit_rest(v);
  }

  void validate() const {
    if (rates.empty()) throw std::invalid_argument("rates is empty; name at least one number format");
    refuse_repeated(rates, "rates");
    const std::int64_t lanes = std::int64_t{input_lanes} * output_lanes;
    if (rates.front().macs.count() != lanes) {
      throw std::invalid_argument("rates[0].macs is " + std::to_string(rates.front().macs.count()) +
                                  ", but input_lanes x output_lanes is " + std::to_string(lanes) + "; make them equal");
    }
    refuse_unknown_operators(refused, "refused");
    for (auto format = winograd.begin(); format != winograd.end(); ++format) {
      const std::string name(name_of(*format));
      if (std::find(winograd.begin(), format, *format) != format) {
        throw std::invalid_argument("winograd names " + name + " twice; keep one of them");
      }
      if (!has_rate(*format))
        throw std::invalid_argument("winograd names " + name + ", which rates does not; " + formats());
    }
  }

  bool has_rate(DType dtype) const {
    return std::any_of(rates.begin(), rates.end(), [&](const Rate& rate) { return rate.dtype == dtype; });
  }

 private:
  std::string formats() const {
    std::string text = "it may name ";
    for (const Rate& rate : rates) text += (&rate == &rates.front() ? "" : ", ") + std::string(name_of(rate.dtype));
    return text;
  }

  template <class V>
  void visit_array(V& v) {
    v.field("clock", clock, {.doc = "Core clock.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("input_lanes", input_lanes,
            {.doc = "Input channels of one position per cycle, at the first rate.", .min = 1, .max = 4096});
    v.field("output_lanes", output_lanes, {.doc = "Kernels (output channels) per cycle.", .min = 1, .max = 4096});
    v.field("rates", rates, {.doc = "Number formats that the array runs; lanes are those of the first."});
    v.field("depthwise_channels", depthwise_channels,
            {.doc = "Channels per cycle of a depthwise convolution.", .min = 1, .max = 65536});
    v.field("channel_packing", channel_packing,
            {.doc = "Kernel columns fill the input lanes where channels are few (image input)."});
    v.field("channel_alignment", channel_alignment,
            {.doc = "Feature maps are stored with channels padded to this.", .min = 1, .max = 4096});
    v.field("packing", packing,
            {.doc = "lanes: what channels leave over of the lanes idles. ideal: channels are rounded to "
                    "channel_alignment and strided windows rearranged, then the array is full (NVDLA's sheet)."});
    v.field("winograd", winograd,
            {.doc = "Formats in which dense 3x3 convolutions of stride 1 run 2.25 times as fast; their weights are "
                    "stored as they are."});
    v.field("efficiency", efficiency,
            {.doc = "Share of the array's cycles that do work, for devices of which only that is known.",
             .min = 0.01,
             .max = 1.0});
    v.field("cores", cores, {.doc = "Further cores, equal or not, that share every operator with the first."});
    v.field("core_split", core_split, {.doc = "What cores share out: output channels, rows, or the better of both."});
  }

  template <class V>
  void visit_buffers(V& v) {
    v.field(
        "buffer", buffer,
        {.doc = "Convolution buffer for inputs and weights, both halves.", .min = Bytes(1024), .max = Bytes(1 << 30)});
    v.field("buffer_banks", buffer_banks,
            {.doc = "Equal banks of it; a bank holds inputs or weights, not both.", .min = 1, .max = 1024});
    v.field("sequencing", sequencing,
            {.doc = "search: a compiler cuts tiles. buffer_split: one operand stays in whole banks, the other streams "
                    "past, as often as needed."});
    v.field("resident", resident,
            {.doc = "On-chip memory that keeps activations from one operator to the next, least recently used first.",
             .min = Bytes(0),
             .max = Bytes(1 << 30)});
    v.field("depth_first", depth_first,
            {.doc = "Results may be written back to the buffer, so that operators run depth first in stripes of rows; "
                    "with sequencing search and without resident memory."});
    v.field("weights", weights, {.doc = "Storage of constant weights."});
    v.field("accumulator", accumulator,
            {.doc = "Partial sums, 4 bytes each, both halves.", .min = Bytes(256), .max = Bytes(1 << 28)});
    v.field("weight_reuse", weight_reuse,
            {.doc = "Positions for which the array keeps its weights.", .min = 1, .max = 65536});
  }

  template <class V>
  void visit_rest(V& v) {
    v.field("post_elements", post_elements,
            {.doc = "Elements per cycle of the post-processing unit (pool, elementwise, activation).",
             .min = 1,
             .max = 65536});
    v.field("post_rates", post_rates, {.doc = "Its rate where it differs by operator class or format; first match."});
    v.field("activation_rates", activation_rates,
            {.doc = "Activations that it is slower at (by table, in more than one pass); first match."});
    v.field("tile_overhead", tile_overhead,
            {.doc = "Pipeline fill and drain per tile.", .min = Cycles(0), .max = Cycles(1000000)});
    v.field("launch", launch,
            {.doc = "Driver and register set-up per operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("launch_cycles", launch_cycles,
            {.doc = "The device's own start per operator (command fetch), beside launch.",
             .min = Cycles(0),
             .max = Cycles(1 << 30)});
    v.field("classes", classes, {.doc = "Operator classes that it runs."});
    v.field("refused", refused, {.doc = "Operators of those classes that it does not run, by name (\"softmax\")."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("clock_power", clock_power,
            {.doc = "Clock tree and control while the array is busy.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("dma", dma, {.doc = "Its port to memory."});
  }
};

}  // namespace chipcast::npu

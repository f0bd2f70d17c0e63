// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <vector>

#include "models/dma/config.h"
#include "sim/config/field.h"
#include "workloads/format_list.h"
#include "workloads/op_description.h"

namespace chipcast::npu {

/// Multiply-accumulates per cycle of the whole array in one number format.
struct Rate {
  DType dtype{DType::int8};
  OpsPerCycle macs{1024};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format of both operands.", .required = true});
    v.field("macs", macs,
            {.doc = "Peak of the array.", .min = OpsPerCycle(1), .max = OpsPerCycle(1 << 24), .required = true});
  }
};

/// A dot-product (MAC-cell) NPU core: `input_lanes` channels of one position are multiplied with
/// `output_lanes` kernels each cycle (NVDLA, Rockchip, Ethos-U class).
struct Config {
  Hertz clock{1e9};
  int input_lanes{32};
  int output_lanes{32};
  std::vector<Rate> rates{{DType::int8, OpsPerCycle(1024)}};
  int depthwise_channels{32};
  bool channel_packing{true};
  int channel_alignment{16};
  Bytes buffer{384 * 1024};
  Bytes accumulator{128 * 1024};
  int weight_reuse{16};
  int post_elements{16};
  Cycles tile_overhead{64};
  Seconds launch{6e-6};
  std::vector<OpClass> classes{OpClass::conv, OpClass::depthwise_conv, OpClass::matrix,       OpClass::vector_matrix,
                               OpClass::pool, OpClass::elementwise,    OpClass::data_movement};
  std::vector<std::string> refused{};
  double volts{0.75};
  Watts leakage{0.02};
  Watts clock_power{0.05};
  dma::Config dma{};

  template <class V>
  void visit(V& v) {
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
    v.field(
        "buffer", buffer,
        {.doc = "Convolution buffer for inputs and weights, both halves.", .min = Bytes(1024), .max = Bytes(1 << 30)});
    v.field("accumulator", accumulator,
            {.doc = "Partial sums, 4 bytes each, both halves.", .min = Bytes(256), .max = Bytes(1 << 28)});
    v.field("weight_reuse", weight_reuse,
            {.doc = "Positions for which the array keeps its weights.", .min = 1, .max = 65536});
    v.field("post_elements", post_elements,
            {.doc = "Elements per cycle of the post-processing unit (pool, elementwise, activation).",
             .min = 1,
             .max = 65536});
    v.field("tile_overhead", tile_overhead,
            {.doc = "Pipeline fill and drain per tile.", .min = Cycles(0), .max = Cycles(1000000)});
    v.field("launch", launch,
            {.doc = "Driver and register set-up per operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("classes", classes, {.doc = "Operator classes that it runs."});
    v.field("refused", refused, {.doc = "Operators of those classes that it does not run, by name (\"softmax\")."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("clock_power", clock_power,
            {.doc = "Clock tree and control while the array is busy.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("dma", dma, {.doc = "Its port to memory."});
  }

  void validate() const {
    if (rates.empty()) throw std::invalid_argument("rates is empty; name at least one number format");
    refuse_repeated(rates, "rates");
    if (rates.front().macs.count() != std::int64_t{input_lanes} * output_lanes) {
      throw std::invalid_argument("rates[0].macs is " + std::to_string(rates.front().macs.count()) +
                                  ", but input_lanes x output_lanes is " +
                                  std::to_string(std::int64_t{input_lanes} * output_lanes) + "; make them equal");
    }
  }
};

}  // namespace chipcast::npu

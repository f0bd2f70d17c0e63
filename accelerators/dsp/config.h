// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/dma/config.h"
#include "sim/config/field.h"
#include "workloads/format_list.h"
#include "workloads/op_description.h"

namespace chipcast::dsp {

/// What an operation of a packet needs.
enum class Unit { load, store, multiply, alu };
constexpr std::array<std::pair<Unit, std::string_view>, 4> enum_names(Unit) {
  return {{{Unit::load, "load"}, {Unit::store, "store"}, {Unit::multiply, "multiply"}, {Unit::alu, "alu"}}};
}

/// One slot of a VLIW packet.
struct Slot {
  std::vector<Unit> issues{Unit::alu};

  template <class V>
  void visit(V& v) {
    v.field("issues", issues, {.doc = "Operations that may stand here; one of them a packet.", .required = true});
  }
  bool can(Unit unit) const { return std::find(issues.begin(), issues.end(), unit) != issues.end(); }
};

/// One multiply operation in a number format: `lanes` results, each the sum of `depth` products.
struct Rate {
  DType dtype{DType::int8};
  int lanes{32};
  int depth{4};
  int slots{1};
  int lane_bits{8};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format of both operands.", .required = true});
    v.field("lanes", lanes, {.doc = "Results of one multiply operation.", .min = 1, .max = 4096, .required = true});
    v.field("depth", depth, {.doc = "Products that are summed in each.", .min = 1, .max = 256, .required = true});
    v.field("slots", slots, {.doc = "Multiply slots that it takes.", .min = 1, .max = 16});
    v.field("lane_bits", lane_bits,
            {.doc = "Bits of an operand in a register; wider than the format where it is unpacked first.",
             .min = 1,
             .max = 64,
             .required = true});
  }
};

/// A matrix unit's multiply-accumulates per cycle in a format.
struct MatrixRate {
  DType dtype{DType::int8};
  OpsPerCycle macs{4096};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format of both operands.", .required = true});
    v.field("macs", macs, {.doc = "Peak.", .min = OpsPerCycle(1), .max = OpsPerCycle(1 << 24), .required = true});
  }
};

/// A matrix unit beside the vector contexts (HMX): a patch of positions x input channels x output channels a step.
struct MatrixUnit {
  std::vector<MatrixRate> rates{{DType::int8, OpsPerCycle(4096)}};
  int patch_rows{8}, patch_columns{8};
  int in_channels{32}, out_channels{32};
  int results{256};

  template <class V>
  void visit(V& v) {
    v.field("rates", rates, {.doc = "Number formats that it runs."});
    v.field("patch_rows", patch_rows, {.doc = "Rows of a patch of positions.", .min = 1, .max = 1024});
    v.field("patch_columns", patch_columns, {.doc = "Columns of it.", .min = 1, .max = 1024});
    v.field("in_channels", in_channels, {.doc = "Input channels of a step.", .min = 1, .max = 4096});
    v.field("out_channels", out_channels, {.doc = "Output channels of a step.", .min = 1, .max = 4096});
    v.field("results", results,
            {.doc = "Finished results that it scales, rounds and writes per cycle.", .min = 1, .max = 65536});
  }
  void validate() const {
    if (rates.empty()) throw std::invalid_argument("rates is empty; name a number format or leave the unit out");
    refuse_repeated(rates, "rates");
  }
};

/// A digital signal processor: VLIW packets on vector contexts, a scratchpad (or a cache used as one) filled by a DMA.
struct Config {
  Hertz clock{1e9};
  int threads{4}, contexts{2};
  int thread_interval{1};
  std::vector<Slot> slots{{{Unit::store, Unit::alu}},
                          {{Unit::load, Unit::alu}},
                          {{Unit::multiply, Unit::alu}},
                          {{Unit::multiply, Unit::alu}}};
  Bytes vector{128}, broadcast{8};
  int registers{32};
  std::vector<Rate> rates{{DType::int8, 32, 4, 1, 8}, {DType::int16, 32, 2, 2, 16}};
  std::optional<MatrixUnit> matrix{};
  int loop_fill{8};
  int rescale_multiplies{2}, rescale_alu{5}, unpack_alu{2};
  Bytes tcm{std::int64_t{512} * 1024};
  bool keeps_activations{true};
  Cycles tile_overhead{200};
  Seconds call{100e-6}, operator_overhead{5e-6};
  std::vector<OpClass> classes{OpClass::conv,          OpClass::depthwise_conv, OpClass::matrix,
                               OpClass::vector_matrix, OpClass::pool,           OpClass::elementwise,
                               OpClass::reduction,     OpClass::data_movement,  OpClass::recurrent};
  std::vector<std::string> refused{};
  double volts{0.8};
  JoulesPerCycle packet_energy{20e-12};
  Watts leakage{0.01}, clock_power{0.02};
  dma::Config dma{};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Packets per second of one context.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("threads", threads, {.doc = "Hardware threads.", .min = 1, .max = 64});
    v.field("contexts", contexts,
            {.doc = "Sets of vector units that threads share; each takes a packet a cycle.", .min = 1, .max = 64});
    v.field("thread_interval", thread_interval,
            {.doc = "Cycles between two packets of one thread: the depth of a barrel (interleaved threads); 1: none.",
             .min = 1,
             .max = 64});
    v.field("slots", slots, {.doc = "What the slots of a packet issue."});
    v.field("vector", vector,
            {.doc = "A vector register, and what one load brings.", .min = Bytes(4), .max = Bytes(1024)});
    v.field("broadcast", broadcast,
            {.doc = "What one load brings of an operand that all lanes share.", .min = Bytes(1), .max = Bytes(1024)});
    v.field("registers", registers, {.doc = "Vector registers of a context.", .min = 4, .max = 256});
    v.field("rates", rates, {.doc = "Multiply operations by number format; others are refused."});
    v.field("matrix", matrix, {.doc = "Matrix unit beside the contexts, shared by all threads; none by default."});
    v.field(
        "loop_fill", loop_fill,
        {.doc = "Packets until an inner loop's pipeline is full, and after it to empty it.", .min = 0, .max = 1000});
    v.field("rescale_multiplies", rescale_multiplies,
            {.doc = "Multiplies that bring a vector of 32-bit sums to an integer format.", .min = 0, .max = 64});
    v.field("rescale_alu", rescale_alu,
            {.doc = "Other operations of that: bias, shift, round, offset, saturate and pack.", .min = 0, .max = 256});
    v.field(
        "unpack_alu", unpack_alu,
        {.doc = "Operations that spread a vector's worth of int4 over int8 lanes (shift or mask, sign), or pack it.",
         .min = 0,
         .max = 64});
    v.field("tcm", tcm,
            {.doc = "Tightly coupled memory (VTCM), or the second cache where there is none.",
             .min = Bytes(1024),
             .max = Bytes(1 << 30)});
    v.field("keeps_activations", keeps_activations,
            {.doc = "Half of it keeps activations from one operator to the next."});
    v.field("tile_overhead", tile_overhead,
            {.doc = "Starting a DMA, waking and joining threads, per tile.", .min = Cycles(0), .max = Cycles(1000000)});
    v.field(
        "call", call,
        {.doc =
             "The host's call: paid before the first operator that runs here; a platform's `handoff` is paid inside.",
         .min = Seconds(0.0),
         .max = Seconds(1.0)});
    v.field("operator_overhead", operator_overhead,
            {.doc = "The DSP's own dispatch of an operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("classes", classes, {.doc = "Operator classes that it runs."});
    v.field("refused", refused, {.doc = "Operators of those classes that it does not run, by name (\"softmax\")."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("packet_energy", packet_energy,
            {.doc = "Fetching, decoding and issuing a packet, at the technology's nominal voltage.",
             .min = JoulesPerCycle(0.0),
             .max = JoulesPerCycle(1e-6)});
    v.field("leakage", leakage, {.doc = "Static power.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("clock_power", clock_power,
            {.doc = "Clock tree and control while it computes.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("dma", dma, {.doc = "Its port to memory."});
  }

  void validate() const {
    if (rates.empty()) throw std::invalid_argument("rates is empty; name at least one number format");
    refuse_repeated(rates, "rates");
    for (const auto& [unit, name] : enum_names(Unit{})) {
      if (std::none_of(slots.begin(), slots.end(), [u = unit](const Slot& slot) { return slot.can(u); })) {
        throw std::invalid_argument("slots has none that issues " + std::string(name) + "; every kind needs one");
      }
    }
    for (const Rate& rate : rates) {
      const auto multipliers =
          std::count_if(slots.begin(), slots.end(), [](const Slot& slot) { return slot.can(Unit::multiply); });
      if (rate.slots > multipliers) {
        throw std::invalid_argument("rates takes " + std::to_string(rate.slots) + " multiply slots for " +
                                    std::string(name_of(rate.dtype)) + ", but only " + std::to_string(multipliers) +
                                    " slots multiply");
      }
      if (rate.lane_bits > vector.count() * 8) {
        throw std::invalid_argument("rates has lane_bits of " + std::to_string(rate.lane_bits) + " for " +
                                    std::string(name_of(rate.dtype)) + ", more than a vector's " +
                                    std::to_string(vector.count() * 8));
      }
    }
  }
};

}  // namespace chipcast::dsp

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <stdexcept>
#include <vector>

#include "accelerators/config_lists.h"
#include "models/dma/config.h"
#include "sim/config/field.h"
#include "workloads/format_list.h"
#include "workloads/op_description.h"

namespace chipcast::systolic {

/// Which operand stays in the cells while the others pass: the weights, the inputs, or the results.
enum class Dataflow { ws, os, is };
constexpr std::array<std::pair<Dataflow, std::string_view>, 3> enum_names(Dataflow) {
  return {{{Dataflow::ws, "ws"}, {Dataflow::os, "os"}, {Dataflow::is, "is"}}};
}

/// Where partial sums of one fold wait for those of the next (weights or inputs stationary).
enum class PartialSums { accumulate, chunk, write_out };
constexpr std::array<std::pair<PartialSums, std::string_view>, 3> enum_names(PartialSums) {
  return {
      {{PartialSums::accumulate, "accumulate"}, {PartialSums::chunk, "chunk"}, {PartialSums::write_out, "write_out"}}};
}

enum class Partition { best, pixels, filters };
constexpr std::array<std::pair<Partition, std::string_view>, 3> enum_names(Partition) {
  return {{{Partition::best, "best"}, {Partition::pixels, "pixels"}, {Partition::filters, "filters"}}};
}

enum class ZeroSkipping { none, gate, skip };
constexpr std::array<std::pair<ZeroSkipping, std::string_view>, 3> enum_names(ZeroSkipping) {
  return {{{ZeroSkipping::none, "none"}, {ZeroSkipping::gate, "gate"}, {ZeroSkipping::skip, "skip"}}};
}

/// A number format that the cells multiply.
struct Format {
  DType dtype{DType::int8};
  double rate{1.0};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype,
            {.doc = "Number format of both operands; int8 stands for uint8 and int7 too, int4 for uint4.",
             .required = true});
    v.field("rate", rate,
            {.doc = "Multiply-accumulates per cell and cycle: 2 where narrow words are packed, 0.25 where wide ones "
                    "take four passes.",
             .min = 1.0 / 64,
             .max = 64.0});
  }
};

/// Structured sparsity of constant weights and zeros in the values, as declared: values are never read.
struct Sparsity {
  int kept{1}, of{1};
  double zero_inputs{0.0}, zero_weights{0.0};
  ZeroSkipping zeros{ZeroSkipping::none};

  template <class V>
  void visit(V& v) {
    v.field("kept", kept,
            {.doc = "N of N:M: so many constant weights of each group may differ from zero; operands that are "
                    "computed are dense.",
             .min = 1,
             .max = 64});
    v.field("of", of, {.doc = "M of N:M: size of a group along the reduction; N = M is dense.", .min = 1, .max = 64});
    v.field("zero_inputs", zero_inputs, {.doc = "Share of inputs that are zero.", .min = 0.0, .max = 1.0});
    v.field("zero_weights", zero_weights,
            {.doc = "Share of constant weights that are zero, beside the structured ones.", .min = 0.0, .max = 1.0});
    v.field("zeros", zeros,
            {.doc = "What a zero operand saves: nothing; the energy of its multiply-accumulate (gate); or also its "
                    "cycle, where it passes the operand that stays (skip: not with results stationary)."});
  }

  double kept_share() const { return static_cast<double>(kept) / of; }
  /// Bits that say where in its group a stored weight belongs.
  int index_bits() const { return kept == of ? 0 : static_cast<int>(std::bit_width(static_cast<unsigned>(of - 1))); }

  void validate() const {
    if (kept > of) {
      throw std::invalid_argument("kept is " + std::to_string(kept) + ", more than the " + std::to_string(of) +
                                  " weights of a group; give at most that many");
    }
  }
};

/// A systolic array of multiply-accumulate cells (TPU and SCALE-Sim class). Its buffers are double: one half is
/// worked on while the other is filled or emptied.
struct Config {
  Hertz clock{1e9};
  int rows{32};
  int columns{32};
  Dataflow dataflow{Dataflow::ws};
  bool overlap_folds{false};
  Bytes ifmap_buffer{256 * 1024};
  Bytes filter_buffer{256 * 1024};
  Bytes ofmap_buffer{4 * 1024 * 1024};
  PartialSums partial_sums{PartialSums::accumulate};
  int partial_bytes{4};
  Bytes resident{0};
  std::vector<Format> formats{{DType::int8, 1.0}, {DType::int4, 1.0}, {DType::binary, 1.0}, {DType::int16, 1.0},
                              {DType::fp16, 1.0}, {DType::bf16, 1.0}, {DType::fp32, 1.0}};
  int cores{1};
  Partition partition{Partition::best};
  Sparsity sparsity{};
  int vector_lanes{32};
  Seconds launch{0.0};
  std::vector<OpClass> classes{OpClass::conv,          OpClass::depthwise_conv, OpClass::matrix,
                               OpClass::vector_matrix, OpClass::pool,           OpClass::elementwise,
                               OpClass::reduction,     OpClass::data_movement,  OpClass::recurrent};
  double volts{0.75};
  Watts leakage{0.02};
  Watts clock_power{0.05};
  dma::Config dma{};
  dma::Config store_dma{};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Clock of the array and its buffers.", .min = Hertz(1e6), .max = Hertz(5e9)});
    v.field("rows", rows, {.doc = "Rows of cells of one core.", .min = 1, .max = 4096});
    v.field("columns", columns, {.doc = "Columns of cells of one core.", .min = 1, .max = 4096});
    v.field("dataflow", dataflow,
            {.doc = "What stays in the cells: weights (ws), results (os) or inputs (is) stationary."});
    v.field("overlap_folds", overlap_folds,
            {.doc = "The next fold enters while the last one leaves (shadow registers in the cells): one fill and "
                    "drain per operator. Otherwise each fold fills and drains by itself, as SCALE-Sim counts."});
    v.field("ifmap_buffer", ifmap_buffer,
            {.doc = "SRAM for inputs, both halves, of one core.", .min = Bytes(256), .max = Bytes(1 << 30)});
    v.field("filter_buffer", filter_buffer,
            {.doc = "SRAM for weights, both halves, of one core.", .min = Bytes(256), .max = Bytes(1 << 30)});
    v.field("ofmap_buffer", ofmap_buffer,
            {.doc = "SRAM for results and partial sums, both halves, of one core.",
             .min = Bytes(256),
             .max = Bytes(1 << 30)});
    v.field(
        "partial_sums", partial_sums,
        {.doc = "They are added up in the ofmap buffer and spill, to the unified buffer or to memory, where they do "
                "not fit one half (accumulate); the stream is cut so that they always fit (chunk); or every fold "
                "writes its own "
                "to memory and none are read back, as SCALE-Sim counts (write_out)."});
    v.field("partial_bytes", partial_bytes, {.doc = "Width of a partial sum.", .min = 1, .max = 16});
    v.field(
        "resident", resident,
        {.doc = "Activations stay on the chip between operators up to this (a unified buffer), and partial sums that "
                "spill where there is room beside them; 0: each goes to memory and comes back.",
         .min = Bytes(0),
         .max = Bytes(std::int64_t{1} << 34)});
    v.field("formats", formats, {.doc = "Number formats that the cells multiply."});
    v.field("cores", cores, {.doc = "Equal arrays that share an operator.", .min = 1, .max = 4096});
    v.field("partition", partition,
            {.doc = "How cores share it: output positions, filters, or whichever takes less time. Groups of a "
                    "convolution run side by side where that is faster."});
    v.field("sparsity", sparsity, {.doc = "Zeros that it makes use of."});
    v.field("vector_lanes", vector_lanes,
            {.doc = "Elements per cycle of the vector unit of one core (pool, elementwise, softmax, data movement).",
             .min = 1,
             .max = 65536});
    v.field("launch", launch,
            {.doc = "Driver and command fetch per operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("classes", classes, {.doc = "Operator classes that it runs."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("leakage", leakage, {.doc = "Static power of all cores.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field(
        "clock_power", clock_power,
        {.doc = "Clock tree and control while the array is busy, all cores.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("dma", dma, {.doc = "What loads inputs and weights."});
    v.field("store_dma", store_dma, {.doc = "What stores results."});
  }

  void validate() const {
    if (formats.empty()) throw std::invalid_argument("formats is empty; name at least one number format");
    refuse_repeated(formats, "formats");
    for (const Format& format : formats) check_multiplied(format.dtype, "formats");
    check_names(classes, "classes", "operator class");
    if (dataflow == Dataflow::os && sparsity.zeros == ZeroSkipping::skip) {
      throw std::invalid_argument(
          "sparsity.zeros is skip, but with dataflow os both operands pass in lock step; "
          "use gate, or dataflow ws or is");
    }
  }
};

}  // namespace chipcast::systolic

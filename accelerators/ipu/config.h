// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <vector>

#include "models/dma/config.h"
#include "sim/config/field.h"
#include "workloads/tensor.h"

namespace chipcast::ipu {

/// Accumulating matrix product (AMP) units of a tile for one pair of formats. A unit holds 32 bytes of weights (8 fp32,
/// 16 fp16) and takes a position of the input every 8 (fp32) or 4 (fp16) cycles, so that a tile multiplies
/// units x 1 (fp32) or units x 4 (fp16) times a cycle.
struct ConvUnits {
  DType dtype{DType::fp16}, partials{DType::fp32};
  int units{8};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Format of both operands: fp16 or fp32.", .required = true});
    v.field("partials", partials, {.doc = "Format of sums: FP16.32 or FP16.16; fp32 for fp32.", .required = true});
    v.field("units", units, {.doc = "Units that work at a time.", .min = 1, .max = 64, .required = true});
  }
};

/// Links between chips, a ladder of pairs: 0-1, 2-3, ... are pairs, 0-2-4-... and 1-3-5-... the rails.
struct Links {
  int pair{4}, cross{2}, rail{2};
  BytesPerSecond bandwidth{16e9};
  double efficiency{0.85};
  Seconds sync_hop{15e-9};
  JoulesPerByte energy{40e-12};

  template <class V>
  void visit(V& v) {
    v.field("pair", pair, {.doc = "Links between the chips of a pair.", .min = 1, .max = 64, .source = "I4"});
    v.field("cross", cross,
            {.doc = "Links of a pair for what goes on along the other rail.", .min = 1, .max = 64, .source = "I4"});
    v.field("rail", rail, {.doc = "Links to each neighbouring pair.", .min = 1, .max = 64, .source = "I4"});
    v.field("bandwidth", bandwidth,
            {.doc = "Of a link, each way.", .min = BytesPerSecond(1e6), .max = BytesPerSecond(1e13), .source = "I4"});
    v.field("efficiency", efficiency, {.doc = "Share that carries data.", .min = 0.01, .max = 1.0, .source = "I4"});
    v.field("sync_hop", sync_hop,
            {.doc = "Sync between chips, per hop and way.", .min = Seconds(0.0), .max = Seconds(1e-3), .source = "I4"});
    v.field("energy", energy, {.doc = "Per byte over a link.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
  }
};

/// Weights of which whole blocks are zero; products with parameters skip them.
struct Sparsity {
  double density{1.0};
  int block{16};

  template <class V>
  void visit(V& v) {
    v.field("density", density, {.doc = "Share of blocks that are not zero; 1: dense.", .min = 1e-4, .max = 1.0});
    v.field("block", block, {.doc = "Rows and columns of a block.", .min = 1, .max = 256});
  }
};

/// Processors (tiles) with local memory only, that compute, wait for each other and exchange, in supersteps.
struct Config {
  int tiles{1216};
  int threads{6};
  Hertz clock{1.6e9};
  Bytes sram{256 * 1024};
  Bytes program{24 * 1024};
  double temporary{0.6};
  std::vector<ConvUnits> conv_units{
      {DType::fp32, DType::fp32, 8}, {DType::fp16, DType::fp32, 8}, {DType::fp16, DType::fp16, 8}};
  DType partials{DType::fp32};
  bool stochastic_rounding{false};
  BytesPerCycle coefficient_load{8}, sram_read{16}, sram_write{8}, exchange{4};
  int exchange_sharing{2};
  Cycles internal_sync{150};
  int chips{1};
  Links links{};
  bool shard_parameters{false};
  Sparsity sparsity{};
  double volts{0.85};
  Watts leakage{25.0};
  JoulesPerCycle clock_energy{10e-12};
  double exchange_mm{14.0};
  dma::Config host_link{.outstanding = 64, .burst = Bytes(256), .chunk = Bytes(16384), .port = BytesPerSecond(31.5e9)};

  template <class V>
  void visit(V& v) {
    v.field("tiles", tiles, {.doc = "Of one chip.", .min = 1, .max = 65536, .source = "I1"});
    v.field("threads", threads,
            {.doc = "Workers of a tile; each issues every so many cycles.", .min = 1, .max = 64, .source = "I1"});
    v.field("clock", clock, {.doc = "Of tiles and exchange.", .min = Hertz(1e6), .max = Hertz(5e9), .source = "I1"});
    v.field("sram", sram, {.doc = "Memory of one tile.", .min = Bytes(4096), .max = Bytes(1 << 30), .source = "I1"});
    v.field("program", program,
            {.doc = "Code, exchange code and stacks in each tile's memory.", .min = Bytes(0), .max = Bytes(1 << 28)});
    v.field("temporary", temporary,
            {.doc = "Share of a tile's memory that one product may use for what it receives and sums up.",
             .min = 0.01,
             .max = 1.0,
             .source = "I6"});
    v.field("conv_units", conv_units,
            {.doc = "Matrix units by format; other formats multiply no matrices.", .source = "I2"});
    v.field("partials", partials, {.doc = "Format in which products of fp16 are summed up: fp32 or fp16."});
    v.field("stochastic_rounding", stochastic_rounding,
            {.doc = "Results are rounded to fp16 at random: no time, one random number each."});
    v.field("coefficient_load", coefficient_load,
            {.doc = "Weights into the units: 8 (ld64) or 16 (ld128).",
             .min = BytesPerCycle(1),
             .max = BytesPerCycle(256),
             .source = "I2"});
    v.field("sram_read", sram_read,
            {.doc = "A tile reads.", .min = BytesPerCycle(1), .max = BytesPerCycle(1024), .source = "I3"});
    v.field("sram_write", sram_write,
            {.doc = "A tile writes, or copies.", .min = BytesPerCycle(1), .max = BytesPerCycle(1024), .source = "I3"});
    v.field("exchange", exchange,
            {.doc = "A tile receives.", .min = BytesPerCycle(1), .max = BytesPerCycle(1024), .source = "I3"});
    v.field("exchange_sharing", exchange_sharing,
            {.doc = "Neighbours that share a bus: what all of them want, each receives so many times faster.",
             .min = 1,
             .max = 16,
             .source = "I5"});
    v.field("internal_sync", internal_sync,
            {.doc = "All tiles of a chip wait for each other.", .min = Cycles(0), .max = Cycles(1000000)});
    v.field("chips", chips, {.doc = "One, or pairs of chips.", .min = 1, .max = 64});
    v.field("links", links, {.doc = "Between chips."});
    v.field("shard_parameters", shard_parameters,
            {.doc = "Each chip keeps its share of the parameters and fetches the others; otherwise each keeps all."});
    v.field("sparsity", sparsity, {.doc = "Of weights."});
    v.field("volts", volts, {.doc = "Supply.", .min = 0.3, .max = 5.0});
    v.field("leakage", leakage, {.doc = "Static power of a chip.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("clock_energy", clock_energy,
            {.doc = "Clock and instruction issue of a tile per cycle.",
             .min = JoulesPerCycle(0.0),
             .max = JoulesPerCycle(1e-6)});
    v.field("exchange_mm", exchange_mm, {.doc = "Mean way of a byte over the chip.", .min = 0.0, .max = 100.0});
    v.field("host_link", host_link, {.doc = "To the host or the streaming memory."});
  }

  void validate() const;
};

}  // namespace chipcast::ipu

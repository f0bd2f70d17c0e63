// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/config/field.h"

namespace chipcast::technology {

/// Silicon that things take, square micrometres. Arithmetic is bare: its pipeline registers count as registers.
struct Area {
  double mac_int4{9.63}, mac_int8{29.3}, mac_int16{88.6}, mac_fp16{210.0}, mac_bf16{134.0}, mac_fp32{832.0};
  double register_bit{0.419};
  double sram_cell{0.0265}, sram_efficiency{0.6};

  template <class V>
  void visit(V& v) {
    const auto square_micrometres = [&v](const char* name, double& value, const char* doc) {
      v.field(name, value, {.doc = doc, .min = 0.0, .max = 1e9, .source = "T7"});
    };
    square_micrometres("mac_int4", mac_int4, "8-bit multiplier / 4, 16-bit adder, um2.");
    square_micrometres("mac_int8", mac_int8, "8-bit multiplier, 32-bit adder, um2.");
    square_micrometres("mac_int16", mac_int16, "16-bit multiplier, 32-bit adder, um2.");
    square_micrometres("mac_fp16", mac_fp16, "fp16 multiplier and adder, um2.");
    square_micrometres("mac_bf16", mac_bf16, "bf16 multiplier and adder, um2.");
    square_micrometres("mac_fp32", mac_fp32, "fp32 multiplier and adder, um2.");
    square_micrometres("register_bit", register_bit, "One bit of a register, um2.");
    square_micrometres("sram_cell", sram_cell, "One bit cell of an SRAM, um2.");
    v.field("sram_efficiency", sram_efficiency,
            {.doc = "Share of an SRAM that is bit cells.", .min = 0.01, .max = 1.0, .source = "T7"});
  }
};

/// Energy of the basic operations of a process at its nominal voltage. Dynamic energy scales with V^2.
struct Config {
  std::string name{"7 nm"};
  double nominal_volts{0.75};
  JoulesPerOp mac_int4{32e-15}, mac_int8{100e-15}, mac_int16{310e-15}, mac_fp16{500e-15}, mac_bf16{320e-15},
      mac_fp32{1690e-15};
  JoulesPerOp element_op{30e-15};
  JoulesPerByte sram_base{0.125e-12}, sram_per_sqrt_kib{0.0229e-12};
  double sram_narrow{4.0};
  JoulesPerByte register_byte{0.0277e-12};
  JoulesPerByte wire_per_mm{0.92e-12};
  JoulesPerByte dram_phy{12e-12};
  double leakage_celsius{25.0}, leakage_doubling{12.5};
  double dibl{0.05}, subthreshold_swing{0.07};
  double logic_leakage_mw_per_mm2{9.75}, sram_leakage_mw_per_mib{0.54};
  Area area{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Process, for people."});
    v.field("nominal_volts", nominal_volts, {.doc = "Voltage at which the energies hold.", .min = 0.3, .max = 5.0});
    v.field("mac_int4", mac_int4,
            {.doc = "4-bit multiply, 16-bit add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("mac_int8", mac_int8,
            {.doc = "8-bit multiply, 32-bit add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("mac_int16", mac_int16,
            {.doc = "16-bit multiply, 32-bit add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("mac_fp16", mac_fp16,
            {.doc = "fp16 multiply and add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("mac_bf16", mac_bf16,
            {.doc = "bf16 multiply and add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("mac_fp32", mac_fp32,
            {.doc = "fp32 multiply and add.", .min = JoulesPerOp(0.0), .max = JoulesPerOp(1e-6), .source = "T1"});
    v.field("element_op", element_op,
            {.doc = "One element of a post-processing unit (add, compare, look-up).",
             .min = JoulesPerOp(0.0),
             .max = JoulesPerOp(1e-6),
             .source = "T2"});
    v.field("sram_base", sram_base,
            {.doc = "Wide-port SRAM read or write, part that does not depend on size.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6),
             .source = "T3"});
    v.field("sram_per_sqrt_kib", sram_per_sqrt_kib,
            {.doc = "Wide-port SRAM, part that grows with the root of the capacity in KiB.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6),
             .source = "T3"});
    v.field("sram_narrow", sram_narrow,
            {.doc = "What a bit costs through a port of 64 bits, over what it costs through one of 512.",
             .min = 1.0,
             .max = 8.0,
             .source = "T3"});
    v.field("register_byte", register_byte,
            {.doc = "Read or write of a byte of registers.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6),
             .source = "T8"});
    v.field("wire_per_mm", wire_per_mm,
            {.doc = "On-chip wire per byte and millimetre.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6),
             .source = "T4"});
    v.field("dram_phy", dram_phy,
            {.doc = "Memory controller and PHY on the die.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6),
             .source = "T5"});
    v.field("leakage_celsius", leakage_celsius,
            {.doc = "Temperature at which leakage is stated, degrees Celsius.",
             .min = -60.0,
             .max = 150.0,
             .source = "T6"});
    v.field("leakage_doubling", leakage_doubling,
            {.doc = "Warming that doubles leakage, K.", .min = 1.0, .max = 100.0, .source = "T6"});
    v.field("dibl", dibl,
            {.doc = "Drain-induced barrier lowering: fall of the threshold voltage per volt of supply.",
             .min = 0.0,
             .max = 1.0,
             .source = "T6"});
    v.field("subthreshold_swing", subthreshold_swing,
            {.doc = "Gate voltage that changes the leakage tenfold, V.", .min = 0.02, .max = 1.0, .source = "T6"});
    v.field("logic_leakage_mw_per_mm2", logic_leakage_mw_per_mm2,
            {.doc = "Leakage of logic at nominal voltage, mW/mm2.", .min = 0.0, .max = 1e6, .source = "T6"});
    v.field("sram_leakage_mw_per_mib", sram_leakage_mw_per_mib,
            {.doc = "Leakage of SRAM at nominal voltage, mW/MiB.", .min = 0.0, .max = 1e6, .source = "T6"});
    v.field("area", area, {.doc = "Silicon that things take."});
  }
};

}  // namespace chipcast::technology

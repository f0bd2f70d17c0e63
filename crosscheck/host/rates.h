// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "crosscheck/host/timing.h"

namespace chipcast::crosscheck {

/// Peaks of one core with one instruction set, multiply-accumulates and bytes per cycle of the scalar clock.
struct TargetRates {
  std::string target;              ///< "AVX3_DL"
  double fp32 = 0.0;               ///< fused multiply-add, or multiply and add where there is none
  double int8 = 0.0;               ///< u8 x s8 summed to int32: dot products, or pairwise products where there are none
  double int16 = 0.0;              ///< s16 x s16 summed to int32
  double vector = 0.0;             ///< bytes that independent additions of fp32 take in
  double load = 0.0, store = 0.0;  ///< bytes from and to the first cache

  template <class V>
  void visit(V& v) {
    v.field("target", target, {.doc = "Instruction set."});
    v.field("fp32", fp32, {.doc = "Multiply-accumulates of fp32 per cycle."});
    v.field("int8", int8, {.doc = "Multiply-accumulates of u8 by s8 per cycle."});
    v.field("int16", int16, {.doc = "Multiply-accumulates of int16 per cycle."});
    v.field("vector", vector, {.doc = "Bytes per cycle in elementwise additions held in registers."});
    v.field("load", load, {.doc = "Bytes loaded per cycle from the first cache."});
    v.field("store", store, {.doc = "Bytes stored per cycle to the first cache."});
  }
};

/// For every instruction set that kernels exist for here, best first. Changes kernels::limit_target while it measures.
std::vector<TargetRates> measure_rates(Hertz clock, const Effort& effort = {});

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "accelerators/config_rounding.h"
#include "sim/config/field.h"
#include "workloads/op_description.h"

/// The number formats in which a device computes an operator.
namespace chipcast {

/// What products are added up in.
struct Sums {
  bool floating{false};
  int bits{32};
  std::optional<int> partial_bits{};

  template <class V>
  void visit(V& v) {
    v.field("floating", floating, {.doc = "Floating point instead of integers."});
    v.field("bits", bits, {.doc = "Width of a sum.", .min = 8, .max = 128});
    v.field("partial_bits", partial_bits,
            {.doc = "Width in which a few products are added up before they join the sum; none: they join at once."});
  }
  friend bool operator==(const Sums&, const Sums&) = default;
};

struct Arithmetic {
  DType data{DType::fp32};
  std::optional<DType> weights{};
  std::optional<Sums> sums{};
  Rounding rounding{Rounding::nearest_even};

  template <class V>
  void visit(V& v) {
    v.field("data", data, {.doc = "Format of the data operands in the arithmetic."});
    v.field("weights", weights, {.doc = "Format of the other factor; none without products."});
    v.field("sums", sums, {.doc = "What products are added up in; none without products."});
    v.field("rounding", rounding, {.doc = "How results are brought into the format that they are stored in."});
  }
  friend bool operator==(const Arithmetic&, const Arithmetic&) = default;
};

/// Sums that lose nothing for integers and are IEEE's next wider format for 16-bit floats: fp32 for fp16, bf16 and
/// fp32, 64 bits for 16-bit integers as in TFLite's 16x8 kernels, 32 bits for narrower ones.
Sums default_sums(DType data);

/// What holds where a device says nothing else: the operator's own formats; nearest even for floats, TFLite's rounding
/// for quantised integers, none for operators that only move data and for counts and indices (int32, int64, bool).
Arithmetic default_arithmetic(const OpDescription& op);

/// The same with the formats in which the device computes: `data` for data, `weights` for the other factor.
Arithmetic default_arithmetic(const OpDescription& op, DType data, DType weights);

/// "int8 x int8 -> int32, TFLite rounding"; "fp16, nearest even"; "int8, exact".
std::string to_text(const Arithmetic& arithmetic);

}  // namespace chipcast

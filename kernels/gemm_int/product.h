// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/array.h"
#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/store.h"

/// What products and convolutions of integers share: packed weights, and blocks of rows against all of them.
namespace chipcast::kernels {

/// Weights as N x taps x K per tap, through a stride for each axis.
struct TapWeights {
  DType type{DType::int8};
  const void* values = nullptr;
  std::int64_t first = 0;  ///< element that the strides start from
  std::int64_t outputs = 1, taps = 1, inputs = 1;
  std::int64_t output_stride = 0, tap_stride = 0, input_stride = 0;
  std::vector<std::int32_t> zero_points{0};
};

/// The operand that comes at run time: int8, uint8 or int7.
struct IntActivations {
  DType type{DType::int8};
  std::int32_t zero_point = 0;
  std::int32_t most = 255;  ///< greatest value of uint8, where the caller knows of a smaller one
};

class IntProduct {
 public:
  /// Throws InputError for extents below 1, zero points outside their format's range, lists of another length and
  /// formats without a kernel.
  IntProduct(const TapWeights& weights, IntActivations activations, std::span<const std::int32_t> bias,
             const IntOutput& output);

  /// C's rows for `pointers` (rows x taps; each is read for the tap's inputs, and up to 3 bytes more), columns of the
  /// panels [first, last). Rows of `c` are c_stride elements apart; `c` is that of column 0.
  void run(const std::uint8_t* const* pointers, std::int64_t rows, std::int64_t first_panel, std::int64_t last_panel,
           void* c, std::int64_t c_stride) const;

  std::int64_t outputs() const { return outputs_; }
  std::int64_t inputs() const { return inputs_; }
  std::int64_t taps() const { return taps_; }
  std::int64_t panels() const { return panels_; }
  std::int64_t element_bytes() const { return stage_.element_bytes; }
  /// The byte that stands for zero.
  std::uint8_t zero_byte() const { return static_cast<std::uint8_t>(activations_.zero_point); }
  /// "u8s8_vnni", "u8s8", "int7", "u8s8_narrow", "u8s4", ...
  std::string kernel() const;

 private:
  enum class Kernel { int8, narrow, int4 };
  void pack(const TapWeights& weights, std::span<const std::int32_t> bias);
  std::int32_t pack_column(const TapWeights& weights, std::int64_t n);
  void run_block(const IntBlock& block, std::int64_t first_column, void* c, std::int64_t c_stride) const;
  void subtract_row_terms(const IntBlock& block, std::int64_t first_column) const;

  IntActivations activations_;
  Kernel kernel_{Kernel::int8};
  int steps_ = 0;  ///< of the narrow kernel
  std::int64_t outputs_, taps_, inputs_, quads_, panels_, panel_bytes_ = 0;
  std::uint8_t offset_ = 0;  ///< bytes of A reach the kernels as unsigned ones that are so much more
  Array packed_{};
  bool int7_ = false;                         ///< on both sides
  std::vector<std::int32_t> start_{};         ///< bias and what zero points add, per column
  std::vector<std::int32_t> weight_zeros_{};  ///< per column, as packed; empty where all are zero
  StoreStage stage_;
};

/// How many groups of at most 4 panels there are.
constexpr std::int64_t panel_groups(std::int64_t panels) {
  return (panels * kPanelColumns + kBlockColumns - 1) / kBlockColumns;
}

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/product.h"

#include <algorithm>
#include <cstdlib>

#include "kernels/formats/packing.h"
#include "kernels/simd/targets.h"
#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace {

void check_extents(const TapWeights& weights) {
  if (weights.outputs < 1 || weights.taps < 1 || weights.inputs < 1) {
    throw InputError("weights", "extents " + std::to_string(weights.outputs) + " x " + std::to_string(weights.taps) +
                                    " x " + std::to_string(weights.inputs) + " must all be at least 1");
  }
}

void check_zero_point(const char* place, std::int32_t zero_point, DType type) {
  const IntRange range = int_range(type, place);
  if (zero_point >= range.low && zero_point <= range.high) return;
  throw InputError(place, "zero point " + std::to_string(zero_point) + " is outside [" + std::to_string(range.low) +
                              ", " + std::to_string(range.high) + "] of " + std::string(name_of(type)));
}

void check_formats(const TapWeights& weights, IntActivations activations, std::size_t bias) {
  if (activations.type != DType::int8 && activations.type != DType::uint8 && activations.type != DType::int7) {
    throw InputError("activations", std::string(name_of(activations.type)) +
                                        " has no kernel of integer products (known: int8, uint8, int7)");
  }
  if (weights.type == DType::int16) {
    throw InputError("weights", "int16 has no kernel of integer products (known: int8, uint8, int7, int4, uint4)");
  }
  check_zero_point("activations", activations.zero_point, activations.type);
  for (const std::int32_t zero : weights.zero_points) check_zero_point("weights", zero, weights.type);
  const auto outputs = static_cast<std::size_t>(weights.outputs);
  if (weights.zero_points.size() != 1 && weights.zero_points.size() != outputs) {
    throw InputError("weights", std::to_string(weights.zero_points.size()) +
                                    " zero points; give one, or one for each of " + std::to_string(outputs) +
                                    " outputs");
  }
  if (bias != 0 && bias != outputs) {
    throw InputError("bias", std::to_string(bias) + " entries; give none, or one for each of " +
                                 std::to_string(outputs) + " outputs");
  }
}

// Unsigned weights are packed as signed ones that are so much less.
std::int32_t unsigned_offset(DType type) { return type == DType::uint8 ? 128 : type == DType::uint4 ? 8 : 0; }

std::int32_t zero_point_of(const TapWeights& weights, std::int64_t n) {
  const std::size_t i = weights.zero_points.size() == 1 ? 0 : static_cast<std::size_t>(n);
  return weights.zero_points[i] - unsigned_offset(weights.type);
}

// Bound of the sums' magnitude, factors within 255.
std::int64_t most_sum(const TapWeights& weights, std::span<const std::int32_t> bias) {
  std::int64_t most = 0;
  for (const std::int64_t b : bias) most = std::max(most, std::abs(b));
  return most + weights.taps * weights.inputs * 255 * 255;
}

}  // namespace

IntProduct::IntProduct(const TapWeights& weights, IntActivations activations, std::span<const std::int32_t> bias,
                       const IntOutput& output)
    : activations_(activations),
      outputs_(weights.outputs),
      taps_(weights.taps),
      inputs_(weights.inputs),
      quads_((weights.inputs + kQuad - 1) / kQuad),
      panels_((weights.outputs + kPanelColumns - 1) / kPanelColumns),
      stage_((check_extents(weights), output), weights.outputs, most_sum(weights, bias)) {
  check_formats(weights, activations, bias.size());
  if (bits_of(weights.type) == 4) kernel_ = Kernel::int4;
  int7_ = weights.type == DType::int7 && activations.type == DType::int7;
  offset_ = activations.type == DType::uint8 ? 0 : int7_ ? 64 : 128;
  pack(weights, bias);
}

void IntProduct::pack(const TapWeights& weights, std::span<const std::int32_t> bias) {
  // An int4 panel holds two groups of four inputs in one vector: the even ones in the low halves.
  panel_bytes_ = kernel_ == Kernel::int4 ? (taps_ * quads_ + 1) / 2 * kPanelColumns * kQuad
                                         : taps_ * quads_ * kPanelColumns * kQuad;
  packed_ = Array({{panels_ * panel_bytes_}, DType::int8});
  start_.assign(static_cast<std::size_t>(panels_ * kPanelColumns), 0);
  std::int32_t most = 0;
  for (std::int64_t n = 0; n < outputs_; ++n) {
    most = std::max(most, pack_column(weights, n));
    auto& start = start_[static_cast<std::size_t>(n)];
    const auto b = bias.empty() ? 0U : static_cast<std::uint32_t>(bias[static_cast<std::size_t>(n)]);
    start = static_cast<std::int32_t>(static_cast<std::uint32_t>(start) + b + stage_.raise(n));
  }
  if (kernel_ == Kernel::int4) return;
  const std::int32_t greatest = int7_ ? 127 : activations_.type == DType::uint8 ? activations_.most : 255;
  steps_ = std::min(2, 32767 / std::max(1, 2 * greatest * most));
  if (steps_ > 0) kernel_ = Kernel::narrow;
}

// One column and its constant, K*a0*b0 - a0*sum(b), a0 and b0 as packed. All sums are modulo 2^32. Returns the greatest
// magnitude of its weights.
std::int32_t IntProduct::pack_column(const TapWeights& weights, std::int64_t n) {
  const std::int32_t unsigned_by = unsigned_offset(weights.type);
  auto* panel = packed_.data<std::int8_t>() + n / kPanelColumns * panel_bytes_;
  std::uint32_t sum = 0;
  std::int32_t most = 0;
  for (std::int64_t tap = 0; tap < taps_; ++tap) {
    const std::int64_t from = weights.first + n * weights.output_stride + tap * weights.tap_stride;
    for (std::int64_t k = 0; k < inputs_; ++k) {
      const std::int32_t w = stored_int(weights.type, weights.values, from + k * weights.input_stride) - unsigned_by;
      sum += static_cast<std::uint32_t>(w);
      most = std::max(most, std::abs(w));
      const std::int64_t quad = tap * quads_ + k / kQuad;
      const std::int64_t lane = n % kPanelColumns * kQuad + k % kQuad;
      if (kernel_ == Kernel::int4) {
        auto& byte = panel[quad / 2 * kPanelColumns * kQuad + lane];
        byte = static_cast<std::int8_t>(byte | (w & 0xF) << (quad % 2 * 4));
      } else {
        panel[quad * kPanelColumns * kQuad + lane] = static_cast<std::int8_t>(w);
      }
    }
  }
  const auto a_zero = static_cast<std::uint32_t>(activations_.zero_point + offset_);
  const std::int32_t zero = zero_point_of(weights, n);
  const auto count = static_cast<std::uint32_t>(taps_ * inputs_);
  start_[static_cast<std::size_t>(n)] =
      static_cast<std::int32_t>(count * a_zero * static_cast<std::uint32_t>(zero) - a_zero * sum);
  if (zero != 0) {
    weight_zeros_.resize(start_.size(), 0);
    weight_zeros_[static_cast<std::size_t>(n)] = zero;
  }
  return most;
}

void IntProduct::run(const std::uint8_t* const* pointers, std::int64_t rows, std::int64_t first_panel,
                     std::int64_t last_panel, void* c, std::int64_t c_stride) const {
  alignas(64) std::int32_t sums[kBlockSums];
  const std::int64_t groups = panel_groups(last_panel - first_panel);
  for (std::int64_t group = 0; group < groups; ++group) {
    const std::int64_t panel = first_panel + (last_panel - first_panel) * group / groups;
    const std::int64_t end = first_panel + (last_panel - first_panel) * (group + 1) / groups;
    const std::int64_t most_rows = kBlockSums / ((end - panel) * kPanelColumns);
    const std::int64_t row_blocks = (rows + most_rows - 1) / most_rows;
    for (std::int64_t i = 0; i < row_blocks; ++i) {
      const std::int64_t row = rows * i / row_blocks;
      const IntBlock block{.pointers = pointers + row * taps_,
                           .rows = rows * (i + 1) / row_blocks - row,
                           .taps = taps_,
                           .quads = quads_,
                           .panels = packed_.data<std::int8_t>() + panel * panel_bytes_,
                           .panel_bytes = panel_bytes_,
                           .panel_count = end - panel,
                           .start = start_.data() + panel * kPanelColumns,
                           .flip = offset_,
                           .sums = sums};
      run_block(block, panel * kPanelColumns, static_cast<std::byte*>(c) + row * c_stride * stage_.element_bytes,
                c_stride);
    }
  }
}

void IntProduct::run_block(const IntBlock& block, std::int64_t first_column, void* c, std::int64_t c_stride) const {
  switch (kernel_) {
    case Kernel::int8:
      sum_block_int8(block);
      break;
    case Kernel::narrow:
      sum_block_narrow(block, steps_);
      break;
    case Kernel::int4:
      sum_block_int4(block);
      break;
  }
  if (!weight_zeros_.empty()) subtract_row_terms(block, first_column);
  const std::int64_t columns = std::min(block.panel_count * kPanelColumns, outputs_ - first_column);
  store(stage_, {.sums = block.sums,
                 .sum_stride = block.sum_stride(),
                 .rows = block.rows,
                 .columns = columns,
                 .first = first_column,
                 .c = static_cast<std::byte*>(c) + first_column * stage_.element_bytes,
                 .c_stride = c_stride});
}

// Weights with a zero point b0: less b0 times the sum of the row of A.
void IntProduct::subtract_row_terms(const IntBlock& block, std::int64_t first_column) const {
  for (std::int64_t r = 0; r < block.rows; ++r) {
    std::uint32_t row_sum = 0;
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      const std::uint8_t* a = block.pointers[r * taps_ + tap];
      for (std::int64_t k = 0; k < inputs_; ++k) row_sum += static_cast<std::uint8_t>(a[k] + offset_);
    }
    std::int32_t* sums = block.sums + r * block.sum_stride();
    const std::int32_t* zeros = weight_zeros_.data() + first_column;
    for (std::int64_t n = 0; n < block.panel_count * kPanelColumns; ++n) {
      sums[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[n]) -
                                          row_sum * static_cast<std::uint32_t>(zeros[n]));
    }
  }
}

std::string IntProduct::kernel() const {
  if (int7_) return "int7";
  const std::string format = kernel_ == Kernel::int4 ? "u8s4" : "u8s8";
  if (target() == "AVX3_DL") return format + "_vnni";
  return kernel_ == Kernel::narrow ? format + "_narrow" : format;
}

}  // namespace chipcast::kernels

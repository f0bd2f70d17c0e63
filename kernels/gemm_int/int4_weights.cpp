// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/int4_weights.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/array.h"
#include "kernels/formats/packing.h"
#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/int4_float.h"
#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kTaskRows = 24;
/// Inputs of a group whose sums of int8 products fit 32 bits: 2^31 / (255 * 8), rounded down to a power of two.
constexpr std::int64_t kMostSummed = std::int64_t{1} << 20;
constexpr std::int64_t kOctetBytes = kPanelColumns * kQuad;  // eight inputs of a panel

void check(const Int4Weights& weights, std::size_t bias) {
  if (weights.type != DType::int4 && weights.type != DType::uint4) {
    throw InputError("weights", std::string(name_of(weights.type)) + " is not a 4-bit format (known: int4, uint4)");
  }
  if (weights.inputs < 1 || weights.outputs < 1) {
    throw InputError("weights", std::to_string(weights.outputs) + " x " + std::to_string(weights.inputs) +
                                    " must both be at least 1");
  }
  if (weights.group < 0 || (weights.group % 2 != 0 && weights.group != weights.inputs)) {
    throw InputError("weights.group", std::to_string(weights.group) + " must be even, or all " +
                                          std::to_string(weights.inputs) + " inputs, or 0 for all");
  }
  if (bias != 0 && bias != static_cast<std::size_t>(weights.outputs)) {
    throw InputError("bias", std::to_string(bias) + " entries; give none, or one for each of " +
                                 std::to_string(weights.outputs) + " outputs");
  }
}

}  // namespace

struct Int4Gemm::State {
  std::int64_t inputs, outputs, group, groups, columns, octets, panel_bytes;
  Array packed{};
  // Groups x columns, columns filled up to whole blocks. Zero points and sums of weights are of values in -8 to 7.
  std::vector<float> scales{};
  std::vector<std::int32_t> zeros{}, sums{};
  bool has_zeros = false;
  std::vector<float> bias{};
  Clamp clamp{};

  State(const Int4Weights& w, std::span<const float> b, Clamp limits);
  void pack(const Int4Weights& w, std::int64_t n);
  std::size_t entry(std::int64_t g, std::int64_t n) const { return static_cast<std::size_t>(g * columns + n); }
  std::int64_t length(std::int64_t g) const { return std::min(group, inputs - g * group); }
  void finish(const float* totals, std::int64_t rows, std::int64_t first, std::int64_t count, float* c,
              std::int64_t c_stride) const;
  void add_group(const std::int32_t* products, std::int64_t g, std::int64_t first, const std::int32_t* row_sums,
                 std::int64_t rows, float* totals) const;
  template <class Body>
  void for_blocks(std::int64_t rows, ThreadPool& pool, const Body& body) const;
};

Int4Gemm::State::State(const Int4Weights& w, std::span<const float> b, Clamp limits)
    : inputs(w.inputs),
      outputs(w.outputs),
      group(w.group == 0 ? w.inputs : std::min(w.group, w.inputs)),
      groups((inputs + group - 1) / group),
      columns((outputs + kBlockColumns - 1) / kBlockColumns * kBlockColumns),
      octets((group + 7) / 8),
      panel_bytes(groups * octets * kOctetBytes),
      packed({{columns / kPanelColumns * panel_bytes}, DType::int8}),
      scales(entry(groups, 0)),
      zeros(scales.size()),
      sums(scales.size()),
      bias(b.begin(), b.end()),
      clamp(limits) {
  const auto tables = static_cast<std::size_t>(outputs * groups);
  if (w.scales.size() != tables || (!w.zero_points.empty() && w.zero_points.size() != tables)) {
    throw InputError("weights.scales", std::to_string(w.scales.size()) + " scales and " +
                                           std::to_string(w.zero_points.size()) + " zero points; there must be " +
                                           std::to_string(tables) + " scales, and none or as many zero points");
  }
  if (w.type == DType::int4 && !w.zero_points.empty()) {
    throw InputError("weights.zero_points", "int4 has none; give uint4 weights");
  }
  for (std::int64_t n = 0; n < outputs; ++n) pack(w, n);
}

void Int4Gemm::State::pack(const Int4Weights& w, std::int64_t n) {
  const auto* row = static_cast<const std::uint8_t*>(w.values) + n * ((inputs + 1) / 2);
  auto* panel = reinterpret_cast<std::uint8_t*>(packed.raw()) + n / kPanelColumns * panel_bytes;
  for (std::int64_t g = 0; g < groups; ++g) {
    const auto source = static_cast<std::size_t>(n * groups + g);
    if (!std::isfinite(w.scales[source])) {
      throw InputError("weights.scales", std::to_string(w.scales[source]) + " is not a finite number");
    }
    scales[entry(g, n)] = w.scales[source];
    if (!w.zero_points.empty()) {
      if (w.zero_points[source] > 15) {
        throw InputError("weights.zero_points", std::to_string(w.zero_points[source]) + " is outside [0, 15] of uint4");
      }
      zeros[entry(g, n)] = w.zero_points[source] - 8;
      has_zeros = has_zeros || w.zero_points[source] != 8;
    }
    for (std::int64_t k = 0; k < length(g); ++k) {
      const std::int32_t value = w.type == DType::int4 ? int4_at(row, g * group + k) : uint4_at(row, g * group + k) - 8;
      std::uint8_t* bytes = panel + (g * octets + k / 8) * kOctetBytes + n % kPanelColumns * kQuad + k % 4;
      set_int4(bytes, k % 8 / 4, value);
      sums[entry(g, n)] += value;
    }
  }
}

// Blocks of rows by blocks of columns, with room for their results.
template <class Body>
void Int4Gemm::State::for_blocks(std::int64_t rows, ThreadPool& pool, const Body& body) const {
  if (rows < 1) throw InputError("int4 gemm", std::to_string(rows) + " rows; there must be at least 1");
  const std::int64_t column_blocks = columns / kBlockColumns;
  pool.for_each((rows + kTaskRows - 1) / kTaskRows * column_blocks, [&](std::int64_t task, int) {
    alignas(64) float totals[kTaskRows * kBlockColumns];
    const std::int64_t row = task / column_blocks * kTaskRows;
    body(row, std::min(kTaskRows, rows - row), task % column_blocks * kBlockColumns, totals);
  });
}

void Int4Gemm::State::finish(const float* totals, std::int64_t rows, std::int64_t first, std::int64_t count, float* c,
                             std::int64_t c_stride) const {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t n = 0; n < count; ++n) {
      const float sum = totals[r * kBlockColumns + n] + (bias.empty() ? 0 : bias[static_cast<std::size_t>(first + n)]);
      c[r * c_stride + first + n] = clamped(sum, clamp);
    }
  }
}

Int4Gemm::Int4Gemm(const Int4Weights& weights, std::span<const float> bias, Clamp clamp)
    : state_((check(weights, bias.size()), new State(weights, bias, clamp))) {}
Int4Gemm::~Int4Gemm() = default;
Int4Gemm::Int4Gemm(Int4Gemm&&) noexcept = default;
Int4Gemm& Int4Gemm::operator=(Int4Gemm&&) noexcept = default;

void Int4Gemm::run(const float* a, std::int64_t rows, std::int64_t a_stride, float* c, std::int64_t c_stride,
                   ThreadPool& pool) const {
  const State& s = *state_;
  s.for_blocks(rows, pool, [&](std::int64_t row, std::int64_t count, std::int64_t first, float* totals) {
    const std::int64_t used = std::min(kBlockColumns, s.outputs - first);
    multiply_int4_float({.a = a + row * a_stride,
                         .a_stride = a_stride,
                         .rows = count,
                         .inputs = s.inputs,
                         .group = s.group,
                         .panels = s.packed.data<std::int8_t>() + first / kPanelColumns * s.panel_bytes,
                         .panel_bytes = s.panel_bytes,
                         .panel_count = (used + kPanelColumns - 1) / kPanelColumns,
                         .scales = s.scales.data() + first,
                         .zeros = s.has_zeros ? s.zeros.data() + first : nullptr,
                         .table_stride = s.columns,
                         .c = totals,
                         .c_stride = kBlockColumns});
    s.finish(totals, count, first, used, c + row * c_stride, c_stride);
  });
}

// totals += scale * (products - 128 * sum of weights - zero point * sum of the row): A came as bytes that are 128 more.
void Int4Gemm::State::add_group(const std::int32_t* products, std::int64_t g, std::int64_t first,
                                const std::int32_t* row_sums, std::int64_t rows, float* totals) const {
  const float* scale = scales.data() + entry(g, first);
  const std::int32_t *zero = zeros.data() + entry(g, first), *sum = sums.data() + entry(g, first);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t n = 0; n < kBlockColumns; ++n) {
      const std::int32_t exact = products[r * kBlockColumns + n] - 128 * sum[n] - zero[n] * row_sums[r];
      totals[r * kBlockColumns + n] += scale[n] * static_cast<float>(exact);
    }
  }
}

void Int4Gemm::run(const std::int8_t* a, std::span<const float> a_scales, std::int64_t rows, std::int64_t a_stride,
                   float* c, std::int64_t c_stride, ThreadPool& pool) const {
  const State& s = *state_;
  if (a_scales.size() != 1 && a_scales.size() != static_cast<std::size_t>(rows)) {
    throw InputError("a_scales", std::to_string(a_scales.size()) + " entries; give one, or one for each of " +
                                     std::to_string(rows) + " rows");
  }
  if (s.group > kMostSummed) {
    throw InputError("int4 gemm", "groups of " + std::to_string(s.group) + " inputs; sums of at most " +
                                      std::to_string(kMostSummed) + " int8 products fit 32 bits, use smaller groups");
  }
  static constexpr std::int32_t kZeros[kBlockColumns] = {};
  s.for_blocks(rows, pool, [&](std::int64_t row, std::int64_t count, std::int64_t first, float* totals) {
    alignas(64) std::int32_t products[kTaskRows * kBlockColumns];
    const std::uint8_t* pointers[kTaskRows];
    std::int32_t row_sums[kTaskRows] = {};
    std::fill(totals, totals + count * kBlockColumns, 0.0f);
    for (std::int64_t g = 0; g < s.groups; ++g) {
      for (std::int64_t r = 0; r < count; ++r) {
        const std::int8_t* from = a + (row + r) * a_stride + g * s.group;
        pointers[r] = reinterpret_cast<const std::uint8_t*>(from);
        row_sums[r] = 0;
        for (std::int64_t k = 0; s.has_zeros && k < s.length(g); ++k) row_sums[r] += from[k];
      }
      const std::int64_t panel = first / kPanelColumns;
      sum_block_int4({.pointers = pointers,
                      .rows = count,
                      .taps = 1,
                      .quads = (s.length(g) + kQuad - 1) / kQuad,
                      .panels = s.packed.data<std::int8_t>() + panel * s.panel_bytes + g * s.octets * kOctetBytes,
                      .panel_bytes = s.panel_bytes,
                      .panel_count = kBlockColumns / kPanelColumns,
                      .start = kZeros,
                      .flip = 0x80,
                      .sums = products});
      s.add_group(products, g, first, row_sums, count, totals);
    }
    for (std::int64_t i = 0; i < count * kBlockColumns; ++i) {
      totals[i] *= a_scales[a_scales.size() == 1 ? 0 : static_cast<std::size_t>(row + i / kBlockColumns)];
    }
    s.finish(totals, count, first, std::min(kBlockColumns, s.outputs - first), c + row * c_stride, c_stride);
  });
}

std::int64_t Int4Gemm::inputs() const { return state_->inputs; }
std::int64_t Int4Gemm::outputs() const { return state_->outputs; }

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/rowwise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/gemm_int/outliers.h"
#include "kernels/gemm_int/product.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kTaskRows = kOutlierRows;

struct Extremes {
  float low = 0, high = 0;
};

Extremes extremes_of(const char* place, const float* x, std::int64_t count) {
  Extremes found;
  bool finite = true;
  for (std::int64_t i = 0; i < count; ++i) {
    finite = finite && std::isfinite(x[i]);
    found.low = std::min(found.low, x[i]);
    found.high = std::max(found.high, x[i]);
  }
  if (!finite) throw InputError(place, "a value is not a finite number");
  return found;
}

// Row-wise symmetric 8-bit weights.
struct QuantizedRows {
  std::vector<std::int8_t> values;
  std::vector<float> scales;
};

QuantizedRows quantized(const float* weights, std::int64_t inputs, std::int64_t outputs) {
  QuantizedRows rows{std::vector<std::int8_t>(static_cast<std::size_t>(inputs * outputs)), {}};
  for (std::int64_t n = 0; n < outputs; ++n) {
    const float* row = weights + n * inputs;
    const Extremes extremes = extremes_of("weights", row, inputs);
    const float most = std::max(-extremes.low, extremes.high), scale = most > 0 ? most / 127 : 1;
    rows.scales.push_back(scale);
    for (std::int64_t k = 0; k < inputs; ++k) {
      const float q = std::clamp(std::nearbyint(row[k] / scale), -127.0f, 127.0f);
      rows.values[static_cast<std::size_t>(n * inputs + k)] = static_cast<std::int8_t>(q);
    }
  }
  return rows;
}

void check(std::int64_t inputs, std::int64_t outputs, std::size_t bias, RowwiseGemm::Options options) {
  if (inputs < 1 || outputs < 1) {
    throw InputError("weights", std::to_string(outputs) + " x " + std::to_string(inputs) + " must both be at least 1");
  }
  if (bias != 0 && bias != static_cast<std::size_t>(outputs)) {
    throw InputError("bias", std::to_string(bias) + " entries; give none, or one for each of " +
                                 std::to_string(outputs) + " outputs");
  }
  for (const int bits : {options.main_bits, options.activation_bits}) {
    if (bits < 2 || bits > 8) throw InputError("bits", std::to_string(bits) + " is outside [2, 8]");
  }
  const std::int64_t most = std::numeric_limits<std::int32_t>::max() / (((1 << options.activation_bits) - 1) * 127);
  if (inputs > most) {
    throw InputError("weights", std::to_string(inputs) + " inputs; sums of at most " + std::to_string(most) +
                                    " products of " + std::to_string(options.activation_bits) +
                                    "-bit activations fit 32 bits, split the product");
  }
}

}  // namespace

RowQuantization quantize_row(const float* x, std::int64_t count, int bits, std::uint8_t* q) {
  if (bits < 1 || bits > 8) throw InputError("bits", std::to_string(bits) + " is outside [1, 8]");
  const Extremes extremes = extremes_of("row", x, count);
  const auto most = static_cast<float>((1 << bits) - 1);
  RowQuantization row;
  // Half of each end, so that the width of the largest rows does not overflow.
  const float half = extremes.high / 2 - extremes.low / 2;
  if (half > 0) row.scale = std::max(half / most * 2, std::numeric_limits<float>::min());
  row.zero_point = static_cast<std::int32_t>(std::clamp(std::nearbyint(-extremes.low / row.scale), 0.0f, most));
  const auto zero = static_cast<float>(row.zero_point);
  for (std::int64_t i = 0; i < count; ++i) {
    q[i] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(x[i] / row.scale) + zero, 0.0f, most));
  }
  return row;
}

struct RowwiseGemm::State {
  IntProduct main;
  std::vector<std::vector<Outlier>> outliers;  ///< per output
  std::vector<float> scales;
  std::vector<std::int32_t> column_sums;  ///< of unsplit B
  std::vector<float> bias;
  Clamp clamp;
  int activation_bits;
  bool has_outliers;

  float finished(std::int32_t sum, const RowQuantization& row, std::size_t n) const {
    const auto product = static_cast<float>(sum - row.zero_point * column_sums[n]);
    const float y = row.scale * scales[n] * product + (bias.empty() ? 0 : bias[n]);
    return clamped(y, clamp);
  }

  // The sparse part of some rows. They are brought side by side, so that each outlier meets them all at once.
  void add_outliers(const std::uint8_t* const* rows, std::int64_t count, std::int32_t* sums) const {
    thread_local std::vector<std::uint8_t> columns;
    columns.assign(static_cast<std::size_t>(main.inputs() * kOutlierRows), 0);
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t k = 0; k < main.inputs(); ++k)
        columns[static_cast<std::size_t>(k * kOutlierRows + r)] = rows[r][k];
    }
    std::int32_t of_column[kOutlierRows];
    for (std::size_t n = 0; n < outliers.size(); ++n) {
      if (outliers[n].empty()) continue;
      sum_outliers(outliers[n], columns.data(), of_column);
      for (std::int64_t r = 0; r < count; ++r) sums[r * main.outputs() + static_cast<std::int64_t>(n)] += of_column[r];
    }
  }
};

RowwiseGemm::RowwiseGemm(const float* weights, std::int64_t inputs, std::int64_t outputs, std::span<const float> bias,
                         Clamp clamp, Options options) {
  check(inputs, outputs, bias.size(), options);
  QuantizedRows rows = quantized(weights, inputs, outputs);
  std::vector<std::vector<Outlier>> outliers(static_cast<std::size_t>(outputs));
  std::vector<std::int32_t> column_sums(static_cast<std::size_t>(outputs));
  bool has_outliers = false;
  const int limit = 1 << (options.main_bits - 1);
  for (std::int64_t i = 0; i < inputs * outputs; ++i) {
    auto& value = rows.values[static_cast<std::size_t>(i)];
    const auto n = static_cast<std::size_t>(i / inputs);
    column_sums[n] += value;
    if (std::abs(value) < limit) continue;
    outliers[n].push_back({static_cast<std::int32_t>(i % inputs), value});
    value = 0;
    has_outliers = true;
  }
  const TapWeights main{
      .values = rows.values.data(), .outputs = outputs, .inputs = inputs, .output_stride = inputs, .input_stride = 1};
  const IntActivations activations{.type = DType::uint8, .most = (1 << options.activation_bits) - 1};
  state_.reset(new State{IntProduct(main, activations, {}, {}), std::move(outliers), std::move(rows.scales),
                         std::move(column_sums), std::vector<float>(bias.begin(), bias.end()), clamp,
                         options.activation_bits, has_outliers});
}
RowwiseGemm::~RowwiseGemm() = default;
RowwiseGemm::RowwiseGemm(RowwiseGemm&&) noexcept = default;
RowwiseGemm& RowwiseGemm::operator=(RowwiseGemm&&) noexcept = default;

void RowwiseGemm::run(const float* a, std::int64_t rows, std::int64_t a_stride, float* c, std::int64_t c_stride,
                      ThreadPool& pool) const {
  if (rows < 1) throw InputError("rowwise gemm", std::to_string(rows) + " rows; there must be at least 1");
  const State& s = *state_;
  const std::int64_t inputs = s.main.inputs(), outputs = s.main.outputs(), stride = (inputs + 3) / 4 * 4;
  pool.for_each((rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    thread_local std::vector<std::uint8_t> q;
    thread_local std::vector<std::int32_t> sums;
    const std::int64_t first = task * kTaskRows, count = std::min(kTaskRows, rows - first);
    q.resize(static_cast<std::size_t>(count * stride));
    sums.resize(static_cast<std::size_t>(count * outputs));
    const std::uint8_t* pointers[kTaskRows];
    RowQuantization quantizations[kTaskRows];
    for (std::int64_t r = 0; r < count; ++r) {
      std::uint8_t* row = q.data() + r * stride;
      quantizations[r] = quantize_row(a + (first + r) * a_stride, inputs, s.activation_bits, row);
      pointers[r] = row;
    }
    s.main.run(pointers, count, 0, s.main.panels(), sums.data(), outputs);
    if (s.has_outliers) s.add_outliers(pointers, count, sums.data());
    for (std::int64_t r = 0; r < count; ++r) {
      for (std::int64_t n = 0; n < outputs; ++n) {
        c[(first + r) * c_stride + n] =
            s.finished(sums[static_cast<std::size_t>(r * outputs + n)], quantizations[r], static_cast<std::size_t>(n));
      }
    }
  });
}

std::int64_t RowwiseGemm::outliers() const {
  std::int64_t count = 0;
  for (const auto& column : state_->outliers) count += static_cast<std::int64_t>(column.size());
  return count;
}

}  // namespace chipcast::kernels

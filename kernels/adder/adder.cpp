// SPDX-License-Identifier: Apache-2.0
#include "kernels/adder/adder.h"

#include <algorithm>
#include <string>

#include "kernels/adder/block.h"
#include "kernels/array.h"
#include "kernels/conv_int/rows.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kTaskRows = 48;

// Rows of inputs are found in bytes: a float is four channels of one byte. Zeros are the same bytes.
ConvIntShape in_bytes(const AdderShape& s, std::int64_t bytes) {
  for (const std::int64_t extent : {s.batch, s.in_h, s.in_w, s.in_c, s.out_h, s.out_w, s.out_c, s.kernel_h, s.kernel_w,
                                    s.stride_h, s.stride_w, s.dilation_h, s.dilation_w}) {
    if (extent < 1) throw InputError("adder", "extent " + std::to_string(extent) + " must be at least 1");
  }
  check_type({{s.batch, s.in_h, s.in_w, s.in_c}, DType::fp32}, "adder: input");
  check_type({{s.batch, s.out_h, s.out_w, s.out_c}, DType::fp32}, "adder: output");
  check_type({{s.out_c, s.kernel_h, s.kernel_w, s.in_c}, DType::fp32}, "adder: weights");
  return {.batch = s.batch,
          .in_h = s.in_h,
          .in_w = s.in_w,
          .in_c = s.in_c * bytes,
          .out_h = s.out_h,
          .out_w = s.out_w,
          .out_c = s.out_c,
          .kernel_h = s.kernel_h,
          .kernel_w = s.kernel_w,
          .stride_h = s.stride_h,
          .stride_w = s.stride_w,
          .dilation_h = s.dilation_h,
          .dilation_w = s.dilation_w,
          .pad_top = s.pad_top,
          .pad_left = s.pad_left};
}

}  // namespace

struct AdderConv::State {
  State(const AdderShape& adder, std::int64_t bytes)
      : shape(adder),
        rows(in_bytes(adder, bytes), 0),
        value_bytes(bytes),
        inputs(rows.inputs() / bytes),
        panels((adder.out_c + kAdderColumns - 1) / kAdderColumns) {}

  AdderShape shape;
  ConvRows rows;
  std::int64_t value_bytes, inputs, panels;
  std::int64_t panel_values = 0;
  Array packed{};

  void pack(const float* weights) {
    const std::int64_t filter = rows.taps() * inputs;
    panel_values = filter * kAdderColumns;
    packed = Array({{panels * panel_values}, DType::fp32});
    for (std::int64_t n = 0; n < shape.out_c; ++n) {
      float* to = packed.data<float>() + n / kAdderColumns * panel_values + n % kAdderColumns;
      for (std::int64_t k = 0; k < filter; ++k) to[k * kAdderColumns] = weights[n * filter + k];
    }
  }

  void pack(const std::int8_t* weights) {
    const std::int64_t octets = (inputs + kOctet - 1) / kOctet;
    panel_values = rows.taps() * octets * kAdderColumns * kOctet;
    packed = Array({{panels * panel_values}, DType::uint8});
    for (std::int64_t n = 0; n < shape.out_c; ++n) {
      auto* panel = packed.data<std::uint8_t>() + n / kAdderColumns * panel_values;
      for (std::int64_t i = 0; i < rows.taps() * inputs; ++i) {
        const std::int64_t k = i % inputs,
                           group = (i / inputs * octets + k / kOctet) * kAdderColumns + n % kAdderColumns;
        panel[group * kOctet + k % kOctet] = static_cast<std::uint8_t>(weights[n * rows.taps() * inputs + i] ^ 0x80);
      }
    }
  }

  template <class X, class Y>
  void run(const void* x, Y* y, ThreadPool& pool) const {
    const std::int64_t positions = shape.batch * shape.out_h * shape.out_w;
    pool.for_each((positions + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
      thread_local ConvRows::Stretch stretch;
      const std::int64_t first = task * kTaskRows, count = std::min(kTaskRows, positions - first);
      rows.find(static_cast<const std::uint8_t*>(x), 0, first, count, stretch);
      // A few panels at a time stay in a near cache while the rows go by.
      for (std::int64_t panel = 0; panel < panels; panel += 2) {
        const std::int64_t column = panel * kAdderColumns;
        add_distances(AdderBlock<X, Y>{.pointers = stretch.pointers.data(),
                                       .rows = count,
                                       .taps = rows.taps(),
                                       .inputs = inputs,
                                       .panels = packed.data<X>() + panel * panel_values,
                                       .panel_values = panel_values,
                                       .panel_count = std::min<std::int64_t>(2, panels - panel),
                                       .columns = std::min(shape.out_c - column, 2 * kAdderColumns),
                                       .c = y + first * shape.out_c + column,
                                       .c_stride = shape.out_c});
      }
    });
  }
};

AdderConv::AdderConv(const AdderShape& shape, const float* weights) : state_(new State(shape, 4)) {
  state_->pack(weights);
}
AdderConv::AdderConv(const AdderShape& shape, const std::int8_t* weights) : state_(new State(shape, 1)) {
  const std::int64_t products = state_->rows.taps() * state_->inputs;
  if (products > 2147483647 / 255) {
    throw InputError("adder", std::to_string(products) + " differences of int8 may leave 32 bits; at most " +
                                  std::to_string(2147483647 / 255) + " can be summed");
  }
  state_->pack(weights);
}
AdderConv::~AdderConv() = default;
AdderConv::AdderConv(AdderConv&&) noexcept = default;
AdderConv& AdderConv::operator=(AdderConv&&) noexcept = default;

void AdderConv::run(const float* x, float* y, ThreadPool& pool) const {
  if (state_->value_bytes != 4)
    throw InputError("adder", "fp32 activations with int8 weights; give both in one format");
  state_->run<float>(x, y, pool);
}

void AdderConv::run(const std::int8_t* x, std::int32_t* y, ThreadPool& pool) const {
  if (state_->value_bytes != 1)
    throw InputError("adder", "int8 activations with fp32 weights; give both in one format");
  state_->run<std::uint8_t>(x, y, pool);
}

}  // namespace chipcast::kernels

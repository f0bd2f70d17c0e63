// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_int/conv_int.h"

#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

struct Formats {
  DType x{DType::int8}, w{DType::int8};
  std::int32_t x_zero = -5;
  bool w_zeros = false, extremes = false;
  int threads = 1;
};

class Plain {
 public:
  Plain(const ConvIntShape& shape, const StoredInts& x, const StoredInts& w, std::int32_t x_zero,
        const std::vector<std::int32_t>& w_zeros)
      : s_(shape), x_(x), w_(w), x_zero_(x_zero), w_zeros_(w_zeros) {}

  std::int64_t sum(std::int64_t n, std::int64_t p, std::int64_t q, std::int64_t o) const {
    const std::int64_t channels = s_.in_c / s_.groups, group = o / (s_.out_c / s_.groups);
    const std::int32_t zero = w_zeros_.size() == 1 ? w_zeros_[0] : w_zeros_[static_cast<std::size_t>(o)];
    std::int64_t sum = 0;
    for (std::int64_t r = 0; r < s_.kernel_h; ++r) {
      for (std::int64_t t = 0; t < s_.kernel_w; ++t) {
        const std::int64_t y = p * s_.stride_h - s_.pad_top + r * s_.dilation_h;
        const std::int64_t x = q * s_.stride_w - s_.pad_left + t * s_.dilation_w;
        if (y < 0 || y >= s_.in_h || x < 0 || x >= s_.in_w) continue;
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::int64_t value =
              x_.at(((n * s_.in_h + y) * s_.in_w + x) * s_.in_c + group * channels + c) - x_zero_;
          sum += value * (w_.at(((o * s_.kernel_h + r) * s_.kernel_w + t) * channels + c) - zero);
        }
      }
    }
    return sum;
  }

 private:
  const ConvIntShape& s_;
  const StoredInts &x_, &w_;
  std::int32_t x_zero_;
  const std::vector<std::int32_t>& w_zeros_;
};

void expect_exact(const ConvIntShape& s, const Formats& f, const IntOutput& output = {}) {
  std::mt19937 random(42);
  const StoredInts x(f.x, s.batch * s.in_h * s.in_w * s.in_c, random, f.extremes);
  const StoredInts w(f.w, s.out_c * s.kernel_h * s.kernel_w * s.in_c / s.groups, random, f.extremes);
  std::vector<std::int32_t> bias, w_zeros{0};
  for (std::int64_t o = 0; o < s.out_c; ++o) bias.push_back(static_cast<std::int32_t>(random() % 2000) - 1000);
  if (f.w_zeros) {
    w_zeros.clear();
    for (std::int64_t o = 0; o < s.out_c; ++o) w_zeros.push_back(static_cast<std::int32_t>(o % 5));
  }
  const ConvInt conv(s, {.type = f.w, .values = w.data(), .zero_points = w_zeros}, f.x, f.x_zero, bias, output);
  const std::int64_t count = s.batch * s.out_h * s.out_w * s.out_c, width = bits_of(output.type) / 8;
  std::vector<std::byte> y(static_cast<std::size_t>(count * width + 8), std::byte{0x5A});
  ThreadPool pool(f.threads);
  conv.run(x.data(), y.data(), pool);
  const Plain plain(s, x, w, f.x_zero, w_zeros);
  int wrong = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t o = i % s.out_c, q = i / s.out_c % s.out_w, p = i / s.out_c / s.out_w % s.out_h;
    const std::int64_t n = i / s.out_c / s.out_w / s.out_h;
    const std::int64_t sum = plain.sum(n, p, q, o) + bias[static_cast<std::size_t>(o)];
    wrong += output_at(output.type, y.data(), i) == stored_output(output, o, sum) ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
  for (std::int64_t i = count * width; i < count * width + 8; ++i) {
    EXPECT_EQ(y[static_cast<std::size_t>(i)], std::byte{0x5A});
  }
}

// 3x3 with padding, stride 2, odd extents.
ConvIntShape odd_shape() {
  return {.batch = 2,
          .in_h = 9,
          .in_w = 11,
          .in_c = 5,
          .out_h = 5,
          .out_w = 6,
          .out_c = 19,
          .kernel_h = 3,
          .kernel_w = 3,
          .stride_h = 2,
          .stride_w = 2,
          .pad_top = 1,
          .pad_left = 1};
}

TEST(ConvInt, formats) {
  on_each_target([] {
    for (const DType x : {DType::int8, DType::uint8, DType::int7}) {
      for (const DType w : {DType::int8, DType::uint8, DType::int7, DType::int4, DType::uint4}) {
        SCOPED_TRACE(std::to_string(static_cast<int>(x)) + " by " + std::to_string(static_cast<int>(w)));
        expect_exact(odd_shape(), {.x = x, .w = w, .x_zero = 17, .w_zeros = true});
        expect_exact(odd_shape(), {.x = x, .w = w, .x_zero = 0, .extremes = true});
      }
    }
  });
}

TEST(ConvInt, windows) {
  on_each_target([] {
    const ConvIntShape first{.in_h = 16,
                             .in_w = 16,
                             .in_c = 3,
                             .out_h = 8,
                             .out_w = 8,
                             .out_c = 24,
                             .kernel_h = 3,
                             .kernel_w = 3,
                             .stride_h = 2,
                             .stride_w = 2};
    expect_exact(first, {.x = DType::uint8, .x_zero = 128});
    const ConvIntShape wide{.in_w = 40, .in_c = 1, .out_w = 33, .out_c = 8, .kernel_w = 10, .pad_left = 1};
    expect_exact(wide, {});
    const ConvIntShape pointwise{.in_h = 7, .in_w = 7, .in_c = 33, .out_h = 7, .out_w = 7, .out_c = 65};
    expect_exact(pointwise, {});
    const ConvIntShape strided{
        .in_h = 7, .in_w = 7, .in_c = 33, .out_h = 4, .out_w = 4, .out_c = 20, .stride_h = 2, .stride_w = 2};
    expect_exact(strided, {});
    const ConvIntShape dilated{.in_h = 12,
                               .in_w = 12,
                               .in_c = 6,
                               .out_h = 12,
                               .out_w = 12,
                               .out_c = 17,
                               .kernel_h = 3,
                               .kernel_w = 3,
                               .dilation_h = 2,
                               .dilation_w = 3,
                               .pad_top = 2,
                               .pad_left = 3};
    expect_exact(dilated, {});
    const ConvIntShape larger_than_image{.in_h = 3,
                                         .in_w = 2,
                                         .in_c = 7,
                                         .out_h = 3,
                                         .out_w = 2,
                                         .out_c = 5,
                                         .kernel_h = 5,
                                         .kernel_w = 7,
                                         .pad_top = 2,
                                         .pad_left = 3};
    expect_exact(larger_than_image, {.x = DType::int7, .w = DType::int7});
    const ConvIntShape cropped{.in_h = 9,
                               .in_w = 9,
                               .in_c = 4,
                               .out_h = 5,
                               .out_w = 5,
                               .out_c = 5,
                               .kernel_h = 3,
                               .kernel_w = 3,
                               .pad_top = -1,
                               .pad_left = -1};
    expect_exact(cropped, {});
    const ConvIntShape far_outside{.in_h = 2,
                                   .in_w = 2,
                                   .in_c = 4,
                                   .out_h = 9,
                                   .out_w = 9,
                                   .out_c = 5,
                                   .kernel_h = 2,
                                   .kernel_w = 2,
                                   .pad_top = 4,
                                   .pad_left = 4};
    expect_exact(far_outside, {});
  });
}

TEST(ConvInt, groups) {
  on_each_target([] {
    ConvIntShape s{.in_h = 6,
                   .in_w = 6,
                   .in_c = 12,
                   .out_h = 6,
                   .out_w = 6,
                   .out_c = 20,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .pad_top = 1,
                   .pad_left = 1,
                   .groups = 4};
    IntOutput output{.type = DType::int8, .zero_point = -128};
    for (int o = 0; o < 20; ++o) output.multipliers.push_back(to_fixed_multiplier(0.001 * (o + 1)));
    expect_exact(s, {.w = DType::int4, .w_zeros = true}, output);
    s.groups = 2;
    expect_exact(s, {.x = DType::uint8, .x_zero = 7, .w_zeros = true, .threads = 3}, output);
    const ConvIntShape depthwise{.in_h = 6,
                                 .in_w = 6,
                                 .in_c = 5,
                                 .out_h = 6,
                                 .out_w = 6,
                                 .out_c = 10,
                                 .kernel_h = 3,
                                 .kernel_w = 3,
                                 .pad_top = 1,
                                 .pad_left = 1,
                                 .groups = 5};
    expect_exact(depthwise, {});
  });
}

TEST(ConvInt, threads_and_outputs) {
  on_each_target([] {
    const ConvIntShape s{.in_h = 20,
                         .in_w = 20,
                         .in_c = 16,
                         .out_h = 20,
                         .out_w = 20,
                         .out_c = 40,
                         .kernel_h = 3,
                         .kernel_w = 3,
                         .pad_top = 1,
                         .pad_left = 1};
    for (const int threads : {1, 2, 3}) {
      expect_exact(s, {.threads = threads}, {.type = DType::uint8, .scales = {0.004f}, .zero_point = 100});
      expect_exact(s, {.threads = threads}, {.type = DType::fp32, .scales = {0.25f}});
    }
  });
}

TEST(ConvInt, refuses_what_it_cannot_compute) {
  const std::vector<std::int8_t> w(4096);
  const auto with = [&](auto change) {
    ConvIntShape s{.in_h = 4, .in_w = 4, .in_c = 4, .out_h = 4, .out_w = 4, .out_c = 4};
    change(s);
    ConvInt(s, {.values = w.data()}, DType::int8, 0, {}, {});
  };
  EXPECT_NO_THROW(with([](ConvIntShape&) {}));
  EXPECT_THROW(with([](ConvIntShape& s) { s.out_h = 0; }), InputError);
  EXPECT_THROW(with([](ConvIntShape& s) { s.in_c = -4; }), InputError);
  EXPECT_THROW(with([](ConvIntShape& s) { s.stride_w = 0; }), InputError);
  EXPECT_THROW(with([](ConvIntShape& s) { s.groups = 3; }), InputError);
  const ConvIntShape s{.in_c = 4, .out_c = 4};
  const std::vector<std::int32_t> two(2);
  EXPECT_THROW(ConvInt(s, {.values = w.data()}, DType::int8, 0, two, {}), InputError);
  EXPECT_THROW(ConvInt(s, {.values = w.data(), .zero_points = two}, DType::int8, 0, {}, {}), InputError);
  EXPECT_THROW(ConvInt(s, {.values = w.data()}, DType::fp32, 0, {}, {}), InputError);
}

TEST(ConvInt, refuses_sizes_beyond_63_bits) {
  const std::int64_t much = std::int64_t{1} << 30;
  const std::int8_t weight = 1;
  EXPECT_THROW(
      ConvInt({.in_h = much, .in_w = much, .out_h = much, .out_w = much}, {.values = &weight}, DType::int8, 0, {}, {}),
      InputError);
}

}  // namespace
}  // namespace chipcast::kernels

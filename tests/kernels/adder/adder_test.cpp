// SPDX-License-Identifier: Apache-2.0
#include "kernels/adder/adder.h"

#include <cmath>
#include <vector>

#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

template <class X>
double plain(const AdderShape& s, const std::vector<X>& x, const std::vector<X>& w, std::int64_t at) {
  const std::int64_t o = at % s.out_c, q = at / s.out_c % s.out_w, p = at / s.out_c / s.out_w % s.out_h;
  const std::int64_t n = at / s.out_c / s.out_w / s.out_h, filter = s.kernel_h * s.kernel_w * s.in_c;
  double sum = 0;
  for (std::int64_t l = 0; l < filter; ++l) {
    const std::int64_t c = l % s.in_c, t = l / s.in_c % s.kernel_w, r = l / s.in_c / s.kernel_w;
    const std::int64_t row = p * s.stride_h - s.pad_top + r * s.dilation_h;
    const std::int64_t column = q * s.stride_w - s.pad_left + t * s.dilation_w;
    const bool inside = row >= 0 && row < s.in_h && column >= 0 && column < s.in_w;
    const double value =
        inside ? static_cast<double>(x[static_cast<std::size_t>(((n * s.in_h + row) * s.in_w + column) * s.in_c + c)])
               : 0;
    sum -= std::fabs(value - static_cast<double>(w[static_cast<std::size_t>(o * filter + l)]));
  }
  return sum;
}

template <class X, class Y>
void expect_near(const AdderShape& s, double tolerance, bool extremes = false) {
  std::mt19937 random(9);
  std::vector<X> x(static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.in_c) + 64);
  std::vector<X> w(static_cast<std::size_t>(s.out_c * s.kernel_h * s.kernel_w * s.in_c));
  const auto value = [&] {
    const int any = static_cast<int>(random() % 256) - 128;
    return static_cast<X>(extremes ? (any < 0 ? -128 : 127) : any);
  };
  for (X& one : x) one = value();
  for (X& one : w) one = value();
  std::vector<Y> y(static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.out_c + 1), Y{5});
  ThreadPool pool(2);
  AdderConv(s, w.data()).run(x.data(), y.data(), pool);
  int wrong = y.back() == Y{5} ? 0 : 1;
  for (std::size_t i = 0; i + 1 < y.size(); ++i) {
    const double exact = plain(s, x, w, static_cast<std::int64_t>(i));
    wrong += std::fabs(static_cast<double>(y[i]) - exact) <= tolerance * std::fabs(exact) ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

std::vector<AdderShape> shapes() {
  std::vector<AdderShape> all;
  for (const std::int64_t channels : {1, 3, 8, 17}) {
    for (const std::int64_t outputs : {1, 16, 37}) {
      AdderShape s{.batch = 2,
                   .in_h = 5,
                   .in_w = 7,
                   .in_c = channels,
                   .out_h = 5,
                   .out_w = 7,
                   .out_c = outputs,
                   .kernel_h = 3,
                   .kernel_w = 3,
                   .pad_top = 1,
                   .pad_left = 1};
      all.push_back(s);
      s.stride_h = s.stride_w = 2;
      s.dilation_w = 2;
      s.out_h = 3, s.out_w = 3;
      all.push_back(s);
    }
  }
  all.push_back({.in_h = 9, .in_w = 11, .in_c = 33, .out_h = 9, .out_w = 11, .out_c = 20});
  return all;
}

TEST(Adder, int8_is_exact) {
  on_each_target([] {
    for (const AdderShape& s : shapes()) {
      expect_near<std::int8_t, std::int32_t>(s, 0);
      expect_near<std::int8_t, std::int32_t>(s, 0, true);
    }
  });
}

TEST(Adder, fp32_is_near) {
  on_each_target([] {
    for (const AdderShape& s : shapes()) expect_near<float, float>(s, 1e-6);
  });
}

TEST(Adder, refuses_what_it_cannot_compute) {
  const std::int8_t w8[4] = {};
  const float w[4] = {};
  EXPECT_THROW(AdderConv({.in_c = 0}, w), InputError);
  EXPECT_THROW(AdderConv({.stride_w = 0}, w8), InputError);
  ThreadPool pool;
  float y[1];
  EXPECT_THROW(AdderConv({}, w8).run(w, y, pool), InputError);
  std::int32_t y8[1];
  EXPECT_THROW(AdderConv({}, w).run(w8, y8, pool), InputError);
}

TEST(Adder, refuses_sizes_beyond_63_bits) {
  const std::int64_t much = std::int64_t{1} << 30;
  const float weight = 1;
  EXPECT_THROW(AdderConv({.in_h = much, .in_w = much, .in_c = 1, .out_h = much, .out_w = much}, &weight), InputError);
}

}  // namespace
}  // namespace chipcast::kernels

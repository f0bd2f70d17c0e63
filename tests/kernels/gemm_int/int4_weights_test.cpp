// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/int4_weights.h"

#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

struct Case {
  std::int64_t rows, outputs, inputs, group;
  DType type{DType::int4};
  bool zeros = false;
  int threads = 1;
};

struct Operands {
  explicit Operands(const Case& c) {
    std::mt19937 random(11);
    std::uniform_real_distribution<float> real(-1, 1);
    weights.resize(static_cast<std::size_t>(c.outputs * ((c.inputs + 1) / 2)));
    for (auto& byte : weights) byte = static_cast<std::uint8_t>(random());
    const std::int64_t group = c.group == 0 ? c.inputs : c.group;
    groups = (c.inputs + group - 1) / group;
    for (std::int64_t i = 0; i < c.outputs * groups; ++i) {
      scales.push_back(0.01f + 0.005f * real(random));
      if (c.zeros) zeros.push_back(static_cast<std::uint8_t>(random() % 16));
    }
    for (std::int64_t i = 0; i < c.outputs; ++i) bias.push_back(real(random));
  }
  std::vector<std::uint8_t> weights, zeros;
  std::vector<float> scales, bias;
  std::int64_t groups;

  // scale * (stored - zero point), without rounding.
  double weight(const Case& c, std::int64_t n, std::int64_t k) const {
    const std::int64_t group = c.group == 0 ? c.inputs : c.group;
    const auto table = static_cast<std::size_t>(n * groups + k / group);
    const std::uint8_t* row = weights.data() + n * ((c.inputs + 1) / 2);
    const int zero = zeros.empty() ? (c.type == DType::uint4 ? 8 : 0) : zeros[table];
    return static_cast<double>(scales[table]) * (stored_int(c.type, row, k) - zero);
  }
  Int4Weights view(const Case& c) const {
    return {.type = c.type,
            .values = weights.data(),
            .inputs = c.inputs,
            .outputs = c.outputs,
            .group = c.group,
            .scales = scales,
            .zero_points = zeros};
  }
};

template <class A>
void expect_near(const Case& c) {
  SCOPED_TRACE(std::to_string(c.rows) + " x " + std::to_string(c.outputs) + " x " + std::to_string(c.inputs) +
               " group " + std::to_string(c.group));
  const Operands operands(c);
  std::mt19937 random(12);
  const std::int64_t a_stride = c.inputs + 3, c_stride = c.outputs + 1;
  std::vector<A> a(static_cast<std::size_t>(c.rows * a_stride) + 4);
  for (A& value : a) value = static_cast<A>(static_cast<int>(random() % 256) - 128);
  std::vector<float> out(static_cast<std::size_t>(c.rows * c_stride), 123), scales;
  for (std::int64_t r = 0; r < c.rows; ++r) scales.push_back(0.5f + static_cast<float>(r));
  const Clamp clamp{.low = -400, .high = 500};
  const Int4Gemm gemm(operands.view(c), operands.bias, clamp);
  ThreadPool pool(c.threads);
  if constexpr (std::is_same_v<A, float>) {
    gemm.run(a.data(), c.rows, a_stride, out.data(), c_stride, pool);
  } else {
    gemm.run(a.data(), scales, c.rows, a_stride, out.data(), c_stride, pool);
  }
  int wrong = 0;
  for (std::int64_t r = 0; r < c.rows; ++r) {
    for (std::int64_t n = 0; n < c.outputs; ++n) {
      double sum = 0, size = 1;
      for (std::int64_t k = 0; k < c.inputs; ++k) {
        const double product =
            static_cast<double>(a[static_cast<std::size_t>(r * a_stride + k)]) * operands.weight(c, n, k);
        sum += product;
        size += std::fabs(product);
      }
      const double scale = std::is_same_v<A, float> ? 1 : static_cast<double>(scales[static_cast<std::size_t>(r)]);
      const double y =
          std::clamp<double>(sum * scale + static_cast<double>(operands.bias[static_cast<std::size_t>(n)]), -400, 500);
      wrong += std::fabs(static_cast<double>(out[static_cast<std::size_t>(r * c_stride + n)]) - y) < 2e-6 * size * scale
                   ? 0
                   : 1;
    }
    wrong += out[static_cast<std::size_t>(r * c_stride + c.outputs)] == 123 ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(Int4Gemm, is_near_exact_sums) {
  on_each_target([] {
    for (const DType type : {DType::int4, DType::uint4}) {
      for (const Case& c : {Case{1, 70, 64, 32}, Case{5, 33, 50, 16}, Case{26, 129, 41, 6}, Case{3, 16, 33, 0},
                            Case{9, 1, 1, 0}, Case{2, 17, 9, 9}, Case{4, 20, 30, 100}}) {
        Case some = c;
        some.type = type;
        expect_near<float>(some);
        expect_near<std::int8_t>(some);
        if (type == DType::int4) continue;
        some.zeros = true;
        some.threads = 2;
        expect_near<float>(some);
        expect_near<std::int8_t>(some);
      }
    }
  });
}

TEST(Int4Gemm, refuses_what_it_cannot_compute) {
  const Case c{2, 4, 8, 4};
  const Operands operands(c);
  const auto with = [&](auto change, std::size_t bias = 0) {
    Int4Weights weights = operands.view(c);
    change(weights);
    return Int4Gemm(weights, std::vector<float>(bias));
  };
  EXPECT_NO_THROW(with([](Int4Weights&) {}));
  EXPECT_THROW(with([](Int4Weights& w) { w.type = DType::int8; }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.inputs = 0; }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.group = 3; }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.group = -2; }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.scales.pop_back(); }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.scales[0] = HUGE_VALF; }), InputError);
  EXPECT_THROW(with([](Int4Weights& w) { w.zero_points.assign(8, 0); }), InputError);
  EXPECT_THROW(with([](Int4Weights&) {}, 3), InputError);
  const Int4Gemm gemm = with([](Int4Weights&) {});
  ThreadPool pool;
  const float a[8] = {};
  const std::int8_t a8[32] = {};
  float out[8];
  EXPECT_THROW(gemm.run(a, 0, 8, out, 4, pool), InputError);
  EXPECT_THROW(gemm.run(a8, std::vector<float>(3), 2, 8, out, 4, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels

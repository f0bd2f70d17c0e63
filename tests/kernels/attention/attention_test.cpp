// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention.h"

#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

struct Case {
  AttentionShape shape;
  bool added = false, shown = false;
};

std::vector<Case> cases() {
  const auto shape = [](std::int64_t queries, std::int64_t keys, std::int64_t width, std::int64_t values) {
    AttentionShape s{.batch = 2,
                     .heads = 4,
                     .key_heads = 2,
                     .queries = queries,
                     .keys = keys,
                     .width = width,
                     .value_width = values};
    s.set_dense_strides();
    return s;
  };
  std::vector<Case> all{{shape(1, 1, 1, 1)},
                        {shape(1, 300, 33, 17)},
                        {shape(37, 37, 64, 64)},
                        {shape(70, 131, 17, 3), true},
                        {shape(5, 260, 16, 40), false, true}};
  for (const auto& [queries, keys] : {std::pair{40, 40}, std::pair{3, 200}}) {
    all.push_back({shape(queries, keys, 24, 33)});
    all.back().shape.causal = true;
    all.back().shape.scale = 0.7;
  }
  return all;
}

TEST(Attention, EqualsPlainLoops) {
  for (const Case& one : cases()) {
    const AttentionShape& s = one.shape;
    std::mt19937 random(4);
    const Floats q(s.batch * s.heads * s.queries * s.width, random, -3.0F, 3.0F);
    const Floats k(s.batch * s.key_heads * s.keys * s.width, random, -3.0F, 3.0F);
    const Floats v(s.batch * s.key_heads * s.keys * s.value_width, random);
    const Floats added(s.queries * s.keys, random);
    std::vector<std::uint8_t> shown(static_cast<std::size_t>(s.queries * s.keys));
    for (auto& bit : shown) bit = static_cast<std::uint8_t>(random() % 3 != 0);
    std::fill_n(shown.begin(), s.keys, std::uint8_t{0});  // the first query sees nothing
    const AttentionMask mask{.added = one.added ? added.data() : nullptr,
                             .shown = one.shown ? shown.data() : nullptr,
                             .strides = {0, 0, s.keys}};
    const double scale = s.scale.value_or(1.0 / std::sqrt(static_cast<double>(s.width)));
    std::vector<double> wanted;
    for (std::int64_t i = 0; i < s.batch * s.heads * s.queries; ++i) {
      const std::int64_t query = i % s.queries, head = i / s.queries % s.heads, n = i / s.queries / s.heads;
      const std::int64_t key_row = (n * s.key_heads + head * s.key_heads / s.heads) * s.keys;
      std::vector<double> weight;
      double sum = 0;
      for (std::int64_t j = 0; j < s.keys; ++j) {
        double dot = 0;
        for (std::int64_t w = 0; w < s.width; ++w) {
          dot += static_cast<double>(q[i * s.width + w]) * static_cast<double>(k[(key_row + j) * s.width + w]);
        }
        dot = dot * scale + (one.added ? static_cast<double>(added[query * s.keys + j]) : 0.0);
        const bool hidden = (one.shown && shown[static_cast<std::size_t>(query * s.keys + j)] == 0) ||
                            (s.causal && j > query + s.keys - s.queries);
        weight.push_back(hidden ? 0.0 : std::exp(dot));
        sum += weight.back();
      }
      for (std::int64_t c = 0; c < s.value_width; ++c) {
        double y = 0;
        for (std::int64_t j = 0; j < s.keys; ++j) {
          y += weight[static_cast<std::size_t>(j)] * static_cast<double>(v[(key_row + j) * s.value_width + c]);
        }
        wanted.push_back(sum == 0.0 ? 0.0 : y / sum);
      }
    }
    with_each_target([&] {
      for (const int threads : {1, 2}) {
        ThreadPool pool(threads);
        Floats y(s.batch * s.heads * s.queries * s.value_width);
        attention(s, q.data(), k.data(), v.data(), mask, y.data(), pool);
        expect_near(y, wanted, 3e-6);
      }
    });
  }
}

TEST(Attention, Refuses) {
  ThreadPool pool;
  const float x[4] = {};
  float y[4];
  const std::uint8_t shown[4] = {};
  EXPECT_THROW(attention({.keys = 0}, x, x, x, {}, y, pool), InputError);
  EXPECT_THROW(attention({.heads = 3, .key_heads = 2}, x, x, x, {}, y, pool), InputError);
  EXPECT_THROW(attention({.queries = 2, .causal = true}, x, x, x, {}, y, pool), InputError);
  EXPECT_THROW(attention({}, x, x, x, {.added = x, .shown = shown}, y, pool), InputError);
}

TEST(Attention, refuses_sizes_beyond_63_bits) {
  AttentionShape shape{.batch = 1 << 30, .queries = 1 << 30};
  shape.set_dense_strides();
  const float x = 1;
  float y = 0;
  ThreadPool pool;
  EXPECT_THROW(attention(shape, &x, &x, &x, {}, &y, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels

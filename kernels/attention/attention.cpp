// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/attention/tiles.h"
#include "kernels/extents.h"
#include "kernels/normalisation/lines.h"
#include "sim/base/check.h"
#include "workloads/tensor.h"

namespace chipcast::kernels {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
/// Up to this many queries, products with keys where they lie are faster than bringing keys into columns.
constexpr std::int64_t kFewQueries = 4;

void check(const AttentionShape& s, const AttentionMask& mask) {
  expect_at_least_1("attention", s.batch, "batch");
  expect_at_least_1("attention", s.heads, "heads");
  expect_at_least_1("attention", s.key_heads, "key_heads");
  expect_at_least_1("attention", s.queries, "queries");
  expect_at_least_1("attention", s.keys, "keys");
  expect_at_least_1("attention", s.width, "width");
  expect_at_least_1("attention", s.value_width, "value_width");
  check_type({{s.batch, s.heads, s.queries, s.width}, DType::fp32}, "attention: q");
  check_type({{s.batch, s.key_heads, s.keys, s.width}, DType::fp32}, "attention: k");
  check_type({{s.batch, s.key_heads, s.keys, s.value_width}, DType::fp32}, "attention: v");
  check_type({{s.batch, s.heads, s.queries, s.value_width}, DType::fp32}, "attention: y");
  if (s.heads % s.key_heads != 0) {
    throw InputError("attention",
                     std::to_string(s.key_heads) + " key_heads do not divide " + std::to_string(s.heads) + " heads");
  }
  if (s.causal && s.keys < s.queries) {
    throw InputError("attention", "causal needs at least as many keys as queries, not " + std::to_string(s.keys) +
                                      " for " + std::to_string(s.queries));
  }
  if (mask.added != nullptr && mask.shown != nullptr) {
    throw InputError("attention", "both masks are given; give the one that is added or the one of booleans");
  }
}

/// One head of one batch entry.
struct Head {
  const float* q = nullptr;
  const float* k = nullptr;
  const float* v = nullptr;
  float* y = nullptr;
  const float* added = nullptr;
  const std::uint8_t* shown = nullptr;
};

/// A block of queries passes over the keys. What it has seen is kept as if it were all: for each query the largest
/// score, the sum of exponentials and the weighted sum of values below it; a larger score scales the sums down.
class QueryBlock {
 public:
  QueryBlock(const AttentionShape& shape, std::int64_t mask_row)
      : s_(shape),
        mask_row_(mask_row),
        scale_(static_cast<float>(shape.scale.value_or(1.0 / std::sqrt(static_cast<double>(shape.width))))),
        keys_(size(shape.width * kAttentionKeys)),
        scores_(size(kAttentionQueries * kAttentionKeys)),
        values_(size(kAttentionQueries * shape.value_width)),
        most_(kAttentionQueries),
        sums_(kAttentionQueries) {}

  void run(const Head& head, std::int64_t first, std::int64_t count) {
    std::fill(most_.begin(), most_.end(), -kInfinity);
    std::fill(sums_.begin(), sums_.end(), 0.0);
    std::fill(values_.begin(), values_.end(), 0.0F);
    const std::int64_t reach = s_.causal ? first + count + s_.keys - s_.queries : s_.keys;
    for (std::int64_t key = 0; key < reach; key += kAttentionKeys) {
      const std::int64_t keys = std::min<std::int64_t>(kAttentionKeys, reach - key);
      score(head, first, count, key, keys);
      for (std::int64_t i = 0; i < count; ++i) {
        float* scores = scores_.data() + i * kAttentionKeys;
        lines::affine(scores, 0.0F, scale_, 0.0F, scores, keys);
        hide(head, first + i, key, keys, scores);
        fold(i, scores, keys);
      }
      attention_detail::multiply({.a = scores_.data(),
                                  .b = head.v + key * s_.v.row,
                                  .c = values_.data(),
                                  .rows = count,
                                  .depth = keys,
                                  .columns = s_.value_width,
                                  .a_stride = kAttentionKeys,
                                  .b_stride = s_.v.row,
                                  .c_stride = s_.value_width,
                                  .add = true});
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const double sum = sums_[size(i)];
      const float factor = sum == 0.0 ? 0.0F : static_cast<float>(1.0 / sum);
      lines::affine(values_.data() + i * s_.value_width, 0.0F, factor, 0.0F, head.y + (first + i) * s_.y.row,
                    s_.value_width);
    }
  }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

  void score(const Head& head, std::int64_t first, std::int64_t count, std::int64_t key, std::int64_t keys) {
    const float* q = head.q + first * s_.q.row;
    const float* k = head.k + key * s_.k.row;
    if (count <= kFewQueries) {
      for (std::int64_t i = 0; i < count; ++i) {
        attention_detail::dots(q + i * s_.q.row, k, s_.k.row, keys, s_.width, scores_.data() + i * kAttentionKeys);
      }
      return;
    }
    attention_detail::transpose(k, s_.k.row, keys, s_.width, keys_.data(), kAttentionKeys);
    attention_detail::multiply({.a = q,
                                .b = keys_.data(),
                                .c = scores_.data(),
                                .rows = count,
                                .depth = s_.width,
                                .columns = keys,
                                .a_stride = s_.q.row,
                                .b_stride = kAttentionKeys,
                                .c_stride = kAttentionKeys});
  }

  /// The mask, and what lies ahead of the query.
  void hide(const Head& head, std::int64_t query, std::int64_t key, std::int64_t keys, float* scores) const {
    if (head.added != nullptr) lines::join_sum(head.added + query * mask_row_ + key, scores, keys);
    if (head.shown != nullptr) {
      const std::uint8_t* shown = head.shown + query * mask_row_ + key;
      for (std::int64_t j = 0; j < keys; ++j) {
        if (shown[j] == 0) scores[j] = -kInfinity;
      }
    }
    if (!s_.causal) return;
    const std::int64_t seen = std::clamp<std::int64_t>(query + s_.keys - s_.queries + 1 - key, 0, keys);
    std::fill(scores + seen, scores + keys, -kInfinity);
  }

  /// Turns scores of query i into weights and scales what was there before.
  void fold(std::int64_t i, float* scores, std::int64_t keys) {
    const float before = most_[size(i)], here = lines::largest(scores, keys);
    const float most = std::isnan(before) || before > here ? before : here;
    if (most == -kInfinity) {
      std::fill_n(scores, keys, 0.0F);
      return;
    }
    const float factor = std::exp(before - most);
    const double sum = lines::exponentials(scores, most, scores, keys);
    sums_[size(i)] = sums_[size(i)] * static_cast<double>(factor) + sum;
    most_[size(i)] = most;
    float* values = values_.data() + i * s_.value_width;
    if (factor != 1.0F) lines::affine(values, 0.0F, factor, 0.0F, values, s_.value_width);
  }

  const AttentionShape& s_;
  std::int64_t mask_row_;
  float scale_;
  std::vector<float> keys_, scores_, values_, most_;
  std::vector<double> sums_;
};

Head head_of(const AttentionShape& s, const AttentionMask& mask, const float* q, const float* k, const float* v,
             float* y, std::int64_t batch, std::int64_t head) {
  const std::int64_t key_head = head * s.key_heads / s.heads;
  const auto at = [batch](const AttentionStrides& strides, std::int64_t of) {
    return batch * strides.batch + of * strides.head;
  };
  Head one{.q = q + at(s.q, head), .k = k + at(s.k, key_head), .v = v + at(s.v, key_head), .y = y + at(s.y, head)};
  if (mask.added != nullptr) one.added = mask.added + at(mask.strides, head);
  if (mask.shown != nullptr) one.shown = mask.shown + at(mask.strides, head);
  return one;
}

}  // namespace

void AttentionShape::set_dense_strides() {
  const auto dense = [](std::int64_t of_heads, std::int64_t rows, std::int64_t columns) {
    return AttentionStrides{of_heads * rows * columns, rows * columns, columns};
  };
  q = dense(heads, queries, width);
  k = dense(key_heads, keys, width);
  v = dense(key_heads, keys, value_width);
  y = dense(heads, queries, value_width);
}

void attention(const AttentionShape& s, const float* q, const float* k, const float* v, const AttentionMask& mask,
               float* y, ThreadPool& pool) {
  check(s, mask);
  const std::int64_t blocks = (s.queries + kAttentionQueries - 1) / kAttentionQueries, heads = s.batch * s.heads;
  // A thread keeps one head's keys and values in its caches where heads are enough for all.
  const std::int64_t parts = pool.threads() == 1 || heads >= 2 * pool.threads() ? 1 : blocks;
  pool.for_each(heads * parts, [&](std::int64_t task, int) {
    const std::int64_t batch = task / parts / s.heads, number = task / parts % s.heads, part = task % parts;
    const Head head = head_of(s, mask, q, k, v, y, batch, number);
    QueryBlock block(s, mask.strides.row);
    for (std::int64_t i = blocks * part / parts; i < blocks * (part + 1) / parts; ++i) {
      const std::int64_t first = i * kAttentionQueries;
      block.run(head, first, std::min<std::int64_t>(kAttentionQueries, s.queries - first));
    }
  });
}

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>
#include <string>

#include "workloads/builder.h"
#include "workloads/op_description.h"

namespace chipcast::crosscheck {

/// Operators of all kinds with random, mostly odd shapes.
class RandomOps {
 public:
  explicit RandomOps(std::uint64_t seed) : random_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(double share) { return std::bernoulli_distribution(share)(random_); }

  /// A graph of one operator.
  Graph next() {
    const std::int64_t kind = between(0, 11);
    if (kind < 5) return conv();
    if (kind == 5) return transposed();
    if (kind == 6) return gemm();
    if (kind == 7) return matmul();
    if (kind == 8) return pool();
    if (kind == 9) return elementwise();
    if (kind == 10) return recurrent();
    return movement();
  }

 private:
  struct Build {
    GraphBuilder b{"one"};
    DType dtype;
    TensorId input(Shape shape) { return b.input("x" + std::to_string(++count), {std::move(shape), dtype}); }
    TensorId weights(Shape shape) { return b.parameter("w" + std::to_string(++count), {std::move(shape), dtype}); }
    Graph finish(const Attributes& attributes, const std::vector<std::optional<TensorId>>& inputs) {
      b.output(b.add("op", attributes, inputs).front());
      return std::move(b).build();
    }
    int count = 0;
  };

  Build build() {
    const DType formats[] = {DType::int8, DType::int8, DType::int16, DType::fp16, DType::fp32};
    return {.dtype = formats[between(0, 4)]};
  }

  Graph conv() {
    Build b = build();
    Conv conv;
    const std::int64_t kh = between(1, 4), kw = between(1, 4);
    conv.strides = {between(1, 3), between(1, 3)};
    if (chance(0.3)) conv.dilations = {between(1, 2), between(1, 3)};
    if (chance(0.6)) conv.pads = {between(0, kh - 1), between(0, kw - 1), between(0, kh - 1), between(0, kw - 1)};
    std::int64_t in = between(1, 40), out = between(1, 40);
    if (chance(0.25)) {  // depthwise
      conv.groups = in;
      out = in * (chance(0.2) ? 2 : 1);
    } else if (chance(0.25)) {
      conv.groups = between(2, 4);
      in = conv.groups * between(1, 9);
      out = conv.groups * between(1, 9);
    }
    const TensorId x = b.input({between(1, 2), in, between(10, 19), between(10, 23)});
    const TensorId w = b.weights({out, in / conv.groups, kh, kw});
    if (chance(0.3)) return b.finish(conv, {x, w, b.weights({out})});
    return b.finish(conv, {x, w});
  }

  Graph transposed() {
    Build b = build();
    ConvTranspose conv;
    const std::int64_t stride = between(1, 2);
    conv.strides = {stride, stride};
    const std::int64_t in = between(1, 20), out = between(1, 20), kernel = between(stride, 4);
    const TensorId x = b.input({1, in, between(3, 9), between(3, 9)});
    return b.finish(conv, {x, b.weights({in, out, kernel, kernel})});
  }

  Graph gemm() {
    Build b = build();
    const std::int64_t k = between(1, 200), n = between(1, 90);
    const TensorId x = b.input({chance(0.4) ? 1 : between(2, 40), k}), w = b.weights({k, n});
    if (chance(0.5)) return b.finish(Gemm{}, {x, w, b.weights({n})});
    return b.finish(Gemm{}, {x, w});
  }

  Graph matmul() {
    Build b = build();
    const std::int64_t heads = between(1, 4), m = between(1, 30), k = between(1, 40), n = between(1, 30);
    const TensorId x = b.input({heads, m, k});
    if (chance(0.3)) return b.finish(Matmul{}, {x, b.weights({k, n})});
    return b.finish(Matmul{}, {x, chance(0.8) ? b.input({heads, k, n}) : b.input({k, n})});
  }

  Graph pool() {
    Build b = build();
    Pool pool;
    pool.kernel = {between(2, 3), between(2, 3)};
    pool.strides = {between(1, 2), between(1, 2)};
    return b.finish(pool, {b.input({1, between(1, 30), between(8, 17), between(8, 17)})});
  }

  Graph elementwise() {
    Build b = build();
    const Shape shape{1, between(1, 30), between(1, 17), between(1, 17)};
    if (chance(0.5)) return b.finish(Unary{}, {b.input(shape)});
    const TensorId x = b.input(shape);
    return b.finish(Binary{}, {x, chance(0.8) ? b.input(shape) : x});
  }

  Graph recurrent() {
    Build b = build();
    Recurrent cell;
    cell.hidden = between(3, 20);
    const std::int64_t in = between(2, 20);
    const TensorId x = b.input({between(2, 9), between(1, 2), in});
    return b.finish(cell, {x, b.weights({1, 4 * cell.hidden, in}), b.weights({1, 4 * cell.hidden, cell.hidden})});
  }

  Graph movement() {
    Build b = build();
    const std::int64_t height = between(2, 15), width = between(2, 15);
    if (chance(0.5)) {
      Concat concat;
      concat.axis = 1;
      return b.finish(concat,
                      {b.input({1, between(1, 20), height, width}), b.input({1, between(1, 20), height, width})});
    }
    Transpose transpose;
    transpose.perm = {0, 2, 3, 1};
    return b.finish(transpose, {b.input({1, between(2, 20), height, width})});
  }

  std::mt19937_64 random_;
};

}  // namespace chipcast::crosscheck

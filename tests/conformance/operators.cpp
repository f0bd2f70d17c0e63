// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/operators.h"

#include "workloads/builder.h"

namespace chipcast::conformance {
namespace {

class Builder {
 public:
  explicit Builder(DType dtype) : dtype_(dtype) {}

  TensorId input(Shape shape) {
    return b_.input(std::string("x").append(std::to_string(++count_)), {std::move(shape), dtype_});
  }
  TensorId weights(Shape shape) {
    return b_.parameter(std::string("w").append(std::to_string(++count_)), {std::move(shape), dtype_});
  }
  void op(const char* name, const Attributes& attributes, const std::vector<std::optional<TensorId>>& inputs) {
    b_.output(b_.add(name, attributes, inputs).front());
  }
  Graph build() { return std::move(b_).build(); }

 private:
  DType dtype_;
  GraphBuilder b_{"operators"};
  int count_ = 0;
};

Conv window(std::vector<std::int64_t> strides, std::vector<std::int64_t> pads,
            std::vector<std::int64_t> dilations = {}) {
  Conv conv;
  conv.strides = std::move(strides);
  conv.pads = std::move(pads);
  conv.dilations = std::move(dilations);
  return conv;
}

void add_convolutions(Builder& b) {
  b.op("image", window({2, 2}, {3, 3, 3, 3}), {b.input({1, 3, 37, 37}), b.weights({13, 3, 7, 7})});
  b.op("pointwise", window({1, 1}, {}), {b.input({1, 67, 9, 11}), b.weights({41, 67, 1, 1})});
  b.op("batched", window({1, 1}, {1, 1, 1, 1}), {b.input({3, 19, 8, 8}), b.weights({23, 19, 3, 3})});
  b.op("dilated", window({1, 1}, {2, 2, 2, 2}, {2, 2}), {b.input({1, 21, 13, 13}), b.weights({17, 21, 3, 3})});
  b.op("biased", window({1, 1}, {1, 1, 1, 1}), {b.input({1, 16, 7, 7}), b.weights({16, 16, 3, 3}), b.weights({16})});
  b.op("skipping", window({3, 3}, {}), {b.input({1, 18, 13, 13}), b.weights({12, 18, 1, 1})});
  Conv grouped = window({1, 1}, {1, 1, 1, 1});
  grouped.groups = 3;
  b.op("grouped", grouped, {b.input({1, 33, 10, 10}), b.weights({27, 11, 3, 3})});
  Conv depthwise = window({2, 2}, {1, 1, 1, 1});
  depthwise.groups = 35;
  b.op("depthwise", depthwise, {b.input({1, 35, 15, 15}), b.weights({35, 1, 3, 3})});
  b.op("line", window({1}, {2, 2}), {b.input({1, 10, 49}), b.weights({14, 10, 5})});
  b.op("volume", window({1, 1, 1}, {1, 1, 1, 1, 1, 1}), {b.input({1, 5, 6, 7, 7}), b.weights({9, 5, 3, 3, 3})});
  ConvTranspose up;
  up.strides = {2, 2};
  b.op("transposed", up, {b.input({1, 12, 6, 6}), b.weights({12, 10, 2, 2})});
}

void add_products(Builder& b) {
  b.op("vector", Gemm{}, {b.input({1, 515}), b.weights({515, 77})});
  b.op("matrix", Gemm{}, {b.input({29, 131}), b.weights({131, 65}), b.weights({65})});
  b.op("shared", Matmul{}, {b.input({5, 7, 33}), b.weights({33, 21})});
  b.op("attention", Matmul{}, {b.input({4, 31, 16}), b.input({4, 16, 31})});
  Recurrent cell;
  cell.hidden = 13;
  b.op("lstm", cell, {b.input({7, 1, 11}), b.weights({1, 52, 11}), b.weights({1, 52, 13})});
}

void add_others(Builder& b) {
  Pool pool;
  pool.kernel = {3, 3};
  pool.strides = {2, 2};
  b.op("pool", pool, {b.input({1, 24, 15, 15})});
  Pool global;
  global.function = PoolFunction::avg;
  global.global = true;
  b.op("global", global, {b.input({1, 37, 7, 7})});
  b.op("relu", Unary{}, {b.input({1, 19, 11, 11})});
  b.op("add", Binary{}, {b.input({1, 20, 9, 9}), b.input({1, 20, 9, 9})});
  b.op("softmax", Softmax{}, {b.input({3, 1001})});
  Concat concat;
  concat.axis = 1;
  b.op("concat", concat, {b.input({1, 5, 8, 8}), b.input({1, 11, 8, 8})});
  Transpose transpose;
  transpose.perm = {0, 2, 3, 1};
  b.op("transpose", transpose, {b.input({1, 6, 9, 10})});
}

}  // namespace

Graph all_kinds_of_operators(DType dtype) {
  Builder b(dtype);
  add_convolutions(b);
  add_products(b);
  add_others(b);
  return b.build();
}

Graph large_conv(DType dtype) {
  Builder b(dtype);
  b.op("large", window({1, 1}, {16, 16, 16, 16}), {b.input({1, 1, 96, 96}), b.weights({1, 1, 96, 96})});
  return b.build();
}

}  // namespace chipcast::conformance

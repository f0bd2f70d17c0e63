// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sim/base/check.h"
#include "workloads/builder.h"
#include "workloads/shape_inference.h"
#include "workloads/window.h"

/// Short spellings for the tests of graphs.
namespace chipcast::graph_test {

inline TensorType fp32(Shape shape) { return {std::move(shape), DType::fp32}; }

/// Output types of an operator on fp32 inputs of these shapes; an input given as nullopt is absent.
inline std::vector<TensorType> infer(const Attributes& attributes, const std::vector<std::optional<Shape>>& inputs,
                                     std::size_t outputs = 1) {
  std::vector<TensorType> types;
  types.reserve(inputs.size());
  std::vector<const TensorType*> pointers;
  for (const auto& shape : inputs) types.push_back(fp32(shape.value_or(Shape{})));
  for (std::size_t i = 0; i < inputs.size(); ++i) pointers.push_back(inputs[i] ? &types[i] : nullptr);
  return infer_shapes(attributes, pointers, outputs, "op");
}

inline Shape shape_of(const Attributes& attributes, const std::vector<std::optional<Shape>>& inputs) {
  return infer(attributes, inputs).at(0).shape;
}

/// The message of the InputError that `action` throws; a failure where it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const InputError& e) {
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << "a message is one line";
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline std::string shape_error(const Attributes& attributes, const std::vector<std::optional<Shape>>& inputs,
                               std::size_t outputs = 1) {
  return error_of([&] { infer(attributes, inputs, outputs); });
}

/// A network of one operator, "op": its first shape is an input, the others are parameters. `order` gives the
/// operator's inputs as places in `shapes` where they differ from 0, 1, ...
inline Graph one_op(const Attributes& attributes, const std::vector<Shape>& shapes,
                    const std::vector<std::size_t>& order = {}) {
  GraphBuilder b("one");
  std::vector<TensorId> tensors;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    tensors.push_back(i == 0 ? b.input("x", fp32(shapes[i]))
                             : b.parameter(std::string("p").append(std::to_string(i)), fp32(shapes[i])));
  }
  std::vector<std::optional<TensorId>> inputs(tensors.begin(), tensors.end());
  for (std::size_t i = 0; i < order.size(); ++i) inputs[i] = tensors[order[i]];
  for (const auto id : b.add("op", attributes, inputs)) b.output(id);
  return std::move(b).build();
}

/// x [1,3,8,8] -> conv (8 filters of 3x3, pad 1) -> batch_norm -> relu -> pool -> output.
inline Graph small_network() {
  GraphBuilder b("small");
  const auto x = b.input("x", fp32({1, 3, 8, 8}));
  const auto w = b.parameter("conv.weight", fp32({8, 3, 3, 3}));
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  const auto y = b.add_one("conv", conv, {x, w});
  std::vector<std::optional<TensorId>> norm{y};
  for (const char* name : {"scale", "bias", "mean", "variance"}) {
    norm.push_back(b.parameter(std::string("bn.") + name, fp32({8})));
  }
  const auto n = b.add_one("bn", BatchNorm{}, norm);
  const auto r = b.add_one("relu", Unary{}, {n});
  Pool pool;
  pool.kernel = {2, 2};
  pool.strides = {2, 2};
  b.output(b.add_one("pool", pool, {r}));
  return std::move(b).build();
}

}  // namespace chipcast::graph_test

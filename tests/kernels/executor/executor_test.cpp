// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/executor/folding.h"
#include "kernels/executor/layouts.h"
#include "kernels/reference/values.h"
#include "workloads/builder.h"
#include "workloads/transforms.h"

namespace chipcast::kernels {
namespace {

using testing::HasSubstr;

/// Values that repeat after a while, none of them large.
Array ramp(const TensorType& type, double step) {
  reference::Values<double> values(static_cast<std::size_t>(type.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(step * static_cast<double>(i) + step);
  return reference::pack(values, type);
}

/// conv - batch norm - relu, a branch that adds, a concat, a pool: channels first.
Graph network() {
  GraphBuilder b("network");
  const auto fp32 = [](Shape shape) { return TensorType{std::move(shape), DType::fp32}; };
  const auto x = b.input("x", fp32({2, 3, 9, 7}));
  auto y = b.add_one("conv", Conv{Window{.pads = {1, 1, 1, 1}}},
                     {x, b.parameter("w", fp32({8, 3, 3, 3})), b.parameter("b", fp32({8}))});
  y = b.add_one("norm", BatchNorm{},
                {y, b.parameter("s", fp32({8})), b.parameter("o", fp32({8})), b.parameter("m", fp32({8})),
                 b.parameter("v", fp32({8}))});
  y = b.add_one("relu", Unary{}, {y});
  const auto sum = b.add_one("sum", Binary{}, {y, b.parameter("c", fp32({8, 1, 1}))});
  const auto both = b.add_one("both", Concat{.axis = 1}, {sum, y});
  b.output(both);
  Pool pool;
  pool.function = PoolFunction::avg;
  pool.global = true;
  b.output(b.add_one("pool", pool, {both}));
  return std::move(b).build();
}

Parameters parameters_of(const Graph& graph) {
  Parameters out;
  double step = 0.1;
  for (const auto& tensor : graph.tensors) {
    if (!tensor.parameter) continue;
    Array values = ramp(tensor.type, step += 0.37);
    if (tensor.name == "v") {
      for (auto& value : values.span<float>()) value = value * value + 0.5F;
    }
    out.emplace(tensor.name, values);
  }
  return out;
}

void expect_near(const Array& got, const Array& wanted, double bound) {
  ASSERT_EQ(got.type(), wanted.type());
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    ASSERT_NEAR(got.data<float>()[i], wanted.data<float>()[i], bound) << i;
  }
}

TEST(Executor, FastAndPlainAndFoldedAgree) {
  const Graph graph = network();
  const auto parameters = parameters_of(graph);
  const std::vector<Array> inputs{ramp(graph.tensor(graph.inputs[0]).type, 0.7)};
  const auto wanted = Executor(graph, parameters, {.reference = true}).run(inputs);
  const Graph folded = fuse_activations(fold_batch_norm(graph));
  const auto values = fold_batch_norm_values(graph, folded, parameters);
  const auto fast = Executor(graph, parameters).run(inputs), both = Executor(folded, values).run(inputs);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    expect_near(fast[i], wanted[i], 1e-5);
    expect_near(both[i], wanted[i], 1e-5);
  }
}

TEST(Executor, ObserversSeeTheGraphsOrder) {
  const Graph graph = network();
  Executor executor(graph, parameters_of(graph));
  std::size_t seen = 0;
  executor.run(std::vector{ramp(graph.tensor(graph.inputs[0]).type, 0.7)},
               [&](OpId op, std::span<const Array> outputs) {
                 for (std::size_t i = 0; i < outputs.size(); ++i) {
                   EXPECT_EQ(outputs[i].type(), graph.tensor(graph.op(op).outputs[i]).type);
                 }
                 ++seen;
               });
  EXPECT_EQ(seen, graph.ops.size());
  EXPECT_EQ(executor.times().size(), graph.ops.size());
}

TEST(Executor, RefusesParametersAndInputs) {
  const Graph graph = network();
  auto parameters = parameters_of(graph);
  parameters.erase("w");
  try {
    Executor executor(graph, parameters);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("parameter \"w\": has no values; give an array of 8x3x3x3 fp32"));
  }
  Executor executor(graph, parameters_of(graph));
  EXPECT_THROW(executor.run({}), InputError);
  EXPECT_THROW(executor.run(std::vector{Array({{1}, DType::fp32})}), InputError);
}

TEST(Layouts, ThereAndBack) {
  ThreadPool pool;
  for (const DType dtype : {DType::int8, DType::fp16, DType::fp32, DType::fp64}) {
    Value value{ramp({{2, 33, 5, 7}, dtype}, 0.3)};
    const auto before = reference::unpack<double>(value.array);
    make_channels_last(value, pool);
    EXPECT_EQ(value.array.shape(), (Shape{2, 5, 7, 33}));
    EXPECT_EQ(reference::unpack<double>(value.array)[1], before[35]);
    make_plain(value, pool);
    EXPECT_EQ(reference::unpack<double>(value.array), before);
  }
}

}  // namespace
}  // namespace chipcast::kernels

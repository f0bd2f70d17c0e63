// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>

#include "kernels/executor/executor.h"
#include "kernels/memory.h"
#include "kernels/reference/values.h"
#include "workloads/builder.h"

namespace chipcast::kernels {
namespace {

TensorType fp32(Shape shape) { return {std::move(shape), DType::fp32}; }

/// A large product, a look-up whose indices are an input, and a sum.
Graph network() {
  GraphBuilder b("network");
  const auto x = b.input("x", fp32({1, 64, 64}));
  const auto index = b.input("index", {{32}, DType::int64});
  const auto y = b.add_one("product", Matmul{}, {x, b.parameter("w", fp32({64, 64}))});
  const auto looked_up = b.add_one("rows", Gather{.axis = 1}, {y, index});
  b.output(b.add_one("sum", Binary{}, {looked_up, looked_up}));
  return std::move(b).build();
}

Array values(const TensorType& type, double each) {
  return reference::pack(reference::Values<double>(static_cast<std::size_t>(type.elements()), each), type);
}

class BrokenOffRuns : public testing::TestWithParam<int> {
 protected:
  std::vector<Array> inputs(double index) {
    return {values(fp32({1, 64, 64}), 0.5), values({{32}, DType::int64}, index)};
  }
  const Graph graph_ = network();
  Executor executor_{graph_, {{"w", values(fp32({64, 64}), 0.25)}}, {.threads = GetParam()}};
};

TEST_P(BrokenOffRuns, ByAnOperatorLeaveTheExecutorAsItWas) {
  const float wanted = executor_.run(inputs(3)).front().data<float>()[7];
  for (int round = 0; round < 3; ++round) {
    EXPECT_THROW(executor_.run(inputs(64)), InputError);
    EXPECT_EQ(executor_.run(inputs(3)).front().data<float>()[7], wanted);
    EXPECT_EQ(executor_.times().size(), graph_.ops.size());
  }
}

TEST_P(BrokenOffRuns, ByAnObserverGiveTheirMemoryBack) {
  if (!Arena::in_use()) GTEST_SKIP() << "the leak checker looks after it";
  const std::byte* first = nullptr;
  const auto breaking = [&](OpId, std::span<const Array> outputs) {
    first = outputs.front().raw();
    throw std::runtime_error("enough");
  };
  EXPECT_THROW(executor_.run(inputs(3), breaking), std::runtime_error);
  const std::byte* const before = first;
  EXPECT_THROW(executor_.run(inputs(3), breaking), std::runtime_error);
  EXPECT_EQ(first, before);
}

INSTANTIATE_TEST_SUITE_P(Threads, BrokenOffRuns, testing::Values(1, 2, 5));

}  // namespace
}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/executor/random_networks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "kernels/simd/targets.h"

namespace chipcast::kernels {
namespace {

/// CHIPCAST_TEST_SEED in the environment draws other networks.
unsigned first_seed() {
  const char* given = std::getenv("CHIPCAST_TEST_SEED");
  return given == nullptr ? 1 : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

/// The greatest difference over the greatest magnitude, or infinity where one is NaN and the other is not.
double difference(const Array& got, const Array& wanted) {
  double most = 1, differs = 0;
  for (std::int64_t i = 0; i < got.elements(); ++i) {
    const auto a = static_cast<double>(got.data<float>()[i]), b = static_cast<double>(wanted.data<float>()[i]);
    if (std::isnan(a) != std::isnan(b)) return HUGE_VAL;
    if (std::isnan(a) || a == b) continue;
    differs = std::max(differs, std::fabs(a - b));
    most = std::max(most, std::fabs(b));
  }
  return differs / most;
}

std::string described(const Graph& graph) {
  std::string text;
  for (const Op& op : graph.ops) {
    text += "\n  " + op.name + " " + std::string(op.kind());
    for (const auto& id : op.inputs) {
      if (id) text += " " + graph.tensor(*id).name + "[" + to_text(graph.tensor(*id).type.shape) + "]";
    }
    text += " ->";
    for (const TensorId id : op.outputs) text += " " + to_text(graph.tensor(id).type.shape);
  }
  return text;
}

void expect_agreement(unsigned seed, int threads, std::map<std::string, int>& kinds) {
  const RandomNetwork network(seed, 7);
  const auto wanted =
      Executor(network.graph, network.parameters, {.reference = true, .stated = {}}).run(network.inputs);
  const auto got = Executor(network.graph, network.parameters, {.threads = threads, .stated = {}}).run(network.inputs);
  for (const Op& op : network.graph.ops) ++kinds[std::string(op.kind())];
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].type(), wanted[i].type());
    ASSERT_LT(difference(got[i], wanted[i]), 1e-3)
        << "seed " << seed << ", output " << network.graph.tensor(network.graph.outputs[i]).name << " of"
        << described(network.graph);
  }
}

// All operators that have SIMD kernels, in each other's orders of axes.
TEST(Executor, RandomNetworksAgreeWithPlainLoops) {
  constexpr unsigned kNetworks = 600;
  std::map<std::string, int> kinds;
  const auto targets = usable_targets();
  for (unsigned i = 0; i < kNetworks; ++i) {
    limit_target(targets[i % targets.size()]);
    expect_agreement(first_seed() + i, i % 4 == 0 ? 2 : 1, kinds);
    limit_target("");
    if (HasFatalFailure()) return;
  }
  for (const char* kind :
       {"conv",    "conv_transpose", "pool",   "unary",  "binary",      "prelu",           "batch_norm", "norm",
        "lrn",     "softmax",        "reduce", "concat", "split",       "slice",           "pad",        "transpose",
        "reshape", "expand",         "tile",   "gather", "space_depth", "channel_shuffle", "resize",     "matmul",
        "gemm"}) {
    EXPECT_GE(kinds[kind], 10) << kind << ": hardly any was legal";
  }
}

// A convolution of fewer axes than the other operand: its channels are not where those of the wider result are.
TEST(Executor, ChannelsLastOperandsOfFewerAxes) {
  for (const std::int64_t length : {4, 6}) {
    for (const Shape& other : {Shape{2, 4, length}, Shape{5, 2, 4, length}, Shape{3, 5, 2, 1, length}}) {
      GraphBuilder b("g");
      const auto x = b.input("x", {{2, 3, length}, DType::fp32});
      const auto y = b.add_one("conv", Conv{}, {x, b.parameter("w", {{4, 3, 1}, DType::fp32})});
      b.output(b.add_one("sum", Binary{}, {y, b.parameter("p", {other, DType::fp32})}));
      const Graph graph = std::move(b).build();
      Parameters parameters;
      float next = 0;
      const auto made = [&](const TensorType& type) {
        Array array(type);
        for (float& value : array.span<float>()) value = std::sin(next += 0.7f);
        return array;
      };
      for (const Tensor& tensor : graph.tensors) {
        if (tensor.parameter) parameters.emplace(tensor.name, made(tensor.type));
      }
      const std::vector<Array> inputs{made({{2, 3, length}, DType::fp32})};
      const auto wanted = Executor(graph, parameters, {.reference = true, .stated = {}}).run(inputs);
      const auto got = Executor(graph, parameters).run(inputs);
      EXPECT_LT(difference(got[0], wanted[0]), 1e-5) << to_text(other);
    }
  }
}

}  // namespace
}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workloads/builder.h"

/// The layers that the zoo's networks share. Each function adds operators to `b` and returns their output;
/// `name` names the first of them, those that follow are `name/bn`, `name/relu`, ..., and parameters are
/// `name.weight`, `name.bias`, ...
namespace chipcast::networks {

/// Height and width; one number stands for both.
struct Pair {
  std::int64_t h, w;
  constexpr Pair(std::int64_t both) : h(both), w(both) {}
  constexpr Pair(std::int64_t height, std::int64_t width) : h(height), w(width) {}
};

struct ConvSpec {
  std::int64_t out{1};  ///< output channels
  Pair kernel{1}, stride{1};
  std::int64_t groups{1};
  std::optional<Pair> pad{};  ///< above and below, left and right; half the kernel when absent
  bool same{false};           ///< TensorFlow's SAME instead of `pad`
  bool bias{false};
};

struct PoolSpec {
  Pair kernel{1}, stride{1};
  std::int64_t pad{0};
  bool ceil{false};
};

enum class Activation { none, relu, relu6, hard_swish, swish, leaky_relu };

std::int64_t channels(const GraphBuilder& b, TensorId x);
TensorId parameter(GraphBuilder& b, const std::string& name, Shape shape);

TensorId conv(GraphBuilder& b, const std::string& name, TensorId x, const ConvSpec& spec);
TensorId batch_norm(GraphBuilder& b, const std::string& name, TensorId x);
/// Leaky ReLU has a slope of 0.1, as in Darknet.
TensorId activate(GraphBuilder& b, const std::string& name, TensorId x, Activation activation);
/// Convolution, batch normalisation, activation.
TensorId conv_bn(GraphBuilder& b, const std::string& name, TensorId x, const ConvSpec& spec,
                 Activation activation = Activation::none);
/// Convolution with bias, activation.
TensorId conv_bias(GraphBuilder& b, const std::string& name, TensorId x, ConvSpec spec,
                   Activation activation = Activation::none);
/// conv_bn with one filter per channel.
TensorId depthwise_bn(GraphBuilder& b, const std::string& name, TensorId x, ConvSpec spec,
                      Activation activation = Activation::none);

TensorId max_pool(GraphBuilder& b, const std::string& name, TensorId x, const PoolSpec& spec);
TensorId global_average(GraphBuilder& b, const std::string& name, TensorId x);
TensorId add(GraphBuilder& b, const std::string& name, TensorId left, TensorId right);
TensorId multiply(GraphBuilder& b, const std::string& name, TensorId left, TensorId right);
TensorId concat(GraphBuilder& b, const std::string& name, const std::vector<TensorId>& parts);
/// Every element becomes a square of 2 x 2.
TensorId upsample(GraphBuilder& b, const std::string& name, TensorId x);
TensorId softmax(GraphBuilder& b, const std::string& name, TensorId x);
/// [N, C, 1, 1] -> [N, C]
TensorId flatten(GraphBuilder& b, const std::string& name, TensorId x);
/// Fully connected layer with bias on [N, C].
TensorId dense(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out);
/// Global average, fully connected layer, softmax: the tail of most image classifiers.
TensorId classifier(GraphBuilder& b, TensorId x, std::int64_t classes);

/// Squeeze-and-excitation (arXiv:1709.01507): x scaled per channel by a gate that sees the whole plane.
/// The gate is a hard sigmoid, max(0, min(1, x / 6 + 1 / 2)), as in MobileNetV3 (arXiv:1905.02244, section 5.2).
TensorId squeeze_excite(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t squeezed);

/// Channels times a multiplier, rounded to a multiple of `divisor` and never more than 10 % below: the rule
/// of the MobileNets' published code.
std::int64_t scale_channels(std::int64_t count, double multiplier, std::int64_t divisor = 8);

}  // namespace chipcast::networks

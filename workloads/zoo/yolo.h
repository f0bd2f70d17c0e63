// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "workloads/zoo/networks.h"

/// What the YOLO family shares.
namespace chipcast::networks {

/// Compound scaling of YOLOv5 and v8: factors on repeats and on channels.
struct Scale {
  double depth{1.0}, width{1.0};
  std::int64_t most_channels{1024};  ///< before the factor
};

/// Layers of one network: convolutions that are normalised and have its activation.
struct Yolo {
  GraphBuilder& builder;
  Scale scale{};
  Activation activation{Activation::swish};

  /// Channels times the factor, rounded up to a multiple of 8.
  std::int64_t channels_of(std::int64_t width) const;
  /// Repeats times the factor, rounded (halves to even), at least one.
  int depth_of(int repeats) const;

  TensorId conv(const std::string& name, TensorId x, const ConvSpec& spec) const;
  /// 3x3 with stride 2 to so many channels, before the factor.
  TensorId down(const std::string& name, TensorId x, std::int64_t width) const;
  /// "SPPF": windows of 5, 9 and 13, each as one of 5 behind the last.
  TensorId pyramid_pool(const std::string& name, TensorId x, std::int64_t width) const;
  /// x and windows of 5, 9 and 13 of it, one after the other.
  TensorId windows(const std::string& name, TensorId x) const;
};

TensorId sigmoid(GraphBuilder& b, const std::string& name, TensorId x);

}  // namespace chipcast::networks

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>

#include "accelerators/row_stationary/law.h"
#include "workloads/builder.h"
#include "workloads/op_description.h"

/// The convolutions of AlexNet in batches of 4, as Eyeriss was measured on them.
namespace chipcast::row_stationary {

struct AlexNetLayer {
  std::string name;
  std::int64_t groups, filters, channels, kernel, input, stride, pad;  ///< filters and channels of all groups
};

inline const std::array<AlexNetLayer, 5> kAlexNet{{{"conv1", 1, 96, 3, 11, 227, 4, 0},
                                                   {"conv2", 2, 256, 96, 5, 27, 1, 2},
                                                   {"conv3", 1, 384, 256, 3, 13, 1, 1},
                                                   {"conv4", 2, 384, 384, 3, 13, 1, 1},
                                                   {"conv5", 2, 256, 384, 3, 13, 1, 1}}};

inline OpDescription convolution(const AlexNetLayer& layer, std::int64_t batch = 4, DType dtype = DType::int16) {
  GraphBuilder b("net");
  const TensorId x = b.input("x", {{batch, layer.channels, layer.input, layer.input}, dtype});
  const TensorId w =
      b.parameter("w", {{layer.filters, layer.channels / layer.groups, layer.kernel, layer.kernel}, dtype});
  Conv conv;
  conv.groups = layer.groups;
  conv.strides = {layer.stride, layer.stride};
  conv.pads = {layer.pad, layer.pad, layer.pad, layer.pad};
  b.output(b.add_one(layer.name, conv, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

inline Layer alexnet_layer(std::size_t number) {
  return layer_of({}, convolution(kAlexNet.at(number - 1)).nests.front());
}

}  // namespace chipcast::row_stationary

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "workloads/zoo/layers.h"
#include "workloads/zoo/zoo.h"

/// One builder per network, grouped by the file that defines them; zoo.cpp lists them all.
namespace chipcast::networks {

// mobilenet_v1.cpp
Graph mobilenet_v1(const ZooOptions& options);
Graph mlperf_tiny_vww(const ZooOptions& options);

// mobilenet_v2.cpp
Graph mobilenet_v2(const ZooOptions& options);
Graph mobilenet_v2_ncnn(const ZooOptions& options);

// mobilenet_v3.cpp
Graph mobilenet_v3_large(const ZooOptions& options);
Graph mobilenet_v3_small(const ZooOptions& options);
Graph mobilenet_v3_large_ncnn(const ZooOptions& options);

// resnet.cpp
Graph resnet18(const ZooOptions& options);
Graph resnet18_ncnn(const ZooOptions& options);
Graph resnet50(const ZooOptions& options);
Graph resnet50_v1_5(const ZooOptions& options);

// squeezenet.cpp
Graph squeezenet1_0(const ZooOptions& options);
Graph squeezenet1_1(const ZooOptions& options);
Graph squeezenet1_1_ncnn(const ZooOptions& options);

// mlperf_tiny.cpp
Graph mlperf_tiny_ic(const ZooOptions& options);
Graph mlperf_tiny_kws(const ZooOptions& options);
Graph mlperf_tiny_ad(const ZooOptions& options);

// micronets.cpp
Graph micronet_kws_m(const ZooOptions& options);
Graph micronet_ad_m(const ZooOptions& options);

// bert.cpp
Graph bert_tiny(const ZooOptions& options);

/// The square RGB image that a vision network starts from.
inline TensorId image(GraphBuilder& b, const ZooOptions& options, std::int64_t default_resolution) {
  const std::int64_t edge = options.resolution.value_or(default_resolution);
  return b.input("data", {{options.batch, 3, edge, edge}, DType::fp32});
}

/// Ends a network with one output.
inline Graph finish(GraphBuilder&& b, TensorId output) {
  b.output(output);
  return std::move(b).build();
}

}  // namespace chipcast::networks

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
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
/// MobileNetV2 1.0 up to its last convolution, ReLU6: the expansion of its last stage but one, and the result.
std::array<TensorId, 2> mobilenet_v2_features(GraphBuilder& b, TensorId x);

// mobilenet_v3.cpp
Graph mobilenet_v3_large(const ZooOptions& options);
Graph mobilenet_v3_small(const ZooOptions& options);
Graph mobilenet_v3_large_ncnn(const ZooOptions& options);

// resnet.cpp
Graph resnet18(const ZooOptions& options);
Graph resnet18_ncnn(const ZooOptions& options);
Graph resnet34(const ZooOptions& options);
Graph resnet50(const ZooOptions& options);
Graph resnet50_v1_5(const ZooOptions& options);
Graph resnet50_v2(const ZooOptions& options);
Graph resnet101_v1_5(const ZooOptions& options);
/// ResNet-50 v1.5 without its tail: results of the last three stages.
std::array<TensorId, 3> resnet50_pyramid(GraphBuilder& b, TensorId x);

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

// plain.cpp
Graph alexnet(const ZooOptions& options);
Graph vgg16(const ZooOptions& options);

// googlenet.cpp
Graph googlenet(const ZooOptions& options);

// efficientnet.cpp
Graph efficientnet_b0(const ZooOptions& options);
Graph efficientnet_lite0(const ZooOptions& options);

// facenet.cpp
Graph facenet(const ZooOptions& options);

// ssdlite.cpp
Graph ssdlite_mobilenet_v2(const ZooOptions& options);

// retinaface.cpp
Graph retinaface_resnet50(const ZooOptions& options);

// yolov4_tiny.cpp
Graph yolov4_tiny(const ZooOptions& options);

// yolov5.cpp
Graph yolov5n(const ZooOptions& options);
Graph yolov5s(const ZooOptions& options);
Graph yolov5s_relu(const ZooOptions& options);
Graph yolov5m(const ZooOptions& options);
Graph yolov5n_seg(const ZooOptions& options);
Graph yolov5s_seg(const ZooOptions& options);
Graph yolov5m_seg(const ZooOptions& options);

// yolov7.cpp
Graph yolov7_tiny(const ZooOptions& options);
Graph yolov7(const ZooOptions& options);

// yolov8.cpp
Graph yolov8n(const ZooOptions& options);
Graph yolov8s(const ZooOptions& options);
Graph yolov8m(const ZooOptions& options);

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

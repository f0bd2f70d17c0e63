// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>

#include "bench/kernels/case.h"

namespace chipcast::bench {

namespace {

Case gemm(const std::string& name, std::int64_t m, std::int64_t n, std::int64_t k) {
  return {.family = Family::gemm, .name = name, .in_width = m, .in_channels = k, .out_channels = n};
}

Case conv(const std::string& name, std::int64_t size, std::int64_t in, std::int64_t out, std::int64_t kernel,
          std::int64_t stride) {
  return {.family = Family::conv,
          .name = name,
          .in_height = size,
          .in_width = size,
          .in_channels = in,
          .out_channels = out,
          .kernel = kernel,
          .stride = stride,
          .pad = kernel / 2};
}

Case depthwise(const std::string& name, std::int64_t size, std::int64_t channels, std::int64_t kernel,
               std::int64_t stride) {
  Case some = conv(name, size, channels, channels, kernel, stride);
  some.family = Family::depthwise;
  some.groups = channels;
  return some;
}

}  // namespace

std::vector<Case> suite() {
  return {
      gemm("square 256", 256, 256, 256),
      gemm("square 512", 512, 512, 512),
      gemm("square 1024", 1024, 1024, 1024),
      gemm("BERT-base projection", 128, 768, 768),
      gemm("BERT-base up", 128, 3072, 768),
      gemm("BERT-base down", 128, 768, 3072),
      gemm("BERT-tiny up", 128, 512, 128),
      gemm("GPT-2 attention, 16 tokens", 16, 2304, 768),
      gemm("ViT-S projection", 197, 384, 384),
      gemm("skinny 4 rows", 4, 1024, 1024),
      gemm("classifier 2048 to 1000", 1, 1000, 2048),
      gemm("LSTM gates 512", 1, 2048, 1024),
      conv("ResNet-50 conv1 7x7/2", 224, 3, 64, 7, 2),
      conv("ResNet-50 2a 1x1", 56, 64, 64, 1, 1),
      conv("ResNet-50 2b 3x3", 56, 64, 64, 3, 1),
      conv("ResNet-50 2c 1x1", 56, 64, 256, 1, 1),
      conv("ResNet-50 3b 3x3/2", 56, 128, 128, 3, 2),
      conv("ResNet-50 3b 3x3", 28, 128, 128, 3, 1),
      conv("ResNet-50 3c 1x1", 28, 128, 512, 1, 1),
      conv("ResNet-50 4b 3x3", 14, 256, 256, 3, 1),
      conv("ResNet-50 4a 1x1", 14, 1024, 256, 1, 1),
      conv("ResNet-50 5b 3x3", 7, 512, 512, 3, 1),
      conv("ResNet-50 5 shortcut 1x1/2", 14, 1024, 2048, 1, 2),
      conv("VGG-16 1_2 3x3", 224, 64, 64, 3, 1),
      conv("VGG-16 3_2 3x3", 56, 256, 256, 3, 1),
      conv("VGG-16 5_1 3x3", 14, 512, 512, 3, 1),
      conv("MobileNetV2 stem 3x3/2", 224, 3, 32, 3, 2),
      conv("MobileNetV2 expand 1x1", 56, 24, 144, 1, 1),
      conv("MobileNetV2 project 1x1", 14, 384, 64, 1, 1),
      conv("MobileNetV2 last 1x1", 7, 320, 1280, 1, 1),
      conv("AlexNet conv2 5x5", 27, 96, 256, 5, 1),
      depthwise("MobileNetV1 3x3", 112, 32, 3, 1),
      depthwise("MobileNetV1 3x3/2", 112, 64, 3, 2),
      depthwise("MobileNetV1 3x3 mid", 14, 512, 3, 1),
      depthwise("MobileNetV1 3x3/2 late", 14, 512, 3, 2),
      depthwise("MobileNetV2 3x3", 56, 144, 3, 1),
      depthwise("MobileNetV2 3x3/2", 28, 192, 3, 2),
      depthwise("MobileNetV2 3x3 late", 7, 960, 3, 1),
      depthwise("MobileNetV3 5x5/2", 56, 72, 5, 2),
      depthwise("MobileNetV3 5x5", 28, 120, 5, 1),
      depthwise("MNASNet 5x5", 7, 1152, 5, 1),
      depthwise("EfficientNet-B0 5x5", 14, 480, 5, 1),
      depthwise("EfficientNet-B0 5x5/2", 14, 672, 5, 2),
  };
}

Operands operands_of(const Case& some) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> real(-1.0F, 1.0F);
  std::uniform_int_distribution<int> byte(-127, 127), positive(0, 127);
  Operands made;
  for (std::int64_t i = 0; i < some.inputs(); ++i) {
    made.input.push_back(real(random));
    made.input8.push_back(static_cast<std::int8_t>(positive(random)));
  }
  for (std::int64_t i = 0; i < some.weights(); ++i) {
    made.weights.push_back(real(random));
    made.weights8.push_back(static_cast<std::int8_t>(byte(random)));
  }
  for (std::int64_t i = 0; i < some.out_channels; ++i) {
    made.bias.push_back(real(random));
    made.bias8.push_back(byte(random) * 100);
    made.weight_scales.push_back(0.001F + 0.0005F * real(random));
  }
  // Sums of `depth` products of this size, over a range of about three deviations.
  made.output_scale = made.input_scale * 0.001F * 73.0F * 73.0F * std::sqrt(static_cast<float>(some.depth())) / 40.0F;
  return made;
}

}  // namespace chipcast::bench

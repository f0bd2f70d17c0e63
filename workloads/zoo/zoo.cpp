// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/zoo.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "sim/base/check.h"
#include "workloads/zoo/networks.h"

namespace chipcast {
namespace {

struct Network {
  std::string_view name;
  Graph (*build)(const ZooOptions&);
  enum { kFixed, kResolution, kResolutionAndWidth, kSequence } options;
  std::string_view description, source;
  std::int64_t least_edge{32}, edge_step{1};  ///< resolutions at which its maps fit together
};

constexpr std::string_view kNcnnSource = "github.com/Tencent/ncnn, benchmark/models";

constexpr std::string_view kYolov5Source = "github.com/ultralytics/yolov5, releases 6 and 7";
constexpr std::string_view kYolov7Source = "arXiv:2207.02696; github.com/WongKinYiu/yolov7";
constexpr std::string_view kYolov8Source = "github.com/ultralytics/ultralytics, release 8";

constexpr std::array kNetworks{
    Network{"mobilenet_v1", networks::mobilenet_v1, Network::kResolutionAndWidth, "MobileNetV1 1.0, 224x224",
            "arXiv:1704.04861"},
    Network{"mobilenet_v2", networks::mobilenet_v2, Network::kResolutionAndWidth, "MobileNetV2 1.0, 224x224",
            "arXiv:1801.04381"},
    Network{"mobilenet_v3_large", networks::mobilenet_v3_large, Network::kResolutionAndWidth,
            "MobileNetV3-Large 1.0, 224x224", "arXiv:1905.02244"},
    Network{"mobilenet_v3_small", networks::mobilenet_v3_small, Network::kResolutionAndWidth,
            "MobileNetV3-Small 1.0, 224x224", "arXiv:1905.02244"},
    Network{"resnet18", networks::resnet18, Network::kResolution, "ResNet-18, 224x224", "arXiv:1512.03385"},
    Network{"resnet50", networks::resnet50, Network::kResolution, "ResNet-50 v1 (stride on the first 1x1), 224x224",
            "arXiv:1512.03385"},
    Network{"resnet50_v1_5", networks::resnet50_v1_5, Network::kResolution,
            "ResNet-50 v1.5 (stride on the 3x3), 224x224",
            "github.com/facebookarchive/fb.resnet.torch; MLPerf's resnet50"},
    Network{"resnet34", networks::resnet34, Network::kResolution, "ResNet-34, 224x224", "arXiv:1512.03385"},
    Network{"resnet101_v1_5", networks::resnet101_v1_5, Network::kResolution,
            "ResNet-101 v1.5 (stride on the 3x3), 224x224", "arXiv:1512.03385; torchvision"},
    Network{"resnet50_v2", networks::resnet50_v2, Network::kResolution,
            "ResNet-50 v2 (activation before convolutions), 224x224",
            "arXiv:1603.05027; github.com/onnx/models, resnet50-v2-7"},
    Network{"alexnet", networks::alexnet, Network::kResolution, "AlexNet in one tower, 224x224",
            "arXiv:1404.5997; torchvision", 63, 1},
    Network{"vgg16", networks::vgg16, Network::kResolution, "VGG-16, 224x224", "arXiv:1409.1556"},
    Network{"googlenet", networks::googlenet, Network::kResolution, "GoogLeNet with 3x3 for 5x5, 224x224",
            "arXiv:1409.4842; torchvision"},
    Network{"efficientnet_b0", networks::efficientnet_b0, Network::kResolution, "EfficientNet-B0, 224x224",
            "arXiv:1905.11946"},
    Network{"efficientnet_lite0", networks::efficientnet_lite0, Network::kResolution, "EfficientNet-Lite0, 224x224",
            "github.com/tensorflow/tpu, models/official/efficientnet/lite"},
    Network{"facenet", networks::facenet, Network::kResolution, "FaceNet: Inception-ResNet-v1, 512 values, 160x160",
            "arXiv:1602.07261; github.com/davidsandberg/facenet", 75, 1},
    Network{"ssdlite_mobilenet_v2", networks::ssdlite_mobilenet_v2, Network::kResolution,
            "SSDLite on MobileNetV2, 91 classes, 300x300, without decoding", "arXiv:1801.04381, section 6.2"},
    Network{"retinaface_resnet50", networks::retinaface_resnet50, Network::kResolution,
            "RetinaFace on ResNet-50, 320x320, without decoding",
            "arXiv:1905.00641; github.com/biubug6/Pytorch_Retinaface", 32, 32},
    Network{"yolov4_tiny", networks::yolov4_tiny, Network::kResolution, "YOLOv4-tiny, 416x416, without decoding",
            "arXiv:2011.08036; github.com/AlexeyAB/darknet", 32, 32},
    Network{"yolov5n", networks::yolov5n, Network::kResolution, "YOLOv5n, 640x640, without decoding", kYolov5Source, 32,
            32},
    Network{"yolov5s", networks::yolov5s, Network::kResolution, "YOLOv5s, 640x640, without decoding", kYolov5Source, 32,
            32},
    Network{"yolov5s_relu", networks::yolov5s_relu, Network::kResolution,
            "YOLOv5s with ReLU for SiLU, 640x640, without decoding", kYolov5Source, 32, 32},
    Network{"yolov5m", networks::yolov5m, Network::kResolution, "YOLOv5m, 640x640, without decoding", kYolov5Source, 32,
            32},
    Network{"yolov5n_seg", networks::yolov5n_seg, Network::kResolution, "YOLOv5n with masks, 640x640, without decoding",
            kYolov5Source, 32, 32},
    Network{"yolov5s_seg", networks::yolov5s_seg, Network::kResolution, "YOLOv5s with masks, 640x640, without decoding",
            kYolov5Source, 32, 32},
    Network{"yolov5m_seg", networks::yolov5m_seg, Network::kResolution, "YOLOv5m with masks, 640x640, without decoding",
            kYolov5Source, 32, 32},
    Network{"yolov7_tiny", networks::yolov7_tiny, Network::kResolution, "YOLOv7-tiny, 640x640, without decoding",
            kYolov7Source, 32, 32},
    Network{"yolov7", networks::yolov7, Network::kResolution, "YOLOv7, 640x640, without decoding", kYolov7Source, 32,
            32},
    Network{"yolov8n", networks::yolov8n, Network::kResolution, "YOLOv8n, 640x640, without decoding", kYolov8Source, 32,
            32},
    Network{"yolov8s", networks::yolov8s, Network::kResolution, "YOLOv8s, 640x640, without decoding", kYolov8Source, 32,
            32},
    Network{"yolov8m", networks::yolov8m, Network::kResolution, "YOLOv8m, 640x640, without decoding", kYolov8Source, 32,
            32},
    Network{"squeezenet1_0", networks::squeezenet1_0, Network::kResolution, "SqueezeNet 1.0, 227x227",
            "arXiv:1602.07360"},
    Network{"squeezenet1_1", networks::squeezenet1_1, Network::kResolution, "SqueezeNet 1.1, 224x224",
            "github.com/forresti/SqueezeNet, SqueezeNet_v1.1"},
    Network{"mlperf_tiny_ic", networks::mlperf_tiny_ic, Network::kFixed,
            "MLPerf Tiny image classification: ResNet-8, 32x32", "arXiv:2106.07597"},
    Network{"mlperf_tiny_kws", networks::mlperf_tiny_kws, Network::kFixed,
            "MLPerf Tiny keyword spotting: DS-CNN, 49x10 MFCC", "arXiv:2106.07597, arXiv:1711.07128"},
    Network{"mlperf_tiny_vww", networks::mlperf_tiny_vww, Network::kFixed,
            "MLPerf Tiny visual wake words: MobileNetV1 0.25, 96x96", "arXiv:2106.07597, arXiv:1704.04861"},
    Network{"mlperf_tiny_ad", networks::mlperf_tiny_ad, Network::kFixed,
            "MLPerf Tiny anomaly detection: autoencoder, 640", "arXiv:2106.07597"},
    Network{"micronet_kws_m", networks::micronet_kws_m, Network::kFixed, "MicroNet-M keyword spotting, 49x10 MFCC",
            "arXiv:2010.11267"},
    Network{"micronet_ad_m", networks::micronet_ad_m, Network::kFixed,
            "MicroNet-M anomaly detection, 32x32 spectrogram", "arXiv:2010.11267"},
    Network{"bert_tiny", networks::bert_tiny, Network::kSequence, "BERT-Tiny encoder (L=2, H=128), 128 tokens",
            "arXiv:1908.08962, arXiv:1810.04805"},
    Network{"mobilenet_v2_ncnn", networks::mobilenet_v2_ncnn, Network::kResolutionAndWidth,
            "MobileNetV2 with an extra first expansion and ReLU", kNcnnSource},
    Network{"mobilenet_v3_large_ncnn", networks::mobilenet_v3_large_ncnn, Network::kResolutionAndWidth,
            "MobileNetV3-Large with 160 channels one block earlier", kNcnnSource},
    Network{"resnet18_ncnn", networks::resnet18_ncnn, Network::kResolution,
            "ResNet-18 with a projection in every stage", kNcnnSource},
    Network{"squeezenet1_1_ncnn", networks::squeezenet1_1_ncnn, Network::kResolution,
            "SqueezeNet 1.1, 227x227, last convolution padded", kNcnnSource},
};

template <class T>
void check_option(const Network& network, std::string_view option, const std::optional<T>& value, bool offered, T low,
                  T high) {
  if (!value) return;
  const std::string place = "options." + std::string(option);
  if (!offered) throw InputError(place, std::string(network.name) + " has no such option; leave it out");
  if (!(*value >= low && *value <= high)) {
    std::ostringstream message;
    message << *value << " is outside [" << low << ", " << high << "]";
    throw InputError(place, message.str());
  }
}

void check(const Network& network, const ZooOptions& options) {
  const bool width = network.options == Network::kResolutionAndWidth;
  const bool resolution = width || network.options == Network::kResolution;
  const bool sequence = network.options == Network::kSequence;
  check_option<std::int64_t>(network, "batch", options.batch, true, 1, 4096);
  check_option<std::int64_t>(network, "resolution", options.resolution, resolution, network.least_edge, 4096);
  if (options.resolution.value_or(0) % network.edge_step != 0) {
    throw InputError("options.resolution", std::to_string(*options.resolution) + " is no multiple of " +
                                               std::to_string(network.edge_step) + ", as " + std::string(network.name) +
                                               " needs");
  }
  check_option<double>(network, "width", options.width, width, 0.1, 4.0);
  check_option<std::int64_t>(network, "sequence_length", options.sequence_length, sequence, 1, 512);
}

}  // namespace

const std::vector<ZooEntry>& zoo() {
  static const std::vector<ZooEntry> entries = [] {
    std::vector<ZooEntry> out;
    for (const Network& n : kNetworks) {
      out.push_back({std::string(n.name), std::string(n.description), std::string(n.source)});
    }
    return out;
  }();
  return entries;
}

Graph zoo_network(std::string_view name, const ZooOptions& options) {
  const auto found = std::ranges::find(kNetworks, name, &Network::name);
  if (found == kNetworks.end()) {
    std::vector<std::string> known;
    for (const Network& n : kNetworks) known.emplace_back(n.name);
    throw InputError("", "no network is named " + in_quotes(name) + suggestion(name, known));
  }
  check(*found, options);
  return found->build(options);
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
// Detectors, faces and further classifiers: totals against what their authors or torchvision print.
#include <gtest/gtest.h>

#include "count.h"

namespace chipcast {
namespace {

using namespace zoo_test;

TEST(zoo_published, classifiers_of_torchvision) {
  struct Row {
    std::string name;
    std::int64_t trainable;
  };
  const std::vector<Row> rows{
      {"resnet34", 21797672}, {"resnet101_v1_5", 44549160}, {"alexnet", 61100840},          {"vgg16", 138357544},
      {"googlenet", 6624904}, {"efficientnet_b0", 5288548}, {"efficientnet_lite0", 4652008}};
  for (const Row& row : rows) EXPECT_EQ(trainable(zoo_network(row.name)), row.trainable) << row.name;
}

TEST(zoo_published, macs_of_public_files) {
  // ncnn's vgg16 and yolov4-tiny, in millions; EfficientNet-B0 without what its file adds for the classifier's pool.
  EXPECT_NEAR(1e-6 * static_cast<double>(macs(zoo_network("vgg16"))), 15470.26, 0.01);
  EXPECT_NEAR(1e-6 * static_cast<double>(macs(zoo_network("yolov4_tiny"))), 3453.94, 0.01);
  EXPECT_NEAR(1e-6 * static_cast<double>(macs(zoo_network("efficientnet_b0"))), 385.81, 0.01);
  // torchvision's table: 7.80 and 3.66 G.
  EXPECT_NEAR(1e-9 * static_cast<double>(macs(zoo_network("resnet101_v1_5"))), 7.80, 0.005);
  EXPECT_NEAR(1e-9 * static_cast<double>(macs(zoo_network("resnet34"))), 3.66, 0.005);
}

TEST(zoo_published, detectors) {
  // Millions of parameters and thousand millions of operations (two a multiply-accumulate) as the authors print them.
  // Their count has normalisation, activations and the decoding of boxes: up to 2 % more.
  struct Row {
    std::string name;
    double parameters, operations;
  };
  const std::vector<Row> rows{{"yolov5n", 1.9, 4.5},      {"yolov5s", 7.2, 16.5},     {"yolov5m", 21.2, 49.0},
                              {"yolov5n_seg", 2.0, 7.1},  {"yolov5s_seg", 7.6, 26.4}, {"yolov5m_seg", 22.0, 70.8},
                              {"yolov7_tiny", 6.2, 13.8}, {"yolov7", 36.9, 104.7},    {"yolov8n", 3.2, 8.7},
                              {"yolov8s", 11.2, 28.6},    {"yolov8m", 25.9, 78.9}};
  for (const Row& row : rows) {
    const Graph g = zoo_network(row.name);
    EXPECT_NEAR(1e-6 * static_cast<double>(trainable(g)), row.parameters, 0.02 * row.parameters + 0.05) << row.name;
    const double operations = 2e-9 * static_cast<double>(macs(g));
    EXPECT_NEAR(operations, row.operations, 0.02 * row.operations) << row.name;
  }
}

TEST(zoo_published, ssdlite) {
  // arXiv:1801.04381, table 6: 4.3 M, 0.8 G at an edge of 320; normalisation counts here.
  const Graph g = zoo_network("ssdlite_mobilenet_v2");
  EXPECT_NEAR(1e-6 * static_cast<double>(folded(g)), 4.3, 0.2);
  EXPECT_NEAR(1e-9 * static_cast<double>(macs(g)), 0.75, 0.005);
}

TEST(zoo_published, faces) {
  // 23,497,424 stored in the published FaceNet of 512 values, which has no scale in its normalisations.
  const Graph face = zoo_network("facenet");
  EXPECT_EQ(stored(face) - normalised_channels(face), 23497424);
  EXPECT_NEAR(1e-6 * static_cast<double>(trainable(zoo_network("retinaface_resnet50"))), 27.29, 0.01);
}

TEST(zoo_published, activations_do_not_change_what_is_computed) {
  EXPECT_EQ(macs(zoo_network("yolov5s")), macs(zoo_network("yolov5s_relu")));
  EXPECT_EQ(stored(zoo_network("yolov5s")), stored(zoo_network("yolov5s_relu")));
  EXPECT_EQ(macs(zoo_network("resnet50_v2")), macs(zoo_network("resnet50_v1_5")));
}

TEST(zoo_published, half_the_edge_is_a_quarter_of_a_detector) {
  EXPECT_EQ(4 * macs(zoo_network("yolov5n", {.resolution = 320})), macs(zoo_network("yolov5n")));
  EXPECT_EQ(4 * macs(zoo_network("yolov7", {.resolution = 320})), macs(zoo_network("yolov7")));
}

}  // namespace
}  // namespace chipcast

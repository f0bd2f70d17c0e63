// SPDX-License-Identifier: Apache-2.0
// The zoo against the tables of measured and published networks, where they are at hand.
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "count.h"

namespace chipcast {
namespace {

using namespace zoo_test;

struct Row {
  std::string macs_m, parameters_m;
};

/// First and third to fourth column of networks.csv; the second has no quoted commas in the rows that are used here.
std::map<std::string, Row> reference() {
  std::ifstream file(std::filesystem::path(CHIPCAST_SOURCE_DIR) / "../shared/reference/networks.csv");
  std::map<std::string, Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name, input, macs_m, parameters_m;
    std::getline(fields, name, ',');
    std::getline(fields, input, ',');
    std::getline(fields, macs_m, ',');
    std::getline(fields, parameters_m, ',');
    rows.emplace(name, Row{macs_m, parameters_m});
  }
  return rows;
}

/// Millions with the digits that a table prints.
std::string millions(std::int64_t count, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, static_cast<double>(count) / 1e6);
  return text;
}

class ZooReference : public testing::Test {
 protected:
  void SetUp() override {
    if (rows_.empty()) GTEST_SKIP() << "no ../shared/reference/networks.csv beside this checkout";
  }
  const std::map<std::string, Row> rows_ = reference();
};

TEST_F(ZooReference, equals_the_ncnn_files_to_the_digits_printed) {
  const std::vector<std::pair<std::string, std::string>> pairs{{"mobilenet_v1", "mobilenet"},
                                                               {"mobilenet_v2_ncnn", "mobilenet_v2"},
                                                               {"mobilenet_v3_large_ncnn", "mobilenet_v3"},
                                                               {"resnet18_ncnn", "resnet18"},
                                                               {"resnet50", "resnet50"},
                                                               {"squeezenet1_1_ncnn", "squeezenet"}};
  for (const auto& [ours, theirs] : pairs) {
    const Graph g = zoo_network(ours);
    EXPECT_EQ(millions(macs(g), 2), rows_.at(theirs).macs_m) << ours;
    EXPECT_EQ(millions(folded(g), 3), rows_.at(theirs).parameters_m) << ours;
  }
}

TEST_F(ZooReference, mobilenet_v2_equals_the_authors_table_at_every_width_and_resolution) {
  // The table prints whole millions of MACs, cut off, and weights without biases and normalisation.
  int compared = 0;
  for (const auto& [name, row] : rows_) {
    double width = 0.0;
    int resolution = 0;
    if (std::sscanf(name.c_str(), "mobilenet_v2_%lf_%d", &width, &resolution) != 2) continue;
    const Graph g = zoo_network("mobilenet_v2", {.resolution = resolution, .width = width});
    EXPECT_EQ(std::to_string(macs(g) / 1000000), row.macs_m) << name;
    EXPECT_EQ(millions(weights(g), 2), row.parameters_m) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 22);
}

}  // namespace
}  // namespace chipcast

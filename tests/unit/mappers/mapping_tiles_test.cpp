// SPDX-License-Identifier: Apache-2.0
// Tiles that a mapping states are held to the device's buffers and to a number of commands.
#include "mappers/mapping_tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/npu/cost.h"
#include "workloads/builder.h"

namespace chipcast {
namespace {

/// An addition of two maps of 200 KB, and a product of some 2^30 positions.
Graph large_graph() {
  GraphBuilder b("large");
  const auto x = b.input("x", {{1, 64, 56, 56}, DType::int8}), y = b.input("y", {{1, 64, 56, 56}, DType::int8});
  b.output(b.add_one("sum", Binary{}, {x, y}));
  const auto wide = b.input("wide", {{1, 1, 32768, 32768}, DType::int8});
  b.output(b.add_one("conv", Conv{}, {wide, b.parameter("w", {{1, 1, 1, 1}, DType::int8})}));
  return std::move(b).build();
}

class MappingTiles : public testing::Test {
 protected:
  technology::Config technology_;
  std::unique_ptr<Device> npu_ = npu::make_device({.buffer = Bytes(128 * 1024)}, "npu0", technology_);
  Graph graph_ = large_graph();
  std::vector<OpDescription> ops_ = describe_ops(graph_);

  std::string pieces(std::int64_t count) { return problem_of(ops_[0], *npu_, {.tile = {.pieces = count}}); }
};

TEST_F(MappingTiles, PiecesFitTheBuffer) {
  EXPECT_THAT(pieces(1), testing::HasSubstr("buffer, which has "));
  EXPECT_THAT(pieces(1), testing::HasSubstr("cut it into at least "));
  EXPECT_EQ(pieces(64), "");
  EXPECT_EQ(pieces(1'000'001), "it is cut into at most 1000000 pieces");
}

TEST_F(MappingTiles, AreNotTooMany) {
  EXPECT_EQ(problem_of(ops_[1], *npu_, {.tile = {.out_height = 1, .out_width = 1}}),
            "it is cut into more than 1000000 tiles; choose larger ones");
  EXPECT_EQ(problem_of(ops_[1], *npu_, {.tile = {.out_height = 1, .out_width = 4096}}), "");
}

}  // namespace
}  // namespace chipcast

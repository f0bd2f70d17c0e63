// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mappers/emitter_streams.h"

namespace chipcast {
namespace {

using Parts = std::vector<std::tuple<std::size_t, std::int64_t, std::int64_t>>;  // tensor, offset, bytes

Parts next(Stream& stream, std::int64_t bytes) {
  Parts out;
  for (const auto& part : stream.next(Bytes(bytes))) {
    out.emplace_back(part.tensor.index(), part.offset.count(), part.bytes.count());
  }
  return out;
}

TEST(OperandStreams, RunThroughTheTensorsInTurn) {
  Stream stream({{TensorId(4), Bytes(10)}, {TensorId(7), Bytes(6)}});
  EXPECT_EQ(next(stream, 8), (Parts{{4, 0, 8}}));
  EXPECT_EQ(next(stream, 5), (Parts{{4, 8, 2}, {7, 0, 3}}));
  EXPECT_EQ(next(stream, 0), Parts{});
  EXPECT_EQ(next(stream, 3), (Parts{{7, 3, 3}}));
}

TEST(OperandStreams, StartAnewWhereOperandsAreFetchedAgain) {
  Stream stream({{TensorId(1), Bytes(10)}});
  EXPECT_EQ(next(stream, 7), (Parts{{1, 0, 7}}));
  EXPECT_EQ(next(stream, 7), (Parts{{1, 7, 3}, {1, 0, 4}}));
  EXPECT_EQ(next(stream, 10), (Parts{{1, 4, 6}, {1, 0, 4}}));
}

TEST(OperandStreams, PassTensorsWithoutBytes) {
  Stream stream({{TensorId(1), Bytes(0)}, {TensorId(2), Bytes(4)}});
  EXPECT_EQ(next(stream, 6), (Parts{{2, 0, 4}, {2, 0, 2}}));
}

}  // namespace
}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mappers/emitter_pieces.h"
#include "mappers/tiling/tiling.h"

namespace chipcast {
namespace {

/// All parts of all pieces; what each piece should have in all is that of the tiling.
std::vector<std::vector<Pieces::Part>> cut(const std::vector<std::int64_t>& sizes, std::int64_t pieces) {
  std::vector<Pieces::Tensor> tensors;
  Bytes all;
  for (const std::int64_t size : sizes) {
    tensors.push_back({TensorId(tensors.size()), Bytes(size)});
    all += Bytes(size);
  }
  Pieces cutter(tensors, pieces);
  std::vector<std::vector<Pieces::Part>> out;
  for (std::int64_t i = 0; i < pieces; ++i) out.push_back(cutter.next(tiling::piece(all, i, pieces)));
  return out;
}

TEST(Pieces, TakeEveryByteOnceAndAreAsLargeAsAskedFor) {
  for (const std::vector<std::int64_t>& sizes :
       {std::vector<std::int64_t>{1}, {1000}, {4096, 4096}, {100'001, 7, 33'333}, {5, 5, 5}, {64 * 7, 64 * 7 - 1}}) {
    for (const std::int64_t pieces : {1, 2, 3, 7, 64}) {
      std::vector<std::int64_t> done(sizes.size(), 0);
      std::int64_t all = 0, number = 0;
      for (const std::int64_t size : sizes) all += size;
      for (const auto& parts : cut(sizes, pieces)) {
        std::int64_t sum = 0;
        for (const auto& part : parts) {
          EXPECT_EQ(part.offset.count(), done[part.tensor.index()]);
          EXPECT_GT(part.bytes.count(), 0);
          done[part.tensor.index()] += part.bytes.count();
          sum += part.bytes.count();
        }
        EXPECT_EQ(sum, tiling::piece(Bytes(all), number++, pieces).count());
      }
      EXPECT_EQ(done, sizes);
    }
  }
}

TEST(Pieces, AnAdditionHasBothOperandsInEach) {
  for (const auto& parts : cut({8192, 8192}, 4)) {
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0].bytes, Bytes(2048));
    EXPECT_EQ(parts[1].offset, parts[0].offset);
  }
}

TEST(Pieces, SmallTensorsComeWholeWithTheFirst) {
  const auto parts = cut({8192, 16}, 4);
  EXPECT_EQ(parts[0].size(), 2U);
  EXPECT_EQ(parts[0][1].bytes, Bytes(16));
  for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(parts[i].size(), 1U);
}

}  // namespace
}  // namespace chipcast

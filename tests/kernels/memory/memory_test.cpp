// SPDX-License-Identifier: Apache-2.0
#include "kernels/memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <random>

#include "kernels/array.h"

namespace chipcast::kernels {
namespace {

TEST(Memory, BlocksAreAlignedAndOfTheirOwn) {
  Arena arena;
  std::mt19937 random(1);
  struct Block {
    std::shared_ptr<std::byte> memory;
    std::size_t bytes;
    int value;
  };
  std::map<int, Block> blocks;
  for (int i = 0; i < 3000; ++i) {
    const int place = static_cast<int>(random() % 40);
    if (const auto found = blocks.find(place); found != blocks.end()) {
      const Block& block = found->second;
      for (std::size_t at : {std::size_t{0}, block.bytes / 2, block.bytes - 1}) {
        ASSERT_EQ(block.memory.get()[at], static_cast<std::byte>(block.value));
      }
      blocks.erase(found);
      continue;
    }
    const std::size_t bytes = 1 + random() % (i % 50 == 0 ? 5'000'000 : 100'000);
    Block block{arena.take(bytes), bytes, i % 251};
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(block.memory.get()) % kAlignment, 0U);
    std::memset(block.memory.get(), block.value, bytes);
    blocks.emplace(place, std::move(block));
  }
}

TEST(Memory, WhatIsGivenBackIsTakenAgain) {
  Arena arena;
  for (int i = 0; i < 100; ++i) {
    const auto a = arena.take(300'000), b = arena.take(500'000);
    EXPECT_NE(a, b);
  }
  EXPECT_LE(arena.reserved(), std::size_t{4} << 20);
}

TEST(Memory, BlocksOutliveTheirArena) {
  std::optional<Arena> arena(std::in_place);
  const auto block = arena->take(1'000'000);
  arena.reset();
  std::memset(block.get(), 1, 1'000'000);
}

TEST(Memory, ArraysComeFromTheThreadsArena) {
  Arena outer, inner;
  const ArenaScope scope(outer);
  const TensorType type{{1000, 1000}, DType::fp32};
  {
    const ArenaScope within(inner);
    Array dirty = Array::unfilled(type);
    std::memset(dirty.raw(), 0xff, dirty.bytes());
  }
  {
    const ArenaScope within(inner);
    const Array zeros(type);
    for (const float value : zeros.span<float>()) ASSERT_EQ(value, 0.0F);
  }
  EXPECT_EQ(outer.reserved(), 0U);
}

}  // namespace
}  // namespace chipcast::kernels

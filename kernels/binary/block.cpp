// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/binary/block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/binary/block.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <bit>
#include <cstring>

#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

using Words = hn::RebindToUnsigned<Sums>;
using WordVec = hn::Vec<Words>;

HWY_INLINE WordVec load_columns(const std::uint32_t* panels, std::int64_t panel_words, int v) {
  return hn::LoadU(Words(), panels + v / kPanelVecs * panel_words + v % kPanelVecs * kLanes);
}
HWY_INLINE WordVec broadcast_word(const std::uint8_t* p) {
  std::uint32_t word;
  std::memcpy(&word, p, sizeof word);
  return hn::Set(Words(), word);
}

#if HWY_TARGET == HWY_AVX3_DL

// VPOPCNTDQ counts words at once.
class BitCounts {
 public:
  static constexpr std::int64_t kMostSteps = INT64_MAX;
  HWY_INLINE BitCounts() : count_(hn::Zero(Words())) {}
  HWY_INLINE void add(WordVec different) { count_ = hn::Add(count_, hn::PopulationCount(different)); }
  HWY_INLINE void widen() {}
  HWY_INLINE WordVec total() const { return count_; }

 private:
  WordVec count_;
};

#else

// Table look-ups count bytes; at most 8 are added per step, so that 31 steps fit a byte.
class BitCounts {
 public:
  static constexpr std::int64_t kMostSteps = 31;
  HWY_INLINE BitCounts() : count_(hn::Zero(Bytes())), total_(hn::Zero(Words())) {}
  HWY_INLINE void add(WordVec different) {
    count_ = hn::Add(count_, hn::PopulationCount(hn::BitCast(Bytes(), different)));
  }
  HWY_INLINE void widen() {
    const WordVec bytes = hn::BitCast(Words(), count_), mask = hn::Set(Words(), 0x00FF00FFu);
    const WordVec pairs = hn::Add(hn::And(bytes, mask), hn::And(hn::ShiftRight<8>(bytes), mask));
    total_ = hn::Add(total_, hn::Add(hn::And(pairs, hn::Set(Words(), 0xFFFFu)), hn::ShiftRight<16>(pairs)));
    count_ = hn::Zero(Bytes());
  }
  HWY_INLINE WordVec total() const { return total_; }

 private:
  using Bytes = hn::Repartition<std::uint8_t, Words>;
  hn::Vec<Bytes> count_;
  WordVec total_;
};

#endif

struct BinaryTile {
  template <int kRows, int kVecs>
  static HWY_INLINE void add(BitCounts (&counts)[kRows][kVecs], const WordVec (&a)[kRows], const std::uint32_t* panel,
                             std::int64_t panel_words) {
    HWY_UNROLL(16)
    for (int v = 0; v < kVecs; ++v) {
      const WordVec b = load_columns(panel, panel_words, v);
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) counts[r][v].add(hn::Xor(a[r], b));
    }
  }

  template <int kRows, int kPanels>
  static void run(const BinaryBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    BitCounts counts[kRows][kVecs];
    const std::uint32_t* b = block.panels + panel * block.panel_words;
    const std::uint8_t* rows[kRows];
    WordVec a[kRows];
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) rows[r] = block.a + (row + r) * block.a_stride;
    for (std::int64_t word = 0; word < block.words;) {
      const std::int64_t left = block.words - word;
      const std::int64_t stop = left < BitCounts::kMostSteps ? block.words : word + BitCounts::kMostSteps;
      for (; word < stop; ++word, b += kBinaryColumns) {
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) a[r] = broadcast_word(rows[r] + word * 4);
        add<kRows, kVecs>(counts, a, b, block.panel_words);
      }
      HWY_UNROLL(16)
      for (int i = 0; i < kRows * kVecs; ++i) counts[i / kVecs][i % kVecs].widen();
    }
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) a[r] = hn::Set(Words(), block.tails[row + r]);
    add<kRows, kVecs>(counts, a, b, block.panel_words);
    HWY_UNROLL(16)
    for (int i = 0; i < kRows * kVecs; ++i) counts[i / kVecs][i % kVecs].widen();
    store<kRows, kVecs>(counts, block, row, panel);
  }

  template <int kRows, int kVecs>
  static HWY_INLINE void store(const BitCounts (&counts)[kRows][kVecs], const BinaryBlock& block, std::int64_t row,
                               std::int64_t panel) {
    const SumVec inputs = hn::Set(Sums(), block.inputs);
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) {
        const std::int64_t column = panel * kBinaryColumns + v * kLanes;
        const SumVec twice = hn::BitCast(Sums(), hn::ShiftLeft<1>(counts[r][v].total()));
        store_columns(Sums(), hn::Sub(inputs, twice), block.c + (row + r) * block.c_stride + column,
                      block.columns - column);
      }
    }
  }
};

#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTileBits = kTileBinary512;
#else
inline constexpr IntTile kTileBits = kTileBinary256;
#endif

void MultiplyBits(const BinaryBlock& block) { run_tiles<BinaryTile, kTileBits>(block); }

#else

void MultiplyBits(const BinaryBlock& block) {
  for (std::int64_t r = 0; r < block.rows; ++r) {
    const std::uint8_t* a = block.a + r * block.a_stride;
    for (std::int64_t n = 0; n < block.columns; ++n) {
      const std::uint32_t* b = block.panels + n / kBinaryColumns * block.panel_words + n % kBinaryColumns;
      int different = std::popcount(block.tails[r] ^ b[block.words * kBinaryColumns]);
      for (std::int64_t word = 0; word < block.words; ++word) {
        std::uint32_t bits;
        std::memcpy(&bits, a + word * 4, sizeof bits);
        different += std::popcount(bits ^ b[word * kBinaryColumns]);
      }
      block.c[r * block.c_stride + n] = block.inputs - 2 * different;
    }
  }
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(MultiplyBits);
void multiply_bits(const BinaryBlock& block) { HWY_DYNAMIC_DISPATCH(MultiplyBits)(block); }
}  // namespace chipcast::kernels
#endif

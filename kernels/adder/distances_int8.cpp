// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "kernels/adder/block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adder/distances_int8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

// A lane of 64 bits is one column; its eight bytes are eight neighbouring inputs (vpsadbw).
using Octets = hn::CappedTag<std::uint64_t, 8>;
using OctetVec = hn::Vec<Octets>;
inline constexpr int kOctetLanes = static_cast<int>(hn::MaxLanes(Octets()));
inline constexpr int kOctetVecs = static_cast<int>(kAdderColumns) / kOctetLanes;

HWY_INLINE OctetVec distances(OctetVec a, OctetVec b) {
#if HWY_TARGET == HWY_AVX3
  return OctetVec{_mm512_sad_epu8(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return OctetVec{_mm256_sad_epu8(a.raw, b.raw)};
#else
  const hn::Repartition<std::uint8_t, Octets> d8;
  const auto x = hn::BitCast(d8, a), y = hn::BitCast(d8, b);
  return hn::SumsOf8(hn::Sub(hn::Max(x, y), hn::Min(x, y)));
#endif
}

struct ByteDistances {
  template <int kRows, int kPanels>
  static void run(const AdderBlockInt8& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kOctetVecs;
    constexpr std::uint64_t kFlip = 0x8080808080808080u;
    OctetVec sums[kRows][kVecs];
    HWY_UNROLL(32)
    for (int i = 0; i < kRows * kVecs; ++i) sums[i / kVecs][i % kVecs] = hn::Zero(Octets());
    const std::uint8_t* b = block.panels + panel * block.panel_values;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    // Of a tap's last bytes, those that are inputs.
    const std::int64_t left = block.inputs % kOctet;
    const std::uint64_t last = left == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << (left * 8)) - 1;
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      for (std::int64_t k = 0; k < block.inputs; k += kOctet, b += kAdderColumns * kOctet) {
        const OctetVec mask = hn::Set(Octets(), k + kOctet > block.inputs ? last : ~std::uint64_t{0});
        OctetVec w[kVecs];
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) w[v] = load(b, block.panel_values, v);
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) {
          std::uint64_t octet;
          std::memcpy(&octet, a[r] + k, sizeof octet);
          const OctetVec x = hn::And(hn::Xor(hn::Set(Octets(), octet), hn::Set(Octets(), kFlip)), mask);
          HWY_UNROLL(16)
          for (int v = 0; v < kVecs; ++v) sums[r][v] = hn::Add(sums[r][v], distances(x, w[v]));
        }
      }
    }
    store<kRows, kVecs>(sums, block, row, panel);
  }

 private:
  static HWY_INLINE OctetVec load(const std::uint8_t* b, std::int64_t panel_values, int v) {
    const hn::Repartition<std::uint8_t, Octets> d8;
    const std::uint8_t* at = b + v / kOctetVecs * panel_values + v % kOctetVecs * kOctetLanes * kOctet;
    return hn::BitCast(Octets(), hn::LoadU(d8, at));
  }

  template <int kRows, int kVecs>
  static HWY_INLINE void store(const OctetVec (&sums)[kRows][kVecs], const AdderBlockInt8& block, std::int64_t row,
                               std::int64_t panel) {
    HWY_UNROLL(32)
    for (int i = 0; i < kRows * kVecs; ++i) {
      const std::int64_t column = panel * kAdderColumns + i % kVecs * kOctetLanes;
      const std::int64_t left = block.columns - column, count = left < kOctetLanes ? left : kOctetLanes;
      std::uint64_t lanes[kOctetLanes];
      hn::StoreU(sums[i / kVecs][i % kVecs], Octets(), lanes);
      std::int32_t* to = block.c + (row + i / kVecs) * block.c_stride + column;
      for (std::int64_t n = 0; n < count; ++n) to[n] = -static_cast<std::int32_t>(lanes[n]);
    }
  }
};

#if HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTileDistances = kTileAdder512;
#elif HWY_TARGET == HWY_AVX2
inline constexpr IntTile kTileDistances{{2, 0, 0, 0}, 1};
#else
inline constexpr IntTile kTileDistances{{1, 0, 0, 0}, 1};
#endif

void AddDistancesInt8(const AdderBlockInt8& block) { run_tiles<ByteDistances, kTileDistances>(block); }

#else

void AddDistancesInt8(const AdderBlockInt8& block) {
  const std::int64_t octets = (block.inputs + kOctet - 1) / kOctet;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t n = 0; n < block.columns; ++n) {
      const std::uint8_t* panel = block.panels + n / kAdderColumns * block.panel_values;
      std::int32_t sum = 0;
      for (std::int64_t tap = 0; tap < block.taps; ++tap) {
        const std::uint8_t* a = block.pointers[r * block.taps + tap];
        for (std::int64_t k = 0; k < block.inputs; ++k) {
          const std::int64_t group = (tap * octets + k / kOctet) * kAdderColumns + n % kAdderColumns;
          sum -= std::abs((a[k] ^ 0x80) - panel[group * kOctet + k % kOctet]);
        }
      }
      block.c[r * block.c_stride + n] = sum;
    }
  }
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(AddDistancesInt8);
void add_distances(const AdderBlockInt8& block) { HWY_DYNAMIC_DISPATCH(AddDistancesInt8)(block); }
}  // namespace chipcast::kernels
#endif

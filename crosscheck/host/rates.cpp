// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crosscheck/host/rates.cpp"
#include <hwy/foreach_target.h>
// foreach_target comes first
#include <hwy/highway.h>

#include "crosscheck/host/rates.h"
#include "kernels/simd/targets.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::crosscheck::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kRounds = 256;
constexpr std::size_t kBlock = 4096;  // bytes of loads and stores: a part of every first cache

/// Sums stay in registers between rounds; the compiler must believe that each is read.
template <class V>
HWY_INLINE void hold(V& v) {
#if HWY_TARGET == HWY_SCALAR
  keep(v.raw);
#elif HWY_ARCH_X86
  asm volatile("" : "+v"(v.raw));
#else
  asm volatile("" : "+w"(v.raw));
#endif
}

// Twelve sums cover four cycles of latency in three pipes and still fit sixteen registers with their operands.
#define CHIPCAST_TWELVE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

/// Multiply-accumulates of one call.
double multiply_float() {
  const hn::ScalableTag<float> d;
  auto a = hn::Set(d, 1.0f), b = hn::Set(d, 1e-9f);
  hold(a);
  hold(b);
#define CHIPCAST_SUM(i) auto s##i = hn::Zero(d);
  CHIPCAST_TWELVE(CHIPCAST_SUM)
#undef CHIPCAST_SUM
  for (int round = 0; round < kRounds; ++round) {
#define CHIPCAST_STEP(i)         \
  s##i = hn::MulAdd(a, b, s##i); \
  hold(s##i);
    CHIPCAST_TWELVE(CHIPCAST_STEP)
#undef CHIPCAST_STEP
  }
  return static_cast<double>(hn::Lanes(d)) * 12.0 * kRounds;
}

double add_float() {
  const hn::ScalableTag<float> d;
  auto a = hn::Set(d, 1e-9f);
  hold(a);
#define CHIPCAST_SUM(i) auto s##i = hn::Zero(d);
  CHIPCAST_TWELVE(CHIPCAST_SUM)
#undef CHIPCAST_SUM
  for (int round = 0; round < kRounds; ++round) {
#define CHIPCAST_STEP(i)   \
  s##i = hn::Add(a, s##i); \
  hold(s##i);
    CHIPCAST_TWELVE(CHIPCAST_STEP)
#undef CHIPCAST_STEP
  }
  return static_cast<double>(hn::Lanes(d)) * sizeof(float) * 12.0 * kRounds;
}

/// s16 x s16, two neighbours to a sum of 32 bits.
double multiply_words() {
#if HWY_TARGET == HWY_SCALAR
  return multiply_float();  // one by one, as all others
#else
  const hn::ScalableTag<std::int32_t> d;
  const hn::Repartition<std::int16_t, decltype(d)> words;
  auto a = hn::Set(words, 3), b = hn::Set(words, 5);
  auto rest = hn::Zero(d);
  hold(a);
  hold(b);
#define CHIPCAST_SUM(i) auto s##i = hn::Zero(d);
  CHIPCAST_TWELVE(CHIPCAST_SUM)
#undef CHIPCAST_SUM
  for (int round = 0; round < kRounds; ++round) {
#define CHIPCAST_STEP(i)                                     \
  s##i = hn::ReorderWidenMulAccumulate(d, a, b, s##i, rest); \
  hold(s##i);                                                \
  hold(a);
    CHIPCAST_TWELVE(CHIPCAST_STEP)
#undef CHIPCAST_STEP
  }
  hold(rest);
  return static_cast<double>(hn::Lanes(d)) * 2.0 * 12.0 * kRounds;
#endif
}

#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2
/// u8 x s8, four neighbours to a sum of 32 bits: one instruction with VNNI, three with pairwise products.
#if HWY_TARGET == HWY_AVX3_DL
__attribute__((target("avx512vnni")))
#endif
double
multiply_bytes() {
  const hn::ScalableTag<std::int32_t> d;
  auto a = hn::Set(d, 0x01010101), b = hn::Set(d, 0x01020102);
  hold(a);
  hold(b);
#define CHIPCAST_SUM(i) auto s##i = hn::Zero(d);
  CHIPCAST_TWELVE(CHIPCAST_SUM)
#undef CHIPCAST_SUM
#if HWY_TARGET == HWY_AVX3_DL
  for (int round = 0; round < kRounds; ++round) {
#define CHIPCAST_STEP(i)                                  \
  s##i.raw = _mm512_dpbusd_epi32(s##i.raw, a.raw, b.raw); \
  hold(s##i);
    CHIPCAST_TWELVE(CHIPCAST_STEP)
#undef CHIPCAST_STEP
  }
#else
  auto ones = hn::Set(d, 0x00010001);
  hold(ones);
  for (int round = 0; round < kRounds; ++round) {
#if HWY_TARGET == HWY_AVX3
#define CHIPCAST_STEP(i)                                                                                  \
  s##i.raw = _mm512_add_epi32(s##i.raw, _mm512_madd_epi16(_mm512_maddubs_epi16(a.raw, b.raw), ones.raw)); \
  hold(s##i);                                                                                             \
  hold(a);
#else
#define CHIPCAST_STEP(i)                                                                                  \
  s##i.raw = _mm256_add_epi32(s##i.raw, _mm256_madd_epi16(_mm256_maddubs_epi16(a.raw, b.raw), ones.raw)); \
  hold(s##i);                                                                                             \
  hold(a);
#endif
    CHIPCAST_TWELVE(CHIPCAST_STEP)
#undef CHIPCAST_STEP
  }
#endif
  return static_cast<double>(hn::Lanes(d)) * 4.0 * 12.0 * kRounds;
}
#else
/// Bytes are widened first.
double multiply_bytes() { return multiply_words(); }
#endif

alignas(64) unsigned char block[kBlock];

double load_bytes() {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t step = hn::Lanes(d);
  for (int round = 0; round < kRounds / 8; ++round) {
    for (std::size_t i = 0; i < kBlock; i += 8 * step) {
      for (std::size_t k = 0; k < 8; ++k) {
        auto v = hn::Load(d, block + i + k * step);
        hold(v);
      }
    }
    asm volatile("" : : : "memory");  // the next round loads anew
  }
  return static_cast<double>(kBlock) * (kRounds / 8);
}

double store_bytes() {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t step = hn::Lanes(d);
  auto v = hn::Zero(d);
  for (int round = 0; round < kRounds / 8; ++round) {
    hold(v);
    for (std::size_t i = 0; i < kBlock; i += 8 * step) {
      for (std::size_t k = 0; k < 8; ++k) hn::Store(v, d, block + i + k * step);
    }
    asm volatile("" : : : "memory");
  }
  return static_cast<double>(kBlock) * (kRounds / 8);
}

}  // namespace chipcast::crosscheck::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::crosscheck {
HWY_EXPORT(multiply_float);
HWY_EXPORT(add_float);
HWY_EXPORT(multiply_bytes);
HWY_EXPORT(multiply_words);
HWY_EXPORT(load_bytes);
HWY_EXPORT(store_bytes);

namespace {

/// Counted work per cycle.
double per_cycle(double (*work)(), Hertz clock, const Effort& effort) {
  const double count = work();
  const Timing timing = time_of([&] { keep(work()); }, effort);
  return count / (timing.minimum * clock).count();
}

TargetRates rates_of(const std::string& target, Hertz clock, const Effort& effort) {
  const auto rate = [&](double (*work)()) { return per_cycle(work, clock, effort); };
  return {.target = target,
          .fp32 = rate([] { return HWY_DYNAMIC_DISPATCH(multiply_float)(); }),
          .int8 = rate([] { return HWY_DYNAMIC_DISPATCH(multiply_bytes)(); }),
          .int16 = rate([] { return HWY_DYNAMIC_DISPATCH(multiply_words)(); }),
          .vector = rate([] { return HWY_DYNAMIC_DISPATCH(add_float)(); }),
          .load = rate([] { return HWY_DYNAMIC_DISPATCH(load_bytes)(); }),
          .store = rate([] { return HWY_DYNAMIC_DISPATCH(store_bytes)(); })};
}

/// Puts back what was allowed before.
class Limit {
 public:
  Limit() : before_(kernels::target()) {}
  ~Limit() { kernels::limit_target(before_ == kernels::usable_targets().front() ? "" : before_); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  std::string before_;
};

}  // namespace

std::vector<TargetRates> measure_rates(Hertz clock, const Effort& effort) {
  const Limit limit;
  std::vector<TargetRates> rates;
  for (const std::string& target : kernels::usable_targets()) {
    kernels::limit_target(target);
    rates.push_back(rates_of(target, clock, effort));
  }
  return rates;
}

}  // namespace chipcast::crosscheck
#endif

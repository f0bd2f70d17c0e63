// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "crosscheck/host/streams.cpp"
#include <hwy/foreach_target.h>
// foreach_target comes first
#include <hwy/highway.h>

#include "crosscheck/host/memory.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::crosscheck::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kUnrolled = 8;

void read_lines(const std::uint8_t* from, std::size_t bytes) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t step = hn::Lanes(d);
  auto a = hn::Zero(d), b = hn::Zero(d);
  for (std::size_t i = 0; i < bytes; i += kUnrolled * step) {
    for (std::size_t k = 0; k < kUnrolled; k += 2) {
      a = hn::Xor(a, hn::LoadU(d, from + i + k * step));
      b = hn::Xor(b, hn::LoadU(d, from + i + (k + 1) * step));
    }
  }
  keep(hn::GetLane(hn::Xor(a, b)));
}

void write_lines(std::uint8_t* to, std::size_t bytes) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t step = hn::Lanes(d);
  const auto value = hn::Set(d, 1);
  for (std::size_t i = 0; i < bytes; i += kUnrolled * step) {
    for (std::size_t k = 0; k < kUnrolled; ++k) hn::StoreU(value, d, to + i + k * step);
  }
}

void copy_lines(std::uint8_t* to, const std::uint8_t* from, std::size_t bytes) {
  const hn::ScalableTag<std::uint8_t> d;
  const std::size_t step = hn::Lanes(d);
  for (std::size_t i = 0; i < bytes; i += kUnrolled * step) {
    for (std::size_t k = 0; k < kUnrolled; ++k) {
      hn::StoreU(hn::LoadU(d, from + i + k * step), d, to + i + k * step);
    }
  }
}

}  // namespace chipcast::crosscheck::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::crosscheck {
HWY_EXPORT(read_lines);
HWY_EXPORT(write_lines);
HWY_EXPORT(copy_lines);

void read_stream(const std::byte* from, std::size_t bytes) {
  HWY_DYNAMIC_DISPATCH(read_lines)(reinterpret_cast<const std::uint8_t*>(from), bytes);
}

void write_stream(std::byte* to, std::size_t bytes) {
  HWY_DYNAMIC_DISPATCH(write_lines)(reinterpret_cast<std::uint8_t*>(to), bytes);
}

void copy_stream(std::byte* to, const std::byte* from, std::size_t bytes) {
  HWY_DYNAMIC_DISPATCH(copy_lines)
  (reinterpret_cast<std::uint8_t*>(to), reinterpret_cast<const std::uint8_t*>(from), bytes);
}

}  // namespace chipcast::crosscheck
#endif

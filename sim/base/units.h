// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

/// Physical quantities as types. Counts (cycles, bytes, operations) are exact 64-bit integers; physical
/// values are doubles in SI units. Only quantities of one dimension add up; `*` and `/` combine
/// dimensions; a quotient is always a double unless `ceil_div` is asked for.
namespace chipcast {

/// Exponents of the five base dimensions that the project uses.
struct Dim {
  int cycle = 0, second = 0, joule = 0, byte = 0, op = 0;
  friend constexpr bool operator==(const Dim&, const Dim&) = default;
  friend constexpr Dim operator+(Dim a, Dim b) {
    return {a.cycle + b.cycle, a.second + b.second, a.joule + b.joule, a.byte + b.byte, a.op + b.op};
  }
  friend constexpr Dim operator-(Dim a, Dim b) {
    return {a.cycle - b.cycle, a.second - b.second, a.joule - b.joule, a.byte - b.byte, a.op - b.op};
  }
};

template <class T>
concept Number = std::integral<T> || std::floating_point<T>;

/// A number with a dimension.
template <Dim D, Number Rep>
class Quantity {
 public:
  static constexpr Dim dim = D;
  using rep = Rep;

  constexpr Quantity() = default;
  constexpr explicit Quantity(Rep v) : v_(v) {}
  /// Integer counts widen to double implicitly; nothing narrows implicitly.
  template <Number R2>
  requires(std::floating_point<Rep>&& std::integral<R2>) constexpr Quantity(Quantity<D, R2> q)
      : v_(static_cast<Rep>(q.count())) {}

  constexpr Rep count() const { return v_; }
  constexpr Quantity& operator+=(Quantity o) {
    v_ += o.v_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    v_ -= o.v_;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr auto operator<=>(Quantity, Quantity) = default;

 private:
  Rep v_{};
};

namespace detail {
template <Dim D, class R>
constexpr auto strip(Quantity<D, R> q) {
  if constexpr (D == Dim{}) {
    return q.count();
  } else {
    return q;
  }
}
}  // namespace detail

template <Dim A, class RA, Dim B, class RB>
constexpr auto operator*(Quantity<A, RA> a, Quantity<B, RB> b) {
  using R = std::common_type_t<RA, RB>;
  return detail::strip(Quantity<A + B, R>(static_cast<R>(a.count()) * static_cast<R>(b.count())));
}
/// Division always yields double: integer truncation has to be asked for (see ceil_div).
template <Dim A, class RA, Dim B, class RB>
constexpr auto operator/(Quantity<A, RA> a, Quantity<B, RB> b) {
  return detail::strip(Quantity<A - B, double>(static_cast<double>(a.count()) / static_cast<double>(b.count())));
}
template <Dim D, class R, Number N>
requires(std::floating_point<R> || std::integral<N>) constexpr Quantity<D, R> operator*(Quantity<D, R> q, N n) {
  return Quantity<D, R>(q.count() * static_cast<R>(n));
}
template <Dim D, class R, Number N>
requires(std::floating_point<R> || std::integral<N>) constexpr Quantity<D, R> operator*(N n, Quantity<D, R> q) {
  return q * n;
}
template <Dim D, std::floating_point R, Number N>
constexpr Quantity<D, R> operator/(Quantity<D, R> q, N n) {
  return Quantity<D, R>(q.count() / static_cast<R>(n));
}

inline constexpr Dim kCycle{.cycle = 1}, kSecond{.second = 1}, kJoule{.joule = 1}, kByte{.byte = 1}, kOp{.op = 1};

using Cycles = Quantity<kCycle, std::int64_t>;
using Bytes = Quantity<kByte, std::int64_t>;
using Ops = Quantity<kOp, std::int64_t>;  ///< multiply-accumulates or other counted operations
using Seconds = Quantity<kSecond, double>;
using Joules = Quantity<kJoule, double>;
using Watts = Quantity<kJoule - kSecond, double>;
using Hertz = Quantity<kCycle - kSecond, double>;  ///< clock cycles per second
using BytesPerCycle = Quantity<kByte - kCycle, std::int64_t>;
using BytesPerSecond = Quantity<kByte - kSecond, double>;
using OpsPerCycle = Quantity<kOp - kCycle, std::int64_t>;
using JoulesPerByte = Quantity<kJoule - kByte, double>;
using JoulesPerOp = Quantity<kJoule - kOp, double>;
using JoulesPerCycle = Quantity<kJoule - kCycle, double>;

/// Smallest integer not below a / b. Throws std::domain_error unless b > 0 and a >= 0.
template <std::integral I>
constexpr I ceil_div(I a, I b) {
  if (b <= 0 || a < 0) throw std::domain_error("ceil_div: needs a >= 0 and b > 0");
  return a / b + (a % b != 0 ? 1 : 0);
}
/// Whole units of the quotient, rounded up: ceil_div(Bytes, BytesPerCycle) -> Cycles.
template <Dim A, std::integral RA, Dim B, std::integral RB>
constexpr auto ceil_div(Quantity<A, RA> a, Quantity<B, RB> b) {
  return detail::strip(Quantity<A - B, std::int64_t>(
      ceil_div(static_cast<std::int64_t>(a.count()), static_cast<std::int64_t>(b.count()))));
}
/// Whole cycles, rounded up, of a time at a frequency: whole_cycles(launch * clock).
inline Cycles whole_cycles(Quantity<kCycle, double> cycles) {
  return Cycles(static_cast<std::int64_t>(std::ceil(cycles.count())));
}

/// Smallest multiple of `step` that is not below `a`.
template <std::integral I>
constexpr I round_up(I a, I step) {
  return ceil_div(a, step) * step;
}

namespace literals {
consteval Cycles operator""_cyc(unsigned long long v) { return Cycles(static_cast<std::int64_t>(v)); }
consteval Bytes operator""_B(unsigned long long v) { return Bytes(static_cast<std::int64_t>(v)); }
consteval Bytes operator""_KiB(unsigned long long v) { return Bytes(static_cast<std::int64_t>(v) * 1024); }
consteval Bytes operator""_MiB(unsigned long long v) { return Bytes(static_cast<std::int64_t>(v) * 1024 * 1024); }
consteval Hertz operator""_MHz(unsigned long long v) { return Hertz(static_cast<double>(v) * 1e6); }
consteval Joules operator""_pJ(long double v) { return Joules(static_cast<double>(v) * 1e-12); }
consteval Seconds operator""_ns(unsigned long long v) { return Seconds(static_cast<double>(v) * 1e-9); }
}  // namespace literals
}  // namespace chipcast

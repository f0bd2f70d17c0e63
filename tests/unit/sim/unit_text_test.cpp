// SPDX-License-Identifier: Apache-2.0
#include "sim/config/unit_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "tests/unit/sim/message.h"

namespace chipcast {
namespace {

const std::vector<Dim> kDims{Hertz::dim,  Seconds::dim,        Bytes::dim,         Joules::dim,
                             Watts::dim,  BytesPerSecond::dim, BytesPerCycle::dim, OpsPerCycle::dim,
                             Cycles::dim, JoulesPerByte::dim,  JoulesPerOp::dim,   JoulesPerCycle::dim};

double parse(std::string_view text, Dim dim, bool whole = false) { return parse_quantity(text, dim, whole, "x"); }

TEST(UnitText, EveryUnitHasItsScale) {
  const std::map<std::string, double> scales{
      {"Hz", 1},        {"kHz", 1e3},      {"MHz", 1e6},       {"GHz", 1e9},       {"s", 1},
      {"ms", 1e-3},     {"us", 1e-6},      {"ns", 1e-9},       {"ps", 1e-12},      {"B", 1},
      {"KiB", 1024},    {"MiB", 1048576},  {"GiB", 1 << 30},   {"kB", 1e3},        {"MB", 1e6},
      {"GB", 1e9},      {"J", 1},          {"mJ", 1e-3},       {"uJ", 1e-6},       {"nJ", 1e-9},
      {"pJ", 1e-12},    {"fJ", 1e-15},     {"W", 1},           {"kW", 1e3},        {"mW", 1e-3},
      {"uW", 1e-6},     {"nW", 1e-9},      {"B/s", 1},         {"kB/s", 1e3},      {"MB/s", 1e6},
      {"GB/s", 1e9},    {"TB/s", 1e12},    {"MiB/s", 1 << 20}, {"GiB/s", 1 << 30}, {"B/cycle", 1},
      {"op/cycle", 1},  {"cycles", 1},     {"cycle", 1},       {"J/B", 1},         {"nJ/B", 1e-9},
      {"pJ/B", 1e-12},  {"pJ/bit", 8e-12}, {"fJ/bit", 8e-15},  {"J/op", 1},        {"nJ/op", 1e-9},
      {"pJ/op", 1e-12}, {"fJ/op", 1e-15},  {"J/cycle", 1},     {"nJ/cycle", 1e-9}, {"pJ/cycle", 1e-12}};
  std::size_t seen = 0;
  for (const Dim dim : kDims) {
    ASSERT_FALSE(units_of(dim).empty());
    for (const auto& unit : units_of(dim)) {
      const std::string symbol(unit.symbol);
      EXPECT_EQ(parse("1 " + symbol, dim), scales.at(symbol)) << symbol;
      EXPECT_EQ(parse("1" + symbol, dim), scales.at(symbol)) << symbol;
      EXPECT_EQ(parse("  1e0  " + symbol + " ", dim), scales.at(symbol)) << symbol;
      ++seen;
    }
  }
  EXPECT_EQ(seen, scales.size());
}

TEST(UnitText, TheWrittenNumberIsRoundedOnce) {
  EXPECT_EQ(parse("0.1 GHz", Hertz::dim), 1e8);
  EXPECT_EQ(parse("2.4 GHz", Hertz::dim), 2.4e9);
  EXPECT_EQ(parse("2.8 pJ", Joules::dim), 2.8e-12);
  EXPECT_EQ(parse("4.35 kB", Bytes::dim, true), 4350.0);
  EXPECT_EQ(parse("1.5 KiB", Bytes::dim, true), 1536.0);
  EXPECT_EQ(parse(".5 GHz", Hertz::dim), 5e8);
  EXPECT_EQ(parse("5. GHz", Hertz::dim), 5e9);
  EXPECT_EQ(parse("2E3 Hz", Hertz::dim), 2e3);
  EXPECT_EQ(parse("2e+3 Hz", Hertz::dim), 2e3);
  EXPECT_EQ(parse("-5e-1 W", Watts::dim), -0.5);
}

TEST(UnitText, EveryDecimalWithThreePlacesIsAWholeNumberOfBytesInKilobytes) {
  for (int n = 0; n < 100'000; ++n) {
    std::string digits = std::to_string(n);
    while (digits.size() < 4) digits.insert(0, 1, '0');
    digits.insert(digits.size() - 3, 1, '.');
    ASSERT_EQ(parse(digits + " kB", Bytes::dim, true), n);
  }
}

struct Refusal {
  const char* text;
  Dim dim;
  bool whole;
  const char* message;
};

TEST(UnitText, SaysWhatIsWrong) {
  const std::vector<Refusal> cases{
      {"", Hertz::dim, false, "x: \"\" does not start with a number; write a number and a unit (Hz, kHz, MHz, GHz)"},
      {"fast", Hertz::dim, false,
       "x: \"fast\" does not start with a number; write a number and a unit (Hz, kHz, MHz, GHz)"},
      {"nan Hz", Hertz::dim, false,
       "x: \"nan Hz\" does not start with a number; write a number and a unit (Hz, kHz, MHz, GHz)"},
      {"inf Hz", Hertz::dim, false,
       "x: \"inf Hz\" does not start with a number; write a number and a unit (Hz, kHz, MHz, GHz)"},
      {"+5 Hz", Hertz::dim, false,
       "x: \"+5 Hz\" does not start with a number; write a number and a unit (Hz, kHz, MHz, GHz)"},
      {"800", Hertz::dim, false, "x: \"800\" has no unit; add one of Hz, kHz, MHz, GHz"},
      {"800 mhz", Hertz::dim, false,
       "x: \"800 mhz\": unknown unit \"mhz\" (did you mean \"MHz\"?); allowed: Hz, kHz, MHz, GHz"},
      {"800 MHz fast", Hertz::dim, false, "x: \"800 MHz fast\": unknown unit \"MHz fast\"; allowed: Hz, kHz, MHz, GHz"},
      {"800 MHz 3", Hertz::dim, false, "x: \"800 MHz 3\": unknown unit \"MHz 3\"; allowed: Hz, kHz, MHz, GHz"},
      {"0x10 Hz", Hertz::dim, false, "x: \"0x10 Hz\": unknown unit \"x10 Hz\"; allowed: Hz, kHz, MHz, GHz"},
      {"1 KB", Bytes::dim, true,
       "x: \"1 KB\": unknown unit \"KB\" (did you mean \"kB\"?); allowed: B, KiB, MiB, GiB, kB, MB, GB"},
      {"1.5 B", Bytes::dim, true, "x: \"1.5 B\" is not a whole number of B"},
      {"0.1 KiB", Bytes::dim, true, "x: \"0.1 KiB\" is not a whole number of B"},
      {"1e16 B", Bytes::dim, true, "x: \"1e16 B\" is too large; at most 9e15 B"},
      {"1e290 GB", Bytes::dim, true, "x: \"1e290 GB\" is too large; at most 9e15 B"},
      {"1e308 GHz", Hertz::dim, false, "x: \"1e308 GHz\" is beyond what a number can hold"},
      {"1e999 Hz", Hertz::dim, false, "x: \"1e999 Hz\" is beyond what a number can hold"},
      {"1e-999 Hz", Hertz::dim, false, "x: \"1e-999 Hz\" is beyond what a number can hold"},
      {"1e99999999999999999999 Hz", Hertz::dim, false,
       "x: \"1e99999999999999999999 Hz\" is beyond what a number can hold"},
      {"1.5e308 GiB/s", BytesPerSecond::dim, false, "x: \"1.5e308 GiB/s\" is beyond what a number can hold"},
      {"1\n MHz", Hertz::dim, false, "x: \"1? MHz\": unknown unit \"? MHz\"; allowed: Hz, kHz, MHz, GHz"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(message_of([&] { parse(c.text, c.dim, c.whole); }), c.message) << c.text;
  }
}

TEST(UnitText, LongTextIsRefusedInOneShortLine) {
  EXPECT_LT(message_of([] { parse(std::string(1'000'000, 'z'), Hertz::dim); }).size(), 300u);
  EXPECT_LT(message_of([] { parse(std::string(1'000'000, '9'), Hertz::dim); }).size(), 300u);
  EXPECT_EQ(parse(std::string("0.") + std::string(1'000'000, '0') + "1e1000001 Hz", Hertz::dim), 1.0);
}

TEST(UnitText, FormatsForPeople) {
  EXPECT_EQ(to_text(Hertz(8e8)), "800 MHz");
  EXPECT_EQ(to_text(Hertz(2.4e9)), "2.4 GHz");
  EXPECT_EQ(to_text(Hertz(1e8)), "100 MHz");
  EXPECT_EQ(to_text(Hertz(0.5)), "0.5 Hz");
  EXPECT_EQ(to_text(Bytes(0)), "0 B");
  EXPECT_EQ(to_text(Bytes(1536)), "1.5 KiB");
  EXPECT_EQ(to_text(Bytes(512 * 1024)), "512 KiB");
  EXPECT_EQ(to_text(Bytes(1'000'000)), "1 MB");
  EXPECT_EQ(to_text(Bytes(1025)), "1025 B");
  EXPECT_EQ(to_text(Joules(2.8e-12)), "2.8 pJ");
  EXPECT_EQ(to_text(Joules(1e-12 / 3.0)), "333.33333333333334 fJ");
  EXPECT_EQ(to_text(Joules(2e-18)), "0.002 fJ");
  EXPECT_EQ(to_text(Joules(-2.5e-3)), "-2.5 mJ");
  EXPECT_EQ(to_text(Seconds(1e30)), "1e30 s");
  EXPECT_EQ(to_text(JoulesPerByte(4e-12)), "4 pJ/B");
  EXPECT_EQ(to_text(Cycles(100'000)), "100000 cycles");
  EXPECT_EQ(to_text(BytesPerSecond(34.1e9)), "34.1 GB/s");
  EXPECT_EQ(to_text(Watts(std::numeric_limits<double>::infinity())), "inf W");
  EXPECT_EQ(to_text(Watts(std::numeric_limits<double>::quiet_NaN())), "nan W");
}

TEST(UnitText, FormattedTextParsesToTheIdenticalValue) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 200'000; ++i) {
    double value = std::bit_cast<double>(random());
    if (i % 2 == 0)
      value = std::ldexp(std::uniform_real_distribution<double>(-1, 1)(random), static_cast<int>(random() % 120) - 70);
    const Dim dim = kDims[random() % kDims.size()];
    if (!std::isfinite(value)) continue;
    const std::string text = format_quantity(value, dim);
    const double back = parse(text, dim);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << text;
  }
}

TEST(UnitText, EdgesOfTheNumberRangeRoundTrip) {
  using Limits = std::numeric_limits<double>;
  for (const double value : {Limits::max(), Limits::min(), Limits::denorm_min(), -Limits::max(), -0.0, 0.0, 1.0 / 3.0,
                             1e21, 1e22, 9.999999999999999e20, 1e-7, 9.99e-8, 123456789.0, 0.1, 1e-12 / 3.0}) {
    for (const Dim dim : kDims) {
      const std::string text = format_quantity(value, dim);
      EXPECT_EQ(std::bit_cast<std::uint64_t>(parse(text, dim)), std::bit_cast<std::uint64_t>(value)) << text;
    }
  }
}

TEST(UnitText, WholeCountsRoundTrip) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 100'000; ++i) {
    const auto n = static_cast<std::int64_t>(random() % 9'000'000'000'000'000ULL) >> (random() % 50);
    ASSERT_EQ(parse(to_text(Bytes(n)), Bytes::dim, true), static_cast<double>(n)) << to_text(Bytes(n));
  }
}

}  // namespace
}  // namespace chipcast

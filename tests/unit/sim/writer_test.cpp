// SPDX-License-Identifier: Apache-2.0
#include "sim/config/writer.h"

#include <gtest/gtest.h>

#include <random>

#include "sim/config/reader.h"
#include "tests/unit/sim/machine.h"

namespace chipcast::test {
namespace {

Machine random_machine(std::mt19937_64& random) {
  const auto real = [&](double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); };
  const auto whole = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Machine m;
  m.rows = whole(1, 512);
  m.macs = static_cast<std::int64_t>(random() >> 2) + 1;
  m.bits = static_cast<std::uint8_t>(whole(0, 255));
  m.share = real(-10, 1);
  m.fused = whole(0, 1) == 1;
  m.name = std::string("näme \"") + static_cast<char>(whole(1, 127));
  m.clock = Hertz(real(1e6, 5e9));
  m.buffer = Bytes(whole(1024, 1 << 30));
  m.dataflow = whole(0, 1) == 1 ? Dataflow::kWeight : Dataflow::kOutput;
  if (whole(0, 1) == 1) m.lanes = whole(1, 8);
  if (whole(0, 1) == 1) m.other = Dataflow::kOutput;
  m.sizes.assign(static_cast<std::size_t>(whole(0, 4)), whole(-5, 5));
  m.flags.assign(static_cast<std::size_t>(whole(0, 4)), true);
  for (int i = whole(0, 3); i > 0; --i)
    m.ports.emplace_back(std::string("p") + std::to_string(i), Port{"q", BytesPerSecond(real(1e6, 1e12))});
  m.main.rate = whole(0, 1) == 1 ? std::optional(BytesPerSecond(1e9)) : std::nullopt;
  return m;
}

TEST(Writer, WhatIsWrittenReadsBackTheSame) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 5000; ++i) {
    const Machine machine = random_machine(random);
    const std::string text = write_value(machine).dump();
    const Machine back = read_value<Machine>(parse_json(text, "f"), "m");
    ASSERT_EQ(back, machine) << text;
    ASSERT_EQ(write_value(back).dump(), text);
  }
}

TEST(Writer, WritesEveryFieldInOrderAndLeavesEmptyOptionalsOut) {
  Machine machine;
  machine.name = "n";
  machine.ports.emplace_back("z", Port{});
  EXPECT_EQ(write_value(machine).dump(),
            R"({"rows":32,"macs":1,"bits":8,"share":0.5,"fused":false,"name":"n","clock":"800 MHz",)"
            R"("buffer":"512 KiB","dataflow":"weight_stationary","sizes":[1,2],"flags":[],"ports":{"z":{"name":"p"}},)"
            R"("main":{"name":"p"}})");
}

}  // namespace
}  // namespace chipcast::test

// SPDX-License-Identifier: Apache-2.0
#include "models/dram/board_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "sim/config/presets.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"
#include "sim/config/writer.h"
#include "tests/unit/sim/message.h"

namespace chipcast::dram {
namespace {

using testing::HasSubstr;

BoardConfig read(const std::string& text) { return read_value<BoardConfig>(Json::parse(text), "memories.dram"); }

constexpr const char* kRk3588 = R"({"standard":"LPDDR4X-4266","mega_transfers":4224,"channels":4,"channel_bits":16,
  "gigabits":16,"controller_latency":"40 ns","controller":{"page":"timeout","page_timeout":"100 cycles"}})";

TEST(BoardConfig, ReadsABoard) {
  const BoardConfig c = read(kRk3588);
  EXPECT_EQ(c.controller.page, PagePolicy::timeout);
  EXPECT_EQ(c.controller.page_timeout, Cycles(100));
  EXPECT_EQ(peak_bandwidth(c), BytesPerSecond(4224e6 * 64 / 8));
  EXPECT_EQ(capacity(c), Bytes(std::int64_t{8} << 30));
  EXPECT_EQ(standard_of(c).clock, Hertz(2112e6));
  EXPECT_EQ(memory_config_of(c).channels, 4);
}

TEST(BoardConfig, IsWrittenAsItWasRead) {
  const Json written = write_value(read(kRk3588));
  EXPECT_EQ(write_value(read_value<BoardConfig>(written, "again")), written);
}

TEST(BoardConfig, DefaultsWorkForEveryStandard) {
  for (const std::string& name : standard_names()) {
    const BoardConfig c = read(R"({"standard":")" + name + R"("})");
    EXPECT_GT(capacity(c).count(), 0) << name;
  }
}

TEST(BoardConfig, LowVoltageScalesEnergyWithItsSquare) {
  const Standard full = find_standard("DDR3-1866"), low = find_standard("DDR3L-1866");
  EXPECT_EQ(full.timing[Param::rcd], low.timing[Param::rcd]);
  EXPECT_NEAR(low.energy.read_core / full.energy.read_core, (1.35 / 1.5) * (1.35 / 1.5), 1e-12);
}

/// Nanoseconds stay when a board clocks a bin lower; latencies in clocks and energies per command stay too.
TEST(BoardConfig, ALowerClockKeepsNanoseconds) {
  const Standard full = find_standard("LPDDR4-3200"), slow = find_standard("LPDDR4-3200", {.mega_transfers = 1600.0});
  EXPECT_EQ(slow.timing[Param::refi], full.timing[Param::refi] / 2);
  EXPECT_EQ(slow.timing[Param::rcd], 15) << "18 ns of 1.25 ns";
  EXPECT_EQ(slow.timing[Param::rl], full.timing[Param::rl]);
  EXPECT_EQ(slow.energy.read_core, full.energy.read_core);
}

struct Memory {
  const char* file;
  double gigabytes_per_second;
  int gibibytes;
};

class MemoryPreset : public testing::TestWithParam<Memory> {};

TEST_P(MemoryPreset, HasTheBandwidthAndCapacityOfItsBoard) {
  const auto path = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs/memories" / GetParam().file;
  Json json = load_with_presets(path, {});
  EXPECT_EQ(json["type"], "dram");
  json.erase("type");
  const BoardConfig c = read_value<BoardConfig>(json, GetParam().file);
  EXPECT_NEAR(peak_bandwidth(c).count() / 1e9, GetParam().gigabytes_per_second, 1e-3);
  EXPECT_EQ(capacity(c).count() >> 28, std::int64_t{4} * GetParam().gibibytes + (GetParam().gibibytes == 0 ? 1 : 0));
}

INSTANTIATE_TEST_SUITE_P(
    Dram, MemoryPreset,
    testing::Values(Memory{"ddr3l-1866-1x16bit.json", 3.732, 0}, Memory{"ddr4-2640-1x32bit.json", 10.56, 4},
                    Memory{"lpddr3-1866-2x32bit.json", 14.928, 2}, Memory{"lpddr4-1600-2x32bit.json", 12.8, 4},
                    Memory{"lpddr4-3120-2x16bit.json", 12.48, 4}, Memory{"lpddr4-3200-2x16bit.json", 12.8, 4},
                    Memory{"lpddr4-3200-4x16bit.json", 25.6, 4}, Memory{"lpddr4-4000-2x16bit.json", 16.0, 4},
                    Memory{"lpddr4x-4224-4x16bit.json", 33.792, 8}, Memory{"lpddr4x-4266-2x16bit.json", 17.064, 4},
                    Memory{"lpddr4x-4266-16x16bit.json", 136.512, 32}, Memory{"lpddr5-5500-4x16bit.json", 44.0, 8},
                    Memory{"lpddr5-6400-16x16bit.json", 204.8, 32}, Memory{"hbm2-2000-16x64bit.json", 256.0, 8}),
    [](const testing::TestParamInfo<Memory>& memory) {
      std::string name = memory.param.file;
      name.resize(name.find('.'));
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

struct Refusal {
  const char* members;
  const char* message;
};

class BoardConfigRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(BoardConfigRefusal, SaysWhereWhatAndWhatIsAllowed) {
  const std::string got = message_of([&] { read(std::string("{") + GetParam().members + "}"); });
  EXPECT_THAT(got, HasSubstr("memories.dram"));
  EXPECT_THAT(got, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Dram, BoardConfigRefusal,
    testing::Values(
        Refusal{R"("standard":"LPDDR4-3201")", R"(unknown DRAM standard "LPDDR4-3201" (did you mean "LPDDR4-3200"?))"},
        Refusal{R"("channels":2)", "memories.dram.standard: missing"},
        Refusal{R"("standard":"DDR4-2400","channels":0)", "memories.dram.channels: 0 is outside [1, 128]"},
        Refusal{R"("standard":"DDR4-2400","channel_bits":12)", "channel width 12 is not one of 16, 32, 64"},
        Refusal{R"("standard":"DDR4-2400","device_bits":4)", "device width 4 is not one of 8, 16"},
        Refusal{R"("standard":"DDR4-2400","ranks":3)", "number of ranks 3 is not one of 1, 2, 4"},
        Refusal{R"("standard":"DDR4-2400","gigabits":5)", "density 5 Gbit is not one of 4, 8, 16"},
        Refusal{R"("standard":"DDR4-2400","mega_transfers":2666)", "rate is 2666, must be 1 to 2400"},
        Refusal{R"("standard":"DDR4-2400","speed":"fast")", R"(memories.dram.speed)"},
        Refusal{R"("standard":"DDR4-2400","order":"row rank bank group colum channel")", R"(unknown field "colum")"},
        Refusal{R"("standard":"DDR4-2400","order":"row rank bank group channel")", R"(field "column" must stand once)"},
        Refusal{R"("standard":"DDR4-2400","queue":0)", "memories.dram.queue: 0 is outside [1, 1024]"},
        Refusal{R"("standard":"DDR4-2400","controller":{"bank_refresh":true})",
                "controller.bank_refresh: true, but DDR4-2400 can only refresh all banks at once"},
        Refusal{R"("standard":"DDR4-2400","controller":{"write_high":8})",
                "memories.dram.controller: write_low is 8; allowed here: 0 to 7"},
        Refusal{R"("standard":"DDR4-2400","controller":{"write_queue":16})",
                "memories.dram.controller: write_high is 24; allowed here: 1 to 16"},
        Refusal{R"("standard":"DDR4-2400","controller":{"postponed_refreshes":9})",
                "memories.dram.controller.postponed_refreshes: 9 is outside [0, 8]"},
        Refusal{R"("standard":"DDR4-2400","controller":{"page_timeout":100})", "expected a number with a unit"}));

}  // namespace
}  // namespace chipcast::dram

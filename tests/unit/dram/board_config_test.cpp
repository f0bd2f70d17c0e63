// SPDX-License-Identifier: Apache-2.0
#include "models/dram/board_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

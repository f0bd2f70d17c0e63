// SPDX-License-Identifier: Apache-2.0
#include "sim/config/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sim/machine.h"
#include "tests/unit/sim/message.h"

namespace chipcast::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Machine read(const std::string& members) {
  return read_value<Machine>(Json::parse(R"({"name":"n")" + (members.empty() ? "" : "," + members) + "}"), "m");
}

std::string message(const std::string& members) {
  return message_of([&] { read(members); });
}

TEST(Reader, AbsentFieldsKeepTheirDefaults) {
  Machine expected;
  expected.name = "n";
  EXPECT_EQ(read(""), expected);
}

TEST(Reader, ReadsEveryKindOfField) {
  const Machine m = read(R"("rows":7,"macs":9007199254740993,"bits":255,"share":-1,"fused":true,"clock":"1.3 GHz",
    "buffer":"2 MiB","dataflow":"output_stationary","lanes":3,"other":"weight_stationary","sizes":[3,1],
    "flags":[true,false],"ports":{"z":{"rate":"1 GB/s"},"a":{}},"main":{"name":"q"})");
  EXPECT_EQ(m.rows, 7);
  EXPECT_EQ(m.macs, 9007199254740993);
  EXPECT_EQ(m.bits, 255);
  EXPECT_EQ(m.share, -1.0);
  EXPECT_TRUE(m.fused);
  EXPECT_EQ(m.clock, Hertz(1.3e9));
  EXPECT_EQ(m.buffer, Bytes(2 << 20));
  EXPECT_EQ(m.dataflow, Dataflow::kOutput);
  EXPECT_EQ(m.lanes, 3);
  EXPECT_EQ(m.other, Dataflow::kWeight);
  EXPECT_THAT(m.sizes, ElementsAre(3, 1));
  EXPECT_THAT(m.flags, ElementsAre(true, false));
  ASSERT_EQ(m.ports.size(), 2u);
  EXPECT_EQ(m.ports[0].first, "z") << "order of writing";
  EXPECT_EQ(m.ports[0].second.rate, BytesPerSecond(1e9));
  EXPECT_EQ(m.main.name, "q");
}

TEST(Reader, CommentsAndSchemaReferencesAreAllowedAnywhere) {
  EXPECT_EQ(message(R"("$schema":"s.json","$comment":["a","b"],"main":{"$comment":"c"})"), "no error");
}

struct Refusal {
  const char* members;
  const char* message;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, WithPlaceValueAndRemedy) { EXPECT_EQ(message(GetParam().members), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    Types, Refused,
    testing::Values(
        Refusal{R"("rows":"7")", "m.rows: expected a whole number, got \"7\""},
        Refusal{R"("rows":7.0)", "m.rows: expected a whole number, got 7.0"},
        Refusal{R"("rows":null)", "m.rows: expected a whole number, got null"},
        Refusal{R"("rows":2147483648)", "m.rows: 2147483648 is too large"},
        Refusal{R"("rows":-2147483649)", "m.rows: -2147483649 is too small"},
        Refusal{R"("macs":18446744073709551615)", "m.macs: 18446744073709551615 is too large"},
        Refusal{R"("bits":256)", "m.bits: 256 is too large"}, Refusal{R"("bits":-1)", "m.bits: -1 is negative"},
        Refusal{R"("share":"0.5")", "m.share: expected a number, got \"0.5\""},
        Refusal{R"("share":true)", "m.share: expected a number, got true"},
        Refusal{R"("fused":1)", "m.fused: expected true or false, got 1"},
        Refusal{R"("main":{"name":[]})", "m.main.name: expected text in quotes, got a list"},
        Refusal{R"("clock":800)", "m.clock: expected a number with a unit (Hz, kHz, MHz, GHz) in quotes, got 800"},
        Refusal{R"("clock":"800")", "m.clock: \"800\" has no unit; add one of Hz, kHz, MHz, GHz"},
        Refusal{R"("buffer":"1.5 B")", "m.buffer: \"1.5 B\" is not a whole number of B"},
        Refusal{R"("dataflow":3)", "m.dataflow: expected one of \"weight_stationary\", \"output_stationary\", got 3"},
        Refusal{R"("dataflow":"weight-stationary")",
                "m.dataflow: \"weight-stationary\" is not known (did you mean \"weight_stationary\"?)"},
        Refusal{R"("dataflow":"none")",
                "m.dataflow: \"none\" is not known (known: weight_stationary, output_stationary)"},
        Refusal{R"("other":"none")", "m.other: \"none\" is not known (known: weight_stationary, output_stationary)"},
        Refusal{R"("sizes":{"a":1})", "m.sizes: expected a list, got an object"},
        Refusal{R"("sizes":[1,"b"])", "m.sizes[1]: expected a whole number, got \"b\""},
        Refusal{R"("ports":[])", "m.ports: expected an object of named members, got a list"},
        Refusal{R"("ports":{"a":5})", "m.ports.a: expected an object, got 5"},
        Refusal{R"("main":"p")", "m.main: expected an object, got \"p\""}));

INSTANTIATE_TEST_SUITE_P(
    Rules, Refused,
    testing::Values(Refusal{R"("rows":0)", "m.rows: 0 is outside [1, 1024]"},
                    Refusal{R"("rows":1025)", "m.rows: 1025 is outside [1, 1024]"},
                    Refusal{R"("macs":0)", "m.macs: 0 is outside [1, inf]"},
                    Refusal{R"("share":1.5)", "m.share: 1.5 is outside [-inf, 1.0]"},
                    Refusal{R"("clock":"10 GHz")", "m.clock: 10 GHz is outside [1 MHz, 5 GHz]"},
                    Refusal{R"("clock":"-1 GHz")", "m.clock: -1 GHz is outside [1 MHz, 5 GHz]"},
                    Refusal{R"("buffer":"1 B")", "m.buffer: 1 B is outside [1 KiB, inf]"},
                    Refusal{R"("lanes":9)", "m.lanes: 9 is outside [1, 8]"},
                    Refusal{R"("main":{"rate":"1 B/s"})", "m.main.rate: 1 B/s is outside [1 MB/s, 1 TB/s]"},
                    Refusal{R"("row":1)", "m: unknown field \"row\" (did you mean \"rows\"?)"},
                    Refusal{R"("main":{"x":1})", "m.main: unknown field \"x\" (known: name, rate)"},
                    Refusal{R"("ports":{"a":{"rte":1}})", "m.ports.a: unknown field \"rte\" (did you mean \"rate\"?)"},
                    Refusal{R"("fused":true,"rows":600)", "m: fused needs rows of at most 512"}));

TEST(Reader, NullSwitchesAnOptionalOff) {
  EXPECT_EQ(read(R"("lanes":null)").lanes, std::nullopt);
  EXPECT_EQ(read(R"("main":{"rate":null})").main.rate, std::nullopt);
}

TEST(Reader, ARequiredFieldSaysWhatItIs) {
  EXPECT_EQ(message_of([] { read_value<Machine>(Json::object(), "m"); }),
            "m.name: missing; add it: Name of the machine.");
  EXPECT_EQ(message_of([] { read_value<Machine>(Json(5), "m"); }), "m: expected an object, got 5");
  EXPECT_EQ(message_of([] { read_value<Machine>(Json::object(), ""); }), "name: missing; add it: Name of the machine.");
}

TEST(Reader, NotANumberFailsEveryRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Json json{{"name", "n"}, {"share", nan}};
  EXPECT_THAT(message_of([&] { read_value<Machine>(json, "m"); }), HasSubstr("m.share: null is not a finite number"));
}

TEST(Reader, ANumberTooLargeForItsTypeIsRefused) {
  EXPECT_THAT(message_of([] { read_value<float>(Json(1e300), "f"); }), HasSubstr("is not a finite number"));
}

TEST(Reader, HostileKeysStayOnOneShortLine) {
  const std::string key(100'000, 'k');
  const Json json{{"name", "n"}, {"ports", {{"a\nb" + key, 5}}}};
  const std::string text = message_of([&] { read_value<Machine>(json, "m"); });
  EXPECT_THAT(text, HasSubstr("m.ports.a?bkkk"));
  EXPECT_LT(text.size(), 200u);
  EXPECT_LT(message("\"" + key + "\":1").size(), 400u);
}

TEST(Reader, AllowMarksAKeyThatTheCallerReads) {
  const Json json = Json::parse(R"({"type":"x","other":1})");
  Reader reader(json, "m");
  reader.allow("type");
  EXPECT_EQ(message_of([&] { reader.finish(); }), "m: unknown field \"other\" (known: type)");
}

}  // namespace
}  // namespace chipcast::test

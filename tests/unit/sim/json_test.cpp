// SPDX-License-Identifier: Apache-2.0
#include "sim/config/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "tests/unit/sim/message.h"

namespace chipcast {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string parse_message(std::string_view text, const JsonLimits& limits = {}) {
  return message_of([&] { parse_json(text, "f.json", limits); });
}

TEST(Json, ReadsEveryKindOfValueInOrder) {
  const std::string text =
      R"({"z":1,"a":[true,false,null,-2,1.5,"t\u00e9xt",{}],"m":{"n":[[],{"o":18446744073709551615}]}})";
  const Json json = parse_json(text, "f.json");
  EXPECT_EQ(json, Json::parse(text));
  EXPECT_EQ(json.dump(), Json::parse(text).dump());
  EXPECT_TRUE(json["a"][3].is_number_integer());
  EXPECT_TRUE(json["z"].is_number_unsigned());
  EXPECT_EQ(parse_json("7", "f.json"), Json(7));
  EXPECT_EQ(parse_json("\xEF\xBB\xBF{}", "f.json"), Json::object()) << "byte order mark";
}

TEST(Json, SaysWhereTheSyntaxBreaks) {
  EXPECT_THAT(parse_message("{\"a\": 1,\n \"b\": }"), StartsWith("f.json: not valid JSON: line 2, column 7: "));
  EXPECT_THAT(parse_message(""), HasSubstr("line 1, column 1"));
  EXPECT_THAT(parse_message("{} {}"), HasSubstr("line 1, column 4"));
  EXPECT_THAT(parse_message("[1, NaN]"), HasSubstr("column 5"));
  EXPECT_THAT(parse_message("[1e400]"), HasSubstr("number overflow"));
  EXPECT_THAT(parse_message("// no\n{}"), HasSubstr("line 1, column 1"));
  for (const char* text : {"[1,]", "{\"a\"}", "{'a':1}", "tru", "\"\n\"", "[", "{\"a\":", "\"\\ud800\"", "01", "-"}) {
    EXPECT_THAT(parse_message(text), StartsWith("f.json: not valid JSON: line ")) << text;
  }
}

TEST(Json, MalformedBytesGiveOnePrintableLine) {
  const std::string message = parse_message("{\"a\": \"\xFF\x01\n\"}");
  EXPECT_THAT(message, StartsWith("f.json: not valid JSON: "));
  for (const char c : message) EXPECT_TRUE(c >= 0x20 && c < 0x7F) << message;
  EXPECT_LT(parse_message(std::string("\"") + std::string(1'000'000, 'x')).size(), 300u);
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_EQ(parse_message(R"({"a":1,"a":2})"), "f.json: key \"a\" stands twice in one object; keep one of them");
  EXPECT_EQ(parse_message(R"({"soc":{"npus":[{},{"rows":1,"rows":1}]}})"),
            "f.json: key \"rows\" stands twice in one object (soc.npus[1]); keep one of them");
  EXPECT_EQ(parse_message(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"), "no error");
  EXPECT_THAT(parse_message(R"({"a":1,"\u0061":2})"), HasSubstr("stands twice")) << "the same key, spelt otherwise";
}

TEST(Json, RefusesDepth) {
  EXPECT_EQ(parse_message(std::string(64, '[') + std::string(64, ']')), "no error");
  EXPECT_EQ(parse_message(std::string(65, '[') + std::string(65, ']')),
            "f.json: nested deeper than 64 levels; flatten it");
  EXPECT_EQ(parse_message(std::string(100'000, '[')), "f.json: nested deeper than 64 levels; flatten it");
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(parse_message(objects), "f.json: nested deeper than 64 levels; flatten it");
}

TEST(Json, RefusesSize) {
  EXPECT_EQ(parse_message("[1,2,3]", {.bytes = 6}), "f.json: is 7 bytes, more than the 6 allowed");
  EXPECT_EQ(parse_message("[1,2,3]", {.bytes = 7}), "no error");
}

TEST(Json, ManyKeysTakeLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
  text += "}";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(parse_json(text, "f.json").size(), 300'000u);
  // A search per key would be 4.5e10 comparisons: minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

class JsonFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto path = std::filesystem::path(testing::TempDir()) /
                      (std::string("chipcast_json_") + std::to_string(::getpid()) + ".json");
    std::ofstream(path, std::ios::binary) << text;
    written_ = path;
    return path;
  }
  ~JsonFile() override {
    std::error_code ignored;
    if (!written_.empty()) std::filesystem::remove(written_, ignored);
  }
  std::filesystem::path written_;
};

TEST_F(JsonFile, IsNamedInMessages) {
  EXPECT_EQ(parse_json_file(write("{\"a\":1}"))["a"], 1);
  const auto broken = write("{");
  EXPECT_THAT(message_of([&] { parse_json_file(broken); }), StartsWith(broken.string() + ": not valid JSON: line 1"));
  const auto empty = write("");
  EXPECT_EQ(read_text_file(empty, 10), "");
}

TEST_F(JsonFile, MissingOrLargeIsRefused) {
  EXPECT_EQ(message_of([] { parse_json_file("/no/such.json"); }), "/no/such.json: no such file; check the path");
  const auto folder = testing::TempDir();
  EXPECT_THAT(message_of([&] { parse_json_file(folder); }), HasSubstr("no such file"));
  const auto path = write(std::string(100, ' '));
  EXPECT_EQ(message_of([&] { read_text_file(path, 99); }), path.string() + ": is 100 bytes, more than the 99 allowed");
}

TEST(Brief, IsOneShortLine) {
  EXPECT_EQ(brief(Json::object()), "an object");
  EXPECT_EQ(brief(Json::array({1})), "a list");
  EXPECT_EQ(brief(Json(1.5)), "1.5");
  EXPECT_EQ(brief(Json("a\nb")), "\"a\\nb\"");
  EXPECT_EQ(brief(Json(std::string(100, 'x'))), std::string("\"") + std::string(59, 'x') + "...");
  EXPECT_EQ(brief(Json("\xFF")), "\"\uFFFD\"");
}

}  // namespace
}  // namespace chipcast

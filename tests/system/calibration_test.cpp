// SPDX-License-Identifier: Apache-2.0
#include "platform/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/platform.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

Json platform_with(const Json& device_calibration, const Json& profile_calibration = Json()) {
  Json json = parse_json(R"({
    "name": "p", "memories": {"ram": {"standard": "DDR3-1600"}},
    "devices": {"a72": {"type": "cpu", "profiles": [{"serves": ["int8"], "conv": 0.5}]}}})",
                         "test");
  if (!device_calibration.is_null()) json["devices"]["a72"]["calibration"] = device_calibration;
  if (!profile_calibration.is_null()) json["devices"]["a72"]["profiles"][0]["calibration"] = profile_calibration;
  return json;
}

Json parse(const char* text) { return parse_json(text, "test"); }

std::string message(const Json& json) {
  try {
    Platform::from_json(json, "p.json", {});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Calibration, MovesToTheTopWithWholePaths) {
  const Json json = platform_with(parse(R"({"free": {"clock": {"meaning": "clock"}}})"),
                                  parse(R"({"group": "mine", "free": {"conv": {"spread": 1.2, "low": 0.1}}})"));
  const Platform platform = Platform::from_json(json, "p.json", {});
  const auto& free = platform.file().calibration.free;
  ASSERT_EQ(free.size(), 2U);
  EXPECT_EQ(free[0].first, "a72.clock");
  EXPECT_EQ(free[1].first, "a72.profiles[0].conv");
  EXPECT_EQ(free[1].second.group, "mine:conv");
  EXPECT_EQ(free[1].second.low, Json(0.1));
}

TEST(Calibration, OuterMembersWinOverInnerOnes) {
  Json json = platform_with(parse(R"({"free": {"profiles[0].conv": {"low": 0.2}}})"),
                            parse(R"({"free": {"conv": {"low": 0.1, "high": 0.9}}})"));
  json["calibration"] = parse(R"({"free": {"devices.a72.profiles[0].conv": {"spread": 3.0}}})");
  const Platform platform = Platform::from_json(json, "p.json", {});
  const auto& free = platform.file().calibration.free;
  ASSERT_EQ(free.size(), 1U);
  EXPECT_EQ(free[0].second.spread, 3.0);
  EXPECT_EQ(free[0].second.low, Json(0.2));
  EXPECT_EQ(free[0].second.high, Json(0.9));
}

TEST(Calibration, FittedValuesStandInPlaceOfDeclaredOnes) {
  const Json json = platform_with(Json(), parse(R"({"fitted": {"conv": {"value": 0.7, "prior": 0.5}}})"));
  const Platform fitted = Platform::from_json(json, "p.json", {});
  EXPECT_EQ(fitted.to_json()["devices"]["a72"]["profiles"][0]["conv"], Json(0.7));
  const Platform overridden = Platform::from_json(json, "p.json", {}, {"a72.profiles[0].conv=0.6"});
  EXPECT_EQ(overridden.to_json()["devices"]["a72"]["profiles"][0]["conv"], Json(0.6));
}

TEST(Calibration, GoesWithWhatAnOverrideTakesAway) {
  const Json json = platform_with(Json(), parse(R"({"free": {"conv": {"low": 0.1, "high": 0.9}}})"));
  const Platform without = Platform::from_json(json, "p.json", {}, {"a72.profiles=[]"});
  EXPECT_EQ(without.file().calibration.free.size(), 0U);
}

TEST(Calibration, ChangesNoForecast) {
  const Platform plain = Platform::from_json(platform_with(Json()), "p.json", {});
  const Platform marked = Platform::from_json(
      platform_with(parse(R"({"free": {"clock": {"low": "1 GHz", "high": "2 GHz"}}})")), "p.json", {});
  EXPECT_EQ(plain.sha256(), marked.sha256());
}

TEST(Calibration, ResolvedPlatformsAreReadAgain) {
  const Platform once = Platform::from_json(
      platform_with(parse(R"({"free": {"clock": {"low": "1 GHz"}}, "fitted": {"volts": {"value": 1.0}}})")), "p.json",
      {});
  const Platform twice = Platform::from_json(once.to_json(), "p.json", {});
  EXPECT_EQ(once.to_json(), twice.to_json());
}

TEST(Calibration, MistakesAreNamed) {
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"clok": {}}})"))),
              testing::AllOf(testing::HasSubstr("a72.clok"), testing::HasSubstr("did you mean \"clock\"")));
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"caches": {}}})"))),
              testing::HasSubstr("only numbers and amounts can be free"));
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"clock": {"low": 1e9}}})"))),
              testing::HasSubstr("has not the form of the parameter"));
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"volts": {"low": 1.0, "high": 0.5}}})"))),
              testing::HasSubstr("is not below high"));
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"volts": {"spread": 0.5}}})"))),
              testing::HasSubstr("outside [1.001"));
  EXPECT_THAT(message(platform_with(parse(R"({"fre": {"volts": {}}})"))), testing::HasSubstr("unknown field \"fre\""));
  EXPECT_THAT(message(platform_with(parse(R"({"fitted": {"volts": {}}})"))), testing::HasSubstr("value: missing"));
  EXPECT_THAT(message(platform_with(parse("3"))), testing::HasSubstr("expected an object"));
  EXPECT_THAT(message(platform_with(parse(R"({"free": {"profiles[4].conv": {}}})"))),
              testing::HasSubstr("there is no element 4"));
}

}  // namespace
}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
// Who belongs to which domain, and the operating point that a platform starts with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/technology/leakage.h"
#include "platform/power/domains.h"
#include "sim/base/check.h"
#include "tests/system/power_check.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

Platform load(const Json& json, const std::vector<std::string>& overrides = {}) {
  return Platform::from_json(json, "probe", {}, overrides);
}

std::string error_of(const Json& json, const std::vector<std::string>& overrides = {}) {
  try {
    load(json, overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

Json with(const Json& power) { return npu_platform(power); }

std::vector<std::string> names(const Platform& platform) {
  std::vector<std::string> out;
  for (const auto& domain : platform.domains()) out.push_back(domain.name);
  return out;
}

TEST(PowerDomains, CoverEverythingOnce) {
  const Json loads{{"camera", Json{{"full", "1 W"}}}, {"gpu", Json{{"full", "1 W"}}}};
  const Platform platform =
      load(with(Json{{"loads", loads}, {"domains", Json{{"isp", Json{{"members", {"camera"}}}}}}}));
  EXPECT_THAT(names(platform), ElementsAre("npu", "isp", "dram", "gpu", "interconnect", "always_on"));
  for (const char* component : {"npu0.mac", "npu0.static", "npu.power", "dram", "dram.phy", "interconnect", "board",
                                "system_cache", "always_on", "camera", "gpu", "isp.power"}) {
    int owners = 0;
    for (const auto& domain : platform.domains()) {
      owners += domain_of_component({domain}, component).has_value() ? 1 : 0;
    }
    EXPECT_EQ(owners, 1) << component;
  }
  EXPECT_FALSE(domain_of_component(platform.domains(), "vdd.regulator"));
  EXPECT_FALSE(domain_of_component(platform.domains(), "npu01.mac")) << "a longer name";
}

TEST(PowerDomains, TheBoardStaysOutsideWhereADomainTakesWhatIsAlwaysOn) {
  const Platform platform = load(with(Json{{"domains", Json{{"soc", Json{{"members", {"always_on"}}}}}}}));
  EXPECT_THAT(names(platform), ElementsAre("npu", "soc", "dram", "interconnect", "board"));
}

TEST(PowerDomains, BundledPlatformsHaveThem) {
  for (const std::string& name : platform_names()) {
    const auto platform = bundled(name);
    EXPECT_NO_THROW(domain_of_devices(platform->domains(), platform->devices().size())) << name;
  }
}

TEST(PowerDomains, SayWhatIsWrong) {
  const auto domains = [](const char* name, Json domain) { return with(Json{{"domains", Json{{name, domain}}}}); };
  EXPECT_THAT(error_of(domains("x", Json{{"members", {"npu9"}}})),
              AllOf(HasSubstr("power.domains.x.members[0]"), HasSubstr("did you mean \"npu0\"?")));
  EXPECT_THAT(error_of(domains("x", Json{{"members", {"dram", "npu0"}}})),
              AllOf(HasSubstr("power.domains.x.members[1]"), HasSubstr("in the domain \"npu\" too")));
  EXPECT_THAT(error_of(domains("x", Json{{"members", {"dram", "dram"}}})), HasSubstr("is there twice"));
  EXPECT_THAT(error_of(domains("x", Json{{"members", {"dram"}}, {"rail", "vdd"}})),
              AllOf(HasSubstr("power.domains.x.rail"), HasSubstr("the platform has no rails")));
  EXPECT_THAT(error_of(domains("x", Json{{"members", {"dram"}}, {"thermal_node", "die"}})),
              AllOf(HasSubstr("power.domains.x.thermal_node"), HasSubstr("no thermal nodes")));
  EXPECT_THAT(error_of(domains("dram", Json{{"members", {"interconnect"}}})), HasSubstr("is the name of a memory"));
  EXPECT_THAT(error_of(with(Json{{"rails", Json{{"npu0", Json::object()}}}})), HasSubstr("is the name of a device"));
  EXPECT_THAT(error_of(with(Json{{"loads", Json{{"board", Json{{"full", "1 W"}}}}}})),
              HasSubstr("is the name of the board"));
  Json two = npu_platform();
  two["devices"]["npu1"] = Json{{"type", "npu"}, {"clock", "800 MHz"}};
  two["power"]["domains"]["npu"]["members"].push_back("npu1");
  EXPECT_THAT(error_of(two), AllOf(HasSubstr("power.domains.npu.members"), HasSubstr("1 GHz"), HasSubstr("800 MHz")));
}

TEST(OperatingPoints, MoveMembersWithTheirClock) {
  const Platform own = load(npu_platform()), slow = load(npu_platform(), {"power.domains.npu.clock=500 MHz"});
  EXPECT_TRUE(own.domains()[0].runs_at_opp);
  EXPECT_EQ(own.domains()[0].opp, 2U);
  EXPECT_TRUE(slow.domains()[0].runs_at_opp);
  EXPECT_EQ(slow.domains()[0].opp, 1U);
  const Device &fast_npu = *own.devices()[0].device, &slow_npu = *slow.devices()[0].device;
  EXPECT_EQ(slow_npu.clock(), Hertz(500e6));
  const double squared = 0.6 * 0.6 / (0.8 * 0.8);
  EXPECT_NEAR(slow_npu.active_power().count(), 0.05 * 0.5 * squared, 1e-15);
  const auto& technology = own.file().technology;
  EXPECT_NEAR(slow_npu.static_power().count(),
              0.1 * technology::leakage_factor(technology, 0.6, 0.8, technology.leakage_celsius), 1e-12);
  for (std::size_t i = 0; i < fast_npu.actions().size(); ++i) {
    const double before = fast_npu.actions()[i].each.count(), after = slow_npu.actions()[i].each.count();
    EXPECT_NEAR(after, before * squared, 1e-12 * before) << fast_npu.actions()[i].component;
  }
}

TEST(OperatingPoints, ResolvedPlatformsLoadAsWhatTheyAre) {
  const Platform slow = load(npu_platform(), {"power.domains.npu.clock=250 MHz"});
  const Platform again = load(slow.to_json());
  EXPECT_EQ(again.to_json(), slow.to_json());
  EXPECT_EQ(again.sha256(), slow.sha256());
}

TEST(OperatingPoints, AreNeverRounded) {
  EXPECT_THAT(error_of(npu_platform(), {"power.domains.npu.clock=600 MHz"}),
              AllOf(HasSubstr("power.domains.npu"), HasSubstr("600 MHz"), HasSubstr("250 MHz, 500 MHz, 1000 MHz")));
  EXPECT_THAT(
      error_of(npu_platform(Json{{"domains", Json{{"npu", Json{{"clock", "1 GHz"}}}}}}), {"npu0.clock=2 GHz"}),
      AllOf(HasSubstr("npu0.clock"), HasSubstr("power.domains.npu.clock"), HasSubstr("250 MHz, 500 MHz, 1 GHz")));
}

TEST(OperatingPoints, AreFreeWhereNoneIsStated) {
  const Platform free = load(npu_platform(), {"npu0.clock=600 MHz"});
  EXPECT_FALSE(free.domains()[0].runs_at_opp);
  EXPECT_EQ(free.devices()[0].device->clock(), Hertz(600e6));
  EXPECT_FALSE(load(npu_platform(), {"npu0.volts=0.7"}).domains()[0].runs_at_opp) << "the point has other volts";
}

}  // namespace
}  // namespace chipcast

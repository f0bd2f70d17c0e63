// SPDX-License-Identifier: Apache-2.0
#include "sim/config/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "sim/base/check.h"

namespace chipcast {
namespace {

namespace fs = std::filesystem;

/// A folder of presets that goes away with the test.
class Presets : public ::testing::Test {
 protected:
  Presets() : root_(fs::temp_directory_path() / ("chipcast_presets_" + std::to_string(::getpid()))) {
    fs::remove_all(root_);
    fs::create_directories(root_ / "configs");
  }
  ~Presets() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }
  Json load(const std::string& name) const { return load_with_presets(root_ / name, {root_ / "configs"}); }
  std::string failure(const std::string& name) const {
    try {
      load(name);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  fs::path root_;
};

TEST_F(Presets, MembersOfTheDocumentWinAndObjectsMerge) {
  write("configs/core.json", R"({"name": "a", "cache": {"size": 1, "ways": 2}, "list": [1, 2]})");
  write("platform.json", R"({"core": {"extends": "core.json", "cache": {"size": 9}, "list": [3]}})");
  EXPECT_EQ(load("platform.json").dump(), R"({"core":{"name":"a","cache":{"size":9,"ways":2},"list":[3]}})");
}

TEST_F(Presets, LaterOnesOfAListWin) {
  write("configs/a.json", R"({"x": 1, "y": 1})");
  write("configs/b.json", R"({"y": 2})");
  write("platform.json", R"({"extends": ["a.json", "b.json"], "z": 3})");
  EXPECT_EQ(load("platform.json").dump(), R"({"x":1,"y":2,"z":3})");
}

TEST_F(Presets, AreLookedForBesideTheFileFirst) {
  write("configs/a.json", R"({"from": "configs"})");
  write("a.json", R"({"from": "beside"})");
  write("platform.json", R"({"extends": "a.json"})");
  EXPECT_EQ(load("platform.json").dump(), R"({"from":"beside"})");
}

TEST_F(Presets, AnUnknownOneIsNamedWithAGuess) {
  write("configs/cores/cortex-a76.json", "{}");
  write("platform.json", R"({"core": {"extends": "cores/cortex-a67.json"}})");
  EXPECT_EQ(failure("platform.json"),
            R"(core.extends: no preset "cores/cortex-a67.json" (did you mean "cores/cortex-a76.json"?))");
}

TEST_F(Presets, ACircleIsRefused) {
  write("configs/a.json", R"({"extends": "b.json"})");
  write("configs/b.json", R"({"extends": "a.json"})");
  write("platform.json", R"({"extends": "a.json"})");
  EXPECT_THAT(failure("platform.json"), ::testing::HasSubstr("extends itself"));
}

TEST_F(Presets, NothingOutsideTheFoldersIsRead) {
  write("outside/secret.json", R"({"secret": 1})");
  write("inner/platform.json", R"({"extends": "../outside/secret.json"})");
  EXPECT_THAT(failure("inner/platform.json"), ::testing::HasSubstr("no preset"));
  write("inner/absolute.json", R"({"extends": ")" + (root_ / "outside/secret.json").string() + R"("})");
  EXPECT_THAT(failure("inner/absolute.json"), ::testing::HasSubstr("no preset"));
}

TEST_F(Presets, DoublingIsStopped) {
  for (int i = 0; i < 40; ++i) {
    const std::string next = "p" + std::to_string(i + 1) + ".json";
    write("configs/p" + std::to_string(i) + ".json", R"({"extends": [")" + next + R"(", ")" + next + R"("]})");
  }
  write("configs/p40.json", "{}");
  write("platform.json", R"({"extends": "p0.json"})");
  EXPECT_THAT(failure("platform.json"), ::testing::HasSubstr("presets are loaded"));
}

TEST(Overrides, ReachMembersAndElements) {
  Json json = Json::parse(R"({"devices": {"npu": {"caches": [{"size": "1 KiB"}]}}})");
  apply_override(json, "devices.npu.caches[0].size=32 KiB");
  apply_override(json, "devices.npu.rows=32");
  apply_override(json, "devices.npu.dma.outstanding=4");
  EXPECT_EQ(json.dump(), R"({"devices":{"npu":{"caches":[{"size":"32 KiB"}],"rows":32,"dma":{"outstanding":4}}}})");
}

TEST(Overrides, MistakesNameTheAssignment) {
  const auto failure = [](const std::string& assignment) -> std::string {
    Json json = Json::parse(R"({"a": 1, "list": [1]})");
    try {
      apply_override(json, assignment);
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(failure("a"), ::testing::HasSubstr("path=value"));
  EXPECT_THAT(failure("=1"), ::testing::HasSubstr("path=value"));
  EXPECT_THAT(failure("a..b=1"), ::testing::HasSubstr("path=value"));
  EXPECT_THAT(failure("a.b=1"), ::testing::HasSubstr("has no member"));
  EXPECT_THAT(failure("list[3]=1"), ::testing::HasSubstr("no element 3"));
  EXPECT_THAT(failure("list[x]=1"), ::testing::HasSubstr("is not name[number]"));
}

}  // namespace
}  // namespace chipcast

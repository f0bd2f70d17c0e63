// SPDX-License-Identifier: Apache-2.0
// Mappings of every kind and with every option on random platforms: they validate, their programs hold what an
// independent judge asks, they simulate to their end, and saved and followed again they give the same program.
// CHIPCAST_RANDOM_SEED runs one seed alone, CHIPCAST_RANDOM_COUNT so many per test; with 1,700 they are some 10,000
// networks.
#include "tests/system/random_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/mapping_json.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/network.h"
#include "mappers/validator.h"
#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "tests/system/random_case.h"
#include "tests/system/random_coverage.h"
#include "tests/system/random_groups.h"
#include "tests/system/report_check.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

bool contains(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

bool is_too_tight(const std::string& what) {
  return contains(what, "does not fit the buffers") || contains(what, "has buffers that are too small");
}

/// A mapping from which tasks of operators that one task does are missing, and some tiles.
Mapping with_gaps(Dice& dice, Mapping mapping) {
  std::vector<Task> kept;
  for (const Task& task : mapping.tasks) {
    if (!task.part.whole() || task.group || dice.chance(40)) {
      kept.push_back(task);
    } else {
      mapping.choices[task.op.index()].tiling.reset();
    }
    if (dice.chance(20)) mapping.choices[task.op.index()].tiling.reset();
  }
  mapping.tasks = std::move(kept);
  return mapping;
}

/// One network on one platform, run in many ways.
class Runs {
 public:
  Runs(Dice& dice, Coverage& coverage) : dice_(dice), some_(dice), coverage_(coverage) {}

  /// False where not even some mapping fits the platform.
  bool check() {
    const auto drawn = random_mapping(dice_, some_.problem, some_.plans);
    if (!drawn) return false;
    const Mapping mapping = dice_.chance(50) ? with_random_groups(dice_, some_.problem, *drawn) : *drawn;
    SCOPED_TRACE("drawn");
    RunOptions plain;
    plain.mapper = "fixed";
    plain.mapping = to_json(some_.problem, mapping);
    const auto run = mapped(plain);
    if (!run) return false;
    EXPECT_TRUE(run->mapping().warnings.empty());
    const Report report = expect_sound(*run, plain);
    scale_ = {run->program().memory_footprint, Watts(report.totals.peak_power_w)};
    check_edited(run->mapping());
    for (const MapperType& type : mapper_types()) {
      if (type.name != "fixed" && dice_.chance(35)) check_policy(type.name);
    }
    return true;
  }

 private:
  void check_edited(const Mapping& mapping) {
    SCOPED_TRACE("edited");
    RunOptions options = random_options(dice_, some_, "fixed", scale_);
    options.devices.clear();  // the mapping uses all of them
    options.mapping = to_json(some_.problem, with_gaps(dice_, mapping));
    if (const auto run = mapped(options)) expect_sound(*run, options);
  }

  void check_policy(const std::string& name) {
    SCOPED_TRACE(name);
    const RunOptions options = random_options(dice_, some_, name, scale_);
    const auto run = mapped(options);
    if (!run) return;
    expect_sound(*run, options);
    if (options.power_cap && !options.fuse) {
      EXPECT_LE(peak_power(*run), options.power_cap->count() * (1.0 + 1e-9));
      ++coverage_.kept_power;
    }
    if (options.memory_cap) ++coverage_.kept_memory;
    if (dice_.chance(60)) check_followed(*run, options);
  }

  /// Saved, read and followed again: the same program, and the same JSON.
  void check_followed(const Simulation& run, RunOptions options) {
    SCOPED_TRACE("followed");
    const Json saved = to_json(run.problem(), run.mapping());
    options.mapper = "fixed";
    options.power_cap.reset();
    options.mapping = saved;
    const auto again = mapped(options);
    ASSERT_TRUE(again);
    EXPECT_EQ(Json::diff(saved, to_json(again->problem(), again->mapping())), Json::array());
    EXPECT_TRUE(decisions(*again) == decisions(run)) << "another program";
    ++coverage_.followed;
  }

  /// The program without its warnings: those of searches for tiles are about the run that searched.
  static Json decisions(const Simulation& run) {
    Json out = run.program().to_json();
    out.erase("warnings");
    return out;
  }

  /// None where the platform is too small for the network, or where choices or caps are rightly refused.
  std::unique_ptr<Simulation> mapped(const RunOptions& options) {
    try {
      auto run = simulation(options);
      EXPECT_FALSE(must_be_refused(options)) << "choices exclude each other";
      return run;
    } catch (const InputError& error) {
      expect_right(options, error.what());
      return nullptr;
    }
  }

  std::unique_ptr<Simulation> simulation(RunOptions options) {
    options.fuse_activations = options.fold_batch_norm = false;
    return std::make_unique<Simulation>(some_.platform, some_.graph, options);
  }

  void expect_right(const RunOptions& options, const std::string& what) {
    ++coverage_.refused;
    if (must_be_refused(options) && (what.starts_with("objective: ") || what.starts_with("power_cap: "))) return;
    if (is_too_tight(what) || (!options.devices.empty() && contains(what, "no device runs it"))) return;
    RunOptions free = options;
    free.memory_cap.reset();
    free.power_cap.reset();
    if (options.memory_cap && contains(what, "cap: ") + contains(what, "the cap is ") > 0) {
      // The cap is on the mapping with groups, or already on that before.
      const auto fused = simulation(free);
      free.fuse = false;
      const Bytes least = std::max(fused->program().memory_footprint, simulation(free)->program().memory_footprint);
      if (!options.power_cap) {
        EXPECT_GT(least, *options.memory_cap) << what;
      }
      ++coverage_.beyond_memory;
      return;
    }
    if (what.starts_with("power_cap: ") && options.power_cap) {
      free.fuse = false;
      if (!options.memory_cap) {
        EXPECT_GT(peak_power(*simulation(free)), options.power_cap->count()) << what;
      }
      ++coverage_.beyond_power;
      return;
    }
    ADD_FAILURE() << "no other reason is known: " << what;
  }

  /// The estimate that a cap is on, of a mapping without groups.
  static double peak_power(const Simulation& run) {
    MappingProblem problem = run.problem();
    if (!problem.options.power_cap) problem.options.power_cap = Watts(1.0);  // asks for the estimate
    tiling::Plans plans(problem);
    schedule::Network network = schedule::network_of(problem, plans, problem.options.split);
    const schedule::Solution solution = schedule::to_solution(problem, network, run.mapping(), plans);
    return schedule::Evaluator(network.problem).evaluate(solution).peak_power;
  }

  Report expect_sound(Simulation& run, const RunOptions& options) {
    EXPECT_THAT(chipcast::problems_of(run.problem(), run.mapping()), IsEmpty());
    EXPECT_THAT(system_test::problems_of(*some_.platform, describe_ops(run.graph()), run.program()), IsEmpty());
    EXPECT_LE(run.program().memory_live, run.program().memory_footprint);
    if (options.memory_cap) {
      EXPECT_LE(run.program().memory_footprint, *options.memory_cap);
    }
    const SearchRecord& search = run.mapping().search;
    if (search.lower_bound && search.value > 0.0) {
      EXPECT_LE(*search.lower_bound, search.value * (1.0 + 1e-9));
    }
    Report report = run.run();  // throws where it gets stuck
    EXPECT_THAT(system_test::problems_of(run, report), IsEmpty());
    coverage_.count(run, options);
    return report;
  }

  Dice& dice_;
  RandomCase some_;
  Coverage& coverage_;
  Scale scale_;
};

class RandomMappings : public testing::TestWithParam<int> {
 protected:
  void check(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed * 7919 + 17);
    try {
      ++(Runs(dice, coverage_).check() ? coverage_.networks : coverage_.too_tight);
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  Coverage coverage_;
};

TEST_P(RandomMappings, ValidateAndRun) {
  if (const char* only = std::getenv("CHIPCAST_RANDOM_SEED")) {
    check(std::stoull(only));
    return;
  }
  const char* count = std::getenv("CHIPCAST_RANDOM_COUNT");
  const int runs = count != nullptr ? std::stoi(count) : 40;
  for (int i = 0; i < runs && !HasFailure(); ++i) check(static_cast<std::uint64_t>(GetParam() * runs + i));
  for (const auto& [what, number] : coverage_.numbers()) RecordProperty(what, std::to_string(number));
  if (runs >= 40 && !HasFailure()) {
    EXPECT_THAT(coverage_.gaps(), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMappings, testing::Range(0, 6));

}  // namespace
}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
// How tiles were searched for is stated in the mapping: for each operator, and over all in one line.
#include "mappers/tile_searches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "mappers/mapping_json.h"
#include "tests/unit/mappers/two_devices.h"

namespace chipcast {
namespace {

using mapper_test::chain_of_convs;
using mapper_test::TwoDevices;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

struct Mapped {
  Mapping mapping;
  Program program;
};

Mapped map_within(TwoDevices& on, std::int64_t budget) {
  MappingProblem problem = on.problem;
  problem.options.tile_budget = budget;
  tiling::Plans plans(problem);
  Mapped out{mapper_type("heft", "test").make()->map(problem, plans), {}};
  out.program = emit_and_state_tiles(problem, out.mapping, plans);
  return out;
}

TEST(TileSearches, AreStatedWhereTheyWentToTheirEnd) {
  TwoDevices on(chain_of_convs(6, 40));
  const Mapped all = map_within(on, 1'000'000);
  const TileSearches& tiles = all.mapping.search.tiles;
  EXPECT_EQ(tiles.operators, 6);
  EXPECT_EQ(tiles.exact, 6);
  EXPECT_EQ(tiles.budget, 1'000'000);
  EXPECT_EQ(tiles.warning, "");
  EXPECT_EQ(tiles.worst_distance, 0.0);
  std::int64_t sum = 0;
  for (const OpChoice& choice : all.mapping.choices) {
    ASSERT_TRUE(choice.tile_search);
    EXPECT_THAT(choice.tile_search->text, AllOf(HasSubstr("limited by "), HasSubstr("best latency of its space")));
    EXPECT_GE(choice.tile_search->value, choice.tile_search->lower_bound * (1 - 1e-9));
    sum += choice.tile_search->evaluations;
  }
  EXPECT_GT(tiles.evaluations, 0);
  EXPECT_LT(tiles.evaluations, sum) << "operators alike are searched once";
  EXPECT_THAT(all.program.warnings, testing::IsEmpty());
}

TEST(TileSearches, ThatTheirBudgetEndedAreOneWarning) {
  TwoDevices on(chain_of_convs(6, 40));
  const Mapped all = map_within(on, 1);
  const TileSearches& tiles = all.mapping.search.tiles;
  EXPECT_LT(tiles.exact, tiles.operators);
  EXPECT_GT(tiles.worst_distance, 0.0);
  ASSERT_EQ(all.program.warnings.size(), 1U);
  EXPECT_EQ(all.program.warnings.front(), tiles.warning);
  EXPECT_THAT(tiles.warning,
              AllOf(HasSubstr(std::to_string(tiles.operators - tiles.exact) + " of 6 operators"),
                    HasSubstr('"' + tiles.worst_operator + '"'), HasSubstr("raise tile_budget (now 1 ")));
  for (std::size_t i = 0; i < on.ops.size(); ++i) {
    if (on.ops[i].name != tiles.worst_operator) continue;
    const TileSearch& worst = *all.mapping.choices[i].tile_search;
    EXPECT_FALSE(worst.exact);
    EXPECT_DOUBLE_EQ(worst.value / worst.lower_bound - 1.0, tiles.worst_distance);
    EXPECT_THAT(worst.text, HasSubstr("found before the budget ended"));
  }
}

TEST(TileSearches, OfASavedMappingStayAndWarnNoMore) {
  TwoDevices on(chain_of_convs(6, 40));
  const Mapped first = map_within(on, 1);
  MappingProblem problem = on.problem;
  problem.options.given = to_json(on.problem, first.mapping);
  tiling::Plans plans(problem);
  Mapping again = mapper_type("fixed", "test").make()->map(problem, plans);
  const Program program = emit_and_state_tiles(problem, again, plans);
  EXPECT_EQ(again.search.tiles.warning, first.mapping.search.tiles.warning);
  EXPECT_THAT(program.warnings, testing::IsEmpty());
  ASSERT_TRUE(again.choices.front().tile_search);
  EXPECT_THAT(again.choices.front().tile_search->text, HasSubstr("given, not searched for"));
  EXPECT_EQ(again.choices.front().tile_search->evaluations, 0);
}

}  // namespace
}  // namespace chipcast

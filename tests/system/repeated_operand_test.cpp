// SPDX-License-Identifier: Apache-2.0
// Operators that read one tensor more than once, on devices of every kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/builder.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// x + x, a product with itself, and x in front of and behind something else.
Graph repeated_operands(DType dtype) {
  GraphBuilder b("repeated");
  const TensorId x = b.input("x", {{1, 16, 8, 8}, dtype});
  const TensorId sum = b.add_one("sum", Binary{}, {x, x});
  Binary mul;
  mul.function = BinaryFunction::mul;
  const TensorId square = b.add_one("square", mul, {sum, sum});
  Concat concat;
  concat.axis = 1;
  b.output(b.add_one("concat", concat, {sum, square, sum}));
  return std::move(b).build();
}

TEST(RepeatedOperands, AreFetchedOnEveryKindOfPlatform) {
  int run = 0;
  for (const std::string& name : platforms_of_each_kind()) {
    for (const DType dtype : {DType::int8, DType::int16, DType::fp16}) {
      SCOPED_TRACE(name + " in " + std::string(name_of(dtype)));
      try {
        Simulation simulation(bundled(name), repeated_operands(dtype), {});
        EXPECT_THAT(problems_of(*bundled(name), describe_ops(simulation.graph()), simulation.program()), IsEmpty());
        const Report report = simulation.run();
        EXPECT_THAT(problems_of(simulation, report), IsEmpty());
        ++run;
      } catch (const InputError& error) {
        EXPECT_TRUE(is_a_refusal(error.what())) << error.what();
      }
    }
  }
  EXPECT_GE(run, 20);
}

}  // namespace
}  // namespace chipcast

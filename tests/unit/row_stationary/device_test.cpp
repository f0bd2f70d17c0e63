// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/row_stationary/cost.h"
#include "accelerators/row_stationary/schedule.h"
#include "sim/base/check.h"
#include "tests/unit/row_stationary/alexnet.h"

namespace chipcast::row_stationary {
namespace {

using testing::HasSubstr;

std::unique_ptr<Device> device(const Config& config = {}) { return make_device(config, "npu", {}); }

double activity(const Device& device, const ScheduleStep& step, const std::string& action) {
  double sum = 0.0;
  for (const auto& some : step.work.activity) {
    if (device.actions()[some.action].action == action) sum += some.count;
  }
  return sum;
}

TEST(RowStationaryDevice, inputs_wait_for_the_array_and_weights_do_not) {
  const auto npu = device();
  const Schedule schedule = npu->schedule(convolution(kAlexNet[3]), {}).value();
  // 2 groups x 3 x 64 filters x 32 groups of 6 channels; between two blocks stands a step that fetches weights only.
  ASSERT_EQ(schedule.steps.size(), 2 * (2 * 3 * 32) - 1);
  for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
    const ScheduleStep& step = schedule.steps[i];
    const bool computes = i % 2 == 0;
    EXPECT_EQ(step.work.cycles > Cycles(0), computes);
    EXPECT_EQ(step.input > Bytes(0), computes);
    EXPECT_EQ(step.weights > Bytes(0), !computes || i == 0);
    EXPECT_EQ(step.output > Bytes(0), computes && (i / 2) % 32 == 31) << i;
  }
  EXPECT_THAT(schedule.text, HasSubstr("p 16, q 3, r 2, t 2: 384 passes, 156 of 168 elements"));
}

TEST(RowStationaryDevice, zero_inputs_save_the_product_and_the_read_of_its_weight) {
  const AlexNetLayer layer = kAlexNet[2];
  Config config;
  config.zeros = {{.layer = "256x13x13 -> 384", .ifmap = 0.75}};
  for (const bool gating : {true, false}) {
    config.zero_gating = gating;
    const auto npu = device(config);
    const Schedule schedule = npu->schedule(convolution(layer), {}).value();
    double macs = 0.0, registers = 0.0;
    for (const auto& step : schedule.steps) {
      macs += activity(*npu, step, "mac");
      registers += activity(*npu, step, "register_word");
    }
    const double all = 4.0 * 384 * 256 * 9 * 169;
    EXPECT_NEAR(macs, gating ? all / 4 : all, 1.0);
    EXPECT_NEAR(registers, 3 * all, 1.0);
  }
}

TEST(RowStationaryDevice, zeros_are_found_by_name_and_by_shape) {
  Config config;
  config.ifmap_zeros = 0.1;
  config.zeros = {{.layer = "conv2", .ifmap = 0.2}, {.layer = "256x13x13 -> 384", .ifmap = 0.3}};
  EXPECT_EQ(zeros_of(config, convolution(kAlexNet[0])).ifmap, 0.1);
  EXPECT_EQ(zeros_of(config, convolution(kAlexNet[1])).ifmap, 0.2);
  EXPECT_EQ(zeros_of(config, convolution(kAlexNet[2])).ifmap, 0.3);
}

TEST(RowStationaryDevice, a_given_mapping_is_taken) {
  Config config;
  config.mappings = {{.layer = "conv3", .m = 64, .n = 4, .e = 13, .p = 16, .q = 4, .r = 1, .t = 4}};
  EXPECT_THAT(device(config)->schedule(convolution(kAlexNet[2]), {})->text, HasSubstr("q 4, r 1, t 4: 384 passes"));
}

TEST(RowStationaryDevice, a_mapping_that_cannot_be_is_refused_with_its_limit) {
  Config config;
  config.mappings = {{.layer = "conv3", .m = 64, .n = 4, .e = 13, .p = 32, .q = 4, .r = 1, .t = 2}};
  try {
    device(config)->schedule(convolution(kAlexNet[2]), {});
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("conv3"));
    EXPECT_THAT(error.what(), HasSubstr("is 32, but at most 24 fit spads.psum"));
  }
}

TEST(RowStationaryDevice, refuses_by_name) {
  EXPECT_EQ(device()->refuses(convolution(kAlexNet[0])), "");
  EXPECT_THAT(device()->refuses(convolution(kAlexNet[0], 1, DType::fp32)), HasSubstr("fp32"));
  GraphBuilder b("net");
  const TensorId x = b.input("x", {{1, 8, 8, 8}, DType::int16});
  Pool pool;
  pool.kernel = {2, 2};
  b.output(b.add_one("pool", pool, {x}));
  Unary relu;
  b.output(b.add_one("relu", relu, {x}));
  const auto ops = describe_ops(std::move(b).build());
  EXPECT_THAT(device()->refuses(ops[0]), HasSubstr("max_pool"));
  EXPECT_EQ(device()->refuses(ops[1]), "");
}

TEST(RowStationaryDevice, refuses_what_fits_no_mapping_and_says_what_is_too_small) {
  Config config;
  config.buffer.filters = Bytes(16);
  EXPECT_EQ(device(config)->refuses(convolution(kAlexNet[0])),
            "does not run conv: of its smallest mapping, the bytes of a pass's weights is 242, but at most 16 fit "
            "buffer.filters");
  config = {};
  config.buffer.banks = 2;
  config.buffer.bank = Bytes(64);
  EXPECT_THAT(device(config)->refuses(convolution(kAlexNet[0])), HasSubstr("fit buffer.banks"));
}

OpDescription product(std::int64_t m, std::int64_t n, std::int64_t k) {
  GraphBuilder b("net");
  const TensorId x = b.input("x", {{m, k}, DType::int8}), w = b.parameter("w", {{k, n}, DType::int8});
  b.output(b.add_one("big", Gemm{}, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

TEST(RowStationaryDevice, refuses_what_cannot_be_counted) {
  EXPECT_EQ(device()->refuses(product(1000, 1000, 1000)), "");
  EXPECT_EQ(device()->refuses(product(1000000, 1000000, 1000000)),
            "does not run gemm: 1000000000000000000 multiply-accumulates are more than can be counted");
}

TEST(RowStationaryDevice, names_what_it_cannot_simulate) {
  ASSERT_EQ(device()->refuses(product(100000, 100000, 100000)), "");
  try {
    device()->schedule(product(100000, 100000, 100000), {});
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("big"));
    EXPECT_THAT(error.what(), HasSubstr("gemm would move"));
  }
}

TEST(RowStationaryDevice, formats_run_as_the_elements_take_them) {
  for (const DType dtype : {DType::int8, DType::uint8, DType::int7, DType::int16}) {
    EXPECT_EQ(device()->refuses(convolution(kAlexNet[0], 1, dtype)), "") << name_of(dtype);
  }
  Config config;
  config.formats = {DType::uint8};
  EXPECT_THROW(config.validate(), std::invalid_argument);
  config.formats = {DType::int8, DType::int8};
  EXPECT_THROW(config.validate(), std::invalid_argument);
}

TEST(RowStationaryDevice, activations_stream_in_pieces) {
  GraphBuilder b("net");
  b.output(b.add_one("relu", Unary{}, {b.input("x", {{1, 64, 56, 56}, DType::int16})}));
  const auto op = describe_ops(std::move(b).build()).front();
  const Schedule schedule = device()->schedule(op, {.loose_input = op.input_bytes}).value();
  Cycles cycles;
  Bytes input, output;
  for (const auto& step : schedule.steps) {
    cycles += step.work.cycles * step.count;
    input += step.input * step.count;
    output += step.output * step.count;
  }
  EXPECT_EQ(cycles, Cycles(64 * 56 * 56 / 4));
  EXPECT_EQ(input, op.input_bytes);
  EXPECT_EQ(output, op.output_bytes);
}

TEST(RowStationaryDevice, its_port_is_no_faster_than_the_link) {
  EXPECT_DOUBLE_EQ(device()->dma(EngineKind::load).port.count(), 480e6);  // 8 B at 60 MHz
  EXPECT_EQ(link_cycles({}, Bytes(480)), Cycles(200));                    // 60 words at 60 MHz, in cycles of 200 MHz
}

TEST(RowStationaryDevice, many_blocks_are_merged) {
  // 512 groups of 4 filters and 4 channels on 56 x 56 are thousands of blocks.
  const OpDescription op = convolution({"many", 512, 2048, 2048, 3, 56, 1, 1}, 4);
  const Schedule schedule = device()->schedule(op, {}).value();
  EXPECT_LE(schedule.steps.size(), 2048u);
  Ops macs;
  Bytes output;
  for (const auto& step : schedule.steps) {
    macs += step.work.macs;
    output += step.output;
  }
  EXPECT_EQ(macs, op.macs);
  EXPECT_EQ(output, op.output_bytes);
}

}  // namespace
}  // namespace chipcast::row_stationary

// SPDX-License-Identifier: Apache-2.0
// Memory traffic of the double buffers against a walk over single elements, cycle by cycle.
#include "accelerators/systolic/traffic.h"

#include <gtest/gtest.h>

#include <set>

#include "accelerators/systolic/window_stream.h"
#include "layers.h"

namespace chipcast {
namespace {

using namespace systolic_test;

/// One half of a double buffer that holds single elements.
class Half {
 public:
  explicit Half(std::int64_t capacity) : capacity_(capacity) {}
  void ask(std::int64_t element) {
    if (element < 0 || !held_.insert(element).second) return;
    ++loads_;
    if (static_cast<std::int64_t>(held_.size()) == capacity_) held_.clear();
  }
  double loads() const { return static_cast<double>(loads_); }

 private:
  std::int64_t capacity_, loads_ = 0;
  std::set<std::int64_t> held_;
};

/// Address of product `k` of output position `m`; -1 in the padding.
std::int64_t element(const LoopNest& nest, std::int64_t m, std::int64_t k) {
  const std::int64_t plane = nest.out_height * nest.out_width;
  const std::int64_t tap = k / nest.in_channels, channel = k % nest.in_channels;
  const std::int64_t h =
      m % plane / nest.out_width * nest.stride_h - nest.pad_top + tap / nest.kernel_width * nest.dilation_h;
  const std::int64_t w = m % nest.out_width * nest.stride_w - nest.pad_left + tap % nest.kernel_width * nest.dilation_w;
  if (h < 0 || h >= nest.in_height || w < 0 || w >= nest.in_width) return -1;
  return ((m / plane * nest.in_height + h) * nest.in_width + w) * nest.in_channels + channel;
}

/// Inputs asked for in the order of the array, one cycle after the other.
double walk_inputs(const LoopNest& nest, const Product& p, const Array& array, std::int64_t half) {
  Half buffer(half);
  const auto folds = [](std::int64_t extent, std::int64_t cells) { return ceil_div(extent, cells); };
  if (array.dataflow == Dataflow::is) {
    for (std::int64_t m0 = 0; m0 < p.m; m0 += array.columns) {
      for (std::int64_t k0 = 0; k0 < p.k; k0 += array.rows) {
        for (std::int64_t k = std::min(p.k, k0 + array.rows); k-- > k0;) {
          for (std::int64_t m = m0; m < std::min(p.m, m0 + array.columns); ++m) buffer.ask(element(nest, m, k));
        }
      }
    }
    return buffer.loads();
  }
  for (std::int64_t column = 0; column < folds(p.n, array.columns); ++column) {
    const bool os = array.dataflow == Dataflow::os;
    for (std::int64_t at = 0; at < (os ? p.m : p.k); at += array.rows) {
      const std::int64_t rows = std::min(array.rows, (os ? p.m : p.k) - at), stream = os ? p.k : p.m;
      for (std::int64_t time = 0; time < stream + rows; ++time) {
        for (std::int64_t r = 0; r < rows; ++r) {
          const std::int64_t t = time - r;
          if (t >= 0 && t < stream) buffer.ask(os ? element(nest, at + r, t) : element(nest, t, at + r));
        }
      }
    }
  }
  return buffer.loads();
}

double sum_of(const std::vector<FoldTraffic>& traffic, double FoldTraffic::*what) {
  double sum = 0.0;
  for (const auto& some : traffic) sum += some.*what;
  return sum;
}

std::vector<LoopNest> some_nests() {
  std::vector<LoopNest> out;
  const auto add = [&](std::int64_t extent, std::int64_t channels, std::int64_t filters, std::int64_t kernel,
                       std::int64_t stride, std::int64_t pad, std::int64_t batch, std::int64_t dilation = 1) {
    LoopNest nest;
    nest.batch = batch;
    nest.in_height = nest.in_width = extent;
    nest.in_channels = channels;
    nest.out_channels = filters;
    nest.kernel_height = nest.kernel_width = kernel;
    nest.stride_h = nest.stride_w = stride;
    nest.dilation_h = nest.dilation_w = dilation;
    nest.pad_top = nest.pad_left = pad;
    nest.out_height = nest.out_width = (extent + 2 * pad - (kernel - 1) * dilation - 1) / stride + 1;
    out.push_back(nest);
  };
  add(20, 3, 20, 5, 2, 2, 1);
  add(12, 16, 24, 3, 1, 1, 1);
  add(9, 7, 9, 3, 2, 0, 3);
  add(14, 8, 40, 3, 1, 2, 1, 2);
  add(10, 32, 16, 1, 1, 0, 2);
  return out;
}

TEST(SystolicTraffic, of_padding_is_none) {
  // Patches of 2 x 2 with one row and one column of padding before: 4 x 4 windows over 7 x 7 inputs, which all are read
  // once.
  LoopNest nest{.out_channels = 4,
                .in_channels = 3,
                .out_height = 4,
                .out_width = 4,
                .kernel_height = 2,
                .kernel_width = 2,
                .stride_h = 2,
                .stride_w = 2,
                .in_height = 7,
                .in_width = 7,
                .pad_top = 1,
                .pad_left = 1};
  for (const Dataflow dataflow : kDataflows) {
    const Config config = config_of(8, dataflow);
    const Product product = product_of(nest, config, DType::int8);
    const Array array = array_of(config, DType::int8, 1);
    const auto traffic =
        traffic_of(nest, product, array, folds_of(product, array), {1000, 1000, 1000}, PartialSums::accumulate, 1);
    EXPECT_EQ(sum_of(traffic, &FoldTraffic::ifmap), 3.0 * 7 * 7);
  }
}

TEST(SystolicTraffic, of_inputs_is_that_of_single_elements) {
  for (const LoopNest& nest : some_nests()) {
    for (const Dataflow dataflow : kDataflows) {
      for (const std::int64_t half : {64, 333, 1000, 100000}) {
        const Config config = config_of(8, dataflow);
        const Product product = product_of(nest, config, DType::int8);
        const Array array = array_of(config, DType::int8, 1);
        const double exact = walk_inputs(nest, product, array, half);
        const auto traffic =
            traffic_of(nest, product, array, folds_of(product, array), {half, half, half}, PartialSums::accumulate, 16);
        EXPECT_NEAR(sum_of(traffic, &FoldTraffic::ifmap), exact, exact * (half < 100 ? 0.12 : 0.04))
            << name_of(dataflow) << " of " << nest.in_height << " x " << nest.in_channels << ", half " << half;
      }
    }
  }
}

TEST(SystolicTraffic, of_a_large_buffer_is_every_input_once) {
  const LoopNest nest = some_nests()[1];
  for (const Dataflow dataflow : kDataflows) {
    const Config config = config_of(8, dataflow);
    const Product product = product_of(nest, config, DType::int8);
    const Array array = array_of(config, DType::int8, 1);
    const auto traffic = traffic_of(nest, product, array, folds_of(product, array), {1 << 20, 1 << 20, 1 << 20},
                                    PartialSums::accumulate, 16);
    EXPECT_DOUBLE_EQ(sum_of(traffic, &FoldTraffic::ifmap), 12 * 12 * 16);
    EXPECT_DOUBLE_EQ(sum_of(traffic, &FoldTraffic::filter), 24 * 16 * 9);
    EXPECT_DOUBLE_EQ(sum_of(traffic, &FoldTraffic::ofmap), 24 * 12 * 12);
    EXPECT_DOUBLE_EQ(sum_of(traffic, &FoldTraffic::partial_reads), 0.0);
    std::int64_t folds = 0;
    for (const auto& some : traffic) folds += some.folds;
    EXPECT_EQ(folds, folds_of(product, array).count());
  }
}

TEST(SystolicTraffic, of_structured_sparse_filters_fits_where_it_is_stored) {
  // Inputs stationary: filters come again for each of 18 columns of folds unless half of them fit.
  const LoopNest nest = some_nests()[1];
  Config config = config_of(8, Dataflow::is);
  const double filters = 24 * 144;
  const auto filter_traffic = [&] {
    const Product product = product_of(nest, config, DType::int8);
    const Array array = array_of(config, DType::int8, 1);
    return sum_of(traffic_of(nest, product, array, folds_of(product, array), {4096, 24 * 144 / 2 + 1, 4096},
                             PartialSums::accumulate, 16),
                  &FoldTraffic::filter);
  };
  EXPECT_DOUBLE_EQ(filter_traffic(), 18 * filters);
  config.sparsity.kept = 2;
  config.sparsity.of = 4;
  EXPECT_DOUBLE_EQ(filter_traffic(), filters / 2);
}

TEST(SystolicTraffic, counts_partial_sums_by_where_they_wait) {
  const LoopNest nest = some_nests()[1];  // M 144, N 24, K 144: 18 folds of 8 rows
  const Config config = config_of(8, Dataflow::ws);
  const Product product = product_of(nest, config, DType::int8);
  const Array array = array_of(config, DType::int8, 1);
  const double results = 144 * 24;
  const auto traffic = [&](std::int64_t half, PartialSums where) {
    return traffic_of(nest, product, array, folds_of(product, array), {4096, 4096, half}, where, 16);
  };
  const auto fits = traffic(144 * 8, PartialSums::accumulate), spills = traffic(144 * 8 - 1, PartialSums::accumulate);
  EXPECT_DOUBLE_EQ(sum_of(fits, &FoldTraffic::partial_writes), 0.0);
  EXPECT_DOUBLE_EQ(sum_of(spills, &FoldTraffic::partial_writes), 17 * results);
  EXPECT_DOUBLE_EQ(sum_of(spills, &FoldTraffic::partial_reads), 17 * results);
  EXPECT_DOUBLE_EQ(sum_of(traffic(1, PartialSums::write_out), &FoldTraffic::ofmap), 18 * results);
}

TEST(SystolicTraffic, of_a_repeated_run_is_its_misses) {
  for (const std::int64_t half : {10, 17, 100}) {
    for (const std::int64_t elements : {3, 9, 10, 11, 40, 99, 100}) {
      for (const std::int64_t passes : {1, 2, 5}) {
        RepeatedRun run(half);
        Half buffer(half);
        double expected = 0.0, got = 0.0;
        for (std::int64_t other = 0; other < 7; ++other) {  // seven runs of different elements, one after the other
          const auto loads = run.run(elements, passes);
          got += loads.first + (passes > 1 ? loads.second : 0.0) +
                 (passes > 2 ? loads.others * static_cast<double>(passes - 2) : 0.0);
          for (std::int64_t i = 0; i < passes * elements; ++i) buffer.ask(other * 1000 + i % elements);
          expected = buffer.loads();
          ASSERT_DOUBLE_EQ(got, expected) << half << " " << elements << " " << passes << " run " << other;
        }
      }
    }
  }
}

}  // namespace
}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/conv/patches.h"
#include "kernels/conv/plan.h"
#include "kernels/formats/half.h"

namespace chipcast::kernels::conv_detail {

namespace {

/// The IPU's arithmetic: the whole matrix of patches in fp16, part by part and group by group.
class HalfPlan : public Conv::Plan {
 public:
  HalfPlan(Problem problem, HalfArithmetic arithmetic)
      : problem_(std::move(problem)), arithmetic_(arithmetic), parts_(parts_of(problem_.shape)) {
    for (const Part& part : parts_) {
      for (std::int64_t group = 0; group < problem_.shape.groups; ++group) {
        weights_.push_back(narrowed(weight_matrix(problem_, part, group)));
      }
    }
  }

  bool reads_storage() const override { return true; }
  std::size_t packed_bytes() const override {
    std::size_t bytes = 0;
    for (const std::vector<Half>& matrix : weights_) bytes += matrix.size() * sizeof(Half);
    return bytes;
  }

  void run(const void* input, void* output, ThreadPool& pool) const override {
    const std::size_t values = static_cast<std::size_t>(problem_.shape.input_pixels() * problem_.shape.in_channels);
    std::vector<float> wide(values);
    convert(static_cast<const Half*>(input), wide.data(), values);
    for (std::size_t i = 0; i < weights_.size(); ++i) run_matrix(i, wide.data(), static_cast<Half*>(output), pool);
  }

 private:
  static std::vector<Half> narrowed(const std::vector<float>& values) {
    std::vector<Half> result(values.size());
    convert(values.data(), result.data(), values.size());
    return result;
  }

  /// Each matrix of weights has random numbers of its own.
  HalfArithmetic arithmetic_of(std::size_t matrix) const {
    HalfArithmetic arithmetic = arithmetic_;
    if (arithmetic.seed) arithmetic.seed = *arithmetic.seed + matrix;
    return arithmetic;
  }

  void run_matrix(std::size_t matrix, const float* input, Half* output, ThreadPool& pool) const {
    const std::int64_t groups = problem_.shape.groups, group = static_cast<std::int64_t>(matrix) % groups;
    const Part& part = parts_[matrix / static_cast<std::size_t>(groups)];
    const Patches patches(problem_.shape, part, group, input);
    const std::int64_t rows = patches.rows(), columns = problem_.shape.out_per_group();
    // A part without taps sums nothing: one zero stands for its patch.
    const std::int64_t depth = std::max<std::int64_t>(1, patches.columns());
    std::vector<float> wide(static_cast<std::size_t>(rows * depth));
    if (patches.columns() > 0) patches.copy(0, rows, 0, depth, wide.data(), depth);
    const std::vector<Half> a = narrowed(wide);
    std::vector<Half> b = weights_[matrix];
    b.resize(static_cast<std::size_t>(depth * columns));
    std::vector<Half> c(static_cast<std::size_t>(rows * columns));
    half_matmul({a.data(), DType::fp16, rows, depth, depth, 1}, {b.data(), DType::fp16, depth, columns, columns, 1},
                {c.data(), DType::fp16, rows, columns, columns}, problem_.epilogue(group), arithmetic_of(matrix), pool);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t to = output_pixel(problem_.shape, part, row) * problem_.shape.out_channels + group * columns;
      std::copy_n(c.data() + row * columns, columns, output + to);
    }
  }

  Problem problem_;
  HalfArithmetic arithmetic_;
  std::vector<Part> parts_;
  std::vector<std::vector<Half>> weights_{};  // [part][group]
};

}  // namespace

std::unique_ptr<const Conv::Plan> make_half_plan(Problem problem, HalfArithmetic arithmetic) {
  return std::make_unique<const HalfPlan>(std::move(problem), arithmetic);
}

}  // namespace chipcast::kernels::conv_detail

// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/conv.h"

#include <string>

#include "kernels/conv/plan.h"
#include "kernels/formats/half.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels {

namespace {

using conv_detail::Problem;

/// Runs a plan for fp32 on 16-bit storage: values are widened before it and rounded after it.
class WidenedPlan : public Conv::Plan {
 public:
  WidenedPlan(const ConvShape& shape, DType storage, std::unique_ptr<const Conv::Plan> plan)
      : inputs_(shape.input_pixels() * shape.in_channels),
        outputs_(shape.output_pixels() * shape.out_channels),
        storage_(storage),
        plan_(std::move(plan)) {}

  bool reads_storage() const override { return true; }
  std::size_t packed_bytes() const override { return plan_->packed_bytes(); }

  void run(const void* input, void* output, ThreadPool& pool) const override {
    float* wide = float_workspace(Workspace::conv_input, inputs_);
    float* sums = float_workspace(Workspace::conv_output, outputs_);
    const std::size_t in = static_cast<std::size_t>(inputs_), out = static_cast<std::size_t>(outputs_);
    if (storage_ == DType::fp16) convert(static_cast<const Half*>(input), wide, in);
    if (storage_ == DType::bf16) convert(static_cast<const Bfloat*>(input), wide, in);
    plan_->run(wide, sums, pool);
    if (storage_ == DType::fp16) convert(sums, static_cast<Half*>(output), out);
    if (storage_ == DType::bf16) convert(sums, static_cast<Bfloat*>(output), out);
  }

 private:
  std::int64_t inputs_, outputs_;
  DType storage_;
  std::unique_ptr<const Conv::Plan> plan_;
};

void check_format(DType dtype, const std::string& what) {
  if (dtype == DType::fp32 || dtype == DType::fp16 || dtype == DType::bf16) return;
  throw InputError("conv",
                   what + " are " + std::string(name_of(dtype)) + "; this convolution takes fp32, fp16 or bf16");
}

std::unique_ptr<const Conv::Plan> make_plan(Problem problem, ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::gemm:
      return make_gemm_plan(std::move(problem));
    case ConvAlgorithm::im2col:
      return make_im2col_plan(std::move(problem));
    case ConvAlgorithm::winograd_f2:
      return make_winograd_plan(std::move(problem), 2);
    case ConvAlgorithm::winograd_f4:
      return make_winograd_plan(std::move(problem), 4);
    case ConvAlgorithm::direct:
      break;
  }
  return make_direct_plan(std::move(problem));
}

}  // namespace

Conv::Conv(const ConvShape& shape, const ConvWeights& weights, const float* bias, Clamp clamp, ConvOptions options)
    : shape_(shape) {
  check(shape);
  check_format(weights.dtype, "weights");
  check_format(options.storage, "activations");
  if (weights.values == nullptr) throw InputError("conv", "weights have no values");
  algorithm_ = options.algorithm.value_or(choose_algorithm(shape, options.winograd));
  if (!can_compute(shape, algorithm_)) {
    throw InputError("conv", std::string(name_of(algorithm_)) +
                                 " does not compute this shape; leave the algorithm open or ask can_compute() first");
  }
  Problem problem{shape, weights, {}, clamp, options.storage};
  if (bias != nullptr) problem.bias.assign(bias, bias + shape.out_channels);
  if (options.half) {
    if (options.storage != DType::fp16) throw InputError("conv", "the fp16 arithmetic takes activations in fp16");
    plan_ = make_half_plan(std::move(problem), *options.half);
    return;
  }
  plan_ = make_plan(std::move(problem), algorithm_);
  if (options.storage != DType::fp32 && !plan_->reads_storage()) {
    plan_ = std::make_unique<const WidenedPlan>(shape, options.storage, std::move(plan_));
  }
}

Conv::~Conv() = default;
Conv::Conv(Conv&&) noexcept = default;
Conv& Conv::operator=(Conv&&) noexcept = default;

void Conv::run(const void* input, void* output, ThreadPool& pool) const {
  CHIPCAST_ASSERT(plan_ != nullptr && input != nullptr && output != nullptr);
  plan_->run(input, output, pool);
}

std::size_t Conv::packed_bytes() const { return plan_->packed_bytes(); }

}  // namespace chipcast::kernels

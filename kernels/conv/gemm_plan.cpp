// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/patches.h"
#include "kernels/conv/plan.h"

namespace chipcast::kernels::conv_detail {

namespace {

/// Pixels times channels as they lie in memory.
MatrixView group_of_input(const Problem& problem, const void* input, std::int64_t group) {
  const ConvShape& shape = problem.shape;
  const std::int64_t bytes = problem.storage == DType::fp32 ? 4 : 2;
  return {static_cast<const std::byte*>(input) + group * shape.in_per_group() * bytes,
          problem.storage,
          shape.input_pixels(),
          shape.in_per_group(),
          shape.in_channels,
          1};
}

MatrixTarget group_of_output(const ConvShape& shape, void* output, DType dtype, std::int64_t group) {
  const std::int64_t bytes = dtype == DType::fp32 ? 4 : 2;
  return {static_cast<std::byte*>(output) + group * shape.out_per_group() * bytes, dtype, shape.output_pixels(),
          shape.out_per_group(), shape.out_channels};
}

class PackedGroups : public Conv::Plan {
 public:
  explicit PackedGroups(Problem problem) : problem_(std::move(problem)), part_(parts_of(problem_.shape).front()) {
    for (std::int64_t group = 0; group < problem_.shape.groups; ++group) {
      groups_.push_back(pack_weights(problem_, part_, group, problem_.weights.dtype));
    }
  }
  std::size_t packed_bytes() const override { return groups_.size() * groups_.front().bytes(); }

 protected:
  Problem problem_;
  Part part_;
  std::vector<PackedMatrix> groups_{};
};

class GemmPlan : public PackedGroups {
 public:
  using PackedGroups::PackedGroups;
  bool reads_storage() const override { return true; }
  void run(const void* input, void* output, ThreadPool& pool) const override {
    for (std::int64_t group = 0; group < problem_.shape.groups; ++group) {
      gemm(group_of_input(problem_, input, group), groups_[static_cast<std::size_t>(group)],
           group_of_output(problem_.shape, output, problem_.storage, group), problem_.epilogue(group), pool);
    }
  }
};

class Im2colPlan : public PackedGroups {
 public:
  using PackedGroups::PackedGroups;
  void run(const void* input, void* output, ThreadPool& pool) const override {
    for (std::int64_t group = 0; group < problem_.shape.groups; ++group) {
      const Patches patches(problem_.shape, part_, group, static_cast<const float*>(input));
      gemm_detail::Product product;
      product.m = patches.rows();
      product.rows = &patches;
      product.b = panels_of(groups_[static_cast<std::size_t>(group)]);
      product.c = group_of_output(problem_.shape, output, DType::fp32, group);
      product.epilogue = problem_.epilogue(group);
      gemm_detail::multiply(product, pool);
    }
  }
};

}  // namespace

std::unique_ptr<const Conv::Plan> make_gemm_plan(Problem problem) {
  return std::make_unique<const GemmPlan>(std::move(problem));
}

std::unique_ptr<const Conv::Plan> make_im2col_plan(Problem problem) {
  return std::make_unique<const Im2colPlan>(std::move(problem));
}

}  // namespace chipcast::kernels::conv_detail

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/builder.h"
#include "workloads/op_description.h"

/// Single operators for the NPU's tests.
namespace chipcast::npu {

struct ConvShape {
  std::int64_t channels = 32, extent = 16, kernels = 32, kernel = 3, stride = 1, pad = 1, groups = 1;
};

inline OpDescription conv_op(const ConvShape& s, DType dtype = DType::int8) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{1, s.channels, s.extent, s.extent}, dtype});
  const auto w = b.parameter("w", {{s.kernels, s.channels / s.groups, s.kernel, s.kernel}, dtype});
  Conv conv;
  conv.strides = {s.stride, s.stride};
  conv.pads = {s.pad, s.pad, s.pad, s.pad};
  conv.groups = s.groups;
  b.output(b.add_one("conv", conv, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

inline OpDescription product_op(std::int64_t rows, std::int64_t inputs, std::int64_t outputs) {
  GraphBuilder b("single");
  const auto x = b.input("x", {{rows, inputs}, DType::int8});
  const auto w = b.parameter("w", {{inputs, outputs}, DType::int8});
  b.output(b.add_one("fc", Gemm{}, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

}  // namespace chipcast::npu

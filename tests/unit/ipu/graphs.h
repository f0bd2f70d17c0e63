// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/builder.h"
#include "workloads/op_description.h"

/// Operators that the tests of this folder plan.
namespace chipcast::ipu::testing_ops {

/// [m, k] x [k, n], the second operand a parameter or not.
inline OpDescription matmul(std::int64_t m, std::int64_t k, std::int64_t n, DType dtype, bool parameter = false) {
  GraphBuilder b("matmul");
  const TensorId x = b.input("x", {{m, k}, dtype});
  const TensorId w = parameter ? b.parameter("w", {{k, n}, dtype}) : b.input("w", {{k, n}, dtype});
  b.output(b.add_one("product", Matmul{}, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

inline OpDescription square(std::int64_t n, DType dtype, bool parameter = false) {
  return matmul(n, n, n, dtype, parameter);
}

inline OpDescription conv(std::int64_t in, std::int64_t out, std::int64_t size, std::int64_t kernel, DType dtype,
                          std::int64_t groups = 1) {
  GraphBuilder b("conv");
  const TensorId x = b.input("x", {{1, in, size, size}, dtype});
  const TensorId w = b.parameter("w", {{out, in / groups, kernel, kernel}, dtype});
  Conv attributes;
  const std::int64_t pad = kernel / 2;
  attributes.pads = {pad, pad, pad, pad};
  attributes.groups = groups;
  b.output(b.add_one("conv", attributes, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

}  // namespace chipcast::ipu::testing_ops

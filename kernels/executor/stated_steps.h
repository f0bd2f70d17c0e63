// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/executor/executor.h"
#include "kernels/executor/step.h"

namespace chipcast::kernels {

/// The operator as options.stated has it; null where it is not named there, or is computed no other way.
StepPointer stated_step(const Site& site, const ExecutorOptions& options);

/// Conv, gemm and matmul of fp16 operands and results; null for all else, and for gemm with factors or a bias that is
/// not one value per column.
StepPointer half_product_step(const Site& site, const HalfArithmetic& arithmetic);

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "kernels/array.h"
#include "kernels/threads/pool.h"
#include "workloads/graph.h"

/// Operators on quantised tensors in the integer arithmetic that TensorFlow Lite defines. Results are equal bit for bit
/// to its reference kernels; README.md lists what is covered and where each law stands.
namespace chipcast::kernels::quantized {

/// Weights of one operator in a kernel's own form, kept between calls.
struct Packed;

/// How exact results become stored ones.
enum class Storing {
  tflite,     ///< TensorFlow Lite's fixed-point multipliers
  half_away,  ///< sums times one fp32 scale, other operators in fp32 throughout; then the nearest, halves away from
              ///< zero
  truncated,  ///< 16-bit fixed point: every product is brought into the output's scale, its lower bits are dropped; the
              ///< sum saturates. Conv and gemm alone.
};

struct Options {
  ThreadPool* pool = nullptr;  ///< none: the calling thread alone
  bool reference = false;      ///< plain loops only; the SIMD kernels are compared with them
  Storing storing = Storing::tflite;
  /// Where weights stay packed: filled by the first call, used by later ones with the same operator and weights. None:
  /// they are packed on each call. Not to be shared by calls that run at a time.
  std::shared_ptr<Packed>* packed = nullptr;
};

/// Whether `evaluate` computes the operator: its activations are integers with scale and zero point (one side alone
/// for casts to and from floating point; int8 weights alone for convolutions of real images), it is of a kind that has
/// a quantised form, in formats that the form takes.
bool handles(const Graph& graph, OpId op);

/// The operator's outputs in the graph's order of axes, its fused activations included. `inputs` are in the order of
/// Op::inputs; the array of an absent optional input is empty. Throws InputError that names the operator where shapes
/// or formats of the arrays differ from the graph's, and for scales that TensorFlow Lite refuses as well.
std::vector<Array> evaluate(const Graph& graph, OpId op, std::span<const Array> inputs);
std::vector<Array> evaluate(const Graph& graph, OpId op, std::span<const Array> inputs, const Options& options);

}  // namespace chipcast::kernels::quantized

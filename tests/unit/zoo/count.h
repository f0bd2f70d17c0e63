// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "workloads/zoo/zoo.h"

/// Counts of the tests' own, straight from the shapes: what the zoo is compared with must not come from the
/// code that the rest of the project counts with.
namespace chipcast::zoo_test {

inline std::int64_t extent(const Graph& g, const Op& op, std::size_t input, std::size_t axis) {
  return g.tensor(*op.inputs.at(input)).type.shape.at(axis);
}

/// Multiply-accumulates of convolutions and matrix products; biases are not counted.
inline std::int64_t macs(const Graph& g) {
  std::int64_t total = 0;
  for (const Op& op : g.ops) {
    const std::int64_t outputs = element_count(g.tensor(op.outputs.at(0)).type.shape);
    if (op.as<Conv>()) total += outputs * element_count(g.tensor(*op.inputs.at(1)).type.shape) / extent(g, op, 1, 0);
    if (op.as<Gemm>()) total += outputs * extent(g, op, 1, 1);
    if (op.as<Matmul>()) total += outputs * g.tensor(*op.inputs.at(0)).type.shape.back();
  }
  return total;
}

/// All stored numbers, running mean and variance included: what Keras prints as "total parameters".
inline std::int64_t stored(const Graph& g) {
  std::int64_t total = 0;
  for (const Tensor& t : g.tensors) total += t.parameter ? element_count(t.type.shape) : 0;
  return total;
}

inline std::int64_t normalised_channels(const Graph& g) {
  std::int64_t total = 0;
  for (const Op& op : g.ops) total += op.as<BatchNorm>() ? extent(g, op, 1, 0) : 0;
  return total;
}

/// Without running mean and variance: what torchvision counts.
inline std::int64_t trainable(const Graph& g) { return stored(g) - 2 * normalised_channels(g); }

inline bool is_product(const Op& op) { return op.as<Conv>() != nullptr || op.as<Gemm>() != nullptr; }

/// After batch-norm folding: a normalisation vanishes into the weights and the bias of the layer before it, which
/// gets a bias where it has none.
inline std::int64_t folded(const Graph& g) {
  std::int64_t total = stored(g) - 4 * normalised_channels(g);
  const auto producers = g.producers();
  for (const Op& op : g.ops) {
    if (!op.as<BatchNorm>()) continue;
    const auto producer = producers.at(op.inputs.at(0)->index());
    if (!producer || !is_product(g.op(*producer))) {  // nothing to fold it into: it stays
      total += 4 * extent(g, op, 1, 0);
      continue;
    }
    const Op& before = g.op(*producer);
    if (before.inputs.size() < 3 || !before.inputs[2]) total += extent(g, op, 1, 0);
  }
  return total;
}

/// Weights alone: no biases, no normalisation.
inline std::int64_t weights(const Graph& g) {
  std::int64_t total = 0;
  for (const Tensor& t : g.tensors) total += t.parameter && t.type.shape.size() > 1 ? element_count(t.type.shape) : 0;
  return total;
}

}  // namespace chipcast::zoo_test

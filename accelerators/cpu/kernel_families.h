// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/cpu/config.h"

/// Kernels whose structure and calibrated costs a profile states family by family (`kernels`). Closed forms.
namespace chipcast::cpu {

/// The first family of the operator's profile that computes it; null where none does. Winograd gives way to the next
/// one where that is faster, as libraries choose.
const KernelFamily* kernel_family(const Config& config, const OpDescription& op);

/// What an operator has of each thing that a family's numbers price. Cycles of one core; L lanes of a register, R peak:
///   multiply   of each register tile of r positions x c channels: K / depth steps, each as long as the longest of
///              r c depth / R, its loads (r + c / L) / (load width / register) and, where a tile has too few sums to
///              fill the pipes, `chain`
///   tiles      register tiles; a sum over more than `block_depth` terms passes through one for each part
///   arranged   bytes gathered into patches (P k C b), padded, or transformed ((r+2)^2 T (C + M) b)
///   results    elements
///   elements   operations on elements times bytes, over the SIMD width
///   weights    elements of parameters
///   streamed   operands and results from and to the cache that still holds them: bytes (1 / rate - 1 / first cache's),
///              weights anew for every `block_rows` positions
///   fetched    bytes of operands and results that no cache holds since they were used last: they come from memory
struct KernelCounts {
  double multiply = 0.0, tiles = 0.0, arranged = 0.0, results = 0.0, elements = 0.0, streamed = 0.0, weights = 0.0;
  double fetched = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("multiply", multiply, {.doc = "Cycles of multiplying at full rate, tiles as the family cuts them."});
    v.field("tiles", tiles, {.doc = "Register tiles."});
    v.field("arranged", arranged, {.doc = "Bytes gathered, padded or transformed."});
    v.field("results", results, {.doc = "Results."});
    v.field("elements", elements, {.doc = "Passes of the SIMD pipes."});
    v.field("streamed", streamed, {.doc = "Cycles of streams from and to outer caches."});
    v.field("weights", weights, {.doc = "Weights, where they are parameters."});
    v.field("fetched", fetched, {.doc = "Bytes from and to memory."});
  }
};

/// `parameters`: bytes of all weights that the network reads in a run: how much passes through the caches until the
/// same weights are read again; the family's own packing is added to it here. `evicted` bytes more pass between two
/// uses of these weights, and none between those of the other operands.
KernelCounts kernel_counts(const Config& config, const KernelFamily& family, const OpDescription& op, Bytes parameters,
                           Bytes evicted = {});

/// (multiply / issue + tile * tiles + arrange * arranged + result * results + element * elements + prepare * weights) /
/// cores + exposed * streamed + fetch * fetched
double kernel_cycles(const Config& config, const KernelFamily& family, const KernelCounts& counts);

/// Share of a block of bytes, read over and over, that a cache of `capacity` still holds: all where it fits, none
/// beyond one and a half times as much, in proportion between.
double held(Bytes capacity, double block);

/// The whole operator: bytes that no cache holds from the run before, or from the operator before, cross to memory
/// beside the computing, which waits for them as `fetch` says; all others lie in `cycles`. None where no family
/// computes it.
std::optional<Schedule> family_schedule(const Config& config, const OpDescription& op, const Traffic& traffic);

}  // namespace chipcast::cpu

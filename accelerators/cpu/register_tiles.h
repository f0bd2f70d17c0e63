// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "accelerators/cpu/config.h"

/// Matrix products in register tiles, as one core computes them from its caches. Closed forms.
namespace chipcast::cpu {

/// `count` products of channels x depth by depth x positions.
struct Product {
  std::int64_t channels = 1, depth = 1, positions = 1, count = 1;
  double issue = 1.0;     ///< share of the peak inside a register tile
  double slowdown = 1.0;  ///< of the core alone, where no kernel fits the channels
};

/// What a kernel spends: cycles of one core, and bytes that it moves between first cache and the others.
struct KernelWork {
  double core = 0.0, reads = 0.0, writes = 0.0;

  KernelWork& operator+=(const KernelWork& other) {
    core += other.core;
    reads += other.reads;
    writes += other.writes;
    return *this;
  }
};

/// Parts into which an extent is cut: as many of `size` as fit, then powers of two below, each at most once.
struct Part {
  std::int64_t size = 1, count = 1;
};
std::vector<Part> register_parts(std::int64_t extent, std::int64_t size);

/// How much longer n cores take for whole units of work than for equal shares of it: ceil(units / n) n / units.
double imbalance(int cores, std::int64_t units);

/// max(a, b) + (1 - overlap) * min(a, b)
double overlapped(const Core& core, double a, double b);

/// Register tiles of m channels x n positions, remainders halved. With K the depth, b bytes per element, b' per result,
/// R the peak:
///
///     issue   m n K / (R issue), `issue` of the product, with as many `companions` of bytes
///     load    (m + n) K b / load width
///     tile    overlapped(issue, load) + tile_start + m n b' / store width
///     reads   the operand of positions once per m channels; that of channels once, or once per n positions where
///             (m + n) K b exceeds the first cache
///     writes  the results
///
/// n cores share the tiles of channels: the one with the most of them counts, n-fold.
KernelWork product_work(const Config& config, const VectorKernels& kernels, DType format, const Product& product);

/// Moving bytes: a load and a store of every register, through the caches.
KernelWork copy_work(const Core& core, double read, double written);

}  // namespace chipcast::cpu

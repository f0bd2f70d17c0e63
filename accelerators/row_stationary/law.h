// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/row_stationary/mapping.h"

/// Closed forms of a mapped layer. G groups, N inputs, M filters and C channels per group, E x F outputs, R x S taps
/// (of a fold). Words have 16 bits.
namespace chipcast::row_stationary {

inline constexpr std::int64_t kWordBytes = 2;

/// What a mapped layer takes, all passes together.
struct Counts {
  std::int64_t passes = 0;
  std::int64_t units = 0;         ///< stretches whose partial sums stay in the global buffer
  std::int64_t active_pes = 0;    ///< r t e R
  Cycles pass_macs{};             ///< multiply-accumulates of one element in a pass
  Cycles pass_fill{};             ///< weights, first inputs and first psums in, last psums out
  Cycles pass{};                  ///< whole pass
  Cycles cycles{};                ///< passes * pass
  std::int64_t ifmap_reads = 0;   ///< global buffer to array, words
  std::int64_t psum_reads = 0;    ///< global buffer to array, and the last time to DRAM
  std::int64_t psum_writes = 0;   ///< array to global buffer
  std::int64_t filter_words = 0;  ///< DRAM through the buffer of weights to the array
  std::int64_t spad_fills = 0;    ///< weights written into scratchpads
  std::int64_t ifmap_words = 0;   ///< DRAM to global buffer, padding included
  std::int64_t ifmap_stored = 0;  ///< the same without padding
  std::int64_t ofmap_words = 0;   ///< results
};

/// Weights that all sets take in a pass: p t q r R S.
std::int64_t filter_words_per_pass(const Layer& layer, const Mapping& mapping);

Counts count(const Config& config, const Layer& layer, const Mapping& mapping);

/// What the search minimises: dram * DRAM words + buffer * global-buffer words + pe_cycle * elements * cycles.
double cost_of(const Config& config, const Counts& counts);

/// Bytes in DRAM of maps with a share of zeros, compressed where that is shorter. `stored` words are kept when they are
/// not compressed; `seen` is what the share of zeros refers to.
Bytes map_bytes(const Config& config, std::int64_t stored, std::int64_t seen, double zeros);

}  // namespace chipcast::row_stationary

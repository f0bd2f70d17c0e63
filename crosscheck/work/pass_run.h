// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/row_stationary/mapping.h"
#include "crosscheck/work/levels.h"
#include "crosscheck/work/operands.h"

namespace chipcast::crosscheck {

/// Words that a row-stationary array moved.
struct PassCounts {
  std::int64_t passes = 0, macs = 0;
  std::int64_t ifmap_words = 0, ifmap_stored = 0;  ///< memory to global buffer; with padding, and without
  std::int64_t ifmap_reads = 0;                    ///< global buffer to array
  std::int64_t psum_writes = 0, psum_reads = 0;    ///< to the global buffer; back, and out to memory
  std::int64_t filter_words = 0, spad_fills = 0;
  std::int64_t ofmap_words = 0;
  std::int64_t results = 0, different = 0;
};

/// A mapped layer pass by pass: strips of rows and columns, images, filters whose sums the buffer holds, groups of
/// channels, and the filters of a pass. Passes are whole: elements without work take their words, too.
class PassRun {
 public:
  PassRun(const Operands& operands, const row_stationary::Layer& layer, const row_stationary::Mapping& mapping,
          std::int64_t every);
  PassCounts run();

 private:
  /// Output positions and images of a pass, and what their windows span.
  struct Place {
    std::int64_t group = 0;
    Range images, rows, columns;
    std::int64_t span = 0, stored = 0;  ///< inputs of one channel of one image: with padding, without
  };
  void run_place(const Place& place);
  void load(const Place& place, std::int64_t maps);
  void run_pass(const Place& place, Range filters, Range channels, bool first, bool last);
  /// Sums that were written: one for each output of the place.
  std::int64_t multiply(const Place& place, std::int64_t filter, Range channels);
  Place place_of(std::int64_t group, Range images, Range rows, Range columns) const;
  void compare();

  const Operands& operands_;
  const LoopNest& nest_;
  const row_stationary::Layer& layer_;
  row_stationary::Mapping mapping_;
  std::int64_t every_;
  bool turned_;                     ///< rows of the layer are columns of the nest
  std::int64_t channel_held_ = -1;  ///< per channel: what the global buffer has
  PassCounts counts_;
  std::vector<std::int32_t> results_;
};

}  // namespace chipcast::crosscheck

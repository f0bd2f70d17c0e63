// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "accelerators/systolic/traffic.h"

namespace chipcast::systolic {

/// Looks at the buffer before a walk of stream_windows is cut short and the rest is taken from its average. One walk
/// takes at most some hundredths of a second.
inline constexpr std::int64_t kMostLooks = 6'000'000;

/// Gives amounts to folds: `add(first fold, number of folds, elements)`.
using AddToFolds = std::function<void(std::int64_t, std::int64_t, double)>;

/// Loads of a half buffer that gets a run of different elements, over and over. A run that fits is loaded once; where
/// the half fills up amid its first pass, the elements before that come again in the second. A longer run is loaded
/// in every pass.
class RepeatedRun {
 public:
  explicit RepeatedRun(std::int64_t half) : half_(half) {}

  struct Loads {  ///< of each pass
    double first = 0.0, second = 0.0, others = 0.0;
  };
  Loads run(std::int64_t elements, std::int64_t passes);

 private:
  std::int64_t half_, fill_ = 0;
};

/// True where windows share inputs, so that what a fold finds in the buffer depends on which windows came before.
bool windows_overlap(const LoopNest& nest);

/// True where windows begin before the input: padding is made on the way in, not loaded. Windows that only reach beyond
/// its end are as SCALE-Sim's topologies round them up: it addresses, and loads, what would be there.
bool windows_padded(const LoopNest& nest);

/// Loads of the input buffer by folds whose windows overlap: walks the windows in the order in which the array reads
/// them, in blocks of channels. False, and nothing added, where one fold has too many of them to walk.
bool stream_windows(const LoopNest& nest, const Product& product, const Array& array, const Folds& folds,
                    std::int64_t half, const AddToFolds& add);

}  // namespace chipcast::systolic

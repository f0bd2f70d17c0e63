// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "accelerators/spatial/label_sums.h"

namespace chipcast::spatial {

/// Labels: where each came from, for ever; its sums, until it has been continued.
class LabelStore {
 public:
  explicit LabelStore(std::size_t sums) : width_(sums) {}

  std::int32_t add(const Sums& sums, std::uint32_t state, double bound, double hint, std::int32_t parent, LoopDim dim,
                   std::int64_t factor) {
    std::int32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::int32_t>(sums_.size() / width_);
      sums_.resize(sums_.size() + width_);
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    std::copy_n(sums.begin(), width_, sums_.begin() + static_cast<std::ptrdiff_t>(slot) * width());
    labels_.push_back({parent, slot, state, dim, false, factor, bound, hint});
    return static_cast<std::int32_t>(labels_.size() - 1);
  }

  Sums sums(std::int32_t label) const {
    Sums out;
    std::copy_n(data(label), width_, out.begin());
    return out;
  }
  const double* data(std::int32_t label) const { return sums_.data() + at(label).slot * width(); }
  std::uint32_t state(std::int32_t label) const { return at(label).state; }
  double bound(std::int32_t label) const { return at(label).bound; }
  double hint(std::int32_t label) const { return at(label).hint; }
  std::int32_t parent(std::int32_t label) const { return at(label).parent; }
  LoopDim dim(std::int32_t label) const { return at(label).dim; }
  std::int64_t factor(std::int32_t label) const { return at(label).factor; }
  bool dropped(std::int32_t label) const { return at(label).dropped; }

  /// Another label takes its place.
  void drop(std::int32_t label) {
    at(label).dropped = true;
    forget(label);
  }
  /// Its sums are not asked for any more.
  void forget(std::int32_t label) {
    if (at(label).slot < 0) return;
    free_.push_back(static_cast<std::int32_t>(at(label).slot));
    at(label).slot = -1;
  }
  std::size_t size() const { return labels_.size(); }

 private:
  struct Label {
    std::int32_t parent;
    std::ptrdiff_t slot;
    std::uint32_t state;
    LoopDim dim;
    bool dropped;
    std::int64_t factor;
    double bound, hint;
  };
  std::ptrdiff_t width() const { return static_cast<std::ptrdiff_t>(width_); }
  Label& at(std::int32_t label) { return labels_[static_cast<std::size_t>(label)]; }
  const Label& at(std::int32_t label) const { return labels_[static_cast<std::size_t>(label)]; }

  std::size_t width_;
  std::vector<Label> labels_;
  std::vector<double> sums_;
  std::vector<std::int32_t> free_;
};

}  // namespace chipcast::spatial

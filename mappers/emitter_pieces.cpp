// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter_pieces.h"

#include <algorithm>
#include <utility>

namespace chipcast {
namespace {

/// What a burst of a memory carries, more or less.
constexpr std::int64_t kBurst = 64;

bool comes_whole(Bytes whole, std::int64_t pieces) { return whole.count() < pieces * kBurst; }

/// Bytes of a tensor that `index` of `pieces` pieces have taken.
Bytes due(Bytes whole, std::int64_t index, std::int64_t pieces) {
  if (index == pieces || comes_whole(whole, pieces)) return whole;
  return Bytes(whole.count() / pieces * index + whole.count() % pieces * index / pieces);
}

}  // namespace

Pieces::Pieces(std::vector<Tensor> tensors, std::int64_t pieces)
    : tensors_(std::move(tensors)), done_(tensors_.size()), pieces_(pieces) {}

std::vector<Pieces::Part> Pieces::next(Bytes bytes) {
  ++index_;
  std::vector<Bytes> share(tensors_.size());
  const auto take = [&](std::size_t i, Bytes most) {
    const Bytes taken = std::clamp(most, Bytes(0), bytes);
    share[i] += taken;
    bytes -= taken;
  };
  for (const bool whole : {true, false}) {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (comes_whole(tensors_[i].bytes, pieces_) != whole) continue;
      take(i, due(tensors_[i].bytes, std::min(index_, pieces_), pieces_) - done_[i]);
    }
  }
  // Rounding: what is left of this piece comes from whoever has some.
  for (std::size_t i = 0; i < tensors_.size(); ++i) take(i, tensors_[i].bytes - done_[i] - share[i]);
  std::vector<Part> parts;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (share[i] > Bytes(0)) parts.push_back({tensors_[i].id, tensors_[i].base + done_[i], share[i]});
    done_[i] += share[i];
  }
  return parts;
}

}  // namespace chipcast

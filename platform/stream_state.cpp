// SPDX-License-Identifier: Apache-2.0
#include "platform/stream_state.h"

#include <algorithm>

namespace chipcast {
namespace {

/// In each round a variant comes as often as its weight says, spread evenly (smooth weighted round robin).
std::vector<std::size_t> rotation(const std::vector<MappedVariant>& variants) {
  std::int64_t round = 0;
  for (const auto& variant : variants) round += variant.weight;
  std::vector<std::int64_t> credit(variants.size(), 0);
  std::vector<std::size_t> out;
  for (std::int64_t i = 0; i < round; ++i) {
    for (std::size_t v = 0; v < variants.size(); ++v) credit[v] += variants[v].weight;
    const auto best = static_cast<std::size_t>(std::max_element(credit.begin(), credit.end()) - credit.begin());
    credit[best] -= round;
    out.push_back(best);
  }
  return out;
}

}  // namespace

StreamState::StreamState(const StreamLoad& load) : load_(&load), rotation_(rotation(load.variants)) {
  for (const auto& variant : load.variants) {
    used_.emplace_back(static_cast<std::size_t>(std::min(variant.in_flight, load.in_flight)), false);
  }
}

std::optional<Time> StreamState::due() const { return due_after(0); }

std::optional<Time> StreamState::due_after(std::int64_t releases) const {
  const std::int64_t release = released_ + releases;
  if (release >= load_->count) return std::nullopt;
  if (!load_->releases.empty()) return load_->releases.at(static_cast<std::size_t>(release));
  return release == 0 ? std::optional(load_->offset) : std::nullopt;
}

std::optional<std::size_t> StreamState::variant_of(std::int64_t number) const {
  if (load_->variants.size() == 1) return 0;
  if (load_->assignment != Assignment::rotate) return std::nullopt;
  return rotation_[static_cast<std::size_t>(number) % rotation_.size()];
}

std::int64_t StreamState::release() {
  open_.push_back(load_->samples);
  return released_++;
}

std::optional<StreamState::Place> StreamState::place(std::int64_t number) const {
  if (in_flight_ >= load_->in_flight) return std::nullopt;
  if (load_->assignment == Assignment::rotate) {
    return free_slot(rotation_[static_cast<std::size_t>(number) % rotation_.size()]);
  }
  for (std::size_t v = 0; v < used_.size(); ++v) {
    if (const auto place = free_slot(v)) return place;
  }
  return std::nullopt;
}

void StreamState::take(const Place& place) {
  used_[place.variant][place.slot] = true;
  ++in_flight_;
}

void StreamState::give_back(const Place& place) {
  used_[place.variant][place.slot] = false;
  --in_flight_;
}

std::optional<StreamState::Place> StreamState::free_slot(std::size_t variant) const {
  const auto& slots = used_[variant];
  const auto it = std::find(slots.begin(), slots.end(), false);
  if (it == slots.end()) return std::nullopt;
  return Place{variant, static_cast<std::size_t>(it - slots.begin())};
}

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace.h"

#include <utility>

#include "sim/base/check.h"

namespace chipcast {

TrackId Trace::add_track(Track track) {
  CHIPCAST_ASSERT(!track.parent || track.parent->index() < tracks_.size());
  tracks_.push_back(std::move(track));
  return TrackId(tracks_.size() - 1);
}

NameId Trace::name(const std::string& text) {
  const auto [it, is_new] = name_ids_.try_emplace(text, NameId(names_.size()));
  if (is_new) names_.push_back(text);
  return it->second;
}

}  // namespace chipcast

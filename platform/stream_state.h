// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <optional>
#include <vector>

#include "platform/stream_machine.h"

namespace chipcast {

/// One stream while it runs: which jobs wait to be let in, which buffers are free.
class StreamState {
 public:
  /// Which mapping a job takes, and which of its buffers.
  struct Place {
    std::size_t variant, slot;
  };

  explicit StreamState(const StreamLoad& load);

  const StreamLoad& load() const { return *load_; }
  /// When the next release comes; nothing while that depends on the end of one, and after the last.
  std::optional<Time> due() const;
  /// Number of the release.
  std::int64_t release();
  /// True where the last job of that release has ended.
  bool job_ended(std::int64_t query) { return --open_.at(static_cast<std::size_t>(query)) == 0; }
  /// When the release comes that follows so many others; nothing where that is not known.
  std::optional<Time> due_after(std::int64_t releases) const;
  /// The mapping that the job of that number takes; nothing where that depends on what is free.
  std::optional<std::size_t> variant_of(std::int64_t number) const;
  /// After so many jobs the mappings repeat.
  std::int64_t round() const { return static_cast<std::int64_t>(rotation_.size()); }
  bool follows_itself() const { return load_->releases.empty() && released_ < load_->count; }

  /// Where the job of that number may go now; nothing while the buffers are taken.
  std::optional<Place> place(std::int64_t number) const;
  void take(const Place& place);
  void give_back(const Place& place);

  std::deque<std::size_t> waiting;  ///< jobs (indices into the run's) that have been released and not let in

 private:
  std::optional<Place> free_slot(std::size_t variant) const;

  const StreamLoad* load_;
  std::vector<std::size_t> rotation_;    ///< variants of the jobs of one round
  std::vector<std::vector<bool>> used_;  ///< by variant and slot
  std::vector<int> open_;                ///< by release, jobs that have not ended
  std::int64_t released_ = 0;
  int in_flight_ = 0;
};

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "platform/power/work_ahead.h"
#include "platform/stream_machine.h"
#include "platform/stream_state.h"

namespace chipcast {

/// Releases jobs, lets them in as far as their stream's buffers go, and takes note of their end.
class JobSource : public sc_core::sc_module, public WorkAhead {
 public:
  SC_HAS_PROCESS(JobSource);
  JobSource(sc_core::sc_module_name name, const StreamsSetup& setup, shell::Fleet& fleet, StreamBooks& books);

  bool finished() const { return ended_ == total_; }
  double share() const;
  Time last_end() const { return last_end_; }
  std::vector<JobRecord>& records() { return jobs_; }
  std::string state() const;

  /// Called after jobs have been released or have ended, and for the last one.
  std::function<void()> on_change;

  Releases next_releases(const std::vector<std::size_t>& devices) const override;
  std::vector<JobAhead> jobs() const override;
  std::vector<JobAhead> coming(Time until) const override;
  bool expects() const override;

 private:
  void run();
  void release(std::size_t stream);
  void let_in(std::size_t stream);
  void start(std::size_t index, const StreamState::Place& place);
  void ended(shell::Job& job);
  shell::Job::Rank rank(const JobRecord& record, std::size_t sequence) const;
  JobAhead ahead(std::size_t index) const;

  const StreamsSetup& setup_;
  shell::Fleet& fleet_;
  StreamBooks& books_;
  std::vector<StreamState> streams_;
  std::vector<std::int64_t> numbers_;  ///< by stream, jobs released
  std::vector<JobRecord> jobs_;
  std::vector<std::unique_ptr<shell::Job>> live_;  ///< by job
  std::vector<std::size_t> in_flight_;             ///< jobs that have been let in, ascending
  std::int64_t total_ = 0, ended_ = 0;
  Time last_end_;
};

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// When a part runs.
struct Span {
  std::size_t task = 0, part = 0, device = 0;
  double begin = 0.0, end = 0.0;
  bool foreign = false;  ///< reads what another device wrote, so that a hand-off comes first
};

/// What a solution comes to when every part starts as early as its device and its inputs allow.
///
/// With a shared bandwidth B, parts that move data at the same time slow down together: each moves bytes/work while
/// alone, and where those demands add up to D > B all of them run at B/D of their speed (fluid, proportional shares).
/// Launches and hand-offs are not slowed. Keeps its arrays between calls; not for several threads at once.
class Evaluator {
 public:
  explicit Evaluator(const Problem& problem, bool contention = true);

  /// Throws InvariantError where `order` is not topological.
  Value evaluate(const Solution& solution);
  /// Of the last evaluation, in the order of issue.
  const std::vector<Span>& spans() const { return spans_; }
  const Problem& problem() const { return problem_; }

 private:
  struct Job {
    double overhead, work, demand, power;
    std::uint32_t first_input, inputs;
  };
  struct Wait {
    std::uint32_t job;
    double delay;
  };

  void flatten(const Solution& solution);
  void add_part(const Solution& solution, std::size_t task, std::size_t part);
  void add_publishing(const Solution& solution);
  double run_free();
  double run_shared();
  double ready(const Job& job) const;
  double peak_power();
  double peak_memory(const Solution& solution);

  const Problem& problem_;
  bool contention_;
  double energy_ = 0.0;
  std::vector<Job> jobs_;
  std::vector<Wait> waits_;
  std::vector<Span> spans_;
  std::vector<std::uint32_t> first_job_;            ///< per task
  std::vector<std::uint8_t> published_;             ///< per job: another device reads it
  std::vector<std::vector<std::uint32_t>> queues_;  ///< per device
  std::vector<std::uint32_t> position_;             ///< per task, in the order of issue
  std::vector<std::pair<double, double>> steps_;
  std::vector<double> released_;
};

}  // namespace chipcast::schedule

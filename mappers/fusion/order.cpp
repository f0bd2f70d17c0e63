// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/order.h"

#include <map>
#include <optional>
#include <set>

#include "mappers/address_space.h"
#include "sim/base/check.h"

namespace chipcast::fusion {
namespace {

class Gatherer {
 public:
  Gatherer(const MappingProblem& problem, const std::vector<Task>& tasks)
      : tasks_(tasks), followers_(tasks.size()), missing_(tasks.size(), 0) {
    // A group's tasks may stand before the views that they read: what counts is who made what these show.
    const std::vector<TensorId> roots = view_roots(problem.graph, problem.ops);
    std::vector<std::vector<std::size_t>> writers(problem.graph.tensors.size());
    std::vector<std::optional<std::size_t>> before(problem.devices.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const OpDescription& op = problem.ops[tasks[i].op.index()];
      for (const auto& input : op.inputs) {
        const TensorId root = roots[input.tensor.index()];
        for (const std::size_t writer : writers[root.index()]) follow(writer, i);
        if (root == input.tensor) continue;
        for (const std::size_t writer : writers[input.tensor.index()]) follow(writer, i);
      }
      for (const auto& output : op.outputs) writers[output.tensor.index()].push_back(i);
      if (!tasks[i].slot) continue;
      if (before[*tasks[i].slot]) follow(*before[*tasks[i].slot], i);
      before[*tasks[i].slot] = i;
    }
  }

  std::vector<Task> run() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (missing_[i] == 0) ready_[tasks_[i].slot].insert(i);
    }
    std::vector<Task> out;
    std::optional<std::size_t> device;
    while (!ready_.empty()) {
      const std::size_t next = take(device);
      out.push_back(tasks_[next]);
      if (tasks_[next].slot) device = tasks_[next].slot;
      for (const std::size_t follower : followers_[next]) {
        if (--missing_[follower] == 0) ready_[tasks_[follower].slot].insert(follower);
      }
    }
    CHIPCAST_ASSERT(out.size() == tasks_.size());
    return out;
  }

 private:
  using Ready = std::map<std::optional<std::size_t>, std::set<std::size_t>>;

  void follow(std::size_t first, std::size_t then) {
    followers_[first].push_back(then);
    ++missing_[then];
  }

  /// Views come as soon as they can, then the device at hand goes on.
  std::size_t take(const std::optional<std::size_t>& device) {
    auto queue = ready_.find(std::nullopt);
    if (queue == ready_.end() && device) queue = ready_.find(device);
    if (queue == ready_.end()) {
      queue = ready_.begin();
      for (auto other = ready_.begin(); other != ready_.end(); ++other) {
        if (*other->second.begin() < *queue->second.begin()) queue = other;
      }
    }
    const std::size_t next = *queue->second.begin();
    queue->second.erase(queue->second.begin());
    if (queue->second.empty()) ready_.erase(queue);
    return next;
  }

  const std::vector<Task>& tasks_;
  std::vector<std::vector<std::size_t>> followers_;
  std::vector<int> missing_;
  Ready ready_;
};

}  // namespace

std::vector<Task> gathered(const MappingProblem& problem, const std::vector<Task>& tasks) {
  return Gatherer(problem, tasks).run();
}

}  // namespace chipcast::fusion

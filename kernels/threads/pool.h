// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace chipcast::kernels {

/// Threads that share the tasks of one loop at a time; the caller is one of them. With one thread nothing is started
/// and nothing is locked.
class ThreadPool {
 public:
  /// `threads` >= 1. `pinned` binds thread i to the i-th processor that this process may use, the caller included,
  /// until the pool ends. Throws InputError where there are fewer processors than pinned threads.
  explicit ThreadPool(int threads = 1, bool pinned = false);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Calls `body(task, thread)` once for each task in [0, tasks), `thread` in [0, threads()). Returns when all are
  /// done; the first exception of a body is thrown again here. Not to be called from within a body.
  void for_each(std::int64_t tasks, const std::function<void(std::int64_t task, int thread)>& body);

 private:
  class Workers;
  std::unique_ptr<Workers> workers_;
};

/// Processors that this process may run on.
std::vector<int> usable_processors();

}  // namespace chipcast::kernels

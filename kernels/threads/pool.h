// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/threads/affinity.h"

namespace chipcast::kernels {

/// Threads of one pool. More than processors is allowed, and no faster.
inline constexpr int kMostThreads = 1024;

/// Threads that share the tasks of one loop at a time; the caller is one of them. With one thread nothing is started
/// and nothing is locked.
class ThreadPool {
 public:
  /// `threads` in [1, kMostThreads]. `pinned` binds thread i to the i-th processor that this process may use, the
  /// caller included, until the pool ends. Pools may live side by side: one that is not pinned uses all processors.
  /// Throws InputError where there are fewer processors than pinned threads, or where a thread cannot be started.
  explicit ThreadPool(int threads = 1, bool pinned = false);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Calls `body(task, thread)` once for each task in [0, tasks), `thread` in [0, threads()). Returns when all are
  /// done. The first exception of a body is thrown again here; other threads' tasks are done all the same. Neither from
  /// within a body nor from two threads at once (asserted where tasks are shared).
  void for_each(std::int64_t tasks, const std::function<void(std::int64_t task, int thread)>& body);

 private:
  class Workers;
  std::unique_ptr<Workers> workers_;
};

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "kernels/threads/pool.h"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

/// How long a worker looks for the next loop before it goes to sleep: loops of a network follow one another within
/// microseconds.
constexpr int kSpins = 4000;

}  // namespace

class ThreadPool::Workers {
 public:
  Workers(int threads, bool pinned) : threads_(threads) {
    const std::vector<int> processors = usable_processors();
    if (pinned && threads > static_cast<int>(processors.size())) {
      throw InputError("threads", std::to_string(threads) + " pinned threads need as many processors; " +
                                      std::to_string(processors.size()) + " may be used here");
    }
    if (pinned) caller_.emplace(processors[0]);
    try {
      workers_.reserve(static_cast<std::size_t>(threads - 1));
      for (int i = 1; i < threads; ++i) {
        // Set in any case: a new thread inherits its maker's processors, which another pool may have narrowed.
        auto own = pinned ? std::vector<int>{processors[static_cast<std::size_t>(i)]} : processors;
        workers_.emplace_back([this, i, own = std::move(own)] {
          bind_this_thread(own);
          serve(i);
        });
      }
    } catch (...) {  // no thread, or no memory for one
      stop();
      throw InputError("threads", std::to_string(threads) + " threads are asked for; the system started " +
                                      std::to_string(workers_.size()) + " beside the caller's, ask for fewer");
    }
  }

  ~Workers() { stop(); }

  int threads() const { return threads_; }

  void run(std::int64_t tasks, const std::function<void(std::int64_t, int)>& body) {
    if (workers_.empty() || tasks <= 1) {
      for (std::int64_t task = 0; task < tasks; ++task) body(task, 0);
      return;
    }
    CHIPCAST_ASSERT(!running_.exchange(true, std::memory_order_acquire));
    body_ = &body;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    {
      const std::lock_guard lock(mutex_);
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    take_tasks(0);
    while (busy_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
    const std::exception_ptr failure = std::exchange(failure_, nullptr);
    running_.store(false, std::memory_order_release);
    if (failure) std::rethrow_exception(failure);
  }

 private:
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      round_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  void serve(int thread) {
    std::uint64_t seen = 0;
    for (;;) {
      seen = next_round(seen);
      if (stopping_) return;
      take_tasks(thread);
      busy_.fetch_sub(1, std::memory_order_release);
    }
  }

  std::uint64_t next_round(std::uint64_t seen) {
    for (int i = 0; i < kSpins; ++i) {
      const std::uint64_t now = round_.load(std::memory_order_acquire);
      if (now != seen) return now;
    }
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return round_.load(std::memory_order_acquire) != seen; });
    return round_.load(std::memory_order_acquire);
  }

  void take_tasks(int thread) {
    for (;;) {
      const std::int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks_) return;
      try {
        (*body_)(task, thread);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::current_exception();
      }
    }
  }

  int threads_;
  std::optional<PinnedCaller> caller_{};
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> round_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};
  std::atomic<int> busy_{0};
  std::atomic<std::int64_t> next_{0};
  std::int64_t tasks_ = 0;
  const std::function<void(std::int64_t, int)>* body_ = nullptr;
  std::exception_ptr failure_;
};

ThreadPool::ThreadPool(int threads, bool pinned) {
  if (threads < 1 || threads > kMostThreads) {
    throw InputError("threads", std::to_string(threads) + " is outside [1, " + std::to_string(kMostThreads) + "]");
  }
  workers_ = std::make_unique<Workers>(threads, pinned);
}

ThreadPool::~ThreadPool() = default;

int ThreadPool::threads() const { return workers_->threads(); }

void ThreadPool::for_each(std::int64_t tasks, const std::function<void(std::int64_t, int)>& body) {
  workers_->run(tasks, body);
}

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "kernels/threads/affinity.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>

namespace chipcast::kernels {

namespace {

/// Sizes of a mask to try: the system refuses one that is smaller than its own.
constexpr int kFewest = 1024;
constexpr int kMost = 1 << 20;

struct Free {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using Mask = std::unique_ptr<cpu_set_t, Free>;

/// Of a thread (0: the calling one); all that the machine has where the system does not tell.
std::vector<int> processors_of(pid_t thread) {
  for (int count = kFewest; count <= kMost; count *= 2) {
    const Mask mask(CPU_ALLOC(static_cast<std::size_t>(count)));
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(count));
    if (!mask) break;
    if (sched_getaffinity(thread, bytes, mask.get()) == 0) {
      std::vector<int> found;
      for (int processor = 0; processor < count; ++processor) {
        if (CPU_ISSET_S(static_cast<std::size_t>(processor), bytes, mask.get())) found.push_back(processor);
      }
      return found;
    }
    if (errno != EINVAL) break;
  }
  std::vector<int> all(std::max(1U, std::thread::hardware_concurrency()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// A thread that has ended meanwhile is no error.
void bind(pid_t thread, const std::vector<int>& processors) {
  const auto count = static_cast<std::size_t>(processors.back()) + 1;
  const Mask mask(CPU_ALLOC(count));
  if (!mask) return;
  const std::size_t bytes = CPU_ALLOC_SIZE(count);
  CPU_ZERO_S(bytes, mask.get());
  for (const int processor : processors) CPU_SET_S(static_cast<std::size_t>(processor), bytes, mask.get());
  sched_setaffinity(thread, bytes, mask.get());
}

struct Pinned {
  int times;
  std::vector<int> before;
};

struct AllPinned {
  std::mutex mutex{};
  std::map<pid_t, Pinned> threads{};
  std::vector<int> usable{};  ///< before the first of them
};

AllPinned& all_pinned() {
  static AllPinned all;
  return all;
}

}  // namespace

std::vector<int> usable_processors() {
  AllPinned& all = all_pinned();
  const std::lock_guard lock(all.mutex);
  return all.threads.empty() ? processors_of(0) : all.usable;
}

void bind_this_thread(const std::vector<int>& processors) { bind(0, processors); }

PinnedCaller::PinnedCaller(int processor) : thread_(gettid()) {
  AllPinned& all = all_pinned();
  const std::lock_guard lock(all.mutex);
  if (all.threads.empty()) all.usable = processors_of(0);
  const auto found = all.threads.find(thread_);
  if (found == all.threads.end()) {
    all.threads.emplace(thread_, Pinned{1, processors_of(0)});
  } else {
    ++found->second.times;
  }
  bind(0, {processor});
}

PinnedCaller::~PinnedCaller() {
  AllPinned& all = all_pinned();
  const std::lock_guard lock(all.mutex);
  const auto found = all.threads.find(thread_);
  if (--found->second.times > 0) return;
  bind(thread_, found->second.before);
  all.threads.erase(found);
}

}  // namespace chipcast::kernels

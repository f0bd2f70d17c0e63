// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <vector>

namespace chipcast::kernels {

/// Processors that this process may run on, ascending. What PinnedCaller objects narrow is not seen: while one lives,
/// the list is the one from before the first.
std::vector<int> usable_processors();

/// The calling thread runs on these alone from here on.
void bind_this_thread(const std::vector<int>& processors);

/// Holds the thread that makes it to one processor. The end of the last one of a thread gives that thread back what it
/// had, whichever thread ends it.
class PinnedCaller {
 public:
  explicit PinnedCaller(int processor);
  ~PinnedCaller();
  PinnedCaller(const PinnedCaller&) = delete;
  PinnedCaller& operator=(const PinnedCaller&) = delete;

 private:
  pid_t thread_;
};

}  // namespace chipcast::kernels

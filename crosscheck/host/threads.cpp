// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/threads.h"

#include <memory>

#include "crosscheck/host/memory.h"
#include "crosscheck/host/pages.h"
#include "kernels/threads/pool.h"

namespace chipcast::crosscheck {
namespace {

/// A chain of additions that takes some ten thousand cycles and no memory.
void count_up() {
  std::uint64_t sum = 1;
  for (int i = 0; i < 20000; ++i) {
    sum += 3;
    asm volatile("" : "+r"(sum));
  }
  keep(sum);
}

BytesPerSecond read_together(kernels::ThreadPool& pool, Bytes each, const Effort& effort) {
  std::vector<std::unique_ptr<Pages>> blocks;
  const auto bytes = static_cast<std::size_t>(each.count());
  for (int i = 0; i < pool.threads(); ++i) blocks.push_back(std::make_unique<Pages>(bytes));
  const Timing timing = time_of(
      [&] {
        pool.for_each(pool.threads(), [&](std::int64_t task, int) {
          read_stream(blocks[static_cast<std::size_t>(task)]->bytes().data(), bytes);
        });
      },
      effort);
  return each * std::int64_t{pool.threads()} / timing.minimum;
}

}  // namespace

ThreadFigures measure_threads(int threads, Bytes memory, Bytes cached, const Effort& effort) {
  kernels::ThreadPool pool(threads, true);
  ThreadFigures figures{.threads = threads};
  const std::int64_t tasks = threads;
  if (threads > 1) {
    figures.fork_join = time_of([&] { pool.for_each(tasks, [](std::int64_t, int) {}); }, effort).minimum;
    // Many more pieces than threads: the start of the loop does not count.
    constexpr std::int64_t kPieces = 32;
    const Timing alone = time_of([&] { count_up(); }, effort);
    const Timing shared =
        time_of([&] { pool.for_each(tasks * kPieces, [](std::int64_t, int) { count_up(); }); }, effort);
    figures.scaling = alone.minimum * static_cast<double>(tasks * kPieces) / shared.minimum;
  }
  figures.read = read_together(pool, memory, effort);
  if (cached > Bytes(0)) figures.cached = read_together(pool, cached, effort);
  return figures;
}

}  // namespace chipcast::crosscheck

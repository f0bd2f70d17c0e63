// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>

namespace chipcast::kernels {

/// Start of every array; also how far a kernel may read (never write) past its end.
inline constexpr std::size_t kAlignment = 64;

/// Memory that is taken in large pieces, in huge pages where the system grants them, and given out in small ones:
/// nothing is mapped, touched or translated anew when a network runs again, and what was freed last is given out first
/// where it fits best. Safe to be used from several threads. Blocks may outlive the arena.
class Arena {
 public:
  Arena();
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// As aligned_memory. Best fit; neighbours that are free become one.
  std::shared_ptr<std::byte> take(std::size_t bytes);
  /// Not under AddressSanitizer, which sees accesses past a block's end only where each comes from the system.
  static bool in_use();
  /// All that was ever taken from the system.
  std::size_t reserved() const;

 private:
  class Pieces;
  std::shared_ptr<Pieces> pieces_;
};

/// While it lives, this thread's aligned_memory comes from the arena.
class ArenaScope {
 public:
  explicit ArenaScope(Arena& arena);
  ~ArenaScope();
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  Arena* before_;
};

/// `bytes` and kAlignment more, at a multiple of kAlignment, with any content: of the thread's arena, else of the
/// system. Throws std::bad_alloc.
std::shared_ptr<std::byte> aligned_memory(std::size_t bytes);

}  // namespace chipcast::kernels

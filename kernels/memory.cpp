// SPDX-License-Identifier: Apache-2.0
#include "kernels/memory.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace chipcast::kernels {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kMostAtOnce = std::size_t{32} << 20;
/// Less than this comes from the system: whoever searches an arena for it pays more than it costs.
constexpr std::size_t kSmall = 2048;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kArenas = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kArenas = false;
#else
constexpr bool kArenas = true;
#endif
#else
constexpr bool kArenas = true;
#endif

thread_local Arena* current = nullptr;

std::size_t rounded(std::size_t bytes, std::size_t step) { return (bytes + step - 1) / step * step; }

std::shared_ptr<std::byte> system_memory(std::size_t room) {
  const bool huge = room >= kHugePage;
  const std::size_t alignment = huge ? kHugePage : kAlignment;
  const std::size_t size = rounded(room, alignment);
  void* memory = std::aligned_alloc(alignment, size);
  if (memory == nullptr) throw std::bad_alloc();
#ifdef __linux__
  if (huge) madvise(memory, size, MADV_HUGEPAGE);  // a wish
#endif
  return {static_cast<std::byte*>(memory), [](std::byte* start) { std::free(start); }};
}

}  // namespace

bool Arena::in_use() { return kArenas; }

/// What an arena has, free and not.
class Arena::Pieces {
 public:
  std::byte* take(std::size_t room) {
    const std::scoped_lock lock(mutex_);
    auto best = best_fit(room);
    if (best == free_.end()) best = more(room);
    std::byte* const start = best->first;
    const std::size_t left = best->second - room;
    free_.erase(best);
    if (left > 0) free_.emplace(start + room, left);
    return start;
  }

  void give_back(std::byte* start, std::size_t room) {
    const std::scoped_lock lock(mutex_);
    const auto after = free_.lower_bound(start);
    auto here = free_.emplace_hint(after, start, room);
    if (after != free_.end() && joined(here, after)) {
      here->second += after->second;
      free_.erase(after);
    }
    if (here == free_.begin()) return;
    const auto before = std::prev(here);
    if (joined(before, here)) {
      before->second += here->second;
      free_.erase(here);
    }
  }

  std::size_t reserved() const {
    const std::scoped_lock lock(mutex_);
    return reserved_;
  }

 private:
  using Free = std::map<std::byte*, std::size_t>;

  Free::iterator best_fit(std::size_t room) {
    auto best = free_.end();
    for (auto range = free_.begin(); range != free_.end(); ++range) {
      if (range->second >= room && (best == free_.end() || range->second < best->second)) best = range;
    }
    return best;
  }

  Free::iterator more(std::size_t room) {
    const std::size_t size = rounded(std::max(room, std::min(reserved_, kMostAtOnce)), kHugePage);
    pieces_.push_back(system_memory(size));
    reserved_ += size;
    starts_.insert(pieces_.back().get());
    return free_.emplace(pieces_.back().get(), size).first;
  }

  /// Neighbours in one piece: two pieces may lie side by side, and are freed apart.
  bool joined(Free::iterator left, Free::iterator right) const {
    return left->first + left->second == right->first && starts_.count(right->first) == 0;
  }

  mutable std::mutex mutex_;
  Free free_{};  ///< ranges by start
  std::vector<std::shared_ptr<std::byte>> pieces_{};
  std::set<std::byte*> starts_{};
  std::size_t reserved_ = 0;
};

Arena::Arena() : pieces_(std::make_shared<Pieces>()) {}
Arena::~Arena() = default;

std::shared_ptr<std::byte> Arena::take(std::size_t bytes) {
  const std::size_t room = rounded(bytes + kAlignment, kAlignment);
  if (!kArenas || room < kSmall) return system_memory(room);
  std::byte* const start = pieces_->take(room);
  return {start, [pieces = pieces_, room](std::byte* memory) { pieces->give_back(memory, room); }};
}

std::size_t Arena::reserved() const { return pieces_->reserved(); }

ArenaScope::ArenaScope(Arena& arena) : before_(current) { current = &arena; }
ArenaScope::~ArenaScope() { current = before_; }

std::shared_ptr<std::byte> aligned_memory(std::size_t bytes) {
  return current != nullptr ? current->take(bytes) : system_memory(rounded(bytes + kAlignment, kAlignment));
}

}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>

namespace chipcast::crosscheck {

/// Memory of its own, every page touched, in huge pages where the system grants them: translation then costs little,
/// as in a runtime that keeps its buffers.
class Pages {
 public:
  /// Throws InputError where the system has not so much.
  explicit Pages(std::size_t bytes);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  std::span<std::byte> bytes() { return {start_, size_}; }

 private:
  std::byte* mapped_ = nullptr;
  std::size_t mapped_size_ = 0;
  std::byte* start_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Pages::Pages(std::size_t bytes) : mapped_size_(bytes + kHugePage), size_(bytes) {
  void* const got = mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) {
    throw InputError("host", "no memory for a block of " + std::to_string(bytes) + " bytes; measure smaller blocks");
  }
  mapped_ = static_cast<std::byte*>(got);
  const auto address = reinterpret_cast<std::uintptr_t>(mapped_);
  start_ = mapped_ + (kHugePage - address % kHugePage) % kHugePage;
  madvise(start_, size_, MADV_HUGEPAGE);  // a wish
  std::memset(start_, 1, size_);
}

Pages::~Pages() { munmap(mapped_, mapped_size_); }

}  // namespace chipcast::crosscheck

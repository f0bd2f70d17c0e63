// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/workspace.h"

#include <array>
#include <cstdlib>
#include <memory>
#include <new>

#include "kernels/array.h"

namespace chipcast::kernels {

namespace {

struct Free {
  void operator()(std::byte* memory) const { std::free(memory); }
};

struct Buffer {
  std::unique_ptr<std::byte, Free> memory{};
  std::size_t bytes = 0;
};

thread_local std::array<Buffer, static_cast<std::size_t>(Workspace::count)> buffers;

}  // namespace

std::byte* workspace(Workspace use, std::size_t bytes) {
  Buffer& buffer = buffers[static_cast<std::size_t>(use)];
  if (buffer.bytes < bytes) {
    const std::size_t room = (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
    buffer.memory.reset();
    buffer.bytes = 0;
    buffer.memory.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, room)));
    if (!buffer.memory) throw std::bad_alloc();
    buffer.bytes = bytes;
  }
  return buffer.memory.get();
}

}  // namespace chipcast::kernels

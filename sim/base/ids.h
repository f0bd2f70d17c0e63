// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

/// Index types that cannot be swapped by accident. Absence is std::optional, never a magic value.
namespace chipcast {

template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(std::size_t index) : index_(static_cast<std::uint32_t>(index)) {}
  constexpr std::size_t index() const { return index_; }
  friend constexpr auto operator<=>(Id, Id) = default;

 private:
  std::uint32_t index_ = 0;
};

using TensorId = Id<struct TensorTag>;
using OpId = Id<struct OpTag>;
using DeviceId = Id<struct DeviceTag>;
using MemoryId = Id<struct MemoryTag>;
using EngineId = Id<struct EngineTag>;
using SemaphoreId = Id<struct SemaphoreTag>;
using ComponentId = Id<struct ComponentTag>;

}  // namespace chipcast

template <class Tag>
struct std::hash<chipcast::Id<Tag>> {
  std::size_t operator()(chipcast::Id<Tag> id) const noexcept { return id.index(); }
};

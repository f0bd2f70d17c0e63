// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

/// The words that architectures, layers and mappings share.
namespace chipcast::spatial {

/// Loops of a product, by ZigZag's letters. K and C are per group.
enum class LoopDim : std::uint8_t { B, G, K, C, OY, OX, FY, FX };
inline constexpr std::size_t kLoopDims = 8;
constexpr std::array<std::pair<LoopDim, std::string_view>, kLoopDims> enum_names(LoopDim) {
  return {{{LoopDim::B, "B"},
           {LoopDim::G, "G"},
           {LoopDim::K, "K"},
           {LoopDim::C, "C"},
           {LoopDim::OY, "OY"},
           {LoopDim::OX, "OX"},
           {LoopDim::FY, "FY"},
           {LoopDim::FX, "FX"}}};
}

enum class Operand : std::uint8_t { W, I, O };
inline constexpr std::size_t kOperands = 3;
constexpr std::array<std::pair<Operand, std::string_view>, kOperands> enum_names(Operand) {
  return {{{Operand::W, "W"}, {Operand::I, "I"}, {Operand::O, "O"}}};
}

/// What a port does for an operand, seen from its memory: written from the next higher memory, read for the next
/// lower one, written from there (partial sums and results), read for the higher one. Letters are ZigZag's.
enum class Direction : std::uint8_t { fh, tl, fl, th };
inline constexpr std::size_t kDirections = 4;
constexpr std::array<std::pair<Direction, std::string_view>, kDirections> enum_names(Direction) {
  return {{{Direction::fh, "fh"}, {Direction::tl, "tl"}, {Direction::fl, "fl"}, {Direction::th, "th"}}};
}

constexpr std::size_t index(LoopDim dim) { return static_cast<std::size_t>(dim); }
constexpr std::size_t index(Operand operand) { return static_cast<std::size_t>(operand); }
constexpr std::size_t index(Direction direction) { return static_cast<std::size_t>(direction); }
constexpr bool writes(Direction direction) { return direction == Direction::fh || direction == Direction::fl; }

/// False where the operand stays the same while the loop runs. Rows, columns and kernel taps all matter to inputs.
constexpr bool relevant(Operand operand, LoopDim dim) {
  switch (operand) {
    case Operand::W:
      return dim != LoopDim::B && dim != LoopDim::OY && dim != LoopDim::OX;
    case Operand::I:
      return dim != LoopDim::K;
    case Operand::O:
      return dim != LoopDim::C && dim != LoopDim::FY && dim != LoopDim::FX;
  }
  return true;
}

/// Loops along which windows of inputs overlap.
constexpr bool slides(LoopDim dim) {
  return dim == LoopDim::OY || dim == LoopDim::OX || dim == LoopDim::FY || dim == LoopDim::FX;
}

using Extents = std::array<std::int64_t, kLoopDims>;  ///< by LoopDim

}  // namespace chipcast::spatial

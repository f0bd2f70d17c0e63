// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>
#include <string>
#include <vector>

#include "accelerators/spatial/search.h"

/// Small architectures and layers for tests of the search.
namespace chipcast::spatial {

inline Memory memory_of(const std::string& name, std::int64_t bits, std::vector<Operand> operands,
                        std::vector<std::string> serves, std::int64_t bandwidth, double picojoule,
                        Buffering buffering) {
  return {.name = name,
          .size = bits,
          .operands = std::move(operands),
          .serves = std::move(serves),
          .ports = {{.name = "r", .kind = PortKind::read, .bandwidth = bandwidth},
                    {.name = "w", .kind = PortKind::write, .bandwidth = bandwidth}},
          .read_energy = Joules(picojoule * 1e-12),
          .write_energy = Joules(1.25 * picojoule * 1e-12),
          .buffering = buffering};
}

inline Memory off_chip(std::int64_t bandwidth, std::vector<std::string> serves) {
  return {.name = "dram",
          .size = std::int64_t{1} << 40,
          .operands = {Operand::W, Operand::I, Operand::O},
          .serves = std::move(serves),
          .ports = {{.name = "rw", .bandwidth = bandwidth}},
          .read_energy = Joules(600e-12),
          .write_energy = Joules(650e-12),
          .buffering = Buffering::overlapped};
}

/// Weights and sums at each element, one shared buffer: like a small tensor processing unit.
inline Architecture small_tpu(Buffering buffering) {
  return {.name = "small_tpu",
          .array = {{.name = "D1", .size = 2, .unroll = {{LoopDim::K, 2}}},
                    {.name = "D2", .size = 2, .unroll = {{LoopDim::C, 2}}}},
          .mac_energy = Joules(0.1e-12),
          .memories = {memory_of("rf_w", 64, {Operand::W}, {}, 8, 0.1, buffering),
                       memory_of("rf_o", 128, {Operand::O}, {}, 16, 0.2, buffering),
                       memory_of("sram", 2048, {Operand::I, Operand::O}, {"D1", "D2"}, 64, 10.0, buffering),
                       off_chip(32, {"D1", "D2"})}};
}

/// Three memories of inputs, two of weights, sums in a register that a column shares.
inline Architecture small_prototype(Buffering buffering) {
  return {.name = "small_prototype",
          .array = {{.name = "D1", .size = 3, .unroll = {{LoopDim::K, 3}}},
                    {.name = "D2", .size = 2, .unroll = {{LoopDim::FX, 2}}}},
          .mac_energy = Joules(0.1e-12),
          .memories = {memory_of("reg_o", 64, {Operand::O}, {"D2"}, 16, 0.1, buffering),
                       memory_of("rf_i", 64, {Operand::I}, {}, 8, 0.1, buffering),
                       memory_of("buffer_i", 512, {Operand::I}, {"D1", "D2"}, 32, 3.0, buffering),
                       memory_of("buffer", 1536, {Operand::W, Operand::O}, {"D1", "D2"}, 48, 8.0, buffering),
                       off_chip(16, {"D1", "D2"})}};
}

/// Even mapping, scratchpads that bypass each other and may be cut at some loops only: like an Eyeriss in Timeloop.
inline Architecture small_eyeriss() {
  Architecture out{
      .name = "small_eyeriss",
      .array = {{.name = "X", .size = 2, .unroll = {{LoopDim::OY, 2}}},
                {.name = "Y", .size = 2, .unroll = {{LoopDim::FY, 2}}}},
      .mac_energy = Joules(0.2e-12),
      .memories = {memory_of("psum", 64, {Operand::O}, {}, 32, 0.2, Buffering::overlapped),
                   memory_of("weights", 96, {Operand::W}, {}, 16, 1.9, Buffering::overlapped),
                   memory_of("ifmap", 48, {Operand::I}, {}, 16, 0.2, Buffering::overlapped),
                   memory_of("glb", 1024, {Operand::I, Operand::O}, {"X", "Y"}, 128, 15.0, Buffering::overlapped),
                   off_chip(64, {"X", "Y"})},
      .even = true};
  out.memories[0].loops = {{LoopDim::K}};
  out.memories[1].loops = {{LoopDim::C, LoopDim::FX}};
  out.memories[2].loops.emplace();
  return out;
}

/// A layer of few prime factors, so that all mappings can be listed.
inline Layer small_layer(std::mt19937_64& random, std::int64_t most_macs) {
  const auto pick = [&](std::initializer_list<std::int64_t> from) {
    return *(from.begin() + static_cast<std::ptrdiff_t>(random() % from.size()));
  };
  for (;;) {
    Layer layer;
    layer.sizes = {pick({1, 1, 2}),    pick({1, 1, 1, 2}), pick({1, 2, 3, 4}), pick({1, 2, 3, 4}),
                   pick({1, 2, 3, 4}), pick({1, 2, 4, 5}), pick({1, 1, 3}),    pick({1, 2, 3})};
    layer.stride_y = pick({1, 1, 2});
    layer.stride_x = pick({1, 1, 2});
    layer.in_height = (layer.size(LoopDim::OY) - 1) * layer.stride_y + layer.size(LoopDim::FY);
    layer.in_width = (layer.size(LoopDim::OX) - 1) * layer.stride_x + layer.size(LoopDim::FX);
    if (layer.macs() >= 8 && layer.macs() <= most_macs) return layer;
  }
}

}  // namespace chipcast::spatial

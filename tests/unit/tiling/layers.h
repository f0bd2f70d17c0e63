// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "accelerators/dsp/cost.h"
#include "accelerators/npu/cost.h"
#include "mappers/contract.h"
#include "workloads/builder.h"
#include "workloads/op_description.h"
#include "workloads/operators/linear.h"
#include "workloads/operators/spatial.h"

/// Devices whose tiles are searched, and random layers for them.
namespace chipcast::tiling_test {

/// A device, its port and what it is called in messages.
struct Subject {
  std::string name;
  std::shared_ptr<const Device> device;
  DeviceSlot slot;
};

/// A port of 8 B/ns behind 200 ns, whose bytes cost 40 pJ.
inline Subject subject(std::string name, std::shared_ptr<const Device> device) {
  DeviceSlot slot{
      .name = name,
      .device = device.get(),
      .kind = 0,
      .transfer = [](EngineKind, Bytes bytes) { return Time::ps(200'000 + bytes.count() * 125); },
      .transfer_energy = [](EngineKind, Bytes bytes) { return Joules(40e-12) * static_cast<double>(bytes.count()); }};
  return {std::move(name), std::move(device), std::move(slot)};
}

/// Devices that cut tiles in different ways, with buffers of about `kib` KiB.
inline std::vector<Subject> subjects(std::int64_t kib) {
  npu::Config plain;
  plain.input_lanes = plain.output_lanes = 16;
  plain.rates = {{DType::int8, OpsPerCycle(256)}};
  plain.channel_alignment = 4;
  plain.buffer = Bytes(kib * 1024);
  plain.accumulator = Bytes(kib * 512);
  npu::Config banks = plain;  // whole banks, a cache beside the buffer, compressed weights
  banks.buffer_banks = 8;
  banks.resident = Bytes(2048);
  banks.weights.compressed = true;
  banks.weights.zero_share = 0.5;
  npu::Config cores = plain;  // of unlike sizes, that share out rows or channels
  cores.channel_alignment = 8;
  cores.cores = {{.count = 2, .input_lanes = 16, .output_lanes = 8, .depthwise_channels = 16, .post_elements = 8}};
  dsp::Config vectors;
  vectors.tcm = Bytes(kib * 3072);
  vectors.keeps_activations = false;
  dsp::Config keeps = vectors;
  keeps.keeps_activations = true;
  return {subject("npu", npu::make_device(plain, "npu", {})),
          subject("npu with banks", npu::make_device(banks, "npu", {})),
          subject("npu with cores", npu::make_device(cores, "npu", {})),
          subject("dsp", dsp::make_device(vectors, "dsp", {})),
          subject("dsp that keeps", dsp::make_device(keeps, "dsp", {}))};
}

/// A layer and the graph that it belongs to.
inline OpDescription described(GraphBuilder builder, TensorId result) {
  builder.output(result);
  return describe_ops(std::move(builder).build()).front();
}

class RandomLayers {
 public:
  explicit RandomLayers(std::uint64_t seed) : random_(seed) {}

  /// Uniform within [least, most].
  std::int64_t roll(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
  }

  /// Dense, grouped or depthwise convolutions, strided or not, in one batch or two, and products of matrices.
  OpDescription next() {
    const std::int64_t kind = roll(0, 5);
    return kind == 5 ? product() : conv(kind);
  }

 private:
  OpDescription product() {
    GraphBuilder b("layer");
    const std::int64_t m = roll(1, 12), k = roll(1, 40), n = roll(1, 40);
    const auto x = b.input("x", {{m, k}, DType::int8});
    const auto w = roll(0, 1) == 0 ? b.input("w", {{k, n}, DType::int8}) : b.parameter("w", {{k, n}, DType::int8});
    const auto y = b.add_one("gemm", Gemm{}, {x, w});
    return described(std::move(b), y);
  }

  OpDescription conv(std::int64_t kind) {
    GraphBuilder b("layer");
    const std::int64_t groups = kind == 4 ? roll(2, 40) : kind == 3 ? roll(2, 4) : 1;
    const std::int64_t in = kind == 4 ? groups : groups * roll(1, kind == 3 ? 8 : 40);
    const std::int64_t out = groups * roll(1, kind == 4 ? 2 : kind == 3 ? 10 : 40);
    const std::int64_t kernel = roll(0, 1) * 2 + 1, height = roll(kernel, 10), width = roll(kernel, 9);
    const auto x = b.input("x", {{kind == 2 ? 2 : 1, in, height, width}, DType::int8});
    const auto w = b.parameter("w", {{out, in / groups, kernel, kernel}, DType::int8});
    Conv conv;
    conv.groups = groups;
    conv.pads = {kernel / 2, kernel / 2, kernel / 2, kernel / 2};
    conv.strides = {roll(1, 2), roll(1, 2)};
    const auto y = b.add_one("conv", conv, {x, w});
    return described(std::move(b), y);
  }

  std::mt19937_64 random_;
};

}  // namespace chipcast::tiling_test

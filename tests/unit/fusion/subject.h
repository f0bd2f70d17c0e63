// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <random>

#include "accelerators/npu/cost.h"
#include "mappers/fusion/group.h"
#include "workloads/builder.h"

/// What the tests of groups share.
namespace chipcast::fusion {

/// A graph on one NPU, as a problem.
class Subject {
 public:
  explicit Subject(Graph made, const npu::Config& config = {})
      : graph(std::move(made)),
        ops(describe_ops(graph)),
        npu(npu::make_device(config, "npu", technology::Config{})),
        slots{{.name = "npu", .device = npu.get(), .kind = 0, .transfer = time_of}} {
    for (const auto& op : ops) all.push_back(facts.of(op.id, 0));
  }
  Subject(const Subject&) = delete;

  /// All operators as one group.
  Group group() const {
    std::vector<const OpFacts*> members;
    for (const OpFacts& op : all) members.push_back(&op);
    return make_group(facts, members, *npu->group_space());
  }

  Graph graph;
  std::vector<OpDescription> ops;
  std::unique_ptr<Device> npu;
  std::vector<DeviceSlot> slots;
  MappingProblem problem{.graph = graph,
                         .ops = ops,
                         .devices = slots,
                         .memory = "memory",
                         .memory_capacity = Bytes(std::int64_t{1} << 40),
                         .options = {.fuse = true}};
  Facts facts{problem};
  std::vector<OpFacts> all;

 private:
  static Time time_of(EngineKind, Bytes bytes) { return Time::ps(50'000 + bytes.count() * 500); }
};

inline std::int64_t draw(std::mt19937_64& random, std::int64_t least, std::int64_t most) {
  return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
}

/// A chain of convolutions and pools, kernels 1 to 7, strides 1 to 3, any padding, with additions and concatenations of
/// what earlier operators of the same height made; ragged heights.
class RandomChain {
 public:
  explicit RandomChain(std::uint64_t seed) : random_(seed), b_("chain") {}

  Graph build() {
    TensorId x = b_.input("x", {{1, channels_, draw(random_, 5, 70), draw(random_, 3, 40)}, DType::int8});
    maps_.push_back(x);
    const std::int64_t length = draw(random_, 2, 7);
    for (int i = 0; i < length; ++i) maps_.push_back(x = next(x, "op" + std::to_string(i)));
    b_.output(x);
    return std::move(b_).build();
  }

 private:
  TensorId next(TensorId x, const std::string& name) {
    const Shape& shape = b_.type(x).shape;
    for (const TensorId other : maps_) {
      if (other == x || b_.type(other).shape != shape || draw(random_, 0, 1) == 0) continue;
      if (draw(random_, 0, 1) == 0) return b_.add_one(name, Binary{.function = BinaryFunction::add}, {x, other});
      return b_.add_one(name, Concat{.axis = 1}, {x, other});
    }
    return draw(random_, 0, 4) == 0 ? pool(x, name) : conv(x, name);
  }

  template <class Op>
  Op window(std::int64_t rows, std::int64_t columns, std::int64_t& kernel_rows, std::int64_t& kernel_columns) {
    Op op;
    const std::int64_t top = draw(random_, 0, 3), bottom = draw(random_, 0, 3);
    kernel_rows = draw(random_, 1, std::min<std::int64_t>(7, rows + top + bottom));
    kernel_columns = draw(random_, 1, std::min<std::int64_t>(7, columns));
    op.strides = {kernel_rows == 1 ? 1 : draw(random_, 1, 3), draw(random_, 1, 2)};
    op.pads = {std::min(top, kernel_rows - 1), 0, std::min(bottom, kernel_rows - 1), 0};
    if (rows + op.pads[0] + op.pads[2] < kernel_rows) kernel_rows = rows;
    return op;
  }

  TensorId conv(TensorId x, const std::string& name) {
    const Shape shape = b_.type(x).shape;
    std::int64_t r = 1, s = 1;
    auto op = window<Conv>(shape[2], shape[3], r, s);
    const bool depthwise = draw(random_, 0, 2) == 0;
    op.groups = depthwise ? shape[1] : 1;
    const std::int64_t kernels = depthwise ? shape[1] : draw(random_, 1, 60);
    const auto w = b_.parameter(name + "_w", {{kernels, depthwise ? 1 : shape[1], r, s}, DType::int8});
    return b_.add_one(name, op, {x, w});
  }

  TensorId pool(TensorId x, const std::string& name) {
    const Shape shape = b_.type(x).shape;
    std::int64_t r = 1, s = 1;
    auto op = window<Pool>(shape[2], shape[3], r, s);
    op.kernel = {r, s};
    return b_.add_one(name, op, {x});
  }

  std::mt19937_64 random_;
  GraphBuilder b_;
  std::int64_t channels_ = 8;
  std::vector<TensorId> maps_;
};

}  // namespace chipcast::fusion

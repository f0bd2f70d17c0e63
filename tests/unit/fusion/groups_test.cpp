// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "mappers/emitter_groups.h"
#include "mappers/fusion/order.h"
#include "sim/base/check.h"
#include "tests/unit/fusion/subject.h"

namespace chipcast::fusion {
namespace {

/// Convolutions a and b, one behind the other; 16 channels, 8 x 8.
Graph two() {
  GraphBuilder b("two");
  TensorId x = b.input("x", {{1, 16, 8, 8}, DType::int8});
  for (const char* name : {"a", "b"}) {
    x = b.add_one(name, Conv{}, {x, b.parameter(std::string(name) + "_w", {{16, 16, 1, 1}, DType::int8})});
  }
  b.output(x);
  return std::move(b).build();
}

Task rows(std::size_t op, std::int64_t begin, std::int64_t end) {
  return {.op = OpId(op), .slot = 0, .part = {.axis = PartAxis::out_rows, .begin = begin, .end = end}, .group = 7};
}

Task whole(std::size_t op, std::optional<std::uint32_t> group) {
  return {.op = OpId(op), .slot = 0, .part = {}, .group = group};
}

/// What is said about tasks that cannot be.
std::string said(const Subject& subject, std::vector<Task> tasks) {
  Mapping mapping;
  mapping.tasks = std::move(tasks);
  mapping.choices.resize(subject.ops.size());
  const TaskList list(subject.problem, mapping);
  try {
    const GroupPlans plans(list);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(GroupPlans, TakeTasksInAnyOrderThatHolds) {
  const Subject subject(two());
  EXPECT_EQ(said(subject, {rows(0, 0, 3), rows(1, 0, 2), rows(0, 3, 8), rows(1, 2, 8)}), "");
  EXPECT_EQ(said(subject, {whole(0, 7), whole(1, 7)}), "");
  EXPECT_EQ(said(subject, {whole(0, std::nullopt), whole(1, std::nullopt)}), "");
}

TEST(GroupPlans, SayWhatDoesNotHold) {
  const Subject subject(two());
  EXPECT_EQ(said(subject, {rows(0, 0, 3), rows(1, 0, 4), rows(0, 3, 8), rows(1, 4, 8)}),
            "group 7 on npu: b needs rows 0-3 of its input before they are made");
  EXPECT_EQ(said(subject, {rows(0, 0, 3), rows(1, 0, 3)}), "group 7 on npu: a makes 3 of its 8 rows");
  Task channels = whole(1, 7);
  channels.part = {.axis = PartAxis::out_channels, .begin = 0, .end = 16};
  EXPECT_EQ(said(subject, {whole(0, 7), channels}), "group 7: b is cut along channels; groups are cut along rows");
  EXPECT_EQ(said(subject, {rows(0, 0, 4), whole(1, 8), rows(0, 4, 8)}),
            "group 7: another task of its device stands before its a; the tasks of a group follow each other");
}

TEST(GroupPlans, SayThatTheMemoryIsTooSmall) {
  npu::Config config;
  config.buffer = Bytes(1536);
  const Subject subject(two(), config);
  EXPECT_EQ(said(subject, {whole(0, 7), whole(1, 7)}),
            "group 7 on npu: the group holds 2 KiB of rows at a time, but the device has 1.5 KiB; take fewer rows at a "
            "time");
}

TEST(GroupPlans, NeedADeviceThatHasMemoryForThem) {
  npu::Config config;
  config.depth_first = false;
  const Subject subject(two(), config);
  EXPECT_EQ(said(subject, {whole(0, 7), whole(1, 7)}),
            "group 7: npu has no memory for groups; take its tasks out of the group");
}

/// Every byte of input, weights and result once, nothing of what stands between.
TEST(GroupPlans, AreEmittedWithoutTheMiddle) {
  const Subject subject(two());
  Mapping mapping;
  for (std::int64_t row = 0; row < 8; ++row) {
    mapping.tasks.push_back(rows(0, row, row + 1));
    mapping.tasks.push_back(rows(1, row, row + 1));
  }
  mapping.choices.resize(2);
  tiling::Plans plans(subject.slots);
  const Program program = emit(subject.problem, mapping, plans);
  ASSERT_EQ(program.placements.size(), 2U);
  EXPECT_EQ(program.placements[0].load_bytes, Bytes(1024 + 256));
  EXPECT_EQ(program.placements[0].store_bytes, Bytes(0));
  EXPECT_EQ(program.placements[1].load_bytes, Bytes(256));
  EXPECT_EQ(program.placements[1].store_bytes, Bytes(1024));
  EXPECT_EQ(program.placements[0].tiling, "group 7: 8 stripes of 1 row, weights held");
  double written = 0.0;  // into the buffer by computing
  for (const TileWork& work : program.devices[0].works) {
    for (const Activity& activity : work.activity) {
      if (activity.action == *subject.npu->load_action()) written += activity.count;
    }
  }
  EXPECT_EQ(written, 1024.0);
}

/// Two chains, x0 x1 on one device and y0 y1 on another, listed in turns.
TEST(Gathered, BringsTheTasksOfADeviceTogether) {
  GraphBuilder b("chains");
  std::vector<TensorId> ends;
  std::vector<TensorId> at{b.input("x", {{1, 8, 4, 4}, DType::int8}), b.input("y", {{1, 8, 4, 4}, DType::int8})};
  for (const char* step : {"0", "1"}) {
    for (std::size_t i = 0; i < 2; ++i) {
      at[i] = b.add_one((i == 0 ? "x" : "y") + std::string(step), Unary{.function = UnaryFunction::relu}, {at[i]});
    }
  }
  b.output(b.add_one("sum", Binary{.function = BinaryFunction::add}, {at[0], at[1]}));
  Subject subject(std::move(b).build());
  subject.slots.push_back(subject.slots.front());
  std::vector<Task> tasks;
  for (std::size_t op = 0; op < 5; ++op) tasks.push_back({.op = OpId(op), .slot = op % 2});
  std::vector<std::string> order;
  for (const Task& task : gathered(subject.problem, tasks)) order.push_back(subject.ops[task.op.index()].name);
  EXPECT_EQ(order, (std::vector<std::string>{"x0", "x1", "y0", "y1", "sum"}));
}

/// In a group a task may stand before the view that it reads (a mapping need not list views).
TEST(Gathered, KeepsTasksBehindWhatTheirViewsShow) {
  GraphBuilder b("views");
  const Unary relu{.function = UnaryFunction::relu};
  const TensorId x = b.input("x", {{1, 8, 4, 4}, DType::int8});
  b.output(b.add_one("other", relu, {x}));
  const TensorId made = b.add_one("made", relu, {x});
  Reshape reshape;
  reshape.shape = {1, 16, 8, 1};
  b.output(b.add_one("reader", relu, {b.add_one("view", reshape, {made})}));
  Subject subject(std::move(b).build());
  subject.slots.push_back(subject.slots.front());
  const std::vector<Task> tasks{{.op = OpId(0), .slot = 1},
                                {.op = OpId(1), .slot = 0},
                                {.op = OpId(3), .slot = 1, .part = {}, .group = 0},
                                {.op = OpId(2)}};
  std::vector<std::string> order;
  for (const Task& task : gathered(subject.problem, tasks)) order.push_back(subject.ops[task.op.index()].name);
  EXPECT_EQ(order, (std::vector<std::string>{"other", "made", "view", "reader"}));
}

}  // namespace
}  // namespace chipcast::fusion

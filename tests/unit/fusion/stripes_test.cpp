// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/fusion/subject.h"

namespace chipcast::fusion {
namespace {

constexpr int kChains = 1500;

/// Rows of an operand that one output row reads, tap by tap.
std::vector<std::int64_t> taps(const OpDescription& op, std::int64_t row) {
  const WindowAxis& w = op.cuts.row_window;
  std::vector<std::int64_t> out;
  for (std::int64_t k = 0; k < w.kernel; ++k) {
    const std::int64_t at = row * w.stride - w.pad_begin + k * w.dilation;
    if (at >= 0 && at < w.in) out.push_back(at);
  }
  return out;
}

/// Follows stripes row by row.
class Follower {
 public:
  explicit Follower(const Group& group)
      : group_(group), made_(group.tensors.size(), 0), made_by_(group.ops.size(), 0) {}

  void follow(const Stripe& stripe, const std::string& what) {
    const OpDescription& op = *group_.ops[stripe.op].facts->op;
    ASSERT_EQ(stripe.out.begin, made_by_[stripe.op]) << what << ": " << op.name << " makes rows out of their order";
    ASSERT_GT(stripe.out.end, stripe.out.begin) << what;
    for (const auto& read : group_.ops[stripe.op].reads) {
      if (!group_.tensors[read.tensor].made) continue;
      for (std::int64_t row = stripe.out.begin; row < stripe.out.end; ++row) {
        for (const std::int64_t tap : taps(op, row)) {
          ASSERT_LT(tap, made_[read.tensor]) << what << ": " << op.name << " row " << row << " comes too soon";
        }
      }
    }
    made_by_[stripe.op] = stripe.out.end;
    for (const std::size_t tensor : group_.ops[stripe.op].writes) made_[tensor] = stripe.out.end;
  }

  void finish(const std::string& what) const {
    for (std::size_t op = 0; op < group_.ops.size(); ++op) {
      EXPECT_EQ(made_by_[op], group_.ops[op].facts->op->cuts.rows) << what << ": " << group_.ops[op].facts->op->name;
    }
  }

 private:
  const Group& group_;
  std::vector<std::int64_t> made_, made_by_;
};

TEST(Stripes, MakeEveryRowOnceAndBeforeItIsRead) {
  int followed = 0;
  for (std::uint64_t seed = 1; seed <= kChains; ++seed) {
    const Subject subject(RandomChain(seed).build());
    const Group group = subject.group();
    if (!can_stripe(group)) continue;
    const std::int64_t rows = group.rows(group.ops.size() - 1);
    for (const std::int64_t height :
         {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, ceil_div(rows, std::int64_t{2}), rows}) {
      const std::string what = "chain " + std::to_string(seed) + ", height " + std::to_string(height);
      Follower follower(group);
      for (const Stripe& stripe : stripes(group, std::min(height, rows))) {
        follower.follow(stripe, what);
        if (::testing::Test::HasFatalFailure()) return;
      }
      follower.finish(what);
      ++followed;
    }
  }
  EXPECT_GT(followed, kChains * 3);
}

TEST(Stripes, MakeNoMoreThanTheNextStripeNeeds) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Subject subject(RandomChain(seed).build());
    const Group group = subject.group();
    if (!can_stripe(group)) continue;
    const std::size_t last = group.ops.size() - 1;
    const auto order = stripes(group, 1);
    std::vector<std::int64_t> made(group.tensors.size(), 0), needed(group.tensors.size(), 0);
    for (const Stripe& stripe : order) {
      for (const auto& read : group.ops[stripe.op].reads) {
        needed[read.tensor] = std::max(needed[read.tensor], group.need(stripe.op, read, stripe.out).end);
      }
      for (const std::size_t tensor : group.ops[stripe.op].writes) made[tensor] = stripe.out.end;
      if (stripe.op != last || stripe.out.end == group.rows(last)) continue;
      for (std::size_t tensor = 0; tensor < group.tensors.size(); ++tensor) {
        if (!group.tensors[tensor].made || group.tensors[tensor].readers.empty()) continue;
        EXPECT_EQ(made[tensor], needed[tensor]) << "chain " << seed << " after row " << stripe.out.end;
      }
    }
  }
}

/// 3x3 stride 2 over 3x3 stride 1, padding 1: output row r needs rows 2r-1..2r+1 of the middle, and each of those one
/// more on both sides.
TEST(Stripes, AreThoseOfTheHandExample) {
  GraphBuilder b("two");
  const auto x = b.input("x", {{1, 16, 8, 8}, DType::int8});
  const auto w = b.parameter("w", {{16, 16, 3, 3}, DType::int8});
  Conv first, second;
  first.pads = second.pads = {1, 1, 1, 1};
  second.strides = {2, 2};
  b.output(b.add_one("b", second, {b.add_one("a", first, {x, w}), w}));
  const Subject subject(std::move(b).build());
  const auto order = stripes(subject.group(), 1);
  ASSERT_EQ(order.size(), 8U);
  const std::vector<Rows> a{{0, 2}, {2, 4}, {4, 6}, {6, 8}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(order[2 * i].op, 0U);
    EXPECT_EQ(order[2 * i].out, a[i]);
    EXPECT_EQ(order[2 * i + 1].op, 1U);
    EXPECT_EQ(order[2 * i + 1].out, (Rows{static_cast<std::int64_t>(i), static_cast<std::int64_t>(i) + 1}));
  }
}

}  // namespace
}  // namespace chipcast::fusion

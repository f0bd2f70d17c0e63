// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/layout.h"

#include <algorithm>

#include "mappers/fusion/row_memory.h"
#include "sim/config/unit_text.h"

namespace chipcast::fusion {
namespace {

std::string rows_text(const Rows& rows) {
  return "rows " + std::to_string(rows.begin) + "-" + std::to_string(rows.end - 1);
}

/// Finds what each stripe loads and stores, and that it has what it needs.
class Walk {
 public:
  Walk(const Group& group, const std::vector<Stripe>& stripes, Layout& layout)
      : group_(group), stripes_(stripes), layout_(layout), there_(group.tensors.size()), done_(group.ops.size()) {}

  /// One step for each stripe; false where the order does not hold.
  bool run() {
    layout_.steps.reserve(stripes_.size());
    layout_.transfers.reserve(stripes_.size());
    for (const Stripe& stripe : stripes_) {
      if (!in_order(stripe)) return false;
      Step step;
      step.op = stripe.op;
      step.out = stripe.out;
      step.launches = done_[stripe.op] == 0;
      step.ends_rows = true;
      if (!load(stripe, step)) return false;
      store(stripe, step);
      done_[stripe.op] = stripe.out.end;
      layout_.steps.push_back(step);
    }
    for (std::size_t op = 0; op < group_.ops.size(); ++op) {
      if (done_[op] != group_.rows(op)) {
        return fail(op, "makes " + std::to_string(done_[op]) + " of its " + std::to_string(group_.rows(op)) + " rows");
      }
    }
    return true;
  }

 private:
  bool fail(std::size_t op, const std::string& what) {
    layout_.problem = group_.ops[op].facts->op->name + " " + what;
    return false;
  }

  bool in_order(const Stripe& stripe) {
    const bool whole = stripe.out == Rows{0, group_.rows(stripe.op)};
    if (!whole && !group_.ops[stripe.op].facts->by_rows) return fail(stripe.op, "cannot be cut into rows");
    if (stripe.out.begin == done_[stripe.op] && stripe.out.end > stripe.out.begin &&
        stripe.out.end <= group_.rows(stripe.op)) {
      return true;
    }
    return fail(stripe.op, "has " + rows_text(stripe.out) + " behind its first " + std::to_string(done_[stripe.op]) +
                               " of " + std::to_string(group_.rows(stripe.op)));
  }

  bool load(const Stripe& stripe, Step& step) {
    step.first_load = layout_.transfers.size();
    for (const auto& read : group_.ops[stripe.op].reads) {
      const GroupTensor& tensor = group_.tensors[read.tensor];
      const Rows need = group_.need(stripe.op, read, stripe.out);
      std::int64_t& there = there_[read.tensor];
      if (need.end <= there) continue;
      if (tensor.made) return fail(stripe.op, "needs " + rows_text(need) + " of its input before they are made");
      layout_.transfers.push_back({read.tensor, {std::max(there, need.begin), need.end}});
      there = need.end;
    }
    step.loads = layout_.transfers.size() - step.first_load;
    return true;
  }

  void store(const Stripe& stripe, Step& step) {
    step.first_store = layout_.transfers.size();
    for (const std::size_t place : group_.ops[stripe.op].writes) {
      const GroupTensor& tensor = group_.tensors[place];
      const Rows made = place == group_.ops[stripe.op].writes.front() ? stripe.out : Rows{0, tensor.rows};
      there_[place] = made.end;
      if (!tensor.readers.empty()) step.kept += tensor.row * (made.end - made.begin);
      if (tensor.stored) layout_.transfers.push_back({place, made});
    }
    step.stores = layout_.transfers.size() - step.first_store;
  }

  const Group& group_;
  const std::vector<Stripe>& stripes_;
  Layout& layout_;
  std::vector<std::int64_t> there_;  ///< per tensor: rows loaded or made
  std::vector<std::int64_t> done_;   ///< per operator
};

/// Cuts steps where weights come in parts, and says when weights are loaded.
void add_weights(const Group& group, const Device& device, Layout& layout) {
  std::vector<Step> steps;
  steps.reserve(layout.steps.size());
  for (const Step& whole : layout.steps) {
    const OpFacts& facts = *group.ops[whole.op].facts;
    const WeightUse& use = layout.weights[whole.op];
    for (std::int64_t part = 0; part < use.parts; ++part) {
      Step step = whole;
      step.part = part;
      if (facts.weights > Bytes(0) && (!use.held || whole.launches))
        step.weights = part_bytes(facts, use, part, device);
      step.launches = whole.launches && part == 0;
      step.ends_rows = part + 1 == use.parts;
      if (part > 0) step.loads = 0;
      if (!step.ends_rows) {
        step.stores = 0;
        step.kept = Bytes(0);
      }
      steps.push_back(step);
    }
  }
  layout.steps = std::move(steps);
}

void find_units(Layout& layout) {
  bool stored = true;
  for (Step& step : layout.steps) {
    step.begins_unit = stored || step.loads > 0 || step.weights > Bytes(0);
    stored = step.stores > 0;
  }
}

}  // namespace

Layout lay_out(const Group& group, const std::vector<Stripe>& stripes, const Device& device) {
  Layout layout;
  if (!Walk(group, stripes, layout).run()) return layout;
  layout.rows_peak = rows_peak(group, layout);
  const std::int64_t banks = group.space.capacity.count() / group.space.bank.count();
  const std::int64_t free = banks - ceil_div(layout.rows_peak.count(), group.space.bank.count());
  if (free < 0) {
    layout.problem = "the group holds " + to_text(layout.rows_peak) + " of rows at a time, but the device has " +
                     to_text(group.space.capacity) + "; take fewer rows at a time";
    return layout;
  }
  const Bytes room = group.space.bank * free;
  auto weights = plan_weights(group, device, room);
  if (!weights) {
    layout.problem = "the group's rows take " + to_text(layout.rows_peak) + " and leave " + to_text(room) +
                     " for weights, which is not enough; take fewer rows at a time";
    return layout;
  }
  layout.weights = std::move(weights->uses);
  layout.weights_peak = weights->taken;
  add_weights(group, device, layout);
  find_units(layout);
  return layout;
}

}  // namespace chipcast::fusion

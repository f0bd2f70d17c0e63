// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/row_memory.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace chipcast::fusion {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

class RowMemory {
 public:
  RowMemory(const Group& group, const Layout& layout)
      : group_(group),
        layout_(layout),
        held_(group.tensors.size()),
        from_(group.ops.size()),
        next_(layout.steps.size()) {
    std::vector<std::size_t> upcoming(group.ops.size(), layout.steps.size());
    for (std::size_t i = layout.steps.size(); i-- > 0;) {
      next_[i] = upcoming[layout.steps[i].op];
      upcoming[layout.steps[i].op] = i;
    }
    for (std::size_t op = 0; op < group.ops.size(); ++op) set_needs(op, upcoming[op]);
  }

  Bytes run() {
    load_next();  // what the first step needs
    for (std::size_t i = 0; i < layout_.steps.size(); ++i) {
      const Step& step = layout_.steps[i];
      if (i == 0 || step.loads > 0) load_next();
      for (const std::size_t tensor : group_.ops[step.op].writes) make(tensor, step);
      peak_ = std::max(peak_, live_);
      set_needs(step.op, next_[i]);
      for (const auto& read : group_.ops[step.op].reads) drop(read.tensor);
      for (const std::size_t tensor : group_.ops[step.op].writes) drop(tensor);
    }
    return peak_;
  }

 private:
  /// Rows of a tensor that are there.
  struct Held {
    Rows rows{};
    std::int64_t last_store = 0;  ///< where the last rows to be stored begin
    bool any = false;
  };

  /// The rows that the next step with loads needs arrive.
  void load_next() {
    for (; loading_ < layout_.steps.size(); ++loading_) {
      const Step& step = layout_.steps[loading_];
      if (step.loads == 0) continue;
      for (std::size_t i = 0; i < step.loads; ++i) {
        const Transfer& load = layout_.transfers[step.first_load + i];
        add(load.tensor, load.rows);
      }
      ++loading_;
      return;
    }
  }

  void add(std::size_t tensor, const Rows& rows) {
    Held& held = held_[tensor];
    if (!std::exchange(held.any, true)) held.rows = {rows.begin, rows.begin};
    live_ += group_.tensors[tensor].row * (rows.end - held.rows.end);
    held.rows.end = rows.end;
  }

  void make(std::size_t tensor, const Step& step) {
    const bool first = tensor == group_.ops[step.op].writes.front();
    add(tensor, first ? step.out : Rows{0, group_.tensors[tensor].rows});
    if (group_.tensors[tensor].stored) held_[tensor].last_store = first ? step.out.begin : 0;
  }

  /// From which row on an operator still reads each operand.
  void set_needs(std::size_t op, std::size_t step) {
    from_[op].clear();
    for (const auto& read : group_.ops[op].reads) {
      const bool more = step < layout_.steps.size();
      from_[op].push_back(more ? group_.need(op, read, layout_.steps[step].out).begin : kNever);
    }
  }

  void drop(std::size_t place) {
    const GroupTensor& tensor = group_.tensors[place];
    Held& held = held_[place];
    std::int64_t first = tensor.stored ? held.last_store : held.rows.end;
    for (const std::size_t reader : tensor.readers) {
      const auto& reads = group_.ops[reader].reads;
      for (std::size_t i = 0; i < reads.size(); ++i) {
        if (reads[i].tensor == place) first = std::min(first, from_[reader][i]);
      }
    }
    if (first <= held.rows.begin) return;
    live_ = live_ - tensor.row * (first - held.rows.begin);
    held.rows.begin = first;
  }

  const Group& group_;
  const Layout& layout_;
  std::vector<Held> held_;                       ///< per tensor
  std::vector<std::vector<std::int64_t>> from_;  ///< per operator and operand
  std::vector<std::size_t> next_;                ///< per step: the next one of its operator
  std::size_t loading_ = 0;
  Bytes live_, peak_;
};

}  // namespace

Bytes rows_peak(const Group& group, const Layout& layout) { return RowMemory(group, layout).run(); }

}  // namespace chipcast::fusion

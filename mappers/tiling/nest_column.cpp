// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/nest_column.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"

namespace chipcast::tiling {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }

constexpr TransferPrice kNothing{.bytes = 0};

}  // namespace

NestSubject::NestSubject(const OpDescription& op, const Device& device, const Traffic& all)
    : nest(tiling_nest(op)),
      traffic(all),
      reuse(reuse_of(op, device)),
      shared_weights(op.inputs.size() < 2 || op.inputs[1].parameter),
      gaps(nest.stride_h > (nest.kernel_height - 1) * nest.dilation_h + 1) {}

void NestColumn::classify(Classes& classes, const Cut& cut, bool tells_first) {
  classes.clear();
  if (cut.count == 1) {
    classes.push_back({1, 0, true, true});
    return;
  }
  const std::size_t last = cut.last == cut.extent ? 0 : 1;
  const std::int64_t full = cut.count - 1;
  classes.push_back({tells_first ? 1 : full, 0, true, false});
  if (tells_first && full > 1) classes.push_back({full - 1, 0, false, false});
  classes.push_back({1, last, false, true});
}

NestColumn::NestColumn(NestPrices& prices, const NestSubject& subject, const ColumnCut& cut)
    : prices_(prices), subject_(subject), cut_(cut) {
  weight_key_ = bit(kGroup) | bit(kOutChannel) | bit(kInChannel) | (subject.shared_weights ? 0 : bit(kBatch));
  const std::array<std::pair<Axis, Cut>, 5> cuts{{{kBatch, cut_of(subject.nest.batch, 1)},
                                                  {kGroup, cut.groups},
                                                  {kOutChannel, cut.out_channels},
                                                  {kColumn, cut.columns},
                                                  {kInChannel, cut.in_channels}}};
  const bool caches_weights = subject.reuse.other_operands;
  for (const auto& [axis, some] : cuts) {
    counts_[axis] = some.count;
    extents_[axis] = {some.extent, some.last};
    const bool tells_first = axis == kInChannel || (axis == kOutChannel && subject.reuse.first_operand) ||
                             ((axis == kColumn || axis == kBatch) && caches_weights);
    classify(classes_[axis], some, tells_first);
  }
}

void NestColumn::cut_columns(const Cut& columns) {
  cut_.columns = columns;
  counts_[kColumn] = columns.count;
  extents_[kColumn] = {columns.extent, columns.last};
  classify(classes_[kColumn], columns, subject_.reuse.other_operands);
  inputs_.fill(nullptr);
  outputs_.fill(nullptr);
  input_sums_ = output_sums_ = nullptr;
  works_.fill(nullptr);
}

void NestColumn::remember(bool prices) {
  remember_ = prices;
  counts_[kRow] = 0;  // rows have their places among remembered prices
}

void NestColumn::set_rows(const Cut& rows) {
  if (counts_[kRow] == rows.count && extents_[kRow][0] == rows.extent) return;
  counts_[kRow] = rows.count;
  extents_[kRow] = {rows.extent, rows.last};
  classify(classes_[kRow], rows, subject_.reuse.other_operands);
  if (remember_) row_index_ = {prices_.row_index(rows.extent), prices_.row_index(rows.last)};
}

void NestColumn::set_order(bool weights_outer) {
  order_ = weights_outer ? std::array{kBatch, kGroup, kOutChannel, kRow, kColumn, kInChannel}
                         : std::array{kBatch, kGroup, kRow, kColumn, kOutChannel, kInChannel};
  unsigned inner = 0;
  for (std::size_t level = kAxes; level-- > 0;) {
    inner_[level] = inner;
    if (counts_[order_[level]] > 1) inner |= bit(order_[level]);
  }
}

OpTile NestColumn::tile_at(const At& at) const {
  return {.groups = extent(at, kGroup),
          .out_channels = extent(at, kOutChannel),
          .in_channels = extent(at, kInChannel),
          .out_height = extent(at, kRow),
          .out_width = extent(at, kColumn),
          .first_in_channels = at[kInChannel]->first,
          .last_in_channels = at[kInChannel]->last};
}

TransferPrice NestColumn::ask_input(const At& at) const {
  const Prices& ask = prices_.prices();
  return ask.load(ask.device().input_bytes(ask.op(), tile_at(at)));
}

TransferPrice NestColumn::ask_output(const At& at) const {
  const Prices& ask = prices_.prices();
  return ask.store(ask.device().output_bytes(ask.op(), tile_at(at)));
}

TransferPrice NestColumn::input_at(const At& at) {
  if (!remember_) return ask_input(at);
  auto*& row = inputs_[at[kGroup]->size * 4 + at[kInChannel]->size * 2 + at[kColumn]->size];
  if (row == nullptr) row = &prices_.inputs(extent(at, kGroup), extent(at, kInChannel), extent(at, kColumn));
  TransferPrice& price = (*row)[row_index_[at[kRow]->size]];
  if (price.bytes < 0) price = ask_input(at);
  return price;
}

TransferPrice NestColumn::output_at(const At& at) {
  if (!remember_) return ask_output(at);
  auto*& row = outputs_[at[kGroup]->size * 4 + at[kOutChannel]->size * 2 + at[kColumn]->size];
  if (row == nullptr) row = &prices_.outputs(extent(at, kGroup), extent(at, kOutChannel), extent(at, kColumn));
  TransferPrice& price = (*row)[row_index_[at[kRow]->size]];
  if (price.bytes < 0) price = ask_output(at);
  return price;
}

const TransferPrice& NestColumn::weights_at(const At& at) {
  TransferPrice& price = weights_[at[kGroup]->size * 4 + at[kOutChannel]->size * 2 + at[kInChannel]->size];
  if (price.bytes < 0) {
    const Prices& ask = prices_.prices();
    price = ask.load(ask.device().weight_bytes(ask.op(), tile_at(at)));
  }
  return price;
}

ComputePrice NestColumn::work_at(const At& at) {
  if (!remember_) return prices_.prices().compute(tile_at(at));
  const std::size_t sizes =
      at[kGroup]->size * 8 + at[kOutChannel]->size * 4 + at[kInChannel]->size * 2 + at[kColumn]->size;
  const std::size_t ends = (at[kInChannel]->first ? 2U : 0U) + (at[kInChannel]->last ? 1U : 0U);
  auto*& row = works_[sizes * 4 + ends];
  if (row == nullptr) row = &prices_.works(tile_at(at));
  ComputePrice& price = (*row)[row_index_[at[kRow]->size]];
  if (price.cycles < 0) price = prices_.prices().compute(tile_at(at));
  return price;
}

/// What is loaded for a step whose position differs from the one before along the axes `changed`.
StepPrice NestColumn::load_at(const At& at, unsigned changed) {
  constexpr unsigned kInputKey = bit(kBatch) | bit(kGroup) | bit(kRow) | bit(kColumn) | bit(kInChannel);
  const bool rows_first = at[kRow]->first && at[kColumn]->first && (!subject_.shared_weights || at[kBatch]->first);
  const bool input_cached = subject_.reuse.first_operand && !at[kOutChannel]->first;
  const bool weights_cached = subject_.reuse.other_operands && !rows_first;
  StepPrice out{.input = kNothing, .weights = kNothing, .output = kNothing, .compute = {}};
  if (subject_.traffic.first_operand && !input_cached && (changed & kInputKey) != 0) out.input = input_at(at);
  if (subject_.traffic.other_operands && !weights_cached && (changed & weight_key_) != 0) out.weights = weights_at(at);
  return out;
}

StepPrice NestColumn::run_at(const At& at) {
  const bool stores = subject_.traffic.result && at[kInChannel]->last;
  return {.input = kNothing, .weights = kNothing, .output = stores ? output_at(at) : kNothing, .compute = work_at(at)};
}

Chain NestColumn::pair(Sums& sums, std::size_t level, std::int64_t count) {
  const unsigned changed = bit(order_[level]) | inner_[level];
  return sums.follow(run_at(from_), load_at(to_, changed), count);
}

/// All steps of a loop and those inside of it, but for the last one, whose successor lies outside. Between neighbouring
/// steps one loop advances, the loops inside of it come round from their last tile to their first, the loops around it
/// stand still.
Chain NestColumn::walk(Sums& sums, std::size_t level, std::int64_t count) {
  const Axis axis = order_[level];
  const Classes& classes = classes_[axis];
  Chain out;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const Class& some = classes[i];
    from_[axis] = to_[axis] = &some;
    const Chain inner = inner_[level] != 0 ? walk(sums, level + 1, count * some.count) : Chain{};
    if (some.count > 1) {
      out = out.then(inner.then(pair(sums, level, count * (some.count - 1))).times(some.count - 1));
    }
    out = out.then(inner);
    if (i + 1 == classes.size()) break;
    to_[axis] = &classes[i + 1];
    out = out.then(pair(sums, level, count));
  }
  from_[axis] = &classes.back();
  to_[axis] = &classes.front();
  return out;
}

/// The step behind the first: the innermost loop of several tiles has advanced.
void NestColumn::second(Sums& sums) {
  for (std::size_t level = kAxes; level-- > 0;) {
    const Axis axis = order_[level];
    if (counts_[axis] == 1) continue;
    At at = to_;
    if (classes_[axis].front().count == 1) at[axis] = &classes_[axis][1];
    sums.second(load_at(at, bit(axis)));
    return;
  }
}

Sums NestColumn::sums(const Cut& rows, bool weights_outer) {
  set_rows(rows);
  set_order(weights_outer);
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    from_[axis] = &classes_[axis].back();
    to_[axis] = &classes_[axis].front();
  }
  Sums out;
  StepPrice first = load_at(to_, ~0U);
  first.compute = work_at(to_);
  out.begin(first);
  second(out);
  const Chain before = walk(out, 0, 1);
  out.end(before, run_at(from_));
  return out;
}

Work NestColumn::work(const Cut& rows) {
  set_rows(rows);
  Work out;
  At at{};
  at[kBatch] = &classes_[kBatch].front();
  for (const Class& g : classes_[kGroup]) {
    for (const Class& k : classes_[kOutChannel]) {
      for (const Class& c : classes_[kInChannel]) {
        for (const Class& w : classes_[kColumn]) {
          for (const Class& h : classes_[kRow]) {
            at = {at[kBatch], &g, &k, &h, &w, &c};
            const double times = real(g.count * k.count * c.count * w.count * h.count * counts_[kBatch]);
            const ComputePrice price = work_at(at);
            out.ps += price.ps * times;
            out.joules += price.joules * times;
          }
        }
      }
    }
  }
  return out;
}

void NestColumn::add_weights(Traverse& sums) {
  if (!subject_.traffic.other_operands) return;
  if (!weight_sums_) {
    weight_sums_.emplace();
    At at{};
    for (std::size_t axis = 0; axis < kAxes; ++axis) at[axis] = &classes_[axis].front();
    const std::int64_t batches = subject_.shared_weights ? 1 : counts_[kBatch];
    for (const Class& g : classes_[kGroup]) {
      at[kGroup] = &g;
      for (const Class& c : classes_[kInChannel]) {
        at[kInChannel] = &c;
        for (const Class& k : classes_[kOutChannel]) {
          at[kOutChannel] = &k;
          const TransferPrice& price = weights_at(at);
          const double times = real(g.count * c.count * k.count * batches);
          weight_sums_->first += price.ps * times;
          weight_sums_->second += price.joules * times;
        }
      }
    }
  }
  sums.weight_ps = weight_sums_->first;
  sums.weight_joules = weight_sums_->second;
}

/// Of the rows at hand, places outside and channels inside.
Crossing NestColumn::crossing_input() {
  Crossing out{.ps = 0.0};
  At at{};
  at[kOutChannel] = &classes_[kOutChannel].front();
  at[kBatch] = &classes_[kBatch].front();
  for (const Class& g : classes_[kGroup]) {
    at[kGroup] = &g;
    for (const Class& w : classes_[kColumn]) {
      at[kColumn] = &w;
      for (const Class& h : classes_[kRow]) {
        at[kRow] = &h;
        const std::int64_t places = g.count * w.count * h.count * counts_[kBatch];
        for (const Class& c : classes_[kInChannel]) {
          at[kInChannel] = &c;
          const TransferPrice price = input_at(at);
          out.ps += price.ps * real(places * c.count);
          out.joules += price.joules * real(places * c.count);
        }
      }
    }
  }
  return out;
}

Crossing NestColumn::crossing_output() {
  Crossing out{.ps = 0.0};
  At at{};
  at[kInChannel] = &classes_[kInChannel].front();
  at[kBatch] = &classes_[kBatch].front();
  for (const Class& g : classes_[kGroup]) {
    at[kGroup] = &g;
    for (const Class& w : classes_[kColumn]) {
      at[kColumn] = &w;
      for (const Class& h : classes_[kRow]) {
        at[kRow] = &h;
        const std::int64_t places = g.count * w.count * h.count * counts_[kBatch];
        for (const Class& k : classes_[kOutChannel]) {
          at[kOutChannel] = &k;
          const TransferPrice price = output_at(at);
          out.ps += price.ps * real(places * k.count);
          out.joules += price.joules * real(places * k.count);
        }
      }
    }
  }
  return out;
}

/// Inputs do not depend on the cut of output channels, nor outputs on that of input channels.
const Crossing& NestColumn::input_sum() {
  const std::int64_t groups = cut_.groups.extent, channels = cut_.in_channels.extent, columns = cut_.columns.extent;
  if (remember_ && input_sums_ == nullptr) input_sums_ = &prices_.input_sums(groups, channels, columns);
  CHIPCAST_ASSERT(remember_ || counts_[kRow] == 1);
  Crossing& sum = remember_ ? (*input_sums_)[row_index_[0]] : prices_.whole_input(groups, channels, columns);
  if (sum.ps < 0.0) sum = crossing_input();
  return sum;
}

const Crossing& NestColumn::output_sum() {
  const std::int64_t groups = cut_.groups.extent, channels = cut_.out_channels.extent, columns = cut_.columns.extent;
  if (remember_ && output_sums_ == nullptr) output_sums_ = &prices_.output_sums(groups, channels, columns);
  CHIPCAST_ASSERT(remember_ || counts_[kRow] == 1);
  Crossing& sum = remember_ ? (*output_sums_)[row_index_[0]] : prices_.whole_output(groups, channels, columns);
  if (sum.ps < 0.0) sum = crossing_output();
  return sum;
}

Traverse NestColumn::traverse(const Cut& rows) {
  set_rows(rows);
  Traverse out;
  add_weights(out);
  if (subject_.traffic.first_operand) {
    const Crossing& input = input_sum();
    out.input_ps = input.ps;
    out.input_joules = input.joules;
  }
  if (subject_.traffic.result) {
    const Crossing& output = output_sum();
    out.output_ps = output.ps;
    out.output_joules = output.joules;
  }
  return out;
}

std::int64_t NestColumn::input_bytes(const Cut& rows) {
  set_rows(rows);
  At at{};
  for (std::size_t axis = 0; axis < kAxes; ++axis) at[axis] = &classes_[axis].front();
  std::int64_t bytes = 0;
  for (const Class& g : classes_[kGroup]) {
    for (const Class& c : classes_[kInChannel]) {
      for (const Class& w : classes_[kColumn]) {
        for (const Class& h : classes_[kRow]) {
          at = {at[kBatch], &g, at[kOutChannel], &h, &w, &c};
          bytes += input_at(at).bytes * g.count * c.count * w.count * h.count * counts_[kBatch];
        }
      }
    }
  }
  return bytes;
}

Traverse NestColumn::least_traverse() {
  const std::int64_t height = subject_.nest.out_height;
  Traverse out = traverse(cut_of(height, height));
  if (!subject_.gaps || !subject_.traffic.first_operand) return out;
  const TransferPrice price = prices_.prices().load(Bytes(input_bytes(cut_of(height, 1))));
  out.input_ps = price.ps;
  out.input_joules = price.joules;
  return out;
}

Passes NestColumn::passes(const Cut& rows, bool weights_outer) const {
  const std::int64_t k = counts_[kOutChannel], c = counts_[kInChannel];
  const std::int64_t places = rows.count * counts_[kColumn];
  const bool input_stays = weights_outer ? places * c == 1 : c == 1;
  const bool weights_stay = weights_outer ? c == 1 : k * c == 1;
  Passes out;
  if (!input_stays && !subject_.reuse.first_operand) out.input = real(k);
  if (subject_.reuse.other_operands) return out;
  if (!weights_stay) out.weights = real(places);
  if (subject_.shared_weights && counts_[kGroup] * k * c > 1) out.weights *= real(counts_[kBatch]);
  return out;
}

double NestColumn::first_load_ps(const Cut& rows) {
  set_rows(rows);
  At at{};
  for (std::size_t axis = 0; axis < kAxes; ++axis) at[axis] = &classes_[axis].front();
  return load_at(at, ~0U).load_ps();
}

double NestColumn::last_store_ps(const Cut& rows) {
  set_rows(rows);
  At at{};
  for (std::size_t axis = 0; axis < kAxes; ++axis) at[axis] = &classes_[axis].back();
  return subject_.traffic.result ? output_at(at).ps : 0.0;
}

bool NestColumn::fits(const TilingSpace& space, const Cut& rows, CapacityRanges& seen) {
  const Prices& ask = prices_.prices();
  return tiling::fits(ask.op(), ask.device(), space, tile(rows), seen);
}

bool NestColumn::one_order(const Cut& rows) const {
  return counts_[kOutChannel] == 1 || rows.count * counts_[kColumn] == 1;
}

std::int64_t NestColumn::tiles(const Cut& rows) const {
  return counts_[kBatch] * counts_[kGroup] * counts_[kOutChannel] * counts_[kInChannel] * counts_[kColumn] * rows.count;
}

OpTile NestColumn::tile(const Cut& rows) const {
  return {.groups = cut_.groups.extent,
          .out_channels = cut_.out_channels.extent,
          .in_channels = cut_.in_channels.extent,
          .out_height = rows.extent,
          .out_width = cut_.columns.extent};
}

}  // namespace chipcast::tiling

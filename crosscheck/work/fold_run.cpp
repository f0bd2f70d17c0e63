// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/fold_run.h"

#include <algorithm>
#include <cmath>

namespace chipcast::crosscheck {

FoldRules fold_rules(const systolic::Config& config, const OpDescription& op) {
  FoldRules rules{.sums_return = config.partial_sums != systolic::PartialSums::write_out};
  for (const systolic::Format& format : config.formats) {
    if (format.dtype == multiplied_as(op.compute_dtype)) rules.slot = std::max(1.0, format.rate);
  }
  // Of N:M constant weights only N of each M stand in cells.
  if (op.inputs.size() > 1 && op.inputs[1].parameter)
    rules.slot *= config.sparsity.of / static_cast<double>(config.sparsity.kept);
  return rules;
}

std::vector<FoldRun::Cut> FoldRun::cuts(Cut whole, std::int64_t size) {
  std::vector<Cut> out;
  for (std::int64_t at = whole.first; at < whole.end; at += size) out.push_back({at, std::min(at + size, whole.end)});
  return out;
}

std::vector<FoldRun::Cut> FoldRun::chunks(Cut whole, std::int64_t number) {
  const std::int64_t parts = std::min(number, whole.extent());
  std::vector<Cut> out;
  for (std::int64_t i = 0; i < parts; ++i) {
    out.push_back({whole.first + whole.extent() * i / parts, whole.first + whole.extent() * (i + 1) / parts});
  }
  return out;
}

std::vector<FoldRun::Cut> FoldRun::slices(std::int64_t k) const {
  const auto slots_of = [&](std::int64_t steps) { return std::ceil(static_cast<double>(steps) / rules_.slot - 1e-9); };
  const auto packed = std::clamp<std::int64_t>(static_cast<std::int64_t>(slots_of(k)), 1, k);
  std::vector<Cut> out;
  const auto place = [&](std::int64_t slot) { return std::min(k, ceil_div(slot * k, packed)); };
  for (const Cut& slots : cuts({0, packed}, plan_.array.rows)) out.push_back({place(slots.first), place(slots.end)});
  return out;
}

void FoldRun::run(const ProductView& product, FoldCounts& counts) {
  Buffers buffers{HalfBuffer(halves_.ifmap, product.inputs()), HalfBuffer(halves_.filter, product.k() * product.n())};
  product_ = &product;
  buffers_ = &buffers;
  counts_ = &counts;
  sums_.assign(static_cast<std::size_t>(product.m() * product.n()), 0);
  counts.shares = 0;
  for (const Cut& positions : cuts({0, product.m()}, plan_.part.m)) {
    for (const Cut& filters : cuts({0, product.n()}, plan_.part.n)) {
      run_share(positions, filters);
      ++counts.shares;
    }
  }
  counts.inputs_loaded += buffers.input.loaded();
  counts.weights_loaded += buffers.filter.loaded();
  counts.inputs_touched = std::max(counts.inputs_touched, buffers.input.different());
  counts.results += product.m() * product.n();
  compare();
}

void FoldRun::run_share(Cut positions, Cut filters) {
  switch (plan_.array.dataflow) {
    case systolic::Dataflow::os:
      return results_stay(positions, filters);
    case systolic::Dataflow::ws:
      return weights_stay(positions, filters);
    case systolic::Dataflow::is:
      return inputs_stay(positions, filters);
  }
}

void FoldRun::results_stay(Cut positions, Cut filters) {
  const Cut reduction{0, product_->k()};
  for (const Cut& columns : cuts(filters, plan_.array.columns)) {
    for (const Cut& rows : cuts(positions, plan_.array.rows)) {
      read_inputs(rows, reduction);
      read_weights(reduction, columns);
      multiply(rows, reduction, columns);
      counts_->sram.ofmap_writes += rows.extent() * columns.extent();
    }
  }
}

void FoldRun::weights_stay(Cut positions, Cut filters) {
  const std::vector<Cut> rows = slices(product_->k());
  for (const Cut& columns : cuts(filters, plan_.array.columns)) {
    for (const Cut& passing : chunks(positions, plan_.folds.chunks)) {
      for (const Cut& fold : rows) {
        read_weights(fold, columns);
        read_inputs(passing, fold);
        multiply(passing, fold, columns);
        write_sums(passing.extent() * columns.extent(), &fold == &rows.front(), &fold == &rows.back());
      }
    }
  }
}

void FoldRun::inputs_stay(Cut positions, Cut filters) {
  const std::vector<Cut> rows = slices(product_->k());
  for (const Cut& columns : cuts(positions, plan_.array.columns)) {
    for (const Cut& passing : chunks(filters, plan_.folds.chunks)) {
      for (const Cut& fold : rows) {
        read_inputs(columns, fold);
        read_weights(fold, passing);
        multiply(columns, fold, passing);
        write_sums(passing.extent() * columns.extent(), &fold == &rows.front(), &fold == &rows.back());
      }
    }
  }
}

void FoldRun::read_inputs(Cut positions, Cut reduction) {
  for (std::int64_t m = positions.first; m < positions.end; ++m) {
    for (std::int64_t k = reduction.first; k < reduction.end; ++k) {
      ++counts_->sram.ifmap_reads;
      const std::int64_t at = product_->input_at(m, k);
      if (at >= 0) buffers_->input.ask(at);  // padding is made on the way in
    }
  }
}

void FoldRun::read_weights(Cut reduction, Cut filters) {
  for (std::int64_t k = reduction.first; k < reduction.end; ++k) {
    for (std::int64_t n = filters.first; n < filters.end; ++n) {
      ++counts_->sram.filter_reads;
      buffers_->filter.ask(k * product_->n() + n);
    }
  }
}

void FoldRun::write_sums(std::int64_t sums, bool first, bool last) {
  counts_->sram.ofmap_writes += sums;
  if (!first && rules_.sums_return) counts_->sram.ofmap_reads += sums;
  if (!last) {
    counts_->sums_out += sums;
    counts_->most_waiting = std::max(counts_->most_waiting, sums);
  }
  if (!first) counts_->sums_back += sums;
}

void FoldRun::multiply(Cut positions, Cut reduction, Cut filters) {
  const std::int64_t n = product_->n();
  const std::int64_t first = round_up(filters.first, every_);
  for (std::int64_t m = positions.first; m < positions.end; ++m) {
    for (std::int64_t k = reduction.first; k < reduction.end; ++k) {
      counts_->macs += filters.extent();
      if (first >= filters.end) continue;
      const std::int32_t value = product_->input(m, k);
      for (std::int64_t f = first; f < filters.end; f += every_) {
        sums_[static_cast<std::size_t>(m * n + f)] += value * product_->weight(k, f);
      }
    }
  }
}

void FoldRun::compare() {
  const std::int64_t n = product_->n();
  for (std::int64_t m = 0; m < product_->m(); ++m) {
    for (std::int64_t f = 0; f < n; f += every_) {
      ++counts_->executed;
      counts_->different += sums_[static_cast<std::size_t>(m * n + f)] != product_->plain(m, f) ? 1 : 0;
    }
  }
}

}  // namespace chipcast::crosscheck

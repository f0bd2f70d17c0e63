// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/stored_form.h"

#include <algorithm>

#include "accelerators/cpu/config.h"
#include "accelerators/cpu/formats.h"
#include "accelerators/npu/config.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

std::int64_t whole_bytes(std::int64_t bits) { return ceil_div(bits, std::int64_t{8}); }

/// part of whole of some bytes, in whole bytes.
std::int64_t part_of_bytes(std::int64_t bytes, std::int64_t part, std::int64_t whole) {
  return bytes / whole * part + ceil_div(bytes % whole * part, whole);  // in two steps: the product may be large
}

void npu_form(const OpDescription& op, const Json& json, StoredForm& form) {
  const auto config = read_value<npu::Config>(json, "device");
  form.channel_group = config.channel_alignment;
  form.groups_of_results = true;
  const bool constant = op.inputs.size() > 1 && op.inputs[1].parameter;
  if (config.weights.compressed && constant)
    form.weight_estimate = "weights are compressed by a declared share of zeros";
}

void cpu_form(const OpDescription& op, const Json& json, StoredForm& form) {
  const auto config = read_value<cpu::Config>(json, "device");
  const DType runs = cpu::executed_as(config, op.compute_dtype);
  if (runs != cpu::executed_as(config.core, op.compute_dtype)) {
    form.narrowed_from = bits_of(op.compute_dtype);
    form.narrowed_to = bits_of(runs);
  }
  const LoopNest& nest = op.nests.front();
  const bool windows = nest.kernel_height * nest.kernel_width > 1 || nest.stride_h * nest.stride_w > 1 ||
                       nest.out_height != nest.in_height || nest.out_width != nest.in_width;
  if (windows) form.input_estimate = "a cache model: a tile's share of the whole, halo rows are in the cache";
}

}  // namespace

StoredForm stored_form(const OpDescription& op, const DeviceUnderCheck& on) {
  const LoopNest& nest = op.nests.front();
  StoredForm form;
  form.input_bits = bits_of(op.compute_dtype);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) form.other_bytes += op.inputs[i].bytes.count();
  form.weights = nest.groups * nest.out_channels * nest.in_channels * nest.kernel_height * nest.kernel_width;
  form.result_bytes = op.output_bytes.count();
  form.positions = nest.batch * nest.groups * nest.out_channels * nest.out_height * nest.out_width;
  if (on.type == "npu") npu_form(op, on.device->to_json(), form);
  if (on.type == "cpu") cpu_form(op, on.device->to_json(), form);
  return form;
}

std::int64_t StoredForm::padded(std::int64_t channels) const {
  return channels < channel_group ? channels : round_up(channels, channel_group);
}

Bytes StoredForm::input(std::int64_t channels, std::int64_t in_positions) const {
  const std::int64_t bytes = whole_bytes(padded(channels) * in_positions * input_bits);
  return Bytes(ceil_div(bytes * narrowed_to, std::int64_t{narrowed_from}));
}

Bytes StoredForm::others(std::int64_t weight_elements) const {
  const std::int64_t bytes = part_of_bytes(other_bytes, weight_elements, weights);
  return Bytes(ceil_div(bytes * narrowed_to, std::int64_t{narrowed_from}));
}

Bytes StoredForm::output(std::int64_t channels, std::int64_t out_positions) const {
  std::int64_t bytes = part_of_bytes(result_bytes, channels * out_positions, positions);
  if (groups_of_results) bytes = std::max(bytes, whole_bytes(padded(channels) * out_positions * input_bits));
  return Bytes(ceil_div(bytes * narrowed_to, std::int64_t{narrowed_from}));
}

}  // namespace chipcast::crosscheck

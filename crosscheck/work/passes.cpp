// SPDX-License-Identifier: Apache-2.0
// Row-stationary arrays: passes of a mapped layer.
#include "accelerators/row_stationary/mapping.h"
#include "crosscheck/work/executors.h"
#include "crosscheck/work/pass_run.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

constexpr std::int64_t kWordBytes = 2;  ///< whatever the format (README)

double real(std::int64_t n) { return static_cast<double>(n); }

row_stationary::Mapping mapping_of(const row_stationary::Config& config, const row_stationary::Layer& layer,
                                   const OpDescription& op) {
  const std::string shape = row_stationary::shape_text(op.nests.front());
  for (const auto& fixed : config.mappings) {
    if (fixed.layer != op.name && fixed.layer != shape) continue;
    return {fixed.m, fixed.n, fixed.e, fixed.p, fixed.q, fixed.r, fixed.t, layer.columns};
  }
  const auto found = row_stationary::find_mapping(config, layer);
  CHIPCAST_ASSERT(found.has_value());  // the device would refuse it
  return *found;
}

/// Biases and the like, fetched once as they are.
std::int64_t bias_bytes(const OpDescription& op) {
  std::int64_t bytes = 0;
  for (std::size_t i = 2; i < op.inputs.size(); ++i) bytes += op.inputs[i].bytes.count();
  return bytes;
}

}  // namespace

void run_passes(const Subject& subject, Tally& tally, WorkCheck& check) {
  const OpDescription& op = subject.op;
  const auto config = read_value<row_stationary::Config>(subject.on.device->to_json(), "device");
  const row_stationary::Layer layer = row_stationary::layer_of(config, op.nests.front());
  const Charged charged = charged_by(*subject.plan.schedule);
  const TileWork& work = charged.work;
  const std::int64_t every = sample_step(op, subject.options);
  const Operands operands(op.nests.front(), subject.options.seed);
  const PassCounts c = PassRun(operands, layer, mapping_of(config, layer, op), every).run();
  check.results = c.results;
  check.different = c.different;
  check.sampled = every > 1;

  tally.add("array", "macs", -1, real(c.macs), real(work.macs.count()));
  const row_stationary::LayerZeros zeros = row_stationary::zeros_of(config, op);
  const auto count = [&](const char* component, const char* action) {
    return action_count(*subject.on.device, work, component, action);
  };
  const auto bytes = [&](const char* name, bool crosses, std::int64_t counted, Bytes from, const std::string& why) {
    if (!why.empty()) return tally.leave_out("memory", name, real(from.count()), why);
    tally.add("memory", name, -1, crosses ? real(counted) : 0.0, real(from.count()));
  };
  const std::string folded = layer.folds > 1 ? "kernels are cut into equal parts, padded" : "";
  const std::string squeezed = "maps are compressed by a declared share of zeros";
  bytes("input_bytes", subject.traffic.first_operand, c.ifmap_stored * kWordBytes, charged.input,
        zeros.ifmap > 0.0 ? squeezed : folded);
  bytes("weight_bytes", subject.traffic.other_operands, c.filter_words * kWordBytes + bias_bytes(op), charged.weights,
        folded);
  bytes("output_bytes", subject.traffic.result, c.ofmap_words * kWordBytes, charged.output,
        zeros.ofmap > 0.0 ? squeezed : "");
  if (!folded.empty()) {
    tally.leave_out("buffer", "ifmap_reads", real(work.sram.ifmap_reads), folded);
    tally.leave_out("buffer", "ofmap_reads", real(work.sram.ofmap_reads), folded);
    tally.leave_out("buffer", "ofmap_writes", real(work.sram.ofmap_writes), folded);
    return;
  }
  tally.add("buffer", "ifmap_reads", -1, real(c.ifmap_reads), real(work.sram.ifmap_reads));
  tally.add("buffer", "ofmap_reads", -1, real(c.psum_reads), real(work.sram.ofmap_reads));
  tally.add("buffer", "ofmap_writes", -1, real(c.psum_writes), real(work.sram.ofmap_writes));
  const std::int64_t array = c.ifmap_reads + c.psum_reads + c.psum_writes;
  tally.add("buffer", "words", -1, real(array + c.ifmap_words + 2 * c.filter_words), count("buffer", "word"));
  tally.add("array", "bus_words", -1, real(array + c.filter_words), count("noc", "word"));
  tally.add("array", "register_words", -1, real(3 * c.macs), count("spads", "register_word"));
  if (config.zero_gating && zeros.ifmap > 0.0) {
    tally.leave_out("array", "spad_words", count("spads", "filter_word"), "zeros gate a declared share");
  } else {
    tally.add("array", "spad_words", -1, real(c.macs + c.spad_fills), count("spads", "filter_word"));
  }
}

}  // namespace chipcast::crosscheck

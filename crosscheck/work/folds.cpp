// SPDX-License-Identifier: Apache-2.0
// Systolic arrays: folds of stationary operands.
#include <cmath>

#include "accelerators/systolic/window_stream.h"
#include "crosscheck/work/executors.h"
#include "crosscheck/work/fold_run.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }

bool beyond_end(const LoopNest& nest) {
  const auto reach = [](std::int64_t out, std::int64_t stride, std::int64_t kernel, std::int64_t dilation) {
    return (out - 1) * stride + (kernel - 1) * dilation + 1;
  };
  return !nest.transposed &&
         (reach(nest.out_height, nest.stride_h, nest.kernel_height, nest.dilation_h) > nest.in_height + nest.pad_top ||
          reach(nest.out_width, nest.stride_w, nest.kernel_width, nest.dilation_w) > nest.in_width + nest.pad_left);
}

class Comparison {
 public:
  Comparison(const Subject& subject, const systolic::Config& config, const systolic::Plan& plan, Tally& tally)
      : subject_(subject), config_(config), plan_(plan), tally_(tally), charged_(charged_by(*subject.plan.schedule)) {}

  void array(const FoldCounts& counts) {
    const SramAccesses& sram = charged_.work.sram;
    tally_.add("array", "macs", -1, real(counts.macs), real(charged_.work.macs.count()));
    tally_.add("buffer", "ifmap_reads", -1, real(counts.sram.ifmap_reads), real(sram.ifmap_reads));
    tally_.add("buffer", "ofmap_reads", -1, real(counts.sram.ofmap_reads), real(sram.ofmap_reads));
    tally_.add("buffer", "ofmap_writes", -1, real(counts.sram.ofmap_writes), real(sram.ofmap_writes));
    const double element = bits_of(subject_.op.compute_dtype) / 8.0, weight = bits_of(subject_.op.weight_dtype) / 8.0;
    const auto bytes = [&](const char* buffer) {
      return action_count(*subject_.on.device, charged_.work, buffer, "byte");
    };
    tally_.add("buffer", "ifmap_bytes", -1, real(counts.sram.ifmap_reads) * element, bytes("ifmap_buffer"));
    tally_.add("buffer", "ofmap_bytes", -1,
               real(counts.sram.ofmap_reads + counts.sram.ofmap_writes) * config_.partial_bytes, bytes("ofmap_buffer"));
    if (sparse()) {
      tally_.leave_out("buffer", "filter_reads", real(sram.filter_reads), kSparse);
      return;
    }
    tally_.add("buffer", "filter_reads", -1, real(counts.sram.filter_reads), real(sram.filter_reads));
    tally_.add("buffer", "filter_bytes", -1, real(counts.sram.filter_reads) * weight, bytes("filter_buffer"));
  }

  void memory(const FoldCounts& counts, const LoopNest& nest) {
    const bool through_port = through_memory(counts, nest);
    const bool shared = plan_.part.m < plan_.whole.m || plan_.part.n < plan_.whole.n;
    const std::string cores = shared ? "several cores: shares of the first one stand for all" : "";
    inputs(counts, nest, through_port, cores);
    weights(counts, cores);
    outputs(counts, through_port, cores);
  }

 private:
  static constexpr const char* kSparse = "weights are sparse by declaration";
  bool sparse() const { return config_.sparsity.kept != config_.sparsity.of; }

  /// Sums that wait beyond half of the ofmap buffer go out, unless the unified buffer has room for those of all cores
  /// beside what the operator leaves there.
  bool through_memory(const FoldCounts& counts, const LoopNest& nest) const {
    if (config_.partial_sums != systolic::PartialSums::accumulate) return false;
    const std::int64_t room = std::max<std::int64_t>(1, config_.ofmap_buffer.count() / 2 / config_.partial_bytes);
    if (counts.most_waiting <= room) return false;
    const std::int64_t side_by_side = ceil_div(nest.groups, plan_.part.count);
    const std::int64_t cores = std::min<std::int64_t>(counts.shares * side_by_side, config_.cores);
    Bytes held(counts.most_waiting * cores * config_.partial_bytes);
    if (!subject_.traffic.result) held += subject_.op.output_bytes;
    if (!subject_.traffic.first_operand && !subject_.op.inputs.empty()) held += subject_.op.inputs.front().bytes;
    return held > config_.resident;
  }

  void compare(const char* name, bool crosses, double bytes, Bytes charged, const std::string& why) {
    if (!why.empty()) return tally_.leave_out("memory", name, real(charged.count()), why);
    tally_.add("memory", name, -1, crosses ? std::ceil(bytes - 1e-6) : 0.0, real(charged.count()));
  }

  void inputs(const FoldCounts& counts, const LoopNest& nest, bool spills, std::string why) {
    const systolic::Halves halves = halves_of(config_, subject_.op.compute_dtype, subject_.op.weight_dtype);
    const bool walked = systolic::windows_overlap(nest) || systolic::windows_padded(nest);
    if (walked && (counts.inputs_touched >= halves.ifmap || plan_.whole.m * plan_.whole.k > systolic::kMostLooks)) {
      why = "overlapping or padded windows beyond half a buffer: the law looks at blocks of channels";
    }
    if (!walked && beyond_end(nest)) why = "windows beyond the input's end: loaded as SCALE-Sim addresses them";
    const double operands =
        subject_.traffic.first_operand ? real(counts.inputs_loaded) * bits_of(subject_.op.compute_dtype) / 8.0 : 0.0;
    const double sums = spills ? real(counts.sums_back) * config_.partial_bytes : 0.0;
    compare("input_bytes", true, operands + sums, charged_.input, why);
  }

  void weights(const FoldCounts& counts, std::string why) {
    if (sparse()) why = kSparse;
    double bytes = real(counts.weights_loaded) * bits_of(subject_.op.weight_dtype) / 8.0;
    for (std::size_t i = 2; i < subject_.op.inputs.size(); ++i) bytes += real(subject_.op.inputs[i].bytes.count());
    compare("weight_bytes", subject_.traffic.other_operands, bytes, charged_.weights, why);
  }

  void outputs(const FoldCounts& counts, bool spills, const std::string& why) {
    const double each = real(subject_.op.output_bytes.count()) / real(counts.results);
    const bool written_out = config_.partial_sums == systolic::PartialSums::write_out;
    const std::int64_t results = counts.results + (written_out ? counts.sums_out : 0);
    const double sums = spills ? real(counts.sums_out) * config_.partial_bytes : 0.0;
    compare("output_bytes", true, (subject_.traffic.result ? real(results) * each : 0.0) + sums, charged_.output, why);
  }

  const Subject& subject_;
  const systolic::Config& config_;
  const systolic::Plan& plan_;
  Tally& tally_;
  Charged charged_;
};

}  // namespace

void run_folds(const Subject& subject, Tally& tally, WorkCheck& check) {
  const auto config =
      systolic::config_for(read_value<systolic::Config>(subject.on.device->to_json(), "device"), subject.op);
  const LoopNest& nest = subject.op.nests.front();
  const systolic::Plan plan = systolic::plan_of(nest, config, subject.op.compute_dtype);
  const std::int64_t every = sample_step(subject.op, subject.options);
  const Operands operands(nest, subject.options.seed);
  FoldRun folds(plan, systolic::halves_of(config, subject.op.compute_dtype, subject.op.weight_dtype),
                fold_rules(config, subject.op), every);
  FoldCounts counts;
  for (std::int64_t group = 0; group < nest.groups; ++group) folds.run(ProductView(operands, group), counts);
  Comparison comparison(subject, config, plan, tally);
  comparison.array(counts);
  comparison.memory(counts, nest);
  check.results = counts.executed;
  check.different = counts.different;
  check.sampled = every > 1;
}

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <vector>

#include "accelerators/config_lists.h"
#include "accelerators/config_rounding.h"
#include "accelerators/cpu/config_kernels.h"
#include "accelerators/cpu/config_vectors.h"
#include "accelerators/cpu/config_words.h"
#include "sim/config/field.h"
#include "workloads/format_list.h"
#include "workloads/op_description.h"
#include "workloads/operator_labels.h"

namespace chipcast::cpu {

/// Peak multiply-accumulates per cycle of one core in a number format (best instruction sequence).
struct Rate {
  DType dtype{DType::fp32};
  OpsPerCycle macs{4};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format.", .required = true});
    v.field("macs", macs, {.doc = "Per core.", .min = OpsPerCycle(1), .max = OpsPerCycle(65536), .required = true});
  }
};

/// A number format that a runtime computes in another one.
struct RunAs {
  DType dtype{DType::fp32};
  DType as{DType::fp16};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Format of the network.", .required = true});
    v.field("as", as, {.doc = "Format that it is stored and computed in.", .required = true});
  }

  void validate() const {
    if (is_float(dtype) && is_float(as) && bits_of(as) < bits_of(dtype)) return;
    throw std::invalid_argument("runs computes " + std::string(name_of(dtype)) + " as " + std::string(name_of(as)) +
                                "; only a narrower floating-point format takes another one's place");
  }
};

/// Which line of a set gives way.
enum class Replacement { random, lru };
constexpr std::array<std::pair<Replacement, std::string_view>, 2> enum_names(Replacement) {
  return {{{Replacement::random, "random"}, {Replacement::lru, "lru"}}};
}

/// One level of cache.
struct CacheLevel {
  std::string name{"L2"};
  Bytes size{512 * 1024};
  bool shared{false};
  int ways{16};
  Replacement replacement{Replacement::random};
  bool exclusive{false};
  Cycles latency{12};
  BytesPerCycle bandwidth{32};
  BytesPerCycle total_bandwidth{0};
  int outstanding{0};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "L1D, L2, L3."});
    v.field("size", size,
            {.doc = "Capacity; per core unless shared.",
             .min = Bytes(256),
             .max = Bytes(std::int64_t{1} << 34),
             .required = true});
    v.field("shared", shared, {.doc = "One for the cluster instead of one per core."});
    v.field("ways", ways, {.doc = "Lines that one address may lie in.", .min = 1, .max = 1024});
    v.field("replacement", replacement, {.doc = "Which line of a set gives way."});
    v.field("exclusive", exclusive, {.doc = "Holds what the level before gave up, not copies of it."});
    v.field("latency", latency, {.doc = "Load to use, of a hit.", .min = Cycles(1), .max = Cycles(10000)});
    v.field("bandwidth", bandwidth,
            {.doc = "Towards the core, per core.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("total_bandwidth", total_bandwidth,
            {.doc = "Towards all cores that share it; 0: as much as they can take.",
             .min = BytesPerCycle(0),
             .max = BytesPerCycle(65536)});
    v.field("outstanding", outstanding,
            {.doc = "Lines that it asks of, or gives to, what is outside at a time; 0: as many as the cores do.",
             .min = 0,
             .max = 4096});
  }
};

/// One level of address translation.
struct TlbLevel {
  int entries{512};
  Cycles latency{0};

  template <class V>
  void visit(V& v) {
    v.field("entries", entries, {.doc = "Pages whose addresses it holds.", .min = 1, .max = 1 << 20, .required = true});
    v.field("latency", latency,
            {.doc = "What a load waits that misses the levels before and hits here.",
             .min = Cycles(0),
             .max = Cycles(1000)});
  }
};

/// A kind of core; a preset of its own, shared by many chips.
struct Core {
  std::string name{"Cortex-A55"};
  std::vector<Rate> rates{{DType::fp32, OpsPerCycle(4)}};
  BytesPerCycle vector{16};
  BytesPerCycle load_width{16}, store_width{16};
  int outstanding_misses{8}, outstanding_writes{8};
  bool write_streaming{true};
  double overlap{1.0};
  double scalar{1.0};
  std::vector<TlbLevel> tlb{};
  JoulesPerCycle energy{100e-12};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Core, for people."});
    v.field("rates", rates, {.doc = "Multiply-accumulate peaks; the first one serves formats that are not listed."});
    v.field("vector", vector,
            {.doc = "Bytes that the SIMD pipes process per cycle (elementwise work).",
             .min = BytesPerCycle(1),
             .max = BytesPerCycle(4096)});
    v.field(
        "load_width", load_width,
        {.doc = "Bytes loaded per cycle from the first cache.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("store_width", store_width,
            {.doc = "Bytes stored per cycle.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("outstanding_misses", outstanding_misses,
            {.doc = "Cache lines in flight that are read, prefetches included.", .min = 1, .max = 4096});
    v.field("outstanding_writes", outstanding_writes,
            {.doc = "Cache lines in flight that are written, streamed or evicted.", .min = 1, .max = 4096});
    v.field("write_streaming", write_streaming,
            {.doc = "Lines that are overwritten whole, one after the other, are not read first."});
    v.field("overlap", overlap,
            {.doc = "Share of the shorter of computing and waiting for caches that hides behind the longer: 1 out of "
                    "order, less in order.",
             .min = 0.0,
             .max = 1.0});
    v.field("scalar", scalar,
            {.doc = "Speed of scalar code per cycle, Cortex-M4 = 1 (CoreMark per MHz / 3.42); kernels of a profile's "
                    "`words` scale with it.",
             .min = 0.05,
             .max = 100.0});
    v.field("tlb", tlb, {.doc = "Address translation, from the core outwards; empty costs nothing."});
    v.field("energy", energy,
            {.doc = "Switched energy per active cycle at 1 V (1 uW/MHz/V^2 = 1 pJ/cycle).",
             .min = JoulesPerCycle(0.0),
             .max = JoulesPerCycle(1e-3)});
  }

  void validate() const {
    if (rates.empty()) throw std::invalid_argument("rates is empty; name at least one number format");
    refuse_repeated(rates, "rates");
    for (const Rate& rate : rates) check_multiplied(rate.dtype, "rates");
  }
};

/// How a number format's kernels compare with the share of the peak that the profile states.
struct FormatFactor {
  DType dtype{DType::int8};
  double factor{1.0};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format.", .required = true});
    v.field("factor", factor,
            {.doc = "Multiplies the shares of the MAC peak.", .min = 0.001, .max = 4.0, .required = true});
  }
};

/// How well a runtime's kernels use a core: share of the peak per family of operators, and its fixed costs.
struct Profile {
  std::string name{"generic"};
  double conv{0.6}, depthwise_conv{0.25}, matrix{0.6}, vector_matrix{0.4}, recurrent{0.35};
  double elementwise{0.3}, pool{0.2}, reduction{0.15}, data_movement{0.3}, detection{0.05};
  std::vector<FormatFactor> formats{{DType::int8, 0.5}};
  std::vector<DType> serves{};
  int tile_columns{0};
  std::optional<VectorKernels> vectors{};
  std::optional<WordKernels> words{};
  std::vector<KernelFamily> kernels{};
  Seconds network_overhead{0.0};
  Rounding rounding{Rounding::tflite};
  Seconds operator_overhead{2e-6};
  Seconds fork_join{3e-6};
  double group_overhead{0.0};
  std::vector<std::string> serial{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Runtime and format that the numbers stand for."});
    v.field("conv", conv, {.doc = "Share of the MAC peak in convolutions.", .min = 0.001, .max = 4.0});
    v.field("depthwise_conv", depthwise_conv, {.doc = "In depthwise convolutions.", .min = 0.001, .max = 4.0});
    v.field("matrix", matrix, {.doc = "In matrix products.", .min = 0.001, .max = 4.0});
    v.field("vector_matrix", vector_matrix, {.doc = "In vector-matrix products.", .min = 0.001, .max = 4.0});
    v.field("recurrent", recurrent, {.doc = "In recurrent cells.", .min = 0.001, .max = 4.0});
    v.field("elementwise", elementwise,
            {.doc = "Share of the SIMD width in elementwise work.", .min = 0.001, .max = 1.0});
    v.field("pool", pool, {.doc = "In pooling.", .min = 0.001, .max = 1.0});
    v.field("reduction", reduction, {.doc = "In reductions, softmax and normalisation.", .min = 0.001, .max = 1.0});
    v.field("data_movement", data_movement, {.doc = "In copies and permutations.", .min = 0.001, .max = 1.0});
    v.field("detection", detection, {.doc = "In box decoding and suppression.", .min = 0.001, .max = 1.0});
    v.field("formats", formats, {.doc = "Formats whose kernels do better or worse than the shares above."});
    v.field("serves", serves, {.doc = "Number formats that it computes, of a cluster's `profiles`; empty: all."});
    v.field("tile_columns", tile_columns,
            {.doc = "Output positions of a product of words that are computed together: weights come from flash once "
                    "for each such group; 0: once in all.",
             .min = 0,
             .max = 4096});
    v.field("vectors", vectors,
            {.doc = "Kernels of cores with SIMD registers: products in register tiles instead of shares; none by "
                    "default."});
    v.field("words", words,
            {.doc = "Integer kernels of cores that compute word by word: cycles instead of shares; none by default."});
    v.field(
        "kernels", kernels,
        {.doc = "Kernels as they were calibrated on a machine; the first that computes an operator stands before all "
                "other laws. None by default."});
    v.field("network_overhead", network_overhead,
            {.doc = "Fixed cost of a run, beside its operators'.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("rounding", rounding, {.doc = "How its integer kernels round results."});
    v.field("operator_overhead", operator_overhead,
            {.doc = "Dispatch of one operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
    v.field("fork_join", fork_join,
            {.doc = "Start and barrier of a parallel region; every phase of `vectors` is one.",
             .min = Seconds(0.0),
             .max = Seconds(1.0)});
    v.field("group_overhead", group_overhead,
            {.doc = "Share of operator_overhead and fork_join that each further group of a grouped convolution costs: "
                    "libraries that call a convolution per group; 0: one call for all.",
             .min = 0.0,
             .max = 1.0});
    v.field("serial", serial, {.doc = "Operators that one core computes while the others wait."});
  }

  void validate() const {
    refuse_repeated(formats, "formats");
    refuse_unknown_operators(serial, "serial");
    refuse_parallel_kernels();
  }

  /// Vector kernels share their work among all cores.
  void refuse_parallel_kernels() const {
    for (const char* label : {"conv", "depthwise_conv", "conv_transpose", "gemm", "matmul"}) {
      if (vectors && runs_serially(label))
        throw InputError("serial", in_quotes(label) + ": computed by `vectors`, on all cores; leave it out");
    }
  }

  /// Whether one core computes operators of this label.
  bool runs_serially(const std::string& label) const {
    return std::find(serial.begin(), serial.end(), label) != serial.end();
  }

  double efficiency(OpClass op_class) const;
  /// Factor of a format; 1 where none is given.
  double format_factor(DType dtype) const;
};

/// A cluster of equal cores that work on one operator together.
struct Config {
  Core core{};
  Profile profile{};
  std::vector<Profile> profiles{};
  std::vector<RunAs> runs{};
  int cores{4};
  Hertz clock{1.8e9};
  double volts{0.9};
  std::vector<CacheLevel> caches{};
  Bytes line{64};
  double memory_stall{0.0};
  std::optional<Flash> flash{};
  bool warm{false};
  Watts leakage{0.02};

  template <class V>
  void visit(V& v) {
    v.field("core", core, {.doc = "Kind of core."});
    v.field("profile", profile, {.doc = "Runtime that it executes."});
    v.field("profiles", profiles,
            {.doc = "Profiles of single number formats; the first that serves a format stands before `profile`."});
    v.field("runs", runs,
            {.doc = "Floating-point formats that the runtime computes in narrower ones where the core has a rate for "
                    "those; empty: none."});
    v.field("cores", cores, {.doc = "Cores, one thread each.", .min = 1, .max = 1024});
    v.field("clock", clock, {.doc = "Operating point: clock.", .min = Hertz(1e5), .max = Hertz(1e10)});
    v.field("volts", volts, {.doc = "Operating point: supply.", .min = 0.3, .max = 5.0});
    v.field("caches", caches, {.doc = "From the core outwards."});
    v.field("line", line, {.doc = "Cache line.", .min = Bytes(4), .max = Bytes(1024)});
    v.field(
        "memory_stall", memory_stall,
        {.doc = "Cycles that the cores of `vectors` wait per byte from or to memory beyond what path and DRAM need: "
                "streams that the prefetcher loses, pages that are opened again. Of up to four cores; more of them "
                "wait side by side, a multiple of four that many times less.",
         .min = 0.0,
         .max = 1000.0});
    v.field("flash", flash, {.doc = "Flash that a microcontroller's weights are read from in place; none by default."});
    v.field(
        "warm", warm,
        {.doc = "Runs follow one another: inputs, weights and results that the caches still hold from the run before "
                "do not cross to memory. Of `kernels` only."});
    v.field("leakage", leakage, {.doc = "Static power of the cluster.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const { refuse_repeated(runs, "runs"); }

  /// The profile that computes in a number format.
  const Profile& profile_of(DType format) const {
    for (const Profile& some : profiles) {
      if (some.serves.empty() || std::find(some.serves.begin(), some.serves.end(), format) != some.serves.end())
        return some;
    }
    return profile;
  }
};

}  // namespace chipcast::cpu

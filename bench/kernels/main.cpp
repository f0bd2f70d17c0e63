// SPDX-License-Identifier: Apache-2.0
// How fast are the kernels beside OpenBLAS, oneDNN and XNNPACK? One thread; every case runs in turns.
//   bench_kernels [WORD ...]    only cases whose line "format family name" holds every word
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <string>

#include "bench/kernels/case.h"
#include "bench/kernels/paired.h"
#include "bench/kernels/within.h"
#include "kernels/simd/targets.h"

namespace chipcast::bench {
namespace {

constexpr int kRounds = 21;
constexpr double kSlice = 2e-3;
constexpr double kDifference = 0.01;  ///< of the largest result: a step of int8, roundings of fp32
constexpr double kWrong = -1.0;

std::string word_of(Format format) { return format == Format::fp32 ? "fp32" : "int8"; }
std::string word_of(Family family) {
  return family == Family::gemm ? "gemm" : family == Family::conv ? "conv" : "depthwise";
}

/// Largest difference of two results over their largest magnitude; int8 results may differ by one step.
double difference(const Prepared& a, const Prepared& b) {
  a.run();
  b.run();
  const std::vector<float> x = a.result(), y = b.result();
  double most = 0.0, size = 1e-30;
  for (std::size_t i = 0; i < x.size(); ++i) {
    most = std::max(most, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
    size = std::max(size, std::abs(static_cast<double>(y[i])));
  }
  return most / size;
}

/// Runs a case with everyone who can; prints a line; gives best peer / ours, 0 where it cannot be said,
/// kWrong where results differ.
double compare(const Case& some, Format format, const std::vector<Contender>& contenders) {
  const Operands operands = operands_of(some);
  std::vector<std::function<void()>> programs;
  std::vector<Prepared> prepared;
  std::vector<int> column;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    if (auto one = contenders[i].prepare(some, format, operands)) {
      column.push_back(static_cast<int>(i));
      programs.push_back(one->run);
      prepared.push_back(std::move(*one));
    }
  }
  const auto times = in_turns(programs, kRounds, kSlice);
  std::printf("%-5s %-10s %-30s", word_of(format).c_str(), word_of(some.family).c_str(), some.name.c_str());
  std::vector<double> rates(contenders.size(), 0.0);
  for (std::size_t j = 0; j < column.size(); ++j) {
    rates[static_cast<std::size_t>(column[j])] = 2e-9 * some.macs() / median(times[j]);
  }
  for (const double rate : rates) rate > 0.0 ? std::printf(" %9.1f", rate) : std::printf(" %9s", "-");
  double ratio = 0.0;
  if (column.front() == 0 && column.size() > 1) {
    std::size_t best = 1;
    for (std::size_t j = 2; j < column.size(); ++j) {
      if (median(times[j]) < median(times[best])) best = j;
    }
    ratio = paired_ratio(times[best], times[0]);
    std::printf(" %7.2f %s", ratio, contenders[static_cast<std::size_t>(column[best])].name.c_str());
    for (std::size_t j = 1; j < column.size(); ++j) {
      if (difference(prepared.front(), prepared[j]) <= kDifference) continue;
      std::printf("  RESULTS DIFFER from %s", contenders[static_cast<std::size_t>(column[j])].name.c_str());
      ratio = kWrong;
    }
  }
  std::printf("\n");
  std::fflush(stdout);
  return ratio;
}

bool wanted(const std::string& line, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (line.find(argv[i]) == std::string::npos) return false;
  }
  return true;
}

int run(int argc, char** argv) {
  const std::vector<Contender> contenders{chipcast_kernels(), openblas(), onednn(), xnnpack()};
  std::printf(
      "instruction set: %s; one thread; 10^9 operations per second (a multiply-accumulate is two); medians of "
      "%d rounds in turns\n",
      kernels::target().c_str(), kRounds);
  std::printf("%-5s %-10s %-30s", "", "", "");
  for (const Contender& one : contenders) std::printf(" %9s", one.name.c_str());
  std::printf("  best peer's time / ours\n");
  std::map<std::string, std::vector<double>> ratios;
  bool wrong = false;
  for (const Format format : {Format::fp32, Format::int8}) {
    for (const Case& some : suite()) {
      if (!wanted(word_of(format) + " " + word_of(some.family) + " " + some.name, argc, argv)) continue;
      const double ratio = compare(some, format, contenders);
      const std::string group = some.family == Family::depthwise ? " depthwise" : " gemm and conv";
      wrong = wrong || ratio == kWrong;
      if (ratio > 0.0) ratios[word_of(format) + group].push_back(ratio);
    }
  }
  for (const auto& [group, values] : ratios) {
    std::printf("geometric mean, %s: %.2f of the best peer per case (%zu cases)\n", group.c_str(),
                geometric_mean(values), values.size());
  }
  if (wanted("within", argc, argv)) print_within();
  return wrong ? 1 : 0;
}

}  // namespace
}  // namespace chipcast::bench

int main(int argc, char** argv) { return chipcast::bench::run(argc, argv); }

// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/networks.h"

#include <time.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <random>

#include "crosscheck/host/pages.h"
#include "kernels/executor/executor.h"

namespace chipcast::crosscheck {
namespace {

using kernels::Array;

/// Normally distributed values, one after the other.
template <class Store>
void fill(std::int64_t count, std::mt19937_64& random, double middle, double deviation, const Store& store) {
  std::normal_distribution<double> normal(middle, deviation);
  for (std::int64_t i = 0; i < count; ++i) store(i, static_cast<float>(normal(random)));
}

/// IEEE half of a value of normal size, cut off.
std::uint16_t half_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const auto exponent = static_cast<std::int32_t>((bits >> 23) & 0xffU) - 127 + 15;
  if (exponent <= 0 || exponent >= 31) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | (static_cast<std::uint32_t>(exponent) << 10) | ((bits >> 13) & 0x3ffU));
}

void fill_floats(Array& array, std::mt19937_64& random, double middle, double deviation) {
  const std::int64_t count = array.elements();
  const auto bits_of_float = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  if (array.dtype() == DType::fp32) {
    auto* const to = array.data<float>();
    fill(count, random, middle, deviation, [&](std::int64_t i, float value) { to[i] = value; });
  } else if (array.dtype() == DType::fp64) {
    auto* const to = array.data<double>();
    fill(count, random, middle, deviation, [&](std::int64_t i, float value) { to[i] = static_cast<double>(value); });
  } else {
    auto* const to = reinterpret_cast<std::uint16_t*>(array.raw());
    const bool brain = array.dtype() == DType::bf16;
    fill(count, random, middle, deviation, [&](std::int64_t i, float value) {
      to[i] = brain ? static_cast<std::uint16_t>(bits_of_float(value) >> 16) : half_bits(value);
    });
  }
}

/// Formats that store numbers in bytes or less; wider integers are indices and biases, and stay zero.
bool in_bytes(DType dtype) { return !is_float(dtype) && bits_of(dtype) <= 8 && dtype != DType::boolean; }

void fill_bytes(Array& array, std::mt19937_64& random) {
  const bool seven = array.dtype() == DType::int7;
  for (std::size_t i = 0; i < array.bytes(); ++i) {
    const auto value = static_cast<std::int8_t>(random() & 0xffU);
    array.raw()[i] = static_cast<std::byte>(seven ? value / 2 : value);
  }
}

Array values(const TensorType& type, std::mt19937_64& random, double middle, double deviation) {
  Array array(type);
  if (is_float(type.dtype)) fill_floats(array, random, middle, deviation);
  if (in_bytes(type.dtype)) fill_bytes(array, random);
  return array;
}

/// Of this thread alone: what others took from it meanwhile is not in it.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Runs from this length on are timed by the thread's own clock, whose steps and reading then count no more.
constexpr double kLongRun = 500e-6;

/// One byte of each line.
void read_lines(std::span<const std::byte> bytes) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 64) sum += static_cast<unsigned>(bytes[i]);
  keep(sum);
}

/// Of all runs.
struct Samples {
  std::vector<double> elapsed, relayout;
};

/// Seconds of the last run that are an operator's own.
double of_operators(const kernels::Executor& executor) {
  double sum = 0.0;
  for (const kernels::LayerTime& time : executor.times()) sum += (time.elapsed + time.relayout).count();
  return sum;
}

}  // namespace

Array random_values(const TensorType& type, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  return values(type, random, 0.0, 1.0);
}

kernels::Parameters random_parameters(const Graph& graph, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  kernels::Parameters out;
  for (const Tensor& tensor : graph.tensors) {
    if (!tensor.parameter) continue;
    // Vectors are scales, offsets and variances: near 1. Matrices sum as many terms as a row has.
    const bool vector = tensor.type.shape.size() <= 1;
    const double terms = vector ? 1.0
                                : static_cast<double>(tensor.type.elements()) /
                                      static_cast<double>(std::max<std::int64_t>(1, tensor.type.shape[0]));
    out.emplace(tensor.name, values(tensor.type, random, vector ? 1.0 : 0.0, vector ? 0.05 : 1.0 / std::sqrt(terms)));
  }
  return out;
}

NetworkTime time_network(const Graph& graph, int threads, const Effort& effort, Bytes evicted) {
  kernels::Executor executor(graph, random_parameters(graph, 1), {.threads = threads, .pinned = true});
  std::vector<Array> inputs;
  for (const TensorId id : executor.graph().inputs) {
    inputs.push_back(random_values(executor.graph().tensor(id).type, 2 + id.index()));
  }
  std::optional<Pages> others;
  if (evicted > Bytes(0)) others.emplace(static_cast<std::size_t>(evicted.count()));
  const auto run = [&] {
    if (others) read_lines(others->bytes());
    const double start_thread = thread_seconds(), start = seconds_now();
    keep(executor.run(inputs).size());
    const double passed = seconds_now() - start;
    return std::pair{passed, thread_seconds() - start_thread};
  };
  run();
  std::vector<double> runs, own, besides;
  std::vector<Samples> operators(executor.times().size());
  const double begin = seconds_now();
  for (double passed = 0.0;
       passed < effort.most.count() && (static_cast<int>(runs.size()) < effort.runs || passed < effort.budget.count());
       passed = seconds_now() - begin) {
    const auto [elapsed, of_thread] = run();
    runs.push_back(elapsed);
    own.push_back(of_thread);
    besides.push_back(std::max(0.0, runs.back() - of_operators(executor)));
    for (std::size_t i = 0; i < operators.size(); ++i) {
      operators[i].elapsed.push_back(executor.times()[i].elapsed.count());
      operators[i].relayout.push_back(executor.times()[i].relayout.count());
    }
  }
  const Timing by_clock = summary(std::move(runs)), by_thread = summary(std::move(own));
  const bool alone = threads == 1 && by_clock.minimum > Seconds(kLongRun);
  NetworkTime out{.run = alone ? by_thread : by_clock, .besides = summary(std::move(besides))};
  for (std::size_t i = 0; i < operators.size(); ++i) {
    const kernels::LayerTime& time = executor.times()[i];
    out.operators.push_back({.name = executor.graph().op(time.op).name,
                             .label = executor.graph().label(time.op),
                             .kernel = time.kernel,
                             .elapsed = summary(std::move(operators[i].elapsed)),
                             .relayout = summary(std::move(operators[i].relayout))});
  }
  return out;
}

}  // namespace chipcast::crosscheck

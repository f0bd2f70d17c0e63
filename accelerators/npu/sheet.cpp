// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/sheet.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/units.h"

namespace chipcast::npu::sheet {
namespace {

constexpr double kBytesPerKib = 1024.0;

double real(std::int64_t value) { return static_cast<double>(value); }

std::int64_t positions(std::int64_t extent, std::int64_t kernel, std::int64_t stride, bool padded) {
  return ceil_div(padded ? extent : extent - kernel + 1, stride);
}

/// Input channels once a strided window is rearranged: every phase of the stride becomes channels of its own.
std::int64_t folded(const Layer& layer, const Machine& machine) {
  return round_up(layer.channels * layer.stride_v * layer.stride_h, machine.channels);
}

/// Whole cycles for an amount of data; thirds (16/9, frames) must not tip an exact multiple over.
double transfer(double kib, double rate) { return std::ceil(kib * 1000.0 / rate - 1e-9); }

double crossing(const Crossings& times, double input, double weights, double output) {
  const double fetched = times.weight_frames > 0 ? weights / real(times.weight_frames) : 0.0;
  return times.input * input + fetched + (times.output ? output : 0.0);
}

}  // namespace

double LayerCycles::layer() const { return std::max({mac, dram, sram_read, sram_write}); }

double array_cycles(const Machine& machine, std::int64_t in_channels, std::int64_t stride_v, std::int64_t stride_h,
                    std::int64_t positions_v, std::int64_t positions_h, std::int64_t out_channels, std::int64_t taps,
                    double gain) {
  const double phases = real(stride_v * stride_h);
  const double inputs = real(round_up(in_channels * stride_v * stride_h, machine.channels));
  const double outputs = real(round_up(out_channels, machine.channels));
  return inputs * real(positions_v) * real(positions_h) * outputs * (real(taps) / phases) / machine.macs / gain;
}

double mac_cycles(const Layer& layer, const Machine& machine) {
  const std::int64_t batch = layer.fully_connected ? machine.fc_batch : 1;
  const bool winograd = layer.kernel_height == 3 && layer.kernel_width == 3;
  return array_cycles(machine, layer.channels, layer.stride_v, layer.stride_h,
                      positions(layer.height, layer.kernel_height, layer.stride_v, layer.padded),
                      positions(layer.width, layer.kernel_width, layer.stride_h, layer.padded), layer.kernels * batch,
                      layer.kernel_height * layer.kernel_width, winograd ? kWinogradGain : 1.0) /
         real(batch);
}

double input_kib(const Layer& layer, const Machine& machine) {
  return real(folded(layer, machine) * ceil_div(layer.height, layer.stride_v) * ceil_div(layer.width, layer.stride_h)) *
         machine.bytes_per_element / kBytesPerKib;
}

double weight_kib(const Layer& layer, const Machine& machine) {
  const double weights = real(folded(layer, machine) * ceil_div(layer.kernel_height, layer.stride_v) *
                              ceil_div(layer.kernel_width, layer.stride_h) * layer.kernels) *
                         machine.bytes_per_element * machine.kept_weights / kBytesPerKib;
  return layer.expanded_weights ? weights * kWinogradWeights : weights;
}

double output_kib(const Layer& layer, const Machine& machine) {
  return real(layer.stored_height * layer.stored_width * round_up(layer.kernels, machine.channels)) *
         machine.bytes_per_element / kBytesPerKib;
}

LayerCycles cycles(const Layer& layer, const Placement& placement, const Machine& machine) {
  const double input = input_kib(layer, machine), weights = weight_kib(layer, machine);
  const double output = output_kib(layer, machine);
  return {.mac = mac_cycles(layer, machine),
          .dram = transfer(crossing(placement.dram, input, weights, output), machine.dram),
          .sram_read = transfer(crossing(placement.sram_read, input, weights, output), machine.sram_read),
          .sram_write = transfer(crossing(placement.sram_write, input, weights, output), machine.sram_write)};
}

double total(const std::vector<LayerCycles>& layers) {
  return std::accumulate(layers.begin(), layers.end(), 0.0,
                         [](double sum, const LayerCycles& layer) { return sum + layer.layer(); });
}

}  // namespace chipcast::npu::sheet

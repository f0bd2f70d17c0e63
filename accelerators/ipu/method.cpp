// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/method.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::ipu {
namespace {

/// Input channels per group of the units that a kernel of several rows is worth: a unit's weights are then rows of
/// taps.
void add_tall(std::vector<Method>& out, const Method& one, const Product& product) {
  for (const std::int64_t height : {2, 4}) {
    if (height > in_group(one.amp) / 4) break;  // 64 bits of fp16 input, 128 of fp32
    Method tall = one;
    tall.filter_height = height;
    tall.in_group = in_group(one.amp) / height;
    if (product.kernel_h > 1 && product.in_channels <= tall.in_group * 2) out.push_back(tall);
  }
}

/// Groups with fewer channels than the units take are multiplied as one, with zeros outside of the diagonal.
std::int64_t combined(const Method& method, const Product& product) {
  if (product.groups == 1) return 1;
  const std::int64_t room = std::min(method.in_group / std::max<std::int64_t>(1, product.in_channels),
                                     method.out_group / std::max<std::int64_t>(1, product.out_channels));
  return std::clamp<std::int64_t>(room, 1, product.groups);
}

void add_amp(std::vector<Method>& out, const Amp& amp, const Product& product) {
  Method method{.amp = amp, .in_group = in_group(amp), .out_group = amp.units};
  method.combine = combined(method, product);
  if (product.taps() == 1) {
    out.push_back(method);
    return;
  }
  method.vertex = Vertex::amp_nx1;
  out.push_back(method);
  if (method.combine == 1) add_tall(out, method, product);
  Method expanded = method;
  expanded.vertex = Vertex::amp_1x1;
  expanded.expand = true;
  if (method.combine == 1) out.push_back(expanded);
}

/// Groups of 1, 2 or 4 channels in and out, strides along columns only.
void add_slic(std::vector<Method>& out, const Amp& amp, const Product& product) {
  const std::int64_t most = std::max(product.in_channels, product.out_channels);
  const bool units = amp.units == 8 || amp.units == 16;
  if (amp.fp32 || !units || product.groups == 1 || most > 4 || product.taps() == 1) return;
  if (product.stride_h != 1 || product.stride_w > 2 || product.dilation_h * product.dilation_w != 1) return;
  const std::int64_t channels = most == 3 ? 4 : most;
  const auto add = [&](std::int64_t groups) {
    out.push_back({.vertex = Vertex::slic, .amp = amp, .in_group = channels, .out_group = channels, .combine = groups});
  };
  if (channels > 1) return add(4 / channels);
  for (const std::int64_t groups : {4, 8, 16}) add(groups);
}

void add_mac(std::vector<Method>& out, const Amp& amp, const Product& product) {
  if (product.groups == 1 || product.in_channels > in_group(amp)) return;
  out.push_back({.vertex = Vertex::horizontal_mac,
                 .amp = amp,
                 .in_group = product.in_channels,
                 .out_group = product.out_channels});
  if (amp.fp32 || product.in_channels > 1 || product.out_channels > 1) return;
  for (const std::int64_t channels : {4, 8, 16}) {
    out.push_back({.vertex = Vertex::vertical_mac, .amp = amp, .in_group = 1, .out_group = 1, .combine = channels});
  }
}

}  // namespace

Shaped shape(const Product& product, const Method& method) {
  const std::int64_t dense = method.apart() ? 1 : method.combine;
  const std::int64_t taps = method.expand ? product.taps() : 1;
  return {.groups = ceil_div(product.groups, method.combine),
          .in_groups = ceil_div(product.in_channels * dense * taps, method.in_group),
          .out_groups = ceil_div(product.out_channels * dense, method.out_group),
          .in_channels = product.in_channels * dense};
}

std::vector<Method> methods(const Config& config, const Product& product) {
  const auto units = units_for(config, product.dtype);
  CHIPCAST_ASSERT(units.has_value());
  const Amp amp{.fp32 = product.dtype == DType::fp32,
                .fp32_partials = units->partials == DType::fp32,
                .units = units->units,
                .load = config.coefficient_load.count(),
                .threads = config.threads};
  std::vector<Method> out;
  add_amp(out, amp, product);
  add_slic(out, amp, product);
  add_mac(out, amp, product);
  return out;
}

std::int64_t peak(const Method& method) {
  const std::int64_t vector = method.amp.fp32 ? 2 : 8;
  const bool on_vectors = method.vertex == Vertex::horizontal_mac || method.vertex == Vertex::vertical_mac;
  return on_vectors ? vector : rate(method.amp);
}

std::string to_text(const Method& method) {
  std::string text;
  switch (method.vertex) {
    case Vertex::amp_1x1:
      text = method.expand ? "AMP with taps as channels" : "AMP";
      break;
    case Vertex::amp_nx1:
      text = method.filter_height == 1 ? std::string("AMP tap by tap")
                                       : "AMP with " + std::to_string(method.filter_height) + " taps at a time";
      break;
    case Vertex::slic:
      text = "SLIC";
      break;
    case Vertex::horizontal_mac:
      return "vector dot products";
    case Vertex::vertical_mac:
      return "vector products of " + std::to_string(method.combine) + " channels";
  }
  if (method.combine > 1) text += " of " + std::to_string(method.combine) + " groups";
  return text + (method.amp.fp32_partials ? ", sums in fp32" : ", sums in fp16");
}

}  // namespace chipcast::ipu

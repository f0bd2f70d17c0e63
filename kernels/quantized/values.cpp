// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/values.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/quantized/call.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::quantized {
namespace {

Affine checked(const Call& call, TensorId id) {
  auto affine = affine_of(call.graph, id);
  const std::string& name = call.graph.tensor(id).name;
  if (!affine) call.fail("tensor " + in_quotes(name) + " has no scale; quantise it");
  for (const float scale : affine->scales) {
    if (!(scale > 0.0F) || !std::isfinite(scale)) {
      call.fail("tensor " + in_quotes(name) + " has scale " + std::to_string(scale) + "; a positive number is needed");
    }
  }
  return *affine;
}

/// Which scale each element has.
class ChannelOf {
 public:
  ChannelOf(const Shape& shape, const Affine& affine) {
    if (!affine.axis) return;
    const auto along = reference::along(shape, *affine.axis);
    inner_ = along.inner;
    extent_ = along.extent;
  }
  std::size_t operator()(std::size_t index) const {
    return static_cast<std::size_t>(static_cast<std::int64_t>(index) / inner_ % extent_);
  }

 private:
  std::int64_t inner_ = 1, extent_ = 1;
};

}  // namespace

Affine Call::in_affine(std::size_t index) const { return checked(*this, *op.inputs[index]); }
Affine Call::out_affine(std::size_t index) const { return checked(*this, op.outputs[index]); }

Ints stored(const Array& array) { return reference::unpack<std::int64_t>(array); }

Array array_of(const Ints& values, const TensorType& type) { return reference::pack<std::int64_t>(values, type); }

Array centred(const Array& array, const Affine& affine) {
  Ints values = stored(array);
  const ChannelOf channel(array.shape(), affine);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= affine.zeros[channel(i)];
  return array_of(values, {array.shape(), DType::int64});
}

namespace {

/// f of every value of a format of 8 bits, from the lowest on.
Ints tabulated(const Range& range, const std::function<std::int64_t(std::int64_t)>& f) {
  Ints table;
  for (std::int64_t value = range.low; value <= range.high; ++value) table.push_back(f(value));
  return table;
}

/// RELU and RELU6 in one scale come to this; compilers make it a few instructions for a register of bytes.
template <class T>
void clamp_bytes(const Array& x, std::int64_t low, std::int64_t high, Array& y) {
  const T* from = x.data<T>();
  T* to = y.data<T>();
  const T least = static_cast<T>(low), most = static_cast<T>(high);
  const std::int64_t elements = x.elements();
  for (std::int64_t i = 0; i < elements; ++i) to[i] = std::min(most, std::max(least, from[i]));
}

bool is_clamp(const Ints& table, std::int64_t low) {
  if (table.front() > table.back()) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::int64_t value = low + static_cast<std::int64_t>(i);
    if (table[i] != std::clamp(value, table.front(), table.back())) return false;
  }
  return true;
}

/// Bytes through a table of bytes.
void look_up(const Array& x, const Ints& table, std::int64_t low, Array& y) {
  std::array<std::uint8_t, 256> bytes{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    bytes[static_cast<std::uint8_t>(low + static_cast<std::int64_t>(i))] = static_cast<std::uint8_t>(table[i]);
  }
  const auto* from = x.data<std::uint8_t>();
  auto* to = y.data<std::uint8_t>();
  const std::int64_t elements = x.elements();
  for (std::int64_t i = 0; i < elements; ++i) to[i] = bytes[from[i]];
}

}  // namespace

Array mapped(const Array& x, const TensorType& type, const std::function<std::int64_t(std::int64_t)>& f) {
  const Range range = range_of(type.dtype);
  const auto clamped = [&](std::int64_t value) {
    return std::clamp(f(value), std::int64_t{range.low}, std::int64_t{range.high});
  };
  if (bits_of(x.dtype()) == 8 && bits_of(type.dtype) == 8) {
    const Range from = range_of(x.dtype());
    Array y(type);
    const Ints table = tabulated(from, clamped);
    const bool alike = (from.low < 0) == (range.low < 0);
    if (!alike || !is_clamp(table, from.low)) {
      look_up(x, table, from.low, y);
    } else if (from.low < 0) {
      clamp_bytes<std::int8_t>(x, table.front(), table.back(), y);
    } else {
      clamp_bytes<std::uint8_t>(x, table.front(), table.back(), y);
    }
    return y;
  }
  Ints values = stored(x);
  for (auto& value : values) value = clamped(value);
  return array_of(values, type);
}

Array requantized(const Array& x, const Affine& from, const TensorType& type, const Affine& to) {
  const auto m = to_fixed_multiplier(static_cast<double>(from.scale()) / static_cast<double>(to.scale()));
  return mapped(x, type, [&](std::int64_t value) {
    return std::int64_t{kernels::requantized(static_cast<std::int32_t>(value - from.zero()), m)} + to.zero();
  });
}

Array dequantized(const Array& x, const Affine& affine) {
  const Ints values = stored(x);
  const ChannelOf channel(x.shape(), affine);
  Array out(TensorType{x.shape(), DType::fp32});
  const auto reals = out.span<float>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = channel(i);
    reals[i] =
        static_cast<float>(static_cast<double>(affine.scales[c]) * static_cast<double>(values[i] - affine.zeros[c]));
  }
  return out;
}

Array quantized(const Array& x, const TensorType& type, const Affine& to) {
  const auto reals = reference::unpack<float>(x);
  const Range range = range_of(type.dtype);
  const ChannelOf channel(type.shape, to);
  Ints values(reals.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = channel(i);
    const std::int64_t value = std::int64_t{rounded_to_int(reals[i] / to.scales[c])} + to.zeros[c];
    values[i] = std::clamp(value, std::int64_t{range.low}, std::int64_t{range.high});
  }
  return array_of(values, type);
}

}  // namespace chipcast::kernels::quantized

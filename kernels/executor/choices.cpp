// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/executor/families.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels {
namespace {

using reference::Offsets;

// Elements of a task.
constexpr std::int64_t kShare = 16384;

/// The operands' strides along the output's axes; the last axis of the output is one line.
struct Operands {
  const std::uint8_t* condition;
  const std::byte *a, *b;
  Offsets condition_strides, a_strides, b_strides;
};

template <class T>
void choose_line(const std::uint8_t* condition, const T* a, const T* b, T* y, std::int64_t count, std::int64_t step_c,
                 std::int64_t step_a, std::int64_t step_b) {
  if (step_c == 1 && step_a == 1 && step_b == 1) {
    for (std::int64_t i = 0; i < count; ++i) y[i] = condition[i] != 0 ? a[i] : b[i];
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) y[i] = condition[i * step_c] != 0 ? a[i * step_a] : b[i * step_b];
}

template <class T>
void choose(const Operands& from, const Shape& shape, T* y, ThreadPool& pool) {
  const std::size_t last = shape.size() - 1;
  const std::int64_t lines = element_count(shape) / shape[last],
                     share = std::max<std::int64_t>(1, kShare / shape[last]);
  pool.for_each((lines + share - 1) / share, [&](std::int64_t task, int) {
    for (std::int64_t line = task * share; line < std::min(lines, (task + 1) * share); ++line) {
      std::int64_t rest = line, c = 0, a = 0, b = 0;
      for (std::size_t axis = last; axis-- > 0;) {
        const std::int64_t index = rest % shape[axis];
        rest /= shape[axis];
        c += index * from.condition_strides[axis];
        a += index * from.a_strides[axis];
        b += index * from.b_strides[axis];
      }
      choose_line(from.condition + c, reinterpret_cast<const T*>(from.a) + a, reinterpret_cast<const T*>(from.b) + b,
                  y + line * shape[last], shape[last], from.condition_strides[last], from.a_strides[last],
                  from.b_strides[last]);
    }
  });
}

class WhereStep : public Step {
 public:
  explicit WhereStep(const Site& site) : type_(site.output()) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Array condition = stage.plain(*inputs[0]), a = stage.plain(*inputs[1]), b = stage.plain(*inputs[2]);
    const Shape shape = type_.shape.empty() ? Shape{1} : type_.shape;
    const Operands from{condition.data<std::uint8_t>(),
                        a.raw(),
                        b.raw(),
                        reference::broadcast_strides(condition.shape(), shape),
                        reference::broadcast_strides(a.shape(), shape),
                        reference::broadcast_strides(b.shape(), shape)};
    Array y(type_);
    switch (bits_of(type_.dtype)) {
      case 8:
        choose(from, shape, y.data<std::uint8_t>(), stage.pool());
        break;
      case 16:
        choose(from, shape, y.data<std::uint16_t>(), stage.pool());
        break;
      case 32:
        choose(from, shape, y.data<std::uint32_t>(), stage.pool());
        break;
      default:
        choose(from, shape, y.data<std::uint64_t>(), stage.pool());
    }
    return {{std::move(y)}};
  }
  std::string kernel() const override { return "where"; }

 private:
  TensorType type_;
};

/// Truncated within the format's range, NaN is 0; integers keep their low bits.
template <class To, class From>
To converted(From value) {
  if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // The bounds as From: the upper one may round up to a power of two, which is out of range itself.
    constexpr auto low = static_cast<From>(std::numeric_limits<To>::min());
    constexpr auto high = static_cast<From>(std::numeric_limits<To>::max());
    if (!(value > low)) return std::isnan(value) ? To{0} : std::numeric_limits<To>::min();
    return value >= high ? std::numeric_limits<To>::max() : static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class From, class To>
void convert(const Array& x, Array& y, ThreadPool& pool) {
  const From* from = x.data<From>();
  To* to = y.data<To>();
  const std::int64_t count = x.elements();
  const bool truth = y.dtype() == DType::boolean;
  pool.for_each((count + kShare - 1) / kShare, [&](std::int64_t task, int) {
    const std::int64_t end = std::min(count, (task + 1) * kShare);
    if (truth) {
      for (std::int64_t i = task * kShare; i < end; ++i) to[i] = static_cast<To>(from[i] != From{0});
    } else {
      for (std::int64_t i = task * kShare; i < end; ++i) to[i] = converted<To>(from[i]);
    }
  });
}

using Conversion = void (*)(const Array&, Array&, ThreadPool&);

template <class From>
Conversion conversion_from(DType to) {
  switch (to) {
    case DType::fp32:
      return convert<From, float>;
    case DType::int64:
      return convert<From, std::int64_t>;
    case DType::int32:
      return convert<From, std::int32_t>;
    case DType::int8:
      return convert<From, std::int8_t>;
    case DType::uint8:
    case DType::boolean:
      return convert<From, std::uint8_t>;
    default:
      return nullptr;
  }
}

Conversion conversion(DType from, DType to) {
  switch (from) {
    case DType::fp32:
      return conversion_from<float>(to);
    case DType::int64:
      return conversion_from<std::int64_t>(to);
    case DType::int32:
      return conversion_from<std::int32_t>(to);
    case DType::int8:
      return conversion_from<std::int8_t>(to);
    case DType::uint8:
    case DType::boolean:
      return conversion_from<std::uint8_t>(to);
    default:
      return nullptr;
  }
}

class CastStep : public Step {
 public:
  CastStep(const Site& site, Conversion convert) : to_(site.output().dtype), convert_(convert) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const Value& x = *inputs[0];
    Array y({x.array.shape(), to_});
    convert_(x.array, y, stage.pool());
    return {{std::move(y), x.channels_last}};
  }
  std::string kernel() const override { return "cast"; }

 private:
  DType to_;
  Conversion convert_;
};

}  // namespace

StepPointer where_step(const Site& site, const Where&) {
  const DType dtype = site.output().dtype;
  if (bits_of(dtype) < 8 || !site.op().fused.empty() || bits_of(site.input(0).dtype) != 8 ||
      site.input(1).dtype != dtype || site.input(2).dtype != dtype) {
    return nullptr;
  }
  return std::make_unique<WhereStep>(site);
}

StepPointer cast_step(const Site& site, const Cast&) {
  const Conversion convert = conversion(site.input(0).dtype, site.output().dtype);
  if (convert == nullptr || !site.op().fused.empty()) return nullptr;
  return std::make_unique<CastStep>(site, convert);
}

}  // namespace chipcast::kernels

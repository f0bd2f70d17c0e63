// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "kernels/executor/families.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/resize_terms.h"

namespace chipcast::kernels {
namespace {

using reference::AlongAxis;
using reference::Terms;

/// What changes along one axis of the graph.
struct AxisPlan {
  std::size_t axis;
  std::vector<Terms> terms;
};

// fp32 loops over neighbours in memory; the compiler makes vectors of them.
void blend(const float* x, const AlongAxis& from, const Terms& terms, std::int64_t outer, float* y) {
  const auto line = [&](const reference::Term& term) { return x + from.at(outer, term.at, 0); };
  const float* first = line(terms.front());
  const auto weight = static_cast<float>(terms.front().weight);
  if (terms.size() == 2) {
    const float* second = line(terms[1]);
    const auto other = static_cast<float>(terms[1].weight);
    for (std::int64_t i = 0; i < from.inner; ++i) y[i] = weight * first[i] + other * second[i];
    return;
  }
  for (std::int64_t i = 0; i < from.inner; ++i) y[i] = weight * first[i];
  for (std::size_t t = 1; t < terms.size(); ++t) {
    const float* next = line(terms[t]);
    const auto factor = static_cast<float>(terms[t].weight);
    for (std::int64_t i = 0; i < from.inner; ++i) y[i] += factor * next[i];
  }
}

/// One axis after the other, channels last where the value has planes: neighbours along an axis are whole lines.
class ResizeStep : public Step {
 public:
  ResizeStep(const Site& site, bool nearest, std::vector<AxisPlan> plans)
      : type_(site.output()), nearest_(nearest), plans_(std::move(plans)) {}
  std::vector<Value> run(std::span<Value* const> inputs, Stage& stage) override {
    const std::size_t rank = type_.shape.size();
    const bool last = inputs[0]->channels_last || (rank >= 3 && planes_only());
    Array x = last ? stage.channels_last(*inputs[0]) : stage.plain(*inputs[0]);
    for (const AxisPlan& plan : plans_) {
      const std::size_t axis = !last || plan.axis == 0 ? plan.axis : plan.axis == 1 ? rank - 1 : plan.axis - 1;
      x = nearest_ ? picked(x, axis, plan.terms, stage.pool()) : blended(x, axis, plan.terms, stage.pool());
    }
    return {{std::move(x), last}};
  }
  std::string kernel() const override { return nearest_ ? "resize_nearest" : "resize_f32"; }

 private:
  bool planes_only() const {
    return std::ranges::all_of(plans_, [](const AxisPlan& plan) { return plan.axis >= 2; });
  }
  static TensorType resized(const Array& x, std::size_t axis, std::size_t extent) {
    TensorType type = x.type();
    type.shape[axis] = static_cast<std::int64_t>(extent);
    return type;
  }
  static Array picked(const Array& x, std::size_t axis, const std::vector<Terms>& terms, ThreadPool& pool) {
    Array y(resized(x, axis, terms.size()));
    const AlongAxis from = reference::along(x.shape(), axis), to = reference::along(y.shape(), axis);
    const auto bytes = static_cast<std::int64_t>(bits_of(x.dtype()) / 8);
    pool.for_each(from.outer * to.extent, [&](std::int64_t task, int) {
      const std::int64_t outer = task / to.extent, place = task % to.extent;
      std::memcpy(y.raw() + to.at(outer, place, 0) * bytes,
                  x.raw() + from.at(outer, terms[static_cast<std::size_t>(place)].front().at, 0) * bytes,
                  static_cast<std::size_t>(from.inner * bytes));
    });
    return y;
  }
  static Array blended(const Array& x, std::size_t axis, const std::vector<Terms>& terms, ThreadPool& pool) {
    Array y(resized(x, axis, terms.size()));
    const AlongAxis from = reference::along(x.shape(), axis), to = reference::along(y.shape(), axis);
    pool.for_each(from.outer * to.extent, [&](std::int64_t task, int) {
      const std::int64_t outer = task / to.extent, place = task % to.extent;
      blend(x.data<float>(), from, terms[static_cast<std::size_t>(place)], outer,
            y.data<float>() + to.at(outer, place, 0));
    });
    return y;
  }
  TensorType type_;
  bool nearest_;
  std::vector<AxisPlan> plans_;
};

/// Nothing changes along the axis.
bool keeps(const std::vector<Terms>& terms, std::int64_t extent) {
  if (static_cast<std::int64_t>(terms.size()) != extent) return false;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    for (const auto& term : terms[i]) {
      if (term.weight != 0.0 && (term.at != static_cast<std::int64_t>(i) || term.weight != 1.0)) return false;
    }
  }
  return true;
}

}  // namespace

StepPointer resize_step(const Site& site, const Resize& op) {
  const TensorType &x = site.input(0), &y = site.output();
  const bool nearest = op.mode == "nearest";
  const std::size_t rank = x.shape.size();
  if (x.dtype != y.dtype || bits_of(x.dtype) < 8 || !site.op().fused.empty()) return nullptr;
  if ((!nearest && x.dtype != DType::fp32) || (!op.coordinate_scales.empty() && op.coordinate_scales.size() != rank)) {
    return nullptr;
  }
  std::vector<AxisPlan> plans;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    // Plain loops leave an axis of blends alone where its extent stays.
    if (!nearest && x.shape[axis] == y.shape[axis]) continue;
    auto terms = reference::axis_terms(op, axis, x.shape[axis], y.shape[axis]);
    if (!keeps(terms, x.shape[axis])) plans.push_back({axis, std::move(terms)});
  }
  return std::make_unique<ResizeStep>(site, nearest, std::move(plans));
}

}  // namespace chipcast::kernels

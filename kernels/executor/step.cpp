// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/step.h"

#include <algorithm>
#include <chrono>

#include "kernels/executor/layouts.h"

namespace chipcast::kernels {
namespace {

template <class Body>
double seconds_of(Body&& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

const Array& Stage::plain(Value& value) {
  if (value.channels_last) relayout_s_ += seconds_of([&] { make_plain(value, pool_); });
  return value.array;
}

const Array& Stage::channels_last(Value& value) {
  if (!value.channels_last) relayout_s_ += seconds_of([&] { make_channels_last(value, pool_); });
  return value.array;
}

Seconds Stage::take_relayout() { return Seconds(std::exchange(relayout_s_, 0.0)); }

std::string Site::place() const { return std::string(op().kind()) + " " + in_quotes(op().name); }

bool Site::all_are(DType dtype) const {
  const auto is = [&](TensorId tensor) { return graph.tensor(tensor).type.dtype == dtype; };
  return std::ranges::all_of(op().inputs, [&](const auto& input) { return !input || is(*input); }) &&
         std::ranges::all_of(op().outputs, is);
}

}  // namespace chipcast::kernels

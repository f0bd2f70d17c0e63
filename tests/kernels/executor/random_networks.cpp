// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/executor/random_networks.h"

#include <algorithm>
#include <numeric>

#include "kernels/reference/values.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

RandomNetwork::RandomNetwork(unsigned seed, int operators) { NetworkMaker(seed, *this).make(operators); }

void NetworkMaker::make(int operators) {
  input(shape(static_cast<std::size_t>(draw(3, 5))));
  for (int i = 0; i < operators; ++i) (this->*one_of(drawings()))();
  if (values_.size() == network_.inputs.size()) add(Unary{}, {values_.front()});
  network_.graph = std::move(builder_).build();
}

Shape NetworkMaker::shape(std::size_t rank) {
  Shape out;
  // Few different extents: axes that are mistaken for one another then often fit.
  for (std::size_t i = 0; i < rank; ++i) out.push_back(i == 0 ? draw(1, 2) : one_of<std::int64_t>({1, 2, 4, 4, 5, 6}));
  return out;
}

Array NetworkMaker::numbers(const TensorType& type, double low, double high) {
  std::uniform_real_distribution<double> pick(low, high);
  reference::Values<double> values(static_cast<std::size_t>(type.elements()));
  for (double& value : values) value = pick(random_);
  return reference::pack(values, type);
}

TensorId NetworkMaker::input(Shape shape) {
  const TensorType type{std::move(shape), DType::fp32};
  values_.push_back(builder_.input("x" + std::to_string(network_.inputs.size()), type));
  network_.inputs.push_back(numbers(type, -1, 1));
  return values_.back();
}

TensorId NetworkMaker::parameter(Shape shape, double low, double high) {
  const TensorType type{std::move(shape), DType::fp32};
  const std::string name = "w" + std::to_string(network_.parameters.size());
  network_.parameters.emplace(name, numbers(type, low, high));
  return builder_.parameter(name, type);
}

TensorId NetworkMaker::value(std::size_t low, std::size_t high) {
  std::vector<TensorId> fitting;
  for (const TensorId id : values_) {
    const std::size_t rank = shape_of(id).size();
    if (rank >= low && rank <= high) fitting.push_back(id);
  }
  // The newest is the likeliest to be in an order of its own.
  if (!fitting.empty() && chance(2)) return fitting.back();
  return fitting.empty() ? input(shape(static_cast<std::size_t>(
                               draw(static_cast<std::int64_t>(low), static_cast<std::int64_t>(high)))))
                         : one_of(fitting);
}

void NetworkMaker::add(Attributes attributes, std::vector<std::optional<TensorId>> inputs) {
  try {
    for (const TensorId id : builder_.add("o" + std::to_string(named_++), std::move(attributes), std::move(inputs))) {
      builder_.output(id);
      if (builder_.type(id).elements() <= 20000) values_.push_back(id);
    }
  } catch (const InputError&) {
    // Extents that do not go with the operator: another is drawn.
  }
}

Shape NetworkMaker::broadcastable(Shape x) {
  for (auto& extent : x) extent = chance(3) ? 1 : extent;
  if (chance(2)) x.erase(x.begin(), x.begin() + draw(0, static_cast<std::int64_t>(x.size())));
  while (x.size() < 5 && chance(4)) x.insert(x.begin(), draw(1, 3));
  return x;
}

Window NetworkMaker::window(std::size_t axes, Layout layout) {
  Window w;
  w.layout = layout;
  for (std::size_t i = 0; i < axes; ++i) {
    w.strides.push_back(draw(1, 2));
    w.dilations.push_back(chance(4) ? 2 : 1);
  }
  for (std::size_t i = 0; i < 2 * axes; ++i) w.pads.push_back(draw(0, 1));
  if (!chance(3)) return w;
  w.pads.clear();
  w.pad_mode = one_of<PadMode>({PadMode::same_upper, PadMode::same_lower, PadMode::valid});
  return w;
}

namespace {

/// Channels of an image and the shape of weights [out, in per group, kernel], or with channels last.
std::int64_t channels_of(const Shape& x, Layout layout) { return layout == Layout::nchw ? x[1] : x.back(); }

Shape weight_shape(std::int64_t out, std::int64_t in, const Shape& kernel, Layout layout) {
  Shape shape{out};
  if (layout == Layout::nchw) shape.push_back(in);
  shape.insert(shape.end(), kernel.begin(), kernel.end());
  if (layout == Layout::nhwc) shape.push_back(in);
  return shape;
}

}  // namespace

void NetworkMaker::conv() {
  const TensorId x = value(3, 5);
  const Layout layout = chance(4) ? Layout::nhwc : Layout::nchw;
  const std::int64_t in = channels_of(shape_of(x), layout), groups = one_of<std::int64_t>({1, 1, 2, in});
  Conv op{window(shape_of(x).size() - 2, layout)};
  op.groups = groups;
  Shape kernel(shape_of(x).size() - 2);
  for (auto& extent : kernel) extent = one_of<std::int64_t>({1, 3, 3, 2});
  const std::int64_t out = groups * draw(1, 4);
  std::vector<std::optional<TensorId>> inputs{
      x, parameter(weight_shape(out, std::max<std::int64_t>(in / groups, 1), kernel, layout), -0.3, 0.3)};
  if (chance(2)) inputs.emplace_back(parameter({out}));
  add(op, std::move(inputs));
}

void NetworkMaker::conv_transpose() {
  const TensorId x = value(3, 4);
  const std::int64_t in = shape_of(x)[1], groups = chance(3) ? in : 1;
  ConvTranspose op{window(shape_of(x).size() - 2, Layout::nchw)};
  op.pad_mode = PadMode::explicit_pads;
  op.groups = groups;
  Shape kernel(shape_of(x).size() - 2);
  for (auto& extent : kernel) extent = draw(1, 3);
  add(op, {x, parameter(weight_shape(in, draw(1, 3), kernel, Layout::nchw), -0.3, 0.3)});
}

void NetworkMaker::pool() {
  const TensorId x = value(3, 5);
  const std::size_t axes = shape_of(x).size() - 2;
  Pool op{window(axes, chance(4) ? Layout::nhwc : Layout::nchw)};
  op.function = one_of<PoolFunction>({PoolFunction::max, PoolFunction::avg, PoolFunction::avg});
  op.global = chance(4);
  for (std::size_t i = 0; i < axes && !op.global; ++i) op.kernel.push_back(draw(2, 3));
  if (op.global) static_cast<Window&>(op) = Window{op.layout, {}, {}, {}, PadMode::explicit_pads};
  op.ceil_mode = chance(3);
  op.count_include_pad = chance(2);
  add(op, {x});
}

void NetworkMaker::unary() {
  using enum UnaryFunction;
  Unary op;
  op.function = one_of<UnaryFunction>(
      {relu, leaky_relu, sigmoid, tanh, swish, hard_swish, gelu, softsign, abs, neg, erf, sin, elu, mish, clip});
  if (op.function == clip) {
    op.min = -0.5;
    op.max = 0.5;
  }
  add(op, {value()});
}

void NetworkMaker::binary() {
  using enum BinaryFunction;
  const TensorId x = value();
  Binary op;
  op.function = one_of<BinaryFunction>({add, sub, mul, max, min, squared_difference});
  const TensorId other = parameter(broadcastable(shape_of(x)));
  chance(2) ? this->add(op, {x, other}) : this->add(op, {other, x});
}

void NetworkMaker::binary_of_values() {
  const TensorId a = value(), b = value();
  add(Binary{}, {a, chance(3) ? a : b});
}

void NetworkMaker::prelu() {
  const TensorId x = value(2);
  const Shape& s = shape_of(x);
  std::vector<Shape> slopes{{1}, {s.back()}, {s[1]}, Shape(s.begin() + 1, s.end())};
  Shape channels(s.size() - 1, 1);
  channels[0] = s[1];
  slopes.push_back(channels);
  add(Prelu{}, {x, parameter(one_of(slopes))});
}

void NetworkMaker::batch_norm() {
  const TensorId x = value(2);
  BatchNorm op;
  op.layout = chance(4) ? Layout::nhwc : Layout::nchw;
  const Shape c{channels_of(shape_of(x), op.layout)};
  add(op, {x, parameter(c), parameter(c), parameter(c), parameter(c, 0.5, 1.5)});
}

void NetworkMaker::norm() {
  const TensorId x = value(3);
  const Shape& s = shape_of(x);
  Norm op;
  op.epsilon = 0.01;
  op.function = one_of<NormFunction>(
      {NormFunction::layer, NormFunction::instance, NormFunction::group, NormFunction::rms, NormFunction::l2});
  const bool by_channel = op.function == NormFunction::instance || op.function == NormFunction::group;
  op.axis = by_channel ? 1 : one_of<std::int64_t>({-1, axis_of(s)});
  op.groups = op.function == NormFunction::group ? one_of<std::int64_t>({1, 2, s[1]}) : 1;
  if (op.function == NormFunction::l2) return add(op, {x});
  const auto first = static_cast<std::size_t>(op.axis < 0 ? op.axis + static_cast<std::int64_t>(s.size()) : op.axis);
  const Shape scale = by_channel ? Shape{s[1]} : Shape(s.begin() + static_cast<std::ptrdiff_t>(first), s.end());
  if (op.function == NormFunction::rms) return add(op, {x, parameter(scale)});
  add(op, {x, parameter(scale), parameter(scale)});
}

void NetworkMaker::lrn() {
  Lrn op;
  op.size = one_of<std::int64_t>({1, 3, 5});
  op.alpha = 0.1;
  add(op, {value(3, 4)});
}

void NetworkMaker::softmax() {
  const TensorId x = value();
  add(Softmax{.axis = axis_of(shape_of(x)), .log = chance(3)}, {x});
}

void NetworkMaker::reduce() {
  using enum ReduceFunction;
  const TensorId x = value();
  Reduce op;
  op.function = one_of<ReduceFunction>({mean, sum, ReduceFunction::max, ReduceFunction::min, l1, sum_square});
  const auto rank = static_cast<std::int64_t>(shape_of(x).size());
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    if (chance(2)) op.axes.push_back(axis);
  }
  op.keep_dims = chance(2);
  add(op, {x});
}

void NetworkMaker::concat() {
  const TensorId x = value();
  const Shape& s = shape_of(x);
  const std::int64_t axis = axis_of(s);
  Shape other = s;
  other[static_cast<std::size_t>(axis)] = draw(1, 3);
  add(Concat{axis}, {x, parameter(other), x});
}

void NetworkMaker::split() {
  const TensorId x = value();
  const Shape& s = shape_of(x);
  const std::int64_t axis = axis_of(s), extent = s[static_cast<std::size_t>(axis)];
  if (extent > 1) add(Split{axis, {1, extent - 1}}, {x});
}

void NetworkMaker::slice() {
  const TensorId x = value();
  const Shape& s = shape_of(x);
  const std::int64_t axis = axis_of(s), extent = s[static_cast<std::size_t>(axis)];
  if (chance(3)) return add(Slice{{-1}, {-extent - 1}, {axis}, {-1}}, {x});
  const std::int64_t first = draw(0, extent - 1);
  add(Slice{{first}, {draw(first + 1, extent)}, {axis}, {draw(1, 2)}}, {x});
}

void NetworkMaker::pad() {
  const TensorId x = value();
  Pad op;
  op.mode = one_of<std::string>({"constant", "constant", "reflect", "edge"});
  for (std::size_t i = 0; i < 2 * shape_of(x).size(); ++i) op.pads.push_back(chance(3) ? 1 : 0);
  if (op.mode == "constant") op.value = 0.25;
  add(op, {x});
}

void NetworkMaker::transpose() {
  const TensorId x = value();
  Transpose op;
  op.perm.resize(shape_of(x).size());
  std::iota(op.perm.begin(), op.perm.end(), 0);
  std::shuffle(op.perm.begin(), op.perm.end(), random_);
  add(op, {x});
}

void NetworkMaker::reshape() {
  const TensorId x = value();
  Shape s = shape_of(x);
  if (s.size() > 1 && chance(2)) {
    const auto at = static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(s.size()) - 2));
    s[at] *= s[at + 1];
    s.erase(s.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  } else if (s.size() < 5) {
    s.insert(s.begin() + draw(0, static_cast<std::int64_t>(s.size())), 1);
  } else {
    std::shuffle(s.begin(), s.end(), random_);
  }
  add(Reshape{.shape = s}, {x});
}

void NetworkMaker::expand() {
  const TensorId x = value(1, 4);
  Shape s = shape_of(x);
  for (auto& extent : s) extent = extent == 1 ? draw(1, 3) : extent;
  if (chance(2)) s.insert(s.begin(), 2);
  add(Expand{s}, {x});
}

void NetworkMaker::tile() {
  const TensorId x = value();
  Tile op;
  for (std::size_t i = 0; i < shape_of(x).size(); ++i) op.repeats.push_back(chance(3) ? 2 : 1);
  add(op, {x});
}

void NetworkMaker::gather() {
  const TensorId x = value();
  const Shape& s = shape_of(x);
  const std::int64_t axis = axis_of(s), extent = s[static_cast<std::size_t>(axis)];
  const TensorType type{{3}, DType::int64};
  std::vector<std::int64_t> places;
  for (int i = 0; i < 3; ++i) places.push_back(draw(0, extent - 1));
  const std::string name = "w" + std::to_string(network_.parameters.size());
  network_.parameters.emplace(name, reference::pack(places, type));
  add(Gather{axis}, {x, builder_.parameter(name, type)});
}

void NetworkMaker::space_depth() {
  SpaceDepth op;
  op.to_depth = chance(2);
  op.column_row_depth = chance(3);
  add(op, {value(4, 4)});
}

void NetworkMaker::channel_shuffle() { add(ChannelShuffle{.groups = 2}, {value(4, 4)}); }

void NetworkMaker::resize() {
  const TensorId x = value(3, 4);
  Resize op;
  op.mode = one_of<std::string>({"nearest", "linear"});
  op.sizes = shape_of(x);
  for (std::size_t i = 2; i < op.sizes.size(); ++i) op.sizes[i] = draw(1, 9);
  op.coordinates = one_of<ResizeCoordinates>({ResizeCoordinates::asymmetric, ResizeCoordinates::align_corners});
  if (op.mode == "nearest") op.rounding = ResizeRounding::floor;
  add(op, {x});
}

void NetworkMaker::matmul() {
  const TensorId x = value(2);
  const bool left = chance(2);
  const Shape& own = shape_of(x);
  Shape other = left ? Shape{draw(1, 5), own[own.size() - 2]} : Shape{own.back(), draw(1, 5)};
  while (other.size() < 5 && chance(3)) {
    other.insert(other.begin(), other.size() < own.size() && chance(2) ? own[own.size() - other.size() - 1] : 1);
  }
  const TensorId w = parameter(other);
  left ? add(Matmul{}, {w, x}) : add(Matmul{}, {x, w});
}

void NetworkMaker::gemm() {
  const TensorId x = value(2, 2);
  const std::int64_t n = draw(1, 6);
  Gemm op;
  op.transpose_b = chance(2);
  const std::int64_t k = shape_of(x)[1];
  add(op, {x, parameter(op.transpose_b ? Shape{n, k} : Shape{k, n}), parameter({n})});
}

const std::vector<NetworkMaker::Drawing>& NetworkMaker::drawings() {
  using M = NetworkMaker;
  // Convolutions and pools bring values into their own order: they come often.
  static const std::vector<Drawing> all{&M::conv,
                                        &M::conv,
                                        &M::conv,
                                        &M::conv,
                                        &M::conv_transpose,
                                        &M::pool,
                                        &M::pool,
                                        &M::unary,
                                        &M::binary,
                                        &M::binary,
                                        &M::binary,
                                        &M::binary_of_values,
                                        &M::prelu,
                                        &M::prelu,
                                        &M::batch_norm,
                                        &M::norm,
                                        &M::lrn,
                                        &M::softmax,
                                        &M::reduce,
                                        &M::concat,
                                        &M::split,
                                        &M::slice,
                                        &M::pad,
                                        &M::transpose,
                                        &M::reshape,
                                        &M::expand,
                                        &M::tile,
                                        &M::gather,
                                        &M::space_depth,
                                        &M::channel_shuffle,
                                        &M::resize,
                                        &M::matmul,
                                        &M::gemm};
  return all;
}

}  // namespace chipcast::kernels

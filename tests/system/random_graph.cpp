// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_graph.h"

#include <set>

#include "workloads/builder.h"

namespace chipcast::system_test {
namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(Dice& dice)
      : dice_(dice), dtype_(dice.one_of<DType>({DType::fp32, DType::fp16, DType::int16, DType::int8, DType::int4})) {}

  Graph build() {
    const std::int64_t edge = dice_.roll(4, 24);
    planes_.push_back(b_.input("x", {{dice_.roll(1, 2), dice_.roll(1, 24), edge, edge}, dtype_}));
    const std::int64_t count = dice_.roll(1, 14);
    for (std::int64_t i = 0; i < count; ++i) grow();
    if (dice_.chance(60)) tail();
    // Whatever nobody reads leaves the network.
    for (const TensorId id : planes_) {
      if (!read_.contains(id.index())) b_.output(id);
    }
    return std::move(b_).build();
  }

 private:
  std::string name(const char* kind) { return std::string(kind) + std::to_string(++names_); }
  const Shape& shape(TensorId id) const { return b_.type(id).shape; }

  TensorId any_plane() {
    // Mostly the newest, so that chains grow.
    const TensorId id = dice_.chance(65) ? planes_.back() : dice_.one_of(planes_);
    read_.insert(id.index());
    return id;
  }
  TensorId parameter(const std::string& op, Shape extents) {
    return b_.parameter(op + ".w", {std::move(extents), dtype_});
  }

  void grow() {
    switch (dice_.roll(0, 9)) {
      case 0:
      case 1:
      case 2:
        return push(conv(any_plane(), false));
      case 3:
        return push(conv(any_plane(), true));
      case 4:
        return pool();
      case 5:
      case 6:
        return add();
      case 7:
        return concat();
      case 8:
        return attention();
      default:
        return push(b_.add_one(name("softmax"), Softmax{}, {any_plane()}));
    }
  }

  void push(TensorId id) { planes_.push_back(id); }

  TensorId conv(TensorId x, bool depthwise, std::optional<std::int64_t> out = {}, bool keep_size = false) {
    const std::int64_t in = shape(x)[1];
    const std::int64_t kernel = dice_.one_of<std::int64_t>({1, 1, 3, 3, 5});
    Conv conv;
    conv.groups = depthwise ? in : (!out && in % 2 == 0 && dice_.chance(15) ? 2 : 1);
    const std::int64_t channels = depthwise ? in : out.value_or(conv.groups * dice_.roll(1, 24));
    conv.pads.assign(4, kernel / 2);
    if (!keep_size && shape(x)[2] >= 8 && dice_.chance(25)) conv.strides = {2, 2};
    const std::string op = name(depthwise ? "depthwise" : "conv");
    std::vector<std::optional<TensorId>> inputs{x, parameter(op, {channels, in / conv.groups, kernel, kernel})};
    if (dice_.chance(40)) {
      const DType bias = is_float(dtype_) ? dtype_ : DType::int32;
      inputs.push_back(b_.parameter(op + ".b", {{channels}, bias}));
    }
    return b_.add_one(op, conv, inputs);
  }

  void pool() {
    const TensorId x = any_plane();
    Pool pool;
    pool.function = dice_.chance(50) ? PoolFunction::max : PoolFunction::avg;
    pool.kernel = {2, 2};
    if (shape(x)[2] >= 8) pool.strides = {2, 2};
    if (shape(x)[2] < 2 || shape(x)[3] < 2) pool.kernel = {1, 1};
    push(b_.add_one(name("pool"), pool, {x}));
  }

  /// Two branches of equal shape meet; now and then a tensor meets itself.
  void add() {
    const TensorId x = any_plane();
    const TensorId other = dice_.chance(25) ? x : conv(x, false, shape(x)[1], true);
    Binary binary;
    binary.function = dice_.chance(70) ? BinaryFunction::add : BinaryFunction::mul;
    push(b_.add_one(name("add"), binary, {x, other}));
  }

  void concat() {
    const TensorId x = any_plane();
    Concat concat;
    concat.axis = 1;
    push(b_.add_one(name("concat"), concat, {x, conv(x, false, dice_.roll(1, 16), true), x}));
  }

  TensorId reshaped(TensorId x, Shape extents) {
    Reshape reshape;
    reshape.shape = std::move(extents);
    return b_.add_one(name("reshape"), reshape, {x});
  }

  /// A product of two activations: x [n, c, hw] times its own convolution [n, hw, k], seen as planes again.
  void attention() {
    const TensorId x = any_plane();
    const Shape s = shape(x);
    const TensorId keys = conv(x, false, dice_.roll(1, 12), true);
    Matmul product;
    product.transpose_b = true;
    const TensorId scores =
        b_.add_one(name("scores"), product,
                   {reshaped(x, {s[0], s[1], s[2] * s[3]}), reshaped(keys, {s[0], shape(keys)[1], s[2] * s[3]})});
    push(reshaped(scores, {s[0], s[1], shape(keys)[1], 1}));
  }

  void tail() {
    const TensorId x = any_plane();
    const Shape s = shape(x);
    if (dice_.chance(25)) return recurrent(x);
    const TensorId flat = reshaped(x, {s[0], s[1] * s[2] * s[3]});
    const std::string op = name("gemm");
    const TensorId logits = b_.add_one(op, Gemm{}, {flat, parameter(op, {s[1] * s[2] * s[3], dice_.roll(1, 40)})});
    Softmax softmax;
    b_.output(b_.add_one(name("softmax"), softmax, {logits}));
  }

  void recurrent(TensorId x) {
    const Shape s = shape(x);
    Recurrent cell;
    cell.hidden = dice_.roll(1, 11);
    const std::int64_t gates = 4 * cell.hidden, width = s[1] * s[3];
    const std::string op = name("lstm");
    const auto outputs = b_.add(op, cell,
                                {reshaped(x, {s[2], s[0], width}), b_.parameter(op + ".w", {{1, gates, width}, dtype_}),
                                 b_.parameter(op + ".r", {{1, gates, cell.hidden}, dtype_})});
    b_.output(outputs.front());
  }

  Dice& dice_;
  DType dtype_;
  GraphBuilder b_{"random"};
  std::vector<TensorId> planes_;
  std::set<std::size_t> read_;
  int names_ = 0;
};

}  // namespace

Graph random_graph(Dice& dice) { return RandomNetwork(dice).build(); }

}  // namespace chipcast::system_test

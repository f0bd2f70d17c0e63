// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kernels/executor/executor.h"
#include "workloads/builder.h"

namespace chipcast::kernels {

/// A network of random operators over random ranks, extents and layouts, with numbers for all its tensors. Each
/// result is an output of the graph. Operators are those whose results are continuous in their operands, so that
/// kernels that round otherwise stay near.
struct RandomNetwork {
  explicit RandomNetwork(unsigned seed, int operators);

  Graph graph{};
  Parameters parameters{};
  std::vector<Array> inputs{};
};

/// Builds one; see random_networks.cpp for what each operator draws.
class NetworkMaker {
 public:
  NetworkMaker(unsigned seed, RandomNetwork& network) : random_(seed), network_(network) {}
  void make(int operators);

 private:
  using Drawing = void (NetworkMaker::*)();

  std::int64_t draw(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool chance(int one_in) { return draw(1, one_in) == 1; }
  template <class T>
  T one_of(std::vector<T> values) {
    return values[static_cast<std::size_t>(draw(0, static_cast<std::int64_t>(values.size()) - 1))];
  }
  Shape shape(std::size_t rank);
  const Shape& shape_of(TensorId id) const { return builder_.type(id).shape; }
  /// A value made before, of a rank in [low, high] where there is one; else a new input.
  TensorId value(std::size_t low = 1, std::size_t high = 5);
  TensorId input(Shape shape);
  TensorId parameter(Shape shape, double low = -1, double high = 1);
  Array numbers(const TensorType& type, double low, double high);
  void add(Attributes attributes, std::vector<std::optional<TensorId>> inputs);

  /// An operand that broadcasts with `x`: some extents 1, fewer axes or more.
  Shape broadcastable(Shape x);
  Window window(std::size_t axes, Layout layout);
  std::int64_t axis_of(const Shape& x) { return draw(0, static_cast<std::int64_t>(x.size()) - 1); }

  void conv();
  void conv_transpose();
  void pool();
  void unary();
  void binary();
  void binary_of_values();
  void prelu();
  void batch_norm();
  void norm();
  void lrn();
  void softmax();
  void reduce();
  void concat();
  void split();
  void slice();
  void pad();
  void transpose();
  void reshape();
  void expand();
  void tile();
  void gather();
  void space_depth();
  void channel_shuffle();
  void resize();
  void matmul();
  void gemm();

  static const std::vector<Drawing>& drawings();

  std::mt19937 random_;
  RandomNetwork& network_;
  GraphBuilder builder_{"random"};
  std::vector<TensorId> values_{};
  int named_ = 0;
};

}  // namespace chipcast::kernels

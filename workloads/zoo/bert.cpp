// SPDX-License-Identifier: Apache-2.0
// BERT (arXiv:1810.04805) in the tiny size of "Well-Read Students Learn Better" (arXiv:1908.08962): 2 layers,
// hidden size 128, 2 heads, feed-forward 512, vocabulary 30522. Attention is written out as its parts.
#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr std::int64_t kLayers = 2, kHidden = 128, kHeads = 2, kFeedForward = 512;
constexpr std::int64_t kVocabulary = 30522, kPositions = 512, kSegments = 2;

/// x [batch, tokens, in] -> [batch, tokens, out]
TensorId linear(GraphBuilder& b, const std::string& name, TensorId x, std::int64_t out) {
  const std::int64_t in = b.type(x).shape.back();
  const TensorId product = b.add_one(name, Matmul{}, {x, parameter(b, name + ".weight", {in, out})});
  return add(b, name + "/bias", product, parameter(b, name + ".bias", {out}));
}

TensorId layer_norm(GraphBuilder& b, const std::string& name, TensorId x) {
  Norm attributes;
  attributes.epsilon = 1e-12;
  const Shape shape{b.type(x).shape.back()};
  const TensorId scale = parameter(b, name + ".scale", shape), bias = parameter(b, name + ".bias", shape);
  return b.add_one(name, attributes, {x, scale, bias});
}

TensorId gather(GraphBuilder& b, const std::string& name, std::int64_t rows, TensorId indices) {
  const TensorId table = parameter(b, name + ".weight", {rows, kHidden});
  return b.add_one(name, Gather{}, {table, indices});
}

TensorId positions(GraphBuilder& b, const std::string& name, std::int64_t tokens) {
  Slice first;
  first.starts = {0};
  first.ends = {tokens};
  first.axes = {0};
  return b.add_one(name, first, {parameter(b, name + ".weight", {kPositions, kHidden})});
}

TensorId embeddings(GraphBuilder& b, TensorId tokens, TensorId segments) {
  const TensorId words = gather(b, "embeddings/word", kVocabulary, tokens);
  const TensorId types = gather(b, "embeddings/token_type", kSegments, segments);
  const TensorId places = positions(b, "embeddings/position", b.type(tokens).shape.back());
  const TensorId sum = add(b, "embeddings/add_position", add(b, "embeddings/add", words, types), places);
  return layer_norm(b, "embeddings/norm", sum);
}

/// (1 - mask) * low, shaped to broadcast over heads and queries: what is added to the scores.
TensorId mask_bias(GraphBuilder& b, TensorId mask) {
  const Shape shape = b.type(mask).shape;
  Reshape broadcastable;
  broadcastable.shape = {shape[0], 1, 1, shape[1]};
  Cast to_float;
  to_float.to = DType::fp32;
  Binary subtract;
  subtract.function = BinaryFunction::sub;
  const TensorId kept = b.add_one("mask/cast", to_float, {b.add_one("mask/reshape", broadcastable, {mask})});
  const TensorId hidden = b.add_one("mask/invert", subtract, {parameter(b, "mask.one", {}), kept});
  return multiply(b, "mask/scale", hidden, parameter(b, "mask.low", {}));
}

/// [batch, tokens, hidden] -> [batch, heads, tokens, hidden / heads]
TensorId split_heads(GraphBuilder& b, const std::string& name, TensorId x) {
  Reshape reshape;
  reshape.shape = {0, 0, kHeads, kHidden / kHeads};
  Transpose transpose;
  transpose.perm = {0, 2, 1, 3};
  return b.add_one(name + "/transpose", transpose, {b.add_one(name + "/reshape", reshape, {x})});
}

TensorId merge_heads(GraphBuilder& b, const std::string& name, TensorId x) {
  Transpose transpose;
  transpose.perm = {0, 2, 1, 3};
  Reshape reshape;
  reshape.shape = {0, 0, kHidden};
  return b.add_one(name + "/reshape", reshape, {b.add_one(name + "/transpose", transpose, {x})});
}

/// softmax(Q K' / sqrt(d) + mask) V; `scale` holds 1 / sqrt(d).
TensorId attention(GraphBuilder& b, const std::string& name, TensorId x, TensorId mask, TensorId scale) {
  const auto project = [&](const std::string& part) {
    return split_heads(b, name + "/" + part, linear(b, name + "/" + part, x, kHidden));
  };
  const TensorId query = project("query"), key = project("key"), value = project("value");
  Matmul scores;
  scores.transpose_b = true;
  TensorId y = b.add_one(name + "/scores", scores, {query, key});
  y = add(b, name + "/mask", multiply(b, name + "/scale", y, scale), mask);
  y = b.add_one(name + "/context", Matmul{}, {softmax(b, name + "/softmax", y), value});
  return linear(b, name + "/output", merge_heads(b, name + "/context", y), kHidden);
}

TensorId encoder_layer(GraphBuilder& b, const std::string& name, TensorId x, TensorId mask, TensorId scale) {
  const TensorId attended = attention(b, name + "/attention", x, mask, scale);
  x = layer_norm(b, name + "/attention/norm", add(b, name + "/attention/add", x, attended));
  Unary gelu;
  gelu.function = UnaryFunction::gelu;
  TensorId y = b.add_one(name + "/ffn/gelu", gelu, {linear(b, name + "/ffn/inner", x, kFeedForward)});
  y = linear(b, name + "/ffn/outer", y, kHidden);
  return layer_norm(b, name + "/ffn/norm", add(b, name + "/ffn/add", x, y));
}

/// A dense layer with tanh on the first token.
TensorId pooler(GraphBuilder& b, TensorId x) {
  Slice first;
  first.starts = {0};
  first.ends = {1};
  first.axes = {1};
  Reshape flat;
  flat.shape = {b.type(x).shape[0], kHidden};
  const TensorId token = b.add_one("pooler/squeeze", flat, {b.add_one("pooler/first_token", first, {x})});
  Unary tanh;
  tanh.function = UnaryFunction::tanh;
  return b.add_one("pooler/tanh", tanh, {dense(b, "pooler", token, kHidden)});
}

}  // namespace

Graph bert_tiny(const ZooOptions& options) {
  GraphBuilder b("bert_tiny");
  const TensorType ids{{options.batch, options.sequence_length.value_or(128)}, DType::int64};
  const TensorId tokens = b.input("input_ids", ids), segments = b.input("token_type_ids", ids);
  const TensorId mask = mask_bias(b, b.input("attention_mask", ids));
  const TensorId scale = parameter(b, "attention.scale", {});
  TensorId x = embeddings(b, tokens, segments);
  for (std::int64_t i = 0; i < kLayers; ++i) x = encoder_layer(b, "layer" + std::to_string(i), x, mask, scale);
  b.output(x);
  b.output(pooler(b, x));
  return std::move(b).build();
}

}  // namespace chipcast::networks

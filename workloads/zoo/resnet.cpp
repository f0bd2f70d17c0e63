// SPDX-License-Identifier: Apache-2.0
// ResNet, arXiv:1512.03385, table 1; layers are named as in the authors' release.
#include <array>

#include "workloads/zoo/networks.h"

namespace chipcast::networks {
namespace {

constexpr auto relu = Activation::relu;

/// Where the stride of a stage's first bottleneck stands: on the first 1x1 (the paper, "v1") or on the 3x3 ("v1.5").
enum class StrideOn { first_1x1, middle_3x3 };

struct Block {
  std::int64_t width, out, stride;
  bool project;  ///< a 1x1 convolution on the shortcut
};

TensorId residual(GraphBuilder& b, const std::string& name, TensorId x, TensorId branch, const Block& block) {
  TensorId shortcut = x;
  if (block.project) shortcut = conv_bn(b, name + "_branch1", x, {.out = block.out, .stride = block.stride});
  return activate(b, name, add(b, name, shortcut, branch), relu);
}

TensorId basic(GraphBuilder& b, const std::string& name, TensorId x, const Block& block) {
  TensorId y = conv_bn(b, name + "_branch2a", x, {.out = block.width, .kernel = 3, .stride = block.stride}, relu);
  y = conv_bn(b, name + "_branch2b", y, {.out = block.out, .kernel = 3});
  return residual(b, name, x, y, block);
}

TensorId bottleneck(GraphBuilder& b, const std::string& name, TensorId x, const Block& block, StrideOn where) {
  const std::int64_t first = where == StrideOn::first_1x1 ? block.stride : 1;
  const std::int64_t middle = block.stride / first;
  TensorId y = conv_bn(b, name + "_branch2a", x, {.out = block.width, .stride = first}, relu);
  y = conv_bn(b, name + "_branch2b", y, {.out = block.width, .kernel = 3, .stride = middle}, relu);
  y = conv_bn(b, name + "_branch2c", y, {.out = block.out});
  return residual(b, name, x, y, block);
}

/// Stages of a network: the block, how many of them, and how much wider than the stage their results are.
struct Form {
  std::array<int, 4> depths;
  std::int64_t growth;
  bool project_first;  ///< a projection in the first stage's first block even where nothing changes
};

/// `add_block(name, x, block)` adds one block. Stage i is 64 * 2^i channels wide. Gives the stages' results.
template <class AddBlock>
std::array<TensorId, 4> stages(GraphBuilder& b, TensorId x, const Form& form, AddBlock add_block) {
  std::array<TensorId, 4> out{};
  std::int64_t width = 64;
  for (std::size_t stage = 0; stage < form.depths.size(); ++stage, width *= 2) {
    for (int i = 0; i < form.depths[stage]; ++i) {
      const std::int64_t stride = i == 0 && stage > 0 ? 2 : 1, wide = width * form.growth;
      const bool project = i == 0 && (form.project_first || stride != 1 || channels(b, x) != wide);
      // As the authors: a to z, and numbers where a stage is longer.
      const std::string number =
          form.depths[stage] > 6 && i > 0 ? "b" + std::to_string(i) : std::string(1, static_cast<char>('a' + i));
      x = add_block(b, "res" + std::to_string(stage + 2) + number, x, Block{width, wide, stride, project});
    }
    out[stage] = x;
  }
  return out;
}

TensorId stem(GraphBuilder& b, TensorId x) {
  x = conv_bn(b, "conv1", x, {.out = 64, .kernel = 7, .stride = 2}, relu);
  return max_pool(b, "pool1", x, {.kernel = 3, .stride = 2, .pad = 1});
}

template <class AddBlock>
Graph build(const std::string& name, const ZooOptions& options, const Form& form, AddBlock add_block) {
  GraphBuilder b(name);
  const TensorId x = stages(b, stem(b, image(b, options, 224)), form, add_block).back();
  return finish(std::move(b), classifier(b, x, 1000));
}

auto bottlenecks(StrideOn where) {
  return [where](GraphBuilder& b, const std::string& name, TensorId x, const Block& block) {
    return bottleneck(b, name, x, block, where);
  };
}

constexpr Form k50{{3, 4, 6, 3}, 4, false};

/// Normalisation and activation before each convolution (arXiv:1603.05027); the projection sees the activated input.
TensorId bottleneck_v2(GraphBuilder& b, const std::string& name, TensorId x, const Block& block) {
  const TensorId active = activate(b, name, batch_norm(b, name + "_bn", x), relu);
  TensorId y = conv_bn(b, name + "_branch2a", active, {.out = block.width}, relu);
  y = conv_bn(b, name + "_branch2b", y, {.out = block.width, .kernel = 3, .stride = block.stride}, relu);
  y = conv(b, name + "_branch2c", y, {.out = block.out});
  const TensorId shortcut =
      block.project ? conv(b, name + "_branch1", active, {.out = block.out, .stride = block.stride}) : x;
  return add(b, name, shortcut, y);
}

}  // namespace

Graph resnet18(const ZooOptions& options) { return build("resnet18", options, {{2, 2, 2, 2}, 1, false}, basic); }

Graph resnet18_ncnn(const ZooOptions& options) {
  return build("resnet18_ncnn", options, {{2, 2, 2, 2}, 1, true}, basic);
}

Graph resnet34(const ZooOptions& options) { return build("resnet34", options, {{3, 4, 6, 3}, 1, false}, basic); }

Graph resnet50(const ZooOptions& options) { return build("resnet50", options, k50, bottlenecks(StrideOn::first_1x1)); }

Graph resnet50_v1_5(const ZooOptions& options) {
  return build("resnet50_v1_5", options, k50, bottlenecks(StrideOn::middle_3x3));
}

Graph resnet101_v1_5(const ZooOptions& options) {
  return build("resnet101_v1_5", options, {{3, 4, 23, 3}, 4, false}, bottlenecks(StrideOn::middle_3x3));
}

/// The public file ends without a softmax.
Graph resnet50_v2(const ZooOptions& options) {
  GraphBuilder b("resnet50_v2");
  TensorId x = stages(b, stem(b, batch_norm(b, "bn_data", image(b, options, 224))), k50, bottleneck_v2).back();
  x = activate(b, "bn_last", batch_norm(b, "bn_last", x), relu);
  return finish(std::move(b), dense(b, "fc", flatten(b, "flatten", global_average(b, "pool", x)), 1000));
}

std::array<TensorId, 3> resnet50_pyramid(GraphBuilder& b, TensorId x) {
  const auto all = stages(b, stem(b, x), k50, bottlenecks(StrideOn::middle_3x3));
  return {all[1], all[2], all[3]};
}

}  // namespace chipcast::networks

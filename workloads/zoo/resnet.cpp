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

/// `add_block(name, x, block)` adds one block. Stage i is 64 * 2^i channels wide and gives `growth` times that.
template <class AddBlock>
Graph build(const std::string& name, const ZooOptions& options, const std::array<int, 4>& depths, std::int64_t growth,
            bool project_first, AddBlock add_block) {
  GraphBuilder b(name);
  TensorId x = conv_bn(b, "conv1", image(b, options, 224), {.out = 64, .kernel = 7, .stride = 2}, relu);
  x = max_pool(b, "pool1", x, {.kernel = 3, .stride = 2, .pad = 1});
  std::int64_t width = 64;
  for (std::size_t stage = 0; stage < depths.size(); ++stage, width *= 2) {
    for (int i = 0; i < depths[stage]; ++i) {
      const std::int64_t stride = i == 0 && stage > 0 ? 2 : 1, out = width * growth;
      const bool project = i == 0 && (project_first || stride != 1 || channels(b, x) != out);
      const std::string block_name = "res" + std::to_string(stage + 2) + static_cast<char>('a' + i);
      x = add_block(b, block_name, x, Block{width, out, stride, project});
    }
  }
  return finish(std::move(b), classifier(b, x, 1000));
}

Graph build50(const std::string& name, const ZooOptions& options, StrideOn where) {
  return build(name, options, {3, 4, 6, 3}, 4, false,
               [where](GraphBuilder& b, const std::string& block_name, TensorId x, const Block& block) {
                 return bottleneck(b, block_name, x, block, where);
               });
}

}  // namespace

Graph resnet18(const ZooOptions& options) { return build("resnet18", options, {2, 2, 2, 2}, 1, false, basic); }

Graph resnet18_ncnn(const ZooOptions& options) { return build("resnet18_ncnn", options, {2, 2, 2, 2}, 1, true, basic); }

Graph resnet50(const ZooOptions& options) { return build50("resnet50", options, StrideOn::first_1x1); }

Graph resnet50_v1_5(const ZooOptions& options) { return build50("resnet50_v1_5", options, StrideOn::middle_3x3); }

}  // namespace chipcast::networks

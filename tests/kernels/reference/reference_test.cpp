// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/reference/values.h"
#include "workloads/builder.h"

namespace chipcast::kernels {
namespace {

using reference::pack;
using reference::unpack;
using testing::ElementsAre;
using testing::HasSubstr;
using Reals = std::vector<double>;

/// One operator on inputs with these types and values.
std::vector<Array> evaluated(Attributes attributes, const std::vector<std::pair<TensorType, Reals>>& inputs) {
  GraphBuilder b("one");
  std::vector<std::optional<TensorId>> ids;
  std::vector<Array> arrays;
  for (const auto& [type, values] : inputs) {
    ids.emplace_back(b.input("x" + std::to_string(ids.size()), type));
    arrays.push_back(pack(values, type));
  }
  for (const auto id : b.add("y", std::move(attributes), ids)) b.output(id);
  const Graph graph = std::move(b).build();
  return reference::evaluate(graph, OpId(0), arrays);
}

Reals values(const std::vector<Array>& arrays) { return unpack<double>(arrays.front()); }

TEST(Reference, EveryFormatComesBack) {
  for (const auto& [dtype, name] : enum_names(DType{})) {
    const bool truth = dtype == DType::boolean, sign = dtype == DType::binary;
    const Reals wanted = truth ? Reals{0, 1, 1} : sign ? Reals{-1, 1, 1} : Reals{0, 3, 7};
    EXPECT_EQ(unpack<double>(pack(wanted, {{3}, dtype})), wanted) << name;
  }
}

TEST(Reference, IntegersTruncateAndKeepTheirRange) {
  EXPECT_THAT(unpack<double>(pack(Reals{-1.9, 300, -300}, {{3}, DType::int8})), ElementsAre(-1, 127, -128));
  EXPECT_THAT(unpack<double>(pack(reference::Values<std::int64_t>{100, -70}, {{2}, DType::int7})),
              ElementsAre(63, -64));
  EXPECT_THAT(unpack<double>(pack(reference::Values<std::int64_t>{257}, {{1}, DType::uint8})), ElementsAre(1));
}

TEST(Reference, ConvolutionByHand) {
  // 1 2 3 / 4 5 6 with weights 1 10 below each other.
  const auto y = evaluated(Conv{}, {{{{1, 1, 2, 3}}, {1, 2, 3, 4, 5, 6}}, {{{1, 1, 2, 1}}, {1, 10}}});
  EXPECT_THAT(values(y), ElementsAre(41, 52, 63));
}

TEST(Reference, PackedFormatsMove) {
  const auto y = evaluated(Transpose{}, {{{{2, 3}, DType::int4}, {1, -2, 3, -4, 5, -6}}});
  EXPECT_THAT(values(y), ElementsAre(1, -4, -2, 5, 3, -6));
}

TEST(Reference, ModTakesTheSignOfTheDivisorUnlessAskedOtherwise) {
  const TensorType type{{2}, DType::int32};
  EXPECT_THAT(values(evaluated(Binary{.function = BinaryFunction::mod}, {{type, {-7, 7}}, {type, {3, -3}}})),
              ElementsAre(2, -2));
  EXPECT_THAT(
      values(evaluated(Binary{.function = BinaryFunction::mod, .fmod = true}, {{type, {-7, 7}}, {type, {3, -3}}})),
      ElementsAre(-1, 1));
}

TEST(Reference, PriorBoxesLieInTheMiddleOfTheirCells) {
  const PriorBox op{.min_sizes = {2}, .variances = {0.1, 0.1, 0.2, 0.2}, .image = {8, 8}};
  const auto y = evaluated(op, {{{{1, 3, 2, 2}}, Reals(12)}});
  const auto boxes = values(y);
  EXPECT_THAT(Reals(boxes.begin(), boxes.begin() + 4), ElementsAre(0.125, 0.125, 0.375, 0.375));
}

template <class Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Reference, RefusesWhatIsNotDefined) {
  const TensorType whole{{2}, DType::int32};
  EXPECT_THAT(error_of([&] {
                evaluated(Softmax{}, {{whole, {1, 2}}});
              }),
              HasSubstr("softmax \"y\": is not defined on int32"));
  EXPECT_THAT(error_of([&] {
                evaluated(Gather{}, {{whole, {1, 2}}, {whole, {0, 2}}});
              }),
              HasSubstr("index 2 is outside [-2, 1]"));
  EXPECT_THAT(error_of([&] {
                evaluated(PriorBox{}, {{{{1, 3, 2, 2}}, Reals(12)}});
              }),
              HasSubstr("the size of the image is missing"));
  EXPECT_THAT(error_of([&] { evaluated(Detect{}, {{{{1, 4}}, Reals(4)}}); }), HasSubstr("end the network before"));
}

}  // namespace
}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise/depthwise.h"

#include "kernels/formats/half.h"
#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

DepthwiseShape shape_of(std::int64_t height, std::int64_t width, std::int64_t channels, std::int64_t kernel,
                        std::int64_t stride, std::int64_t pad) {
  DepthwiseShape s{.batch = 2, .height = height, .width = width, .channels = channels};
  s.kernel_height = s.kernel_width = kernel;
  s.stride_height = s.stride_width = stride;
  s.pad_top = s.pad_left = pad;
  s.out_height = (height + 2 * pad - kernel) / stride + 1;
  s.out_width = (width + 2 * pad - kernel) / stride + 1;
  return s;
}

std::vector<DepthwiseShape> shapes() {
  std::vector<DepthwiseShape> all;
  for (const std::int64_t channels : {1, 3, 16, 17, 33, 64}) {
    for (const std::int64_t kernel : {3, 5}) {
      for (const std::int64_t stride : {1, 2}) all.push_back(shape_of(9, 16, channels, kernel, stride, kernel / 2));
    }
  }
  all.push_back(shape_of(7, 7, 32, 3, 1, 1));
  all.push_back(shape_of(3, 3, 20, 3, 1, 1));
  all.push_back(shape_of(5, 6, 18, 3, 2, 0));
  all.push_back(shape_of(12, 11, 24, 7, 3, 3));
  all.push_back(shape_of(8, 8, 24, 2, 2, 0));
  all.push_back(shape_of(6, 30, 16, 1, 1, 0));
  all.push_back(shape_of(10, 10, 16, 3, 1, -1));  // cropped
  DepthwiseShape dilated = shape_of(14, 13, 19, 3, 1, 2);
  dilated.dilation_height = dilated.dilation_width = 2;
  dilated.out_height = 14;
  dilated.out_width = 13;
  all.push_back(dilated);
  DepthwiseShape multiplied = shape_of(8, 9, 5, 3, 2, 1);
  multiplied.multiplier = 3;
  all.push_back(multiplied);
  DepthwiseShape tall = shape_of(9, 9, 17, 3, 1, 1);
  tall.kernel_height = 5;
  tall.pad_top = 4;
  tall.out_height = 12;
  all.push_back(tall);
  return all;
}

/// Plain loops, as ONNX's Conv defines it.
std::vector<double> plain(const DepthwiseShape& s, const Floats& x, const Floats& w, const Floats& bias, Clamp clamp) {
  const std::int64_t channels = s.out_channels();
  std::vector<double> y;
  for (std::int64_t i = 0; i < s.batch * s.out_height * s.out_width * channels; ++i) {
    const std::int64_t c = i % channels, column = i / channels % s.out_width;
    const std::int64_t row = i / channels / s.out_width % s.out_height, n = i / channels / s.out_width / s.out_height;
    double sum = static_cast<double>(bias[c]);
    for (std::int64_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
      const std::int64_t in_row = row * s.stride_height - s.pad_top + tap / s.kernel_width * s.dilation_height;
      const std::int64_t in_column = column * s.stride_width - s.pad_left + tap % s.kernel_width * s.dilation_width;
      if (in_row < 0 || in_row >= s.height || in_column < 0 || in_column >= s.width) continue;
      sum += static_cast<double>(x[((n * s.height + in_row) * s.width + in_column) * s.channels + c / s.multiplier]) *
             static_cast<double>(w[c * s.kernel_height * s.kernel_width + tap]);
    }
    y.push_back(std::isnan(sum) ? sum : std::max<double>(clamp.low, std::min<double>(clamp.high, sum)));
  }
  return y;
}

struct Case {
  DepthwiseShape shape;
  Floats x, w, bias;
  explicit Case(const DepthwiseShape& s)
      : shape(s),
        x(s.batch * s.height * s.width * s.channels),
        w(s.out_channels() * s.kernel_height * s.kernel_width),
        bias(s.out_channels()) {
    std::mt19937 random(static_cast<unsigned>(s.channels * 31 + s.kernel_height));
    x = Floats(x.size(), random);
    w = Floats(w.size(), random);
    bias = Floats(bias.size(), random);
  }
  std::int64_t outputs() const { return shape.batch * shape.out_height * shape.out_width * shape.out_channels(); }
};

TEST(DepthwiseF32, EqualsPlainLoopsForAllWindows) {
  const Clamp clamp{.low = -0.8F, .high = 1.5F};
  for (const DepthwiseShape& s : shapes()) {
    SCOPED_TRACE(testing::Message() << s.height << "x" << s.width << "x" << s.channels << " kernel " << s.kernel_height
                                    << "x" << s.kernel_width << " stride " << s.stride_width);
    const Case one(s);
    const auto wanted = plain(s, one.x, one.w, one.bias, clamp);
    const DepthwiseF32 conv(s, one.w.data(), one.bias.data());
    with_each_target([&] {
      for (const int threads : {1, 2}) {
        ThreadPool pool(threads);
        Floats y(one.outputs(), kNan);
        conv.run(one.x.data(), y.data(), clamp, pool);
        expect_near(y, wanted, 1e-5);
      }
    });
  }
}

TEST(DepthwiseF32, TakesWeightsTapsFirst) {
  const Case one(shape_of(6, 6, 17, 3, 1, 1));
  Floats turned(one.w.size());
  for (std::int64_t c = 0; c < 17; ++c) {
    for (std::int64_t tap = 0; tap < 9; ++tap) turned[tap * 17 + c] = one.w[c * 9 + tap];
  }
  ThreadPool pool;
  Floats y(one.outputs());
  DepthwiseF32(one.shape, turned.data(), one.bias.data(), DepthwiseOrder::taps_first)
      .run(one.x.data(), y.data(), {}, pool);
  expect_near(y, plain(one.shape, one.x, one.w, one.bias, {}), 1e-5);
}

template <class T>
void check_stored(double step) {
  const Case one(shape_of(9, 9, 21, 3, 2, 1));
  std::vector<T> x(static_cast<std::size_t>(one.x.size())), y(static_cast<std::size_t>(one.outputs()));
  convert(one.x.data(), x.data(), x.size());
  Floats rounded(one.x.size());
  convert(x.data(), rounded.data(), x.size());
  const auto wanted = plain(one.shape, rounded, one.w, one.bias, {});
  const DepthwiseF32 conv(one.shape, one.w.data(), one.bias.data());
  with_each_target([&] {
    ThreadPool pool;
    conv.run(x.data(), y.data(), {}, pool);
    Floats got(one.outputs());
    convert(y.data(), got.data(), y.size());
    expect_near(got, wanted, step);
  });
}
TEST(DepthwiseF32, StoresHalvesAndBfloats) {
  check_stored<Half>(0x1p-11);
  check_stored<Bfloat>(0x1p-8);
}

TEST(DepthwiseF32, NanReachesItsWindowsAlone) {
  Case one(shape_of(9, 9, 17, 3, 1, 1));
  one.x[(4 * 9 + 4) * 17 + 5] = kNan;
  one.x[(8 * 9 + 8) * 17 + 16] = kInf;
  with_each_target([&] {
    ThreadPool pool;
    Floats y(one.outputs());
    DepthwiseF32(one.shape, one.w.data(), one.bias.data()).run(one.x.data(), y.data(), {}, pool);
    expect_near(y, plain(one.shape, one.x, one.w, one.bias, {}), 1e-5);
  });
}

TEST(DepthwiseF32, RefusesZeroExtents) {
  const float one = 1.0F;
  for (std::int64_t DepthwiseShape::*extent :
       {&DepthwiseShape::batch, &DepthwiseShape::height, &DepthwiseShape::channels, &DepthwiseShape::multiplier,
        &DepthwiseShape::kernel_width, &DepthwiseShape::stride_height, &DepthwiseShape::dilation_width,
        &DepthwiseShape::out_width}) {
    DepthwiseShape s;
    s.*extent = 0;
    EXPECT_THROW(DepthwiseF32(s, &one, nullptr), InputError);
  }
}

}  // namespace
}  // namespace chipcast::kernels

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/threads/pool.h"

/// Products of operands that are +1 (bit set) and -1 (bit clear), after Rastegari et al., XNOR-Net (arXiv:1603.05279):
/// a . b = K - 2 * popcount(a xor b).
namespace chipcast::kernels {

/// Bytes of a row of `count` bits; rows start at whole bytes.
constexpr std::int64_t bit_row_bytes(std::int64_t count) { return (count + 7) / 8; }

/// Signs of fp32 values to bits: x >= 0 is +1 (a set bit). Unused bits of the last byte are cleared.
void binarize(const float* x, std::int64_t count, std::uint8_t* bits);

/// C (int32, M x N) = A (bits, M x K) * B^T (bits, N x K). B is packed once.
class BinaryGemm {
 public:
  /// `b`: outputs rows of `inputs` bits, `b_stride` bytes apart. Throws InputError for extents below 1.
  BinaryGemm(const std::uint8_t* b, std::int64_t inputs, std::int64_t outputs, std::int64_t b_stride);
  ~BinaryGemm();
  BinaryGemm(BinaryGemm&&) noexcept;
  BinaryGemm& operator=(BinaryGemm&&) noexcept;

  /// `a`: rows of bits, `a_stride` bytes apart; bits past K are ignored. c_stride in elements.
  void run(const std::uint8_t* a, std::int64_t rows, std::int64_t a_stride, std::int32_t* c, std::int64_t c_stride,
           ThreadPool& pool) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A convolution on bits; see ConvIntShape for the meaning of the fields. Padding is -1 (clear bits) or +1.
struct BinaryConvShape {
  std::int64_t batch = 1;
  std::int64_t in_h = 1, in_w = 1, in_c = 1;
  std::int64_t out_h = 1, out_w = 1, out_c = 1;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  bool pad_plus = false;  ///< padding counts as +1
};

class BinaryConv {
 public:
  /// `weights`: dense bits O x kernel_h x kernel_w x C. Throws InputError for extents below 1.
  BinaryConv(const BinaryConvShape& shape, const std::uint8_t* weights);
  ~BinaryConv();
  BinaryConv(BinaryConv&&) noexcept;
  BinaryConv& operator=(BinaryConv&&) noexcept;

  /// `x`: dense bits NHWC (as an Array of DType::binary), without gaps; `y`: int32 NHWC.
  void run(const std::uint8_t* x, std::int32_t* y, ThreadPool& pool) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels

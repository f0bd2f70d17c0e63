// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm/blocking.h"

/// Minimal filtering F(m x m, 3 x 3): Y = A^T [ sum over channels of (G g G^T) . (B^T d B) ] A, a tile of m x m outputs
/// from (m + 2) x (m + 2) inputs with (m + 2)^2 products instead of 9 m^2 (A. Lavin, S. Gray, "Fast algorithms for
/// convolutional neural networks", CVPR 2016). The matrices follow from m + 1 points by Toom and Cook's rule.
namespace chipcast::kernels::winograd {

/// Inputs of a tile, m + 2 places squared, row by row.
struct InputTile {
  const float* const* pixels = nullptr;  ///< first channel of each place; outside the image: of zeros
  std::int64_t channels = 0;
  float* to = nullptr;  ///< place p at to + p * place_stride
  std::int64_t place_stride = 0;
};

/// Outputs of a tile, m squared.
struct OutputTile {
  const float* from = nullptr;  ///< place p at from + p * place_stride
  std::int64_t place_stride = 0;
  std::int64_t channels = 0;
  float* const* pixels = nullptr;  ///< first channel of each output; null outside the image
  const float* bias = nullptr;
  float low = 0, high = 0;
};

/// `outputs`: m, 2 or 4.
void transform_input(int outputs, const InputTile& tile);
void transform_output(int outputs, const OutputTile& tile);

/// Most tiles that are transformed before their products are taken: what a megabyte holds of inputs and products in
/// all places, and no fewer than two register tiles.
std::int64_t tiles_at_work(const GemmBlocking& blocking, std::int64_t places, std::int64_t in_channels,
                           std::int64_t out_channels);

/// G g G^T of one 3 x 3 filter, (m + 2)^2 values.
std::vector<double> transform_filter(int outputs, const double* filter);

}  // namespace chipcast::kernels::winograd

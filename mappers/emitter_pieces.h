// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/units.h"

namespace chipcast {

/// Cuts several tensors side by side: every piece takes its share of each, so that an addition has both of its
/// operands. A tensor too small for a share of one burst in each piece comes whole with the first.
class Pieces {
 public:
  struct Tensor {
    TensorId id;
    Bytes bytes;
    Bytes base{};  ///< where its bytes begin, of a part of a tensor
  };
  Pieces(std::vector<Tensor> tensors, std::int64_t pieces);

  struct Part {
    TensorId tensor;
    Bytes offset, bytes;
  };
  /// The next piece, `bytes` in all. Pieces are asked for in order, and their bytes add up to the tensors'.
  std::vector<Part> next(Bytes bytes);

 private:
  std::vector<Tensor> tensors_;
  std::vector<Bytes> done_;
  std::int64_t pieces_, index_ = 0;
};

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/units.h"

namespace chipcast {

/// Several tensors as one stream, one behind the other: a schedule takes as many bytes from it as each step says.
/// Behind the end it starts anew, as where operands are fetched more than once.
class Stream {
 public:
  struct Tensor {
    TensorId id;
    Bytes bytes;
    Bytes base{};  ///< where its bytes begin, of a part of a tensor
  };
  explicit Stream(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {}

  struct Part {
    TensorId tensor;
    Bytes offset, bytes;
  };
  /// The next bytes; none of them where the stream holds none.
  std::vector<Part> next(Bytes bytes);

 private:
  std::vector<Tensor> tensors_;
  std::size_t at_ = 0;
  Bytes offset_;
};

}  // namespace chipcast

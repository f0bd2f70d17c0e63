// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/config/field.h"

namespace chipcast::cpu {

/// What a library's integer kernels spend on a core that computes word by word, beside the multiply-accumulates
/// themselves; in cycles of a Cortex-M4 without wait states.
struct WordKernels {
  double product{1.1}, depthwise{6.0};
  double odd_channels{1.0};
  double copy{2.0}, result{12.0};
  double element{12.0}, pool{4.0}, function{20.0};

  template <class V>
  void visit(V& v) {
    v.field("product", product,
            {.doc = "Loads, unpacking and loop of a dense multiply-accumulate.", .min = 0.0, .max = 1000.0});
    v.field("depthwise", depthwise, {.doc = "The same of a depthwise one.", .min = 0.0, .max = 1000.0});
    v.field("odd_channels", odd_channels,
            {.doc = "Factor of `product` where input channels are no multiple of 4.", .min = 0.1, .max = 100.0});
    v.field("copy", copy,
            {.doc = "An element that is moved: into a column of inputs (im2col), or by an operator that only moves.",
             .min = 0.0,
             .max = 1000.0});
    v.field("result", result, {.doc = "A finished result: bias, rescale, clamp, store.", .min = 0.0, .max = 1000.0});
    v.field("element", element, {.doc = "An operation of elementwise work.", .min = 0.0, .max = 10000.0});
    v.field("pool", pool, {.doc = "An element of a pooling window.", .min = 0.0, .max = 1000.0});
    v.field("function", function,
            {.doc = "An operation of reductions, softmax and recurrent cells.", .min = 0.0, .max = 10000.0});
  }
};

/// Flash that weights and code are read from in place.
struct Flash {
  int wait_states{4};
  Bytes line{16};
  Bytes cache{0};

  template <class V>
  void visit(V& v) {
    v.field("wait_states", wait_states, {.doc = "Cycles that a line keeps the core waiting.", .min = 0, .max = 1000});
    v.field("line", line, {.doc = "Bytes of one read.", .min = Bytes(1), .max = Bytes(1024)});
    v.field("cache", cache,
            {.doc = "Weights up to this stay in the cache before it.", .min = Bytes(0), .max = Bytes(1 << 24)});
  }
};

}  // namespace chipcast::cpu

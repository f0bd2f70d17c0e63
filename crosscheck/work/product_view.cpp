// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/product_view.h"

namespace chipcast::crosscheck {

ProductView::ProductView(const Operands& operands, std::int64_t group)
    : operands_(operands), nest_(operands.nest()), group_(group), parts_(operands.results_per_position()) {
  const bool scatters = nest_.transposed;
  for (std::int64_t b = 0; b < nest_.batch; ++b) {
    for (std::int64_t h = 0; h < nest_.out_height; ++h) {
      for (std::int64_t w = 0; w < nest_.out_width; ++w) {
        positions_.push_back({.out = {0, b, h, w},
                              .image = b,
                              .row = scatters ? h : h * nest_.stride_h - nest_.pad_top,
                              .column = scatters ? w : w * nest_.stride_w - nest_.pad_left});
      }
    }
  }
  for (std::int64_t t = 0; t < (scatters ? 1 : nest_.kernel_height * nest_.kernel_width); ++t) {
    for (std::int64_t c = 0; c < nest_.in_channels; ++c) {
      steps_.push_back({.channel = group * nest_.in_channels + c,
                        .tap = t,
                        .row = t / nest_.kernel_width * nest_.dilation_h,
                        .column = t % nest_.kernel_width * nest_.dilation_w});
    }
  }
}

std::int32_t ProductView::weight(std::int64_t k, std::int64_t n) const {
  const Step& s = steps_[static_cast<std::size_t>(k)];
  const std::int64_t tap = nest_.transposed ? n % parts_ : s.tap;
  const std::int64_t at = operands_.weight_index(group_, n / parts_, s.channel - group_ * nest_.in_channels, tap);
  return operands_.weights()[static_cast<std::size_t>(at)];
}

std::int32_t ProductView::plain(std::int64_t m, std::int64_t n) const {
  OutputAt at = positions_[static_cast<std::size_t>(m)].out;
  at.channel = group_ * nest_.out_channels + n / parts_;
  return operands_.plain(at, n % parts_);
}

}  // namespace chipcast::crosscheck

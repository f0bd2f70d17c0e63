// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv/patches.h"

#include <algorithm>
#include <cstring>

namespace chipcast::kernels::conv_detail {

namespace {

void zeros(float* to, std::int64_t count) {
  if (count > 0) std::memset(to, 0, static_cast<std::size_t>(count) * sizeof(float));
}

void values(const float* from, float* to, std::int64_t count) {
  if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

bool inside(std::int64_t place, std::int64_t extent) { return place >= 0 && place < extent; }

}  // namespace

Patches::Patches(const ConvShape& shape, const Part& part, std::int64_t group, const float* input)
    : shape_(shape),
      part_(part),
      input_(input + group * shape.in_per_group()),
      channels_(shape.in_per_group()),
      whole_lines_(shape.groups == 1 && part.axes[2].taps_adjacent()) {}

void Patches::copy_line(const float* line, std::int64_t x, std::int64_t first, std::int64_t count, float* to) const {
  const std::vector<AxisPart::Tap>& taps = part_.axes[2].taps;
  const std::int64_t width = shape_.input[2], start = x * part_.axes[2].step;
  if (line == nullptr) return zeros(to, count);
  if (whole_lines_) {
    const std::int64_t left = (start + taps.front().offset) * channels_;  // of the line's value 0; may be negative
    const std::int64_t from = std::clamp(-left, first, first + count);
    const std::int64_t end = std::clamp(width * channels_ - left, from, first + count);
    zeros(to, from - first);
    if (end > from) values(line + left + from, to + from - first, end - from);
    return zeros(to + end - first, first + count - end);
  }
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t tap = (first + done) / channels_, channel = (first + done) % channels_;
    const std::int64_t piece = std::min(channels_ - channel, count - done);
    const std::int64_t place = start + taps[static_cast<std::size_t>(tap)].offset;
    if (inside(place, width)) {
      values(line + place * shape_.in_channels + channel, to + done, piece);
    } else {
      zeros(to + done, piece);
    }
    done += piece;
  }
}

void Patches::copy_row(std::int64_t row, std::int64_t first_k, std::int64_t depth, float* to) const {
  const auto& [az, ay, ax] = part_.axes;
  const std::int64_t x = row % ax.outputs, y = row / ax.outputs % ay.outputs;
  const std::int64_t z = row / (ax.outputs * ay.outputs) % az.outputs, image = row / part_.pixels();
  const std::int64_t line_length = static_cast<std::int64_t>(ax.taps.size()) * channels_;
  const std::int64_t taps_y = static_cast<std::int64_t>(ay.taps.size());
  for (std::int64_t k = first_k; k < first_k + depth;) {
    const std::int64_t line = k / line_length, within = k % line_length;
    const std::int64_t count = std::min(line_length - within, first_k + depth - k);
    const std::int64_t iz = z * az.step + az.taps[static_cast<std::size_t>(line / taps_y)].offset;
    const std::int64_t iy = y * ay.step + ay.taps[static_cast<std::size_t>(line % taps_y)].offset;
    const float* start = nullptr;
    if (inside(iz, shape_.input[0]) && inside(iy, shape_.input[1])) {
      start = input_ + ((image * shape_.input[0] + iz) * shape_.input[1] + iy) * shape_.input[2] * shape_.in_channels;
    }
    copy_line(start, x, within, count, to + k - first_k);
    k += count;
  }
}

void Patches::copy(std::int64_t first_row, std::int64_t rows, std::int64_t first_k, std::int64_t depth, float* to,
                   std::int64_t stride) const {
  for (std::int64_t r = 0; r < rows; ++r) copy_row(first_row + r, first_k, depth, to + r * stride);
}

}  // namespace chipcast::kernels::conv_detail

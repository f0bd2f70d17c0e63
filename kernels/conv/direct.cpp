// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "kernels/conv/plan.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels::conv_detail {

namespace {

using gemm_detail::Kernels;
using gemm_detail::Panels;
using gemm_detail::Tile;

/// The part of the input, zeros around it included, that the taps read.
struct Region {
  Extents3 first{};    ///< may be negative
  Extents3 extents{};  ///< of the region

  bool within(const Extents3& input) const {
    for (std::size_t i = 0; i < 3; ++i) {
      if (first[i] != 0 || extents[i] != input[i]) return false;
    }
    return true;
  }
};

Region region_of(const ConvShape& shape, const std::vector<Part>& parts) {
  Region region;
  for (std::size_t i = 0; i < 3; ++i) {
    std::int64_t low = 0, high = shape.input[i] - 1;  // where nothing is outside the input, it is read in place
    for (const Part& part : parts) {
      if (part.taps() == 0) continue;
      low = std::min(low, part.axes[i].lowest());
      high = std::max(high, part.axes[i].highest());
    }
    region.first[i] = low;
    region.extents[i] = high - low + 1;
  }
  return region;
}

/// Pieces of a patch that lie together in memory: a line of taps along x, one tap, or an equal share of one.
struct Segments {
  std::int64_t depth = 0;               ///< values of each
  std::int64_t per_block = 1;           ///< that make up one part of K
  std::vector<std::int64_t> offsets{};  ///< from the place of the output's first input
};

/// Equal shares of at most `most` values, if there are any of at least half that.
std::int64_t shares(std::int64_t values, std::int64_t most) {
  for (std::int64_t count = kernels::parts_of(values, most); values / count * 2 >= most; ++count) {
    if (values % count == 0) return count;
  }
  return 1;
}

Segments segments_of(const ConvShape& shape, const Part& part, const Region& region, std::int64_t most_depth) {
  const bool lines = shape.groups == 1 && part.axes[2].taps_adjacent();
  const std::int64_t line_taps = static_cast<std::int64_t>(part.axes[2].taps.size());
  const std::int64_t whole = shape.in_per_group() * (lines ? line_taps : 1);
  const std::int64_t count = shares(whole, most_depth);
  Segments segments;
  segments.depth = whole / count;
  segments.per_block = std::max<std::int64_t>(1, most_depth / segments.depth);
  for (const AxisPart::Tap& z : part.axes[0].taps) {
    for (const AxisPart::Tap& y : part.axes[1].taps) {
      for (const AxisPart::Tap& x : part.axes[2].taps) {
        const std::int64_t row = (z.offset - region.first[0]) * region.extents[1] + y.offset - region.first[1];
        const std::int64_t pixel = row * region.extents[2] + x.offset - region.first[2];
        for (std::int64_t i = 0; i < count; ++i) {
          segments.offsets.push_back(pixel * shape.in_channels + i * segments.depth);
        }
        if (lines) break;
      }
    }
  }
  return segments;
}

/// One part with its weights, one packed matrix per group.
struct PackedPart {
  Part part;
  Segments segments{};
  std::vector<PackedMatrix> groups{};
};

/// What a thread takes: some lines of outputs and some panels.
struct Task {
  std::int64_t image = 0, z = 0, y = 0, lines = 0;
  std::int64_t group = 0, panel = 0, panels = 0;
};

class DirectPlan : public Conv::Plan {
 public:
  explicit DirectPlan(Problem problem) : problem_(std::move(problem)) {
    std::vector<Part> parts = parts_of(problem_.shape);
    region_ = region_of(problem_.shape, parts);
    for (Part& part : parts) {
      PackedPart packed{std::move(part)};
      for (std::int64_t group = 0; packed.part.taps() > 0 && group < problem_.shape.groups; ++group) {
        packed.groups.push_back(pack_weights(problem_, packed.part, group, DType::fp32));
      }
      if (packed.part.taps() > 0) {
        const std::int64_t depth = packed.groups.front().kernels().blocking.depth;
        packed.segments = segments_of(problem_.shape, packed.part, region_, depth);
      }
      parts_.push_back(std::move(packed));
    }
  }

  std::size_t packed_bytes() const override {
    std::size_t bytes = 0;
    for (const PackedPart& packed : parts_) {
      for (const PackedMatrix& group : packed.groups) bytes += group.bytes();
    }
    return bytes;
  }

  void run(const void* input, void* output, ThreadPool& pool) const override {
    const float* region = bring(static_cast<const float*>(input), pool);
    for (const PackedPart& packed : parts_) {
      if (packed.part.taps() == 0) {
        fill(packed.part, static_cast<float*>(output));
      } else {
        run_part(packed, region, static_cast<float*>(output), pool);
      }
    }
  }

 private:
  /// The input with zeros around it.
  const float* bring(const float* input, ThreadPool& pool) const;
  void run_part(const PackedPart& packed, const float* region, float* output, ThreadPool& pool) const;
  void run_task(const PackedPart& packed, const Task& task, const float* region, float* output) const;
  /// Outputs that no input reaches.
  void fill(const Part& part, float* output) const;
  Problem problem_;
  Region region_{};
  std::vector<PackedPart> parts_{};
};

const float* DirectPlan::bring(const float* input, ThreadPool& pool) const {
  const ConvShape& shape = problem_.shape;
  if (region_.within(shape.input)) return input;
  const auto [depth, height, width] = region_.extents;
  const std::int64_t line = width * shape.in_channels, inner = shape.input[2] * shape.in_channels;
  const std::int64_t before = -region_.first[2] * shape.in_channels;
  float* padded = float_workspace(Workspace::conv_padded, shape.batch * depth * height * line);
  pool.for_each(shape.batch * depth, [&, depth = depth, height = height](std::int64_t slice, int) {
    const std::int64_t z = slice % depth + region_.first[0];
    float* to = padded + slice * height * line;
    for (std::int64_t row = 0; row < height; ++row, to += line) {
      const std::int64_t y = row + region_.first[1];
      if (z < 0 || z >= shape.input[0] || y < 0 || y >= shape.input[1]) {
        std::fill_n(to, line, 0.0f);
        continue;
      }
      std::fill_n(to, before, 0.0f);
      const std::int64_t from = ((slice / depth * shape.input[0] + z) * shape.input[1] + y) * inner;
      std::memcpy(to + before, input + from, static_cast<std::size_t>(inner) * sizeof(float));
      std::fill_n(to + before + inner, line - before - inner, 0.0f);
    }
  });
  return padded;
}

void DirectPlan::fill(const Part& part, float* output) const {
  const std::int64_t channels = problem_.shape.out_channels;
  for (std::int64_t i = 0; i < problem_.shape.batch * part.pixels(); ++i) {
    float* to = output + output_pixel(problem_.shape, part, i) * channels;
    for (std::int64_t o = 0; o < channels; ++o) {
      const float bias = problem_.bias.empty() ? 0.0f : problem_.bias[static_cast<std::size_t>(o)];
      to[o] = clamped(bias, problem_.clamp);
    }
  }
}

void DirectPlan::run_part(const PackedPart& packed, const float* region, float* output, ThreadPool& pool) const {
  const auto& [az, ay, ax] = packed.part.axes;
  const Panels panels = panels_of(packed.groups.front());
  const std::int64_t blocks = kernels::parts_of(ay.outputs * ax.outputs, panels.blocking().block_rows);
  const std::int64_t y_parts = std::min(ay.outputs, blocks);
  const std::int64_t row_tasks = problem_.shape.batch * az.outputs * y_parts * problem_.shape.groups;
  const std::int64_t wanted = pool.threads() == 1 ? 1 : 3 * pool.threads();
  const std::int64_t panel_parts = std::min(kernels::parts_of(wanted, row_tasks), panels.count());
  pool.for_each(row_tasks * panel_parts, [&, z_outputs = az.outputs, y_outputs = ay.outputs](std::int64_t i, int) {
    Task task;
    const std::int64_t j = i % panel_parts, rows = i / panel_parts;
    task.panel = part_begin(panels.count(), panel_parts, j);
    task.panels = part_begin(panels.count(), panel_parts, j + 1) - task.panel;
    task.y = part_begin(y_outputs, y_parts, rows % y_parts);
    task.lines = part_begin(y_outputs, y_parts, rows % y_parts + 1) - task.y;
    task.z = rows / y_parts % z_outputs;
    task.image = rows / (y_parts * z_outputs) % problem_.shape.batch;
    task.group = rows / (y_parts * z_outputs * problem_.shape.batch);
    run_task(packed, task, region, output);
  });
}

void DirectPlan::run_task(const PackedPart& packed, const Task& task, const float* region, float* output) const {
  const ConvShape& shape = problem_.shape;
  const auto& [az, ay, ax] = packed.part.axes;
  const Panels b = panels_of(packed.groups[static_cast<std::size_t>(task.group)]);
  const GemmBlocking& blocking = b.blocking();
  const Segments& segments = packed.segments;
  const std::int64_t all = static_cast<std::int64_t>(segments.offsets.size());
  const std::int64_t tiles = kernels::parts_of(ax.outputs, blocking.tile_rows);
  Tile tile;
  tile.a_stride = ax.step * shape.in_channels;
  tile.c_stride = ax.spacing * shape.out_channels;
  tile.depth = segments.depth;
  tile.low = problem_.clamp.low;
  tile.high = problem_.clamp.high;
  for (std::int64_t s = 0; s < all; s += segments.per_block) {
    tile.segments = std::min(segments.per_block, all - s);
    tile.offsets = segments.offsets.data() + s;
    tile.accumulate = s > 0;
    tile.last = s + tile.segments == all;
    for (std::int64_t p = task.panel; p < task.panel + task.panels; ++p) {
      const std::int64_t column = task.group * shape.out_per_group() + p * blocking.tile_columns;
      tile.b = reinterpret_cast<const float*>(b.at(p, s * segments.depth));
      tile.columns = b.columns(p);
      const std::int64_t block = b.size() > gemm_detail::kNearValues ? tile.segments * segments.depth * b.width(p) : 0;
      const std::int64_t all_tiles = task.lines * tiles;
      tile.bias = problem_.bias.empty() ? nullptr : problem_.bias.data() + column;
      for (std::int64_t y = task.y; y < task.y + task.lines; ++y) {
        const std::int64_t row =
            (task.image * region_.extents[0] + task.z * az.step) * region_.extents[1] + y * ay.step;
        const float* a = region + row * region_.extents[2] * shape.in_channels + task.group * shape.in_per_group();
        const std::int64_t pixel = ((task.image * az.outputs + task.z) * ay.outputs + y) * ax.outputs;
        float* c = output + output_pixel(shape, packed.part, pixel) * shape.out_channels + column;
        for (std::int64_t t = 0; t < tiles; ++t) {
          const std::int64_t x = part_begin(ax.outputs, tiles, t), count = part_begin(ax.outputs, tiles, t + 1) - x;
          tile.a = a + x * tile.a_stride;
          tile.c = c + x * tile.c_stride;
          const std::int64_t i = (y - task.y) * tiles + t;  // as multiply_panel() in kernels/gemm/blocked.cpp
          tile.next[0] = i == 0 ? block : 0;
          tile.next[1] = i == 1 || all_tiles == 1 ? block : 0;
          b.kernels->tile[count - 1][b.vectors(p) - 1](tile);
        }
      }
    }
  }
}

}  // namespace

std::unique_ptr<const Conv::Plan> make_direct_plan(Problem problem) {
  return std::make_unique<const DirectPlan>(std::move(problem));
}

}  // namespace chipcast::kernels::conv_detail

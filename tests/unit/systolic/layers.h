// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "accelerators/registry.h"
#include "accelerators/systolic/plan.h"
#include "workloads/builder.h"
#include "workloads/op_description.h"

/// Layers and devices that the tests of systolic arrays share.
namespace chipcast::systolic_test {

using namespace systolic;

inline constexpr Dataflow kDataflows[] = {Dataflow::os, Dataflow::ws, Dataflow::is};

/// A convolution as SCALE-Sim's topologies state it: no padding, output extents rounded up.
struct Layer {
  std::string name;
  std::int64_t height, width, filter_height, filter_width, channels, filters, stride;

  LoopNest nest() const {
    LoopNest out;
    out.in_height = height;
    out.in_width = width;
    out.kernel_height = filter_height;
    out.kernel_width = filter_width;
    out.in_channels = channels;
    out.out_channels = filters;
    out.stride_h = out.stride_w = stride;
    out.out_height = ceil_div(height - filter_height + stride, stride);
    out.out_width = ceil_div(width - filter_width + stride, stride);
    return out;
  }
};

inline Config config_of(std::int64_t size, Dataflow dataflow) {
  Config config;
  config.rows = config.columns = static_cast<int>(size);
  config.dataflow = dataflow;
  return config;
}

inline std::unique_ptr<Device> device_of(Json json) {
  json["type"] = "systolic";
  return device_type("systolic", "test").make(json, "devices.npu", "npu", {});
}

inline Json json_of(std::int64_t size, Dataflow dataflow) {
  return Json{{"rows", size}, {"columns", size}, {"dataflow", std::string(name_of(dataflow))}};
}

/// What a schedule adds up to.
struct Totals {
  Cycles cycles;
  Ops macs;
  SramAccesses sram;
  Bytes input, weights, output;
  std::int64_t steps = 0;
};
inline Totals totals_of(const Schedule& schedule) {
  Totals out;
  for (const ScheduleStep& step : schedule.steps) {
    for (std::int64_t i = 0; i < step.count; ++i) out.sram += step.work.sram;
    out.cycles += step.work.cycles * step.count;
    out.macs += step.work.macs * step.count;
    out.input += step.input * step.count;
    out.weights += step.weights * step.count;
    out.output += step.output * step.count;
    out.steps += step.count;
  }
  return out;
}

inline const Traffic kEverything{};

/// Count of the actions of that name (and component) in a schedule.
inline double activity_of(const Device& device, const Schedule& schedule, const std::string& action,
                          const std::string& component = {}) {
  double sum = 0.0;
  for (const ScheduleStep& step : schedule.steps) {
    for (const Activity& some : step.work.activity) {
      const ActionSpec& spec = device.actions().at(some.action);
      if (spec.action != action || (!component.empty() && spec.component != component)) continue;
      sum += some.count * static_cast<double>(step.count);
    }
  }
  return sum;
}

/// One convolution as an operator of a graph, in `dtype`.
inline OpDescription conv_op(Shape input, Shape weights, Conv attributes = {}, DType dtype = DType::int8) {
  GraphBuilder b("conv");
  const TensorId x = b.input("x", {std::move(input), dtype}), w = b.parameter("w", {std::move(weights), dtype});
  b.output(b.add_one("conv", std::move(attributes), {x, w}));
  return describe_ops(std::move(b).build()).front();
}

/// Lines of a comma-separated file without comments and empty ones, the header first; none where it is absent.
inline std::vector<std::vector<std::string>> csv_rows(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#' || line.find_first_not_of(", \r\t") == std::string::npos) continue;
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) {
      const auto first = cell.find_first_not_of(" \r\t"), last = cell.find_last_not_of(" \r\t");
      if (first != std::string::npos) rows.back().push_back(cell.substr(first, last - first + 1));
    }
  }
  return rows;
}

inline std::vector<Layer> topology(const std::filesystem::path& path) {
  std::vector<Layer> out;
  const auto rows = csv_rows(path);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto number = [&](std::size_t column) { return std::stoll(rows[i].at(column)); };
    out.push_back({rows[i].front(), number(1), number(2), number(3), number(4), number(5), number(6), number(7)});
  }
  return out;
}

}  // namespace chipcast::systolic_test

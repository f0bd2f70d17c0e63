// SPDX-License-Identifier: Apache-2.0
#include <pybind11/stl.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "models/technology/area.h"
#include "models/technology/cost.h"
#include "models/technology/leakage.h"
#include "platform/platform.h"
#include "python/bindings/module.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

enum class BlockKind { mac, sram, registers };
constexpr std::array<std::pair<BlockKind, std::string_view>, 3> enum_names(BlockKind) {
  return {{{BlockKind::mac, "mac"}, {BlockKind::sram, "sram"}, {BlockKind::registers, "registers"}}};
}

/// A part of a configuration, `count` of them.
struct Block {
  std::string name;
  BlockKind kind{BlockKind::mac};
  std::int64_t count{1}, bytes{0};
  int port_bits{512};
  DType format{DType::int8};

  template <class V>
  void visit(V& v) {
    constexpr std::int64_t kMost = std::int64_t{1} << 40;
    v.field("name", name, {.doc = "Name.", .required = true});
    v.field("kind", kind, {.doc = "What it is.", .required = true});
    v.field("count", count, {.doc = "How many.", .min = 0, .max = kMost});
    v.field("bytes", bytes, {.doc = "Capacity of each SRAM or group of registers.", .min = 0, .max = kMost});
    v.field("port_bits", port_bits, {.doc = "Port of each SRAM.", .min = 1, .max = 1 << 20});
    v.field("format", format, {.doc = "Format of multiply-accumulates."});
  }
};

struct Silicon {
  Joules access;  ///< a multiply-accumulate, a byte read or written
  double area = 0.0;
  Watts leakage;
};

Silicon silicon_of(const technology::Config& config, const Block& block) {
  const auto count = static_cast<double>(block.count);
  const Bytes bytes(block.bytes);
  switch (block.kind) {
    case BlockKind::mac: {
      const double area = technology::mac_area(config, block.format, block.count);
      return {technology::mac_energy(config, block.format) * Ops(1), area, technology::logic_leakage(config, area)};
    }
    case BlockKind::sram:
      return {technology::sram_energy(config, bytes, block.port_bits) * Bytes(1),
              technology::sram_area(config, bytes) * count, technology::sram_leakage(config, bytes) * count};
    case BlockKind::registers: {
      const double area = technology::register_area(config, 8 * block.bytes) * count;
      return {config.register_byte * Bytes(1), area, technology::logic_leakage(config, area)};
    }
  }
  CHIPCAST_ASSERT(false);
  return {};
}

/// Leakage holds at `celsius`, everything at `volts`.
std::string technology_blocks(const std::string& technology, const std::string& blocks, double volts, double celsius) {
  const auto config = read_value<technology::Config>(parse_json(technology, "technology"), "technology");
  if (!(volts >= 0.2 && volts <= 5.0)) throw InputError("volts", std::to_string(volts) + " is outside [0.2, 5]");
  if (!(celsius >= -60.0 && celsius <= 200.0)) {
    throw InputError("celsius", std::to_string(celsius) + " is outside [-60, 200]");
  }
  const double leaking = technology::leakage_factor(config, volts, config.nominal_volts, celsius);
  const double switching = technology::voltage_factor(config, volts);
  Json out = Json::array();
  for (const auto& block : read_value<std::vector<Block>>(parse_json(blocks, "blocks"), "blocks")) {
    const Silicon silicon = silicon_of(config, block);
    out.push_back({{"name", block.name},
                   {"kind", std::string(name_of(block.kind))},
                   {"count", block.count},
                   {"energy_j", silicon.access.count() * switching},
                   {"area_mm2", silicon.area},
                   {"leakage_w", silicon.leakage.count() * leaking}});
  }
  return out.dump();
}

Json row(const std::string& component, const std::string& action, Joules each) {
  return {{"component", component}, {"action", action}, {"energy_j", each.count()}};
}

/// As reports book them: devices' own actions, the way to memory, memories and their interface.
std::string platform_actions(const std::string& file, const std::vector<std::string>& search,
                             const std::vector<std::string>& overrides) {
  const Platform platform = Platform::load(file, {search.begin(), search.end()}, overrides);
  const auto& technology = platform.file().technology;
  const auto& links = platform.file().interconnect;
  Json out = Json::array();
  for (const auto& device : platform.devices()) {
    for (const auto& spec : device.device->actions()) out.push_back(row(spec.component, spec.action, spec.each));
  }
  out.push_back(row("interconnect", "byte", (technology.wire_per_mm * links.length_mm + links.hop_energy) * Bytes(1)));
  for (const auto& memory : platform.memories()) {
    for (const auto& spec : memory.law->actions(memory.name)) {
      out.push_back(row(spec.component, spec.action, spec.each));
    }
    if (memory.law->off_chip()) out.push_back(row(memory.name + ".phy", "byte", technology.dram_phy * Bytes(1)));
  }
  return out.dump();
}

}  // namespace

void bind_technology(py::module_& module) {
  module.def("technology_blocks", &technology_blocks, py::arg("technology"), py::arg("blocks"), py::arg("volts"),
             py::arg("celsius"), "Energy of an access, area and leakage of parts of a configuration, as JSON text.");
  module.def("platform_actions", &platform_actions, py::arg("platform"), py::arg("search"), py::arg("overrides"),
             "Everything that a platform charges energy for, as JSON text: component, action, energy_j.");
}

}  // namespace chipcast::python

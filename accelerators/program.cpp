// SPDX-License-Identifier: Apache-2.0
#include "accelerators/program.h"

#include "sim/config/writer.h"

namespace chipcast {
namespace {

void add_pattern(Json& out, const dma::Pattern& pattern) {
  out["row_bytes"] = pattern.row.count();
  out["rows"] = pattern.rows;
  out["row_stride"] = pattern.row_stride.count();
  if (pattern.planes == 1) return;
  out["planes"] = pattern.planes;
  out["plane_stride"] = pattern.plane_stride.count();
}

Json command_json(const Command& command, const DeviceProgram& device, const std::vector<Placement>& placements) {
  Json out{{"do", std::string(name_of(command.kind))}};
  switch (command.kind) {
    case CommandKind::signal:
      out["semaphore"] = command.semaphore.index();
      break;
    case CommandKind::wait:
      out["semaphore"] = command.semaphore.index();
      out["value"] = command.value;
      break;
    case CommandKind::compute:
      out["op"] = placements.at(command.op.index()).op;
      out["work"] = command.work;
      break;
    case CommandKind::load:
    case CommandKind::store:
      out["op"] = placements.at(command.op.index()).op;
      out["address"] = command.address;
      out["bytes"] = command.bytes.count();
      if (command.pattern) add_pattern(out, device.patterns.at(*command.pattern));
      break;
  }
  return out;
}

Json work_json(const TileWork& work) {
  return Json{{"cycles", work.cycles.count()}, {"macs", work.macs.count()}, {"overhead", work.overhead}};
}

}  // namespace

Json Program::to_json() const {
  Json out{{"format", "chipcast-program"}, {"version", 1}, {"network", network}, {"semaphores", semaphores}};
  out["memory_footprint_bytes"] = memory_footprint.count();
  out["memory_live_bytes"] = memory_live.count();
  out["warnings"] = warnings;
  out["placements"] = write_value(placements);
  Json places = Json::array();
  for (const auto& a : allocations) {
    places.push_back({{"tensor", a.tensor}, {"address", a.address}, {"bytes", a.bytes.count()}});
  }
  out["allocations"] = std::move(places);
  Json list = Json::array();
  for (const auto& device : devices) {
    Json entry{{"device", device.device}, {"works", Json::array()}, {"queues", Json::object()}};
    for (const auto& work : device.works) entry["works"].push_back(work_json(work));
    for (const auto& [kind, name] : enum_names(EngineKind{})) {
      Json queue = Json::array();
      for (const auto& command : device.queue(kind)) queue.push_back(command_json(command, device, placements));
      entry["queues"][std::string(name)] = std::move(queue);
    }
    list.push_back(std::move(entry));
  }
  out["devices"] = std::move(list);
  return out;
}

}  // namespace chipcast

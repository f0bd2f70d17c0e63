// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>

#include "accelerators/contract.h"
#include "sim/config/docs_table.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"

namespace chipcast {

/// The entry of a device type: `Config` declares its parameters in visit(), `make_device(config, instance, technology)`
/// makes one. Its parameters stand beside "type" in the platform file.
template <class Config, auto make_device>
DeviceType device_entry(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .make = [](const Json& json, const std::string& path, const std::string& instance,
                     const technology::Config& technology) -> std::unique_ptr<Device> {
            Json parameters = json;
            parameters.erase("type");
            return make_device(read_value<Config>(parameters, path), instance, technology);
          },
          .schema = &schema_of<Config>,
          .docs = [](const std::string& title) { return docs_table_of<Config>(title); }};
}

}  // namespace chipcast

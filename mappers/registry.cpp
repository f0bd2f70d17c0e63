// SPDX-License-Identifier: Apache-2.0
#include "mappers/contract.h"
#include "mappers/greedy/greedy.h"
#include "sim/base/check.h"

namespace chipcast {

const std::vector<MapperType>& mapper_types() {
  static const std::vector<MapperType> types{
      {"greedy", "Each operator on the device that finishes it first.", &greedy::make_mapper},
  };
  return types;
}

const MapperType& mapper_type(const std::string& name, const std::string& place) {
  std::vector<std::string> known;
  for (const auto& type : mapper_types()) {
    if (type.name == name) return type;
    known.push_back(type.name);
  }
  throw InputError(place, "unknown mapper " + in_quotes(name) + suggestion(name, known));
}

}  // namespace chipcast

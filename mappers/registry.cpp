// SPDX-License-Identifier: Apache-2.0
#include "mappers/annealing/annealing.h"
#include "mappers/chain/chain.h"
#include "mappers/contract.h"
#include "mappers/fixed/fixed.h"
#include "mappers/greedy/greedy.h"
#include "mappers/heft/heft.h"
#include "mappers/peft/peft.h"
#include "mappers/pipeline/pipeline.h"
#include "sim/base/check.h"

namespace chipcast {

const std::vector<MapperType>& mapper_types() {
  static const std::vector<MapperType> types{
      {kDefaultMapper, "Each operator on the device that finishes it first.", &greedy::make_mapper, false},
      {"fixed", "A mapping that is given, whole or in part; the rest as greedy.", &fixed::make_mapper, false},
      {"heft", "Operators by upward rank, each where it ends first, gaps filled.", &heft::make_mapper},
      {"peft", "As heft, looking ahead with a table of optimistic costs.", &peft::make_mapper},
      {"chain", "Dynamic programming along the operators that everything passes through.", &chain::make_mapper},
      {"annealing", "Simulated annealing from the best of the others; obeys seed and budget.", &annealing::make_mapper},
      {"pipeline", "For many frames: the busiest device as little busy as can be.", &pipeline::make_mapper},
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

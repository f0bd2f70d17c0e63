// SPDX-License-Identifier: Apache-2.0
#include "mappers/fixed/fixed.h"

#include "mappers/mapping_json.h"
#include "sim/base/check.h"

namespace chipcast::fixed {
namespace {

class FixedMapper final : public Mapper {
 public:
  Mapping map(const MappingProblem& problem, tiling::Plans& plans) const override {
    const Json& given = problem.options.given;
    if (given.is_null()) {
      throw InputError("mapping", "missing; the policy \"fixed\" follows a mapping: give one, whole or in part");
    }
    Mapping mapping = complete(problem, read_mapping(problem, given, "mapping"), plans, "mapping");
    mapping.choices.resize(problem.ops.size());
    for (const Task& task : mapping.tasks) {
      std::string& reason = mapping.choices[task.op.index()].reason;
      if (reason.empty()) reason = task.slot ? "as given" : "moves no data";
    }
    if (mapping.search.method.empty()) mapping.search.method = "fixed";
    return mapping;
  }
};

}  // namespace

std::unique_ptr<Mapper> make_mapper() { return std::make_unique<FixedMapper>(); }

}  // namespace chipcast::fixed

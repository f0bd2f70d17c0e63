// SPDX-License-Identifier: Apache-2.0
#include "sim/config/schema.h"

namespace chipcast {

Json quantity_schema(Dim dim) {
  std::string symbols;
  for (const auto& unit : units_of(dim)) {
    if (!symbols.empty()) symbols += '|';
    symbols += unit.symbol;
  }
  return Json{{"type", "string"},
              {"pattern", "^ *-?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)? *(" + symbols + ") *$"}};
}

}  // namespace chipcast

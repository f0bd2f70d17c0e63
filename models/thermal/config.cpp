// SPDX-License-Identifier: Apache-2.0
#include "models/thermal/config.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace chipcast::thermal {

void Config::validate() const {
  std::set<std::string> known, warmed;
  for (const auto& [name, node] : nodes) {
    known.insert(name);
    if (node.to_ambient_k_per_w > 0.0) warmed.insert(name);
  }
  for (const auto& link : links) {
    for (const std::string& end : {link.from, link.to}) {
      if (known.count(end) == 0)
        throw std::invalid_argument("links names the node \"" + end + "\", which is not there");
    }
    if (link.from == link.to) throw std::invalid_argument("a link goes from \"" + link.from + "\" to itself");
  }
  // Every node needs a way to the air, or its temperature has no bound.
  for (bool grown = true; grown;) {
    grown = false;
    for (const auto& link : links) {
      if (warmed.count(link.from) != warmed.count(link.to)) {
        warmed.insert(link.from);
        warmed.insert(link.to);
        grown = true;
      }
    }
  }
  for (const std::string& name : known) {
    if (warmed.count(name) == 0) {
      throw std::invalid_argument("node \"" + name +
                                  "\" has no way to the air; give it or a linked node to_ambient_k_per_w");
    }
  }
}

}  // namespace chipcast::thermal

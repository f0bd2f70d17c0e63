// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/config/field.h"

/// Heat: a network of resistances and capacities between domains and the air.
namespace chipcast::thermal {

struct Node {
  double capacity_j_per_k{1.0};
  double to_ambient_k_per_w{0.0};
  std::optional<double> throttle_c{};

  template <class V>
  void visit(V& v) {
    v.field("capacity_j_per_k", capacity_j_per_k,
            {.doc = "Heat capacity, J/K.", .min = 1e-9, .max = 1e9, .required = true});
    v.field("to_ambient_k_per_w", to_ambient_k_per_w,
            {.doc = "Thermal resistance to the air, K/W; 0: no direct way.", .min = 0.0, .max = 1e6});
    v.field("throttle_c", throttle_c,
            {.doc = "Domains of this node slow down to stay below this temperature, degrees Celsius.",
             .min = -40.0,
             .max = 200.0});
  }
};

struct Link {
  std::string from, to;
  double resistance_k_per_w{1.0};

  template <class V>
  void visit(V& v) {
    v.field("from", from, {.doc = "A node.", .required = true});
    v.field("to", to, {.doc = "Another one.", .required = true});
    v.field("resistance_k_per_w", resistance_k_per_w,
            {.doc = "Thermal resistance between them, K/W.", .min = 1e-6, .max = 1e6, .required = true});
  }
};

/// The member `thermal` of a platform file.
struct Config {
  double ambient_c{25.0};
  Named<Node> nodes;
  std::vector<Link> links;
  double hysteresis_k{2.0};

  template <class V>
  void visit(V& v) {
    v.field("ambient_c", ambient_c, {.doc = "Temperature of the air, degrees Celsius.", .min = -60.0, .max = 150.0});
    v.field("nodes", nodes, {.doc = "Thermal nodes by name; without any everything stays at the ambient temperature."});
    v.field("links", links, {.doc = "Ways between nodes."});
    v.field("hysteresis_k", hysteresis_k,
            {.doc = "So far below throttle_c domains may speed up again.", .min = 0.0, .max = 50.0});
  }
  /// Throws std::invalid_argument.
  void validate() const;
};

}  // namespace chipcast::thermal

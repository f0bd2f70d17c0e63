// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/field.h"

/// What was counted while an operator was executed as it is mapped, beside what its device was charged for it.
namespace chipcast::crosscheck {

/// One amount at one level of the memory hierarchy, summed over an operator.
struct Quantity {
  std::string level, name;
  double counted = 0.0, charged = 0.0;  ///< whole numbers but where a device charges parts of an element
  bool compared = true;
  bool equal = true;  ///< in every single step, not only in the sums
  std::string note;   ///< the first difference, or why it cannot be counted

  template <class V>
  void visit(V& v) {
    v.field("level", level, {.doc = "memory (over the device's port), buffer (on chip) or array (arithmetic)."});
    v.field("name", name, {.doc = "What is counted; its unit ends the name where it is not elements."});
    v.field("counted", counted, {.doc = "By executing the mapped loops; 0 where it is not compared."});
    v.field("charged", charged, {.doc = "By the device's cost functions."});
    v.field("compared", compared, {.doc = "False where the device charges an estimate; the note says which."});
    v.field("equal", equal, {.doc = "Equal in every step that was compared."});
    v.field("note", note, {.doc = "The first difference, or why it is not compared."});
  }
};

/// One operator on one device.
struct WorkCheck {
  std::string op{}, kind{}, device{}, mapping{};
  std::int64_t steps = 0;
  std::vector<Quantity> quantities{};
  std::int64_t results = 0;    ///< values that were computed through the tiles
  std::int64_t different = 0;  ///< of these, unlike those of the loops as they stand in the graph
  bool sampled = false;        ///< arithmetic was executed for some results only; bytes are those of all steps

  /// At least one quantity was compared, and no compared quantity and no value differs.
  bool equal() const;
  /// "memory input_bytes: step 3: counted 96, charged 64", or "nothing was compared"; empty where all is equal.
  std::string first_difference() const;

  template <class V>
  void visit(V& v) {
    v.field("op", op, {.doc = "Operator."});
    v.field("kind", kind, {.doc = "What it is."});
    v.field("device", device, {.doc = "Where it runs."});
    v.field("mapping", mapping, {.doc = "How it was cut."});
    v.field("steps", steps, {.doc = "Tiles, pieces, or steps of the device's schedule."});
    v.field("quantities", quantities, {.doc = "What was counted."});
    v.field("results", results, {.doc = "Values computed through the tiles; 0 where nothing is multiplied."});
    v.field("different", different, {.doc = "Values unlike those of the untiled loops."});
    v.field("sampled", sampled, {.doc = "Arithmetic was executed for some of the results only."});
  }
};

/// Collects quantities step by step and remembers where they first differ.
class Tally {
 public:
  /// `step` is named in the first difference; negative: the whole operator.
  void add(const std::string& level, const std::string& name, std::int64_t step, double counted, double charged);
  /// Charged, but not countable.
  void leave_out(const std::string& level, const std::string& name, double charged, const std::string& why);
  std::vector<Quantity> take() { return std::move(quantities_); }

 private:
  Quantity& entry(const std::string& level, const std::string& name);

  std::vector<Quantity> quantities_;
};

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "crosscheck/work/result.h"

/// What the random cases must have compared, and the only reasons for which they may not.
namespace chipcast::crosscheck {

/// At least `per_1000` of a type's cases compare numbers of this quantity that are not both zero.
struct Compared {
  const char* type;
  const char* level;
  const char* name;
  int per_1000;
};

/// A quantity that a case may leave out, for a reason that begins with `why`, in at most `per_1000` of a type's cases.
struct LeftOut {
  const char* type;
  const char* name;
  const char* why;
  int per_1000;
};

const std::vector<Compared>& must_be_compared();
const std::vector<LeftOut>& may_be_left_out();

/// How often each quantity was compared or left out.
class Coverage {
 public:
  void add(const std::string& type, const WorkCheck& check);
  /// Every breach of the two tables, a line each. Rates of a few cases say nothing: below `fewest` of a type only
  /// reasons are looked at.
  std::vector<std::string> breaches(int fewest) const;
  const std::map<std::string, int>& cases() const { return cases_; }
  /// "npu buffer read_bytes: 407 of 459" and the like, to make the tables from.
  std::string to_text() const;

 private:
  std::map<std::string, int> cases_;     ///< by type
  std::map<std::string, int> compared_;  ///< by "type level name"
  std::map<std::string, int> left_out_;  ///< by "type name: why"
};

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/simd/targets.h"

#include <hwy/targets.h>

#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kCompiled = HWY_TARGETS;

std::vector<std::int64_t> bits_of(std::int64_t targets) {
  std::vector<std::int64_t> each;
  for (std::int64_t left = targets; left != 0; left &= left - 1) each.push_back(left & -left);
  return each;  // the lowest bit is the best instruction set
}

/// Asked for once, before anything is switched off: asking again would have to switch all on meanwhile.
const std::vector<std::int64_t>& all_usable() {
  static const std::vector<std::int64_t> all = bits_of(hwy::SupportedTargets() & kCompiled);
  return all;
}

}  // namespace

std::vector<std::string> usable_targets() {
  std::vector<std::string> names;
  for (const std::int64_t bit : all_usable()) names.emplace_back(hwy::TargetName(bit));
  return names;
}

std::string target() { return hwy::TargetName(bits_of(hwy::SupportedTargets() & kCompiled).front()); }

void limit_target(const std::string& name) {
  std::int64_t above = 0;
  bool found = name.empty();
  std::string known;
  for (const std::int64_t bit : all_usable()) {
    found = found || hwy::TargetName(bit) == name;
    if (!found) above |= bit;
    known += (known.empty() ? "" : ", ") + std::string(hwy::TargetName(bit));
  }
  if (!found) {
    throw InputError("target", "\"" + name + "\" is not an instruction set of this machine (known: " + known + ")");
  }
  hwy::DisableTargets(name.empty() ? 0 : above);
}

}  // namespace chipcast::kernels

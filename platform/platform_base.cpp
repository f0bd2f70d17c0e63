// SPDX-License-Identifier: Apache-2.0
#include "platform/platform_base.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {
namespace {

/// All devices have figures of the technology.
bool changes_technology(const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(),
                     [](const std::string& assignment) { return assignment.starts_with("technology"); });
}

}  // namespace

PlatformBase::PlatformBase(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search)
    : source_(file.filename().string()), document_(Platform::document(file, search)) {
  const Platform none;
  try {
    plain_ = Platform::from_resolved(document_, source_, {}, &none);
  } catch (const InputError&) {
    // `with` says so, where overrides do not mend it.
  }
}

Platform PlatformBase::with(const std::vector<std::string>& overrides) const {
  const Platform none;
  return Platform::from_resolved(document_, source_, overrides, changes_technology(overrides) ? &none : &plain_);
}

}  // namespace chipcast

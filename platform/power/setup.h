// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/power/governor_config.h"
#include "platform/power/domains.h"
#include "platform/power/observer.h"

namespace chipcast {

/// Who manages power during a run. All of it outlives the run.
struct PowerSetup {
  const std::vector<PowerDomain>& domains;
  const power::Management& management;
  /// Who keeps the books. Without one there are no temperatures and no power to look at: nothing throttles, and no cap
  /// is kept.
  PowerObserver* observer = nullptr;
};

}  // namespace chipcast

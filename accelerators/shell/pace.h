// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/base/ids.h"
#include "sim/base/time.h"

namespace chipcast::shell {

/// Decides how fast devices run, and whether they run at all.
class Pace {
 public:
  virtual ~Pace() = default;

  /// A device has something to load, compute or store. False where its domain sleeps or changes its operating point;
  /// Dispatcher::powered() is called as soon as it may work. May be asked again meanwhile.
  virtual bool may_work(DeviceId device) = 0;
  /// The same before a compute command: false, too, while an operating point waits for commands to end.
  virtual bool may_compute(DeviceId device) = 0;
  /// Clock of a device's compute engine for the command that begins now. Launches and hand-offs (`TileWork::overhead`)
  /// are time of software and keep the clock that the device was configured with.
  virtual Clock clock(DeviceId device) const = 0;
  /// An engine of a device has begun a command while all stood still / the last one that worked has ended.
  virtual void working(DeviceId device) = 0;
  virtual void resting(DeviceId device) = 0;
  /// A compute command has begun or ended; launches too.
  virtual void computing(DeviceId device, bool begun) = 0;
};

}  // namespace chipcast::shell

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/platform.h"

namespace chipcast {

/// Devices and memories, what a platform has beside them, and the engines of devices are told apart by name: in
/// `--set`, reports, traces and the simulation. Throws InputError where a name has characters that are not allowed, or
/// is taken.
void check_names(const PlatformFile& file);

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "platform/platform.h"

namespace chipcast {

/// A platform file of which many platforms are made that differ in overrides: it is read once, and devices that no
/// override touches are shared.
class PlatformBase {
 public:
  /// Throws InputError for a file that is none; what is wrong in it may be mended by overrides.
  PlatformBase(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search);

  /// As Platform::load with these overrides. Throws InputError.
  Platform with(const std::vector<std::string>& overrides) const;

 private:
  std::string source_;
  Json document_;
  Platform plain_;  ///< without overrides; empty where that is none
};

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/base/check.h"

namespace chipcast {

/// The text of the InputError that `action` throws, or "no error".
template <class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace chipcast

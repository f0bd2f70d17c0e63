// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/config/json.h"

namespace chipcast {

/// JSON Schemas (draft 7) of every document that users write or read, by name: "platform", "graph", "options",
/// "report".
Json schemas();

/// Markdown: one table per configuration struct, for docs/reference.
std::string config_docs();

}  // namespace chipcast

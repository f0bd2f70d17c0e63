// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <vector>

#include "sim/config/json.h"

/// Presets: an object with "extends": "cores/cortex-a76.json" takes that file's members and overrides them.
namespace chipcast {

/// A file's JSON with every "extends" replaced by what it names, at any depth. Presets are looked for beside
/// the file and in `search`, and must lie inside one of those folders. Objects merge member by member, all
/// else is replaced. "extends" may be a list; later ones win. Throws InputError with file and JSON path.
Json load_with_presets(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search);

/// The same for a document that is already in memory; `source` names it in messages.
Json resolve_presets(Json json, const std::string& source, const std::vector<std::filesystem::path>& search);

/// Sets a value inside a document: "npu0.dma.outstanding=32", "a76.caches[0].size=32 KiB". The value is read as
/// JSON where that is possible and as text otherwise. Throws InputError where the path crosses a value that
/// has no members. Unknown members are left to the strict reader, which names what is known.
void apply_override(Json& json, const std::string& assignment);

/// What stands at such a path. Throws InputError(place, ...) with what is there instead.
const Json& value_at(const Json& json, const std::string& path, const std::string& place);

}  // namespace chipcast

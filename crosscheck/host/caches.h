// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "crosscheck/host/memory.h"
#include "sim/base/units.h"

namespace chipcast::crosscheck {

/// A data cache of one core, from the core outwards.
struct HostCache {
  std::string name;  ///< "L2"
  Bytes size;
  int ways = 8;
  int sharers = 1;  ///< processors that use it

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "L1D, L2, L3."});
    v.field("size", size, {.doc = "Capacity."});
    v.field("ways", ways, {.doc = "Lines that one address may lie in."});
    v.field("sharers", sharers, {.doc = "Processors that use it."});
  }
};

/// What Linux says of the data caches of a processor: `folder` is .../cpu/cpu0/cache with index0/{level,type,size,
/// ways_of_associativity,shared_cpu_list}. Empty where nothing can be read.
std::vector<HostCache> read_caches(const std::filesystem::path& folder);

/// "0-3,8" names five processors. Throws InputError for other text.
int processors_in(const std::string& list, const std::string& place);

/// Caches as the latency of a chain of loads tells: a level is the last block of a plateau from which the latency rises
/// by more than 60 %; what later blocks undercut was noise. `curve` by rising block size; the last plateau is memory's.
std::vector<HostCache> caches_from(const std::vector<LatencyPoint>& curve);

}  // namespace chipcast::crosscheck

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "models/cache/config.h"
#include "models/dma/cost.h"
#include "models/interconnect/config.h"
#include "models/interconnect/topology.h"
#include "models/memory.h"
#include "models/power/config.h"
#include "models/technology/config.h"
#include "models/thermal/config.h"
#include "platform/calibration.h"
#include "platform/power/domains.h"
#include "sim/config/field.h"
#include "sim/config/json.h"

namespace chipcast {

/// The members of a platform file; devices are read by their own types.
struct PlatformFile {
  std::string name{"unnamed"};
  std::string description;
  std::vector<std::string> sources;
  technology::Config technology{};
  interconnect::Config interconnect{};
  std::optional<cache::Config> system_cache{};
  Named<Json> memories;
  Named<Json> devices;
  Seconds handoff{20e-6};
  Watts always_on{0.0};
  power::Config power{};
  thermal::Config thermal{};
  Calibration calibration{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Short name.", .required = true});
    v.field("description", description, {.doc = "What it is, for people."});
    v.field("sources", sources, {.doc = "Where the numbers come from."});
    v.field("technology", technology, {.doc = "Energy of basic operations."});
    v.field("interconnect", interconnect, {.doc = "What connects devices and memories."});
    v.field("system_cache", system_cache,
            {.doc = "Cache between the interconnect and the first memory, shared by all devices."});
    v.field("memories", memories,
            {.doc = "Memories by name, each with a \"type\" (dram, where none is given); tensors live in the first.",
             .required = true});
    v.field("devices", devices, {.doc = "What computes, by name; each has a \"type\".", .required = true});
    v.field("handoff", handoff,
            {.doc = "Delay when an operator reads what another device wrote: interrupt, driver, cache maintenance.",
             .min = Seconds(0.0),
             .max = Seconds(1.0)});
    v.field("always_on", always_on,
            {.doc = "Power of all that is not modelled by itself.", .min = Watts(0.0), .max = Watts(10000.0)});
    v.field("power", power, {.doc = "Domains, operating points, idle states, rails, loads, board and battery."});
    v.field("thermal", thermal, {.doc = "Where heat goes."});
    v.field("calibration", calibration, {.doc = "Parameters that measurements may settle, and what they settled."});
  }
};

struct PlatformDevice {
  std::string name, type;
  std::shared_ptr<const Device> device;
  std::size_t kind = 0;                    ///< devices with equal configurations have equal kinds
  std::shared_ptr<const Json> resolved{};  ///< its configuration, every default filled in
  /// Text of all that its answers depend on; of platforms that a PlatformBase makes.
  std::shared_ptr<const std::string> law{};
};

struct PlatformMemory {
  std::string name, type;
  std::unique_ptr<MemoryLaw> law;
  Json resolved;  ///< its configuration, for whoever builds the module
};

/// A platform, read and checked.
class Platform {
 public:
  /// Reads a platform file, resolves its presets (looked for beside it and in `search`), and applies overrides
  /// such as "npu0.clock=800 MHz" (a path that starts with a device's or a memory's name means that member).
  /// Throws InputError.
  static Platform load(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search,
                       const std::vector<std::string>& overrides = {});
  /// The same from a document in memory.
  static Platform from_json(Json json, const std::string& source, const std::vector<std::filesystem::path>& search,
                            const std::vector<std::string>& overrides = {});

  /// The same from a document as `document` gives it. `like`: devices that are configured as there are taken over, all
  /// others state their laws; it is of the same document with the same technology, or empty.
  static Platform from_resolved(Json json, const std::string& source, const std::vector<std::string>& overrides,
                                const Platform* like = nullptr);

  /// A platform file without presets, with what a fit found in its place.
  static Json document(const std::filesystem::path& file, const std::vector<std::filesystem::path>& search);

  /// The resolved platform: every field of everything, without presets.
  Json to_json() const;
  /// SHA-256 of the resolved platform's text, in hexadecimal; without what is said about calibration, which changes
  /// no forecast.
  std::string sha256() const;
  /// JSON Schema of a platform file, presets included.
  static Json schema();

  const PlatformFile& file() const { return file_; }
  const std::vector<PlatformDevice>& devices() const { return devices_; }
  const std::vector<PlatformMemory>& memories() const { return memories_; }
  /// The memory that tensors live in.
  const PlatformMemory& memory() const { return memories_.front(); }
  const interconnect::Topology& topology() const { return *topology_; }
  /// Kind of core ("Cortex-A76") of each CPU cluster, by the cluster's name.
  std::map<std::string, std::string> core_names() const;
  /// See power_domains().
  const std::vector<PowerDomain>& domains() const { return domains_; }
  /// The way between a device and the memory that tensors live in, as a transfer sees it when it is alone: what
  /// mappers expect.
  dma::UnloadedPath unloaded_path(std::size_t device, EngineKind engine) const;
  /// The best case of it, for the analytic tier: everything hits the system cache, where there is one.
  dma::UnloadedPath least_path(std::size_t device, EngineKind engine) const;
  /// What moving bytes that stand together between any device and that memory costs: links, interface, memory.
  Joules transfer_energy(EngineKind engine, Bytes bytes) const;

 private:
  void add_memory(const std::string& name, const Json& config);
  PlatformDevice make_device(const std::string& name, const Json& config, const Platform* like) const;
  void set_operating_points(const std::vector<std::string>& overrides, const Platform* like);

  PlatformFile file_;
  std::vector<PlatformDevice> devices_;
  std::vector<PlatformMemory> memories_;
  std::shared_ptr<const interconnect::Topology> topology_;
  std::vector<PowerDomain> domains_;
};

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#include "models/sram/law.h"

#include "models/sram/cost.h"
#include "models/technology/cost.h"
#include "sim/config/writer.h"

namespace chipcast::sram {
namespace {

class Law final : public MemoryLaw {
 public:
  Law(const Config& config, const technology::Config& technology) : config_(config) {
    const JoulesPerByte usual = technology::sram_energy(technology, array_size(config));
    if (!config_.read_energy) config_.read_energy = usual;
    if (!config_.write_energy) config_.write_energy = usual;
  }

  Bytes capacity() const override { return config_.capacity; }
  /// Of reads and writes together.
  BytesPerSecond peak_bandwidth() const override {
    return stream_bandwidth(config_) * (config_.separate_ports ? 2.0 : 1.0);
  }
  Time least_latency(bool /*write*/) const override { return latency(config_); }
  Time least_service(Bytes bytes) const override { return sram::least_service(config_, bytes); }
  std::vector<ActionSpec> actions(const std::string& instance) const override {
    return {{instance, "read_byte", *config_.read_energy * Bytes(1)},
            {instance, "write_byte", *config_.write_energy * Bytes(1)}};
  }
  Joules stream_energy(Bytes bytes, bool write) const override {
    return (write ? *config_.write_energy : *config_.read_energy) * bytes;
  }
  Watts idle_power() const override { return config_.static_power; }
  bool off_chip() const override { return false; }
  Json to_json() const override { return write_value(config_); }

 private:
  Config config_;
};

}  // namespace

std::unique_ptr<MemoryLaw> make_law(const Config& config, const technology::Config& technology) {
  return std::make_unique<Law>(config, technology);
}

}  // namespace chipcast::sram

// SPDX-License-Identifier: Apache-2.0
#include "models/simple_memory/cost.h"

#include "sim/config/writer.h"

namespace chipcast::simple_memory {
namespace {

class Law final : public MemoryLaw {
 public:
  explicit Law(const Config& config) : config_(config) {}

  Bytes capacity() const override { return config_.capacity; }
  BytesPerSecond peak_bandwidth() const override { return config_.bandwidth; }
  Time least_latency(bool /*write*/) const override { return Time::from_seconds(config_.latency); }
  Time least_service(Bytes bytes) const override { return service_time(config_, bytes); }
  std::vector<ActionSpec> actions(const std::string& instance) const override {
    return {{instance, "read_byte", config_.read_energy * Bytes(1)},
            {instance, "write_byte", config_.write_energy * Bytes(1)}};
  }
  Joules stream_energy(Bytes bytes, bool write) const override {
    return (write ? config_.write_energy : config_.read_energy) * bytes;
  }
  Watts idle_power() const override { return config_.background_power; }
  bool off_chip() const override { return !config_.on_chip; }
  Json to_json() const override { return write_value(config_); }

 private:
  Config config_;
};

}  // namespace

Time service_time(const Config& config, Bytes bytes) {
  return transfer_time(Bytes(round_up(bytes.count(), config.burst.count())), config.bandwidth);
}

std::unique_ptr<MemoryLaw> make_law(const Config& config) { return std::make_unique<Law>(config); }

}  // namespace chipcast::simple_memory

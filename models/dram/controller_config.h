// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

#include "sim/config/field.h"

namespace chipcast::dram {

/// When a bank is precharged that no waiting request needs: never, at once, or after some idle cycles.
enum class PagePolicy : std::uint8_t { open, closed, timeout };
constexpr std::array<std::pair<PagePolicy, std::string_view>, 3> enum_names(PagePolicy) {
  return {{{PagePolicy::open, "open"}, {PagePolicy::closed, "closed"}, {PagePolicy::timeout, "timeout"}}};
}

/// What a memory controller may decide by itself. Cycles are those of the command clock.
struct ControllerConfig {
  PagePolicy page{PagePolicy::open};
  Cycles page_timeout{200};
  int read_queue{32}, write_queue{32};
  int write_high{24}, write_low{8};
  int row_hit_cap{32};
  bool bank_refresh{false};
  int postponed_refreshes{0};
  Cycles power_down_after{0};
  Cycles self_refresh_after{0};

  template <class V>
  void visit(V& v) {
    v.field("page", page, {.doc = "When a bank is precharged that no waiting request needs."});
    v.field("page_timeout", page_timeout,
            {.doc = "Idle time after which `timeout` closes a row.", .min = Cycles(0), .max = Cycles(1'000'000)});
    v.field("read_queue", read_queue, {.doc = "Bursts read, per channel.", .min = 1, .max = 1024});
    v.field("write_queue", write_queue, {.doc = "Bursts to write, per channel.", .min = 1, .max = 1024});
    v.field("write_high", write_high, {.doc = "Writes waiting that start a drain.", .min = 1, .max = 1024});
    v.field("write_low", write_low, {.doc = "Writes waiting that end a drain.", .min = 0, .max = 1023});
    v.field("row_hit_cap", row_hit_cap,
            {.doc = "Hits that may overtake an older request for another row of their bank.", .min = 1, .max = 65536});
    v.field("bank_refresh", bank_refresh, {.doc = "Refresh one bank after the other, where the standard can."});
    v.field("postponed_refreshes", postponed_refreshes,
            {.doc = "Refreshes that may be owed while requests wait.", .min = 0, .max = 8});
    v.field("power_down_after", power_down_after,
            {.doc = "Idle time before power-down; 0: never.", .min = Cycles(0), .max = Cycles(1'000'000'000)});
    v.field("self_refresh_after", self_refresh_after,
            {.doc = "Idle time before self-refresh; 0: never.", .min = Cycles(0), .max = Cycles(1'000'000'000)});
  }

  void validate() const {
    between("read_queue", read_queue, 1, 1024);
    between("write_queue", write_queue, 1, 1024);
    between("write_high", write_high, 1, write_queue);
    between("write_low", write_low, 0, write_high - 1);
    between("row_hit_cap", row_hit_cap, 1, 65536);
    between("postponed_refreshes", postponed_refreshes, 0, 8);
    between("page_timeout", page_timeout.count(), 0, 1'000'000);
    between("power_down_after", power_down_after.count(), 0, 1'000'000'000);
    between("self_refresh_after", self_refresh_after.count(), 0, 1'000'000'000);
  }

 private:
  static void between(const char* name, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (low <= value && value <= high) return;
    throw std::invalid_argument(std::string(name) + " is " + std::to_string(value) +
                                "; allowed here: " + std::to_string(low) + " to " + std::to_string(high));
  }
};

}  // namespace chipcast::dram

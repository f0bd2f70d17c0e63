// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/power/meter.h"
#include "sim/config/field.h"
#include "sim/ledger/ledger.h"

/// What reports say about power. Field names are a contract: scripts read them. Units stand in the names (SI).
namespace chipcast {

struct ReportPowerState {
  std::string state;
  double time_s{0}, energy_j{0};
  std::int64_t entries{0};
  template <class V>
  void visit(V& v) {
    v.field("state", state,
            {.doc = "working, waiting, switching (between operating points), or entering, in, leaving an idle state."});
    v.field("time_s", time_s, {.doc = "How long; all states of a domain add up to the run."});
    v.field(
        "energy_j", energy_j,
        {.doc = "Drawn meanwhile; all states add up to the domain's energy_j. Of commands and transfers: working."});
    v.field("entries", entries, {.doc = "How often it was entered."});
  }
};

struct ReportOperatingPoint {
  double clock_hz{0}, volts{0}, time_s{0};
  template <class V>
  void visit(V& v) {
    v.field("clock_hz", clock_hz, {.doc = "Clock."});
    v.field("volts", volts, {.doc = "Supply."});
    v.field("time_s", time_s, {.doc = "How long; all points of a domain add up to the run."});
  }
};

struct ReportCelsius {
  double start{0}, end{0}, peak{0};
  template <class V>
  void visit(V& v) {
    v.field("start", start, {.doc = "At time zero, degrees Celsius."});
    v.field("end", end, {.doc = "At the end."});
    v.field("peak", peak, {.doc = "Highest."});
  }
};

struct ReportPowerDomain {
  std::string name, rail;
  double energy_j{0}, average_w{0}, peak_w{0};
  std::vector<double> samples_w;
  std::vector<ReportPowerState> states;
  std::vector<ReportOperatingPoint> operating_points;
  std::optional<ReportCelsius> celsius;
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Domain."});
    v.field("rail", rail, {.doc = "What feeds it; empty: the board's supply."});
    v.field("energy_j", energy_j, {.doc = "What it drew, before losses of its rail."});
    v.field("average_w", average_w, {.doc = "energy_j over the run."});
    v.field("peak_w", peak_w, {.doc = "Highest sample."});
    v.field("samples_w", samples_w, {.doc = "Average power in each window."});
    v.field("states", states, {.doc = "States that it was in."});
    v.field("operating_points", operating_points, {.doc = "Operating points that it ran at; none where it has none."});
    v.field("celsius", celsius, {.doc = "Temperature of its thermal node; absent where there are none."});
  }
};

struct ReportRail {
  std::string name;
  double energy_j{0}, loss_j{0}, average_w{0}, peak_w{0};
  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Rail."});
    v.field("energy_j", energy_j, {.doc = "Into it."});
    v.field("loss_j", loss_j, {.doc = "Of it, what no domain gets."});
    v.field("average_w", average_w, {.doc = "energy_j over the run."});
    v.field("peak_w", peak_w, {.doc = "Highest average over a window."});
  }
};

struct ReportBattery {
  double hours{0}, current_a{0};
  template <class V>
  void visit(V& v) {
    v.field("hours", hours, {.doc = "How long a full battery lasts if it goes on like this."});
    v.field("current_a", current_a, {.doc = "Average current at its mean voltage."});
  }
};

struct ReportPower {
  double window_s{0};
  std::vector<double> samples_w;
  std::vector<ReportPowerDomain> domains;
  std::vector<ReportRail> rails;
  std::optional<ReportBattery> battery;
  template <class V>
  void visit(V& v) {
    v.field("window_s", window_s, {.doc = "Length of a window; the last one ends with the run."});
    v.field("samples_w", samples_w, {.doc = "Average power of everything in each window, losses of rails included."});
    v.field("domains", domains,
            {.doc = "Every power domain; their energies and the rails' losses add up to the run's."});
    v.field("rails", rails, {.doc = "Every rail."});
    v.field("battery", battery, {.doc = "Absent where the platform has none, or nothing draws power."});
  }
};

/// `total`: power of everything; `energy`: the same, summed up.
ReportPower report_power(const Platform& platform, const Meter& meter, const PowerSeries& total, Joules energy);

}  // namespace chipcast

// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "platform/power/report.h"
#include "sim/config/field.h"
#include "tests/system/random_graph.h"

namespace chipcast::system_test {

/// What holds for power in every report: nothing appears or is lost between windows, states, domains, rails, and the
/// energy of the run.
void check_power(const ReportPower& power, double duration_s, double energy_j);

/// Energy of components by name or by the part in front of the first dot.
double joules_of(const Named<double>& by_component, const std::string& prefix);

/// A platform with one NPU (1 GHz, 0.8 V, 100 mW of leakage, 50 mW of clock) in the domain "npu" with points of 250,
/// 500 and 1000 MHz at 0.5, 0.6 and 0.8 V, and a memory that is never in its way. `power` and `thermal` are merged in.
Json npu_platform(const Json& power = Json::object(), const Json& thermal = Json::object());

/// Domains, operating points, idle states, rails, loads, board, battery and thermal nodes for a random platform.
void add_random_power(Dice& dice, Json& platform);

}  // namespace chipcast::system_test

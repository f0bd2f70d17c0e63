// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/config/field.h"

/// A report's error bar: how far forecasts of its kind were from measurements. The simulator knows no measurements;
/// the Python package adds this member, and reports of the C++ command are without it.
namespace chipcast {

struct ReportErrorFamily {
  std::string family;
  double time_share{0};
  bool validated{false};
  std::optional<std::int64_t> rows_count, chips_count, platform_rows_count;
  std::optional<double> median_error_share, lowest_error_share, highest_error_share;
  template <class V>
  void visit(V& v) {
    v.field("family", family, {.doc = "Class of devices and number format."});
    v.field("time_share", time_share, {.doc = "Of the run's work, by time."});
    v.field("validated", validated, {.doc = "There are measurements of this family."});
    v.field("rows_count", rows_count, {.doc = "Measurements that forecasts were compared with."});
    v.field("chips_count", chips_count, {.doc = "Chips that they are of."});
    v.field("platform_rows_count", platform_rows_count, {.doc = "Those of this platform."});
    v.field("median_error_share", median_error_share, {.doc = "Median of |forecast / measured - 1|."});
    v.field("lowest_error_share", lowest_error_share,
            {.doc = "One forecast in ten was lower than measured by more than that: forecast / measured - 1."});
    v.field("highest_error_share", highest_error_share, {.doc = "One in ten was higher by more."});
  }
};

struct ReportErrorBar {
  std::string words;
  bool validated{false};
  std::optional<double> median_error_share;
  std::vector<ReportErrorFamily> families;
  template <class V>
  void visit(V& v) {
    v.field("words", words, {.doc = "In a line."});
    v.field("validated", validated, {.doc = "All families of the run have measurements."});
    v.field("median_error_share", median_error_share,
            {.doc = "Median absolute error of its validated families, weighted by time; absent without any."});
    v.field("families", families, {.doc = "What the run is made of, the longest first."});
  }
};

struct ReportValidation {
  ReportErrorBar latency, energy;
  template <class V>
  void visit(V& v) {
    v.field("latency", latency, {.doc = "Of times and rates."});
    v.field("energy", energy, {.doc = "Of energies and powers."});
  }
};

}  // namespace chipcast

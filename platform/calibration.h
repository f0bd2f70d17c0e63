// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/config/field.h"
#include "sim/config/json.h"

/// Which parameters of a platform are not known from documents, what is believed about them before anything was
/// measured, and what a fit to measurements found. Forecasts use the values that stand where a parameter is
/// declared, or the fitted one; bounds and spreads are for `chipcast calibrate`.
namespace chipcast {

/// What is believed about a parameter: log-normal around the value that stands in the platform.
struct FreeParameter {
  std::string meaning, group;
  std::optional<Json> low{}, high{};
  double spread{1.5};

  template <class V>
  void visit(V& v) {
    v.field("meaning", meaning, {.doc = "What it stands for, for people."});
    v.field("group", group,
            {.doc = "Parameters of one group are one quantity wherever they stand, for fits over several platforms; by "
                    "default the group of the object around it, and its path."});
    v.field("low", low, {.doc = "Least value that makes sense, in the form of the parameter; value / spread^3."});
    v.field("high", high, {.doc = "Largest, likewise; value * spread^3."});
    v.field("spread", spread,
            {.doc = "Geometric standard deviation of the prior: 1.5 means that two of three such chips are expected "
                    "within a factor of 1.5.",
             .min = 1.001,
             .max = 1000.0});
  }
};

/// A value that a fit found; it stands in place of the one that the platform declares.
struct FittedParameter {
  Json value;
  std::optional<Json> low{}, high{}, prior{};

  template <class V>
  void visit(V& v) {
    v.field("value", value, {.doc = "In the form of the parameter.", .required = true});
    v.field("low", low, {.doc = "Lower end of the interval that holds it with 95 % confidence."});
    v.field("high", high, {.doc = "Upper end."});
    v.field("prior", prior, {.doc = "Value that the platform declared."});
  }
};

/// What fitted values rest on.
struct CalibrationEvidence {
  std::string tool_version, data_sha256;
  std::int64_t rows{0};
  std::optional<double> median_ape{}, prior_median_ape{}, cross_validated_median_ape{}, residual_scale{};
  std::string cross_validated_by;
  bool fits{true};

  template <class V>
  void visit(V& v) {
    v.field("tool_version", tool_version, {.doc = "Version of Chipcast that fitted."});
    v.field("data_sha256", data_sha256, {.doc = "Of the file of measurements."});
    v.field("rows", rows, {.doc = "Measurements that were fitted to."});
    v.field("median_ape", median_ape, {.doc = "Median absolute error of those rows after the fit."});
    v.field("prior_median_ape", prior_median_ape, {.doc = "Before it."});
    v.field("cross_validated_median_ape", cross_validated_median_ape,
            {.doc = "Of rows that their fit never saw: each network or chip left out in turn."});
    v.field("cross_validated_by", cross_validated_by, {.doc = "network or chip."});
    v.field("residual_scale", residual_scale, {.doc = "Scale of the logarithmic residuals."});
    v.field("fits", fits, {.doc = "The measurements agree with the model; false only where it was forced."});
  }
};

/// A platform's member `calibration`. Any object inside a platform may have one, a preset for example: its paths
/// start at that object, and loading moves them to the top.
struct Calibration {
  std::string group;
  Named<FreeParameter> free;
  Named<FittedParameter> fitted;
  std::optional<CalibrationEvidence> evidence{};

  template <class V>
  void visit(V& v) {
    v.field("group", group, {.doc = "Of the free parameters here that name none of their own."});
    v.field("free", free,
            {.doc = "Parameters that measurements may settle, by their path: \"launch\", \"profile.vectors.issue\", at "
                    "the top \"npu0.launch\"."});
    v.field("fitted", fitted, {.doc = "Values that a fit found, by path."});
    v.field("evidence", evidence, {.doc = "What the fitted values rest on."});
  }
};

/// Moves what every object's `calibration` says to the top of the platform `json`, paths completed
/// ("devices.npu0" + "launch" is "npu0.launch"). Outer members win over inner ones. Throws InputError.
void gather_calibrations(Json& json);

/// Leaves out free and fitted parameters that are gone from the resolved platform: an override took away what had them.
void forget_missing(Calibration& calibration, const Json& resolved);

/// Every free and fitted path names a number or an amount of the resolved platform, and bounds have its form.
/// Throws InputError.
void check_calibration(const Calibration& calibration, const Json& resolved);

/// JSON Schema of the member.
Json calibration_schema();

}  // namespace chipcast

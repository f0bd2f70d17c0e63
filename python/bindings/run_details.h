// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pybind11/pybind11.h>

#include "sim/ledger/ledger.h"
#include "sim/trace/trace.h"

/// What pictures of a run need beside its report, in a form that numpy reads without a loop.
namespace chipcast::python {

/// {"tracks": [{"name", "parent" (index or None), "counter", "unit"}], "names": [text]}; of spans, in order of the
/// trace, "span_track" and "span_name" (uint32 indices), "span_begin_ps" and "span_end_ps" (int64); of counters
/// "sample_track" (uint32), "sample_at_ps" (int64), "sample_value" (float64). Columns are bytes in the machine's order.
pybind11::dict trace_columns(const Trace& trace);

/// {"components": [text], "actions": [text], "rows": [(operator or -1, component, action, joules)]}: the ledger's
/// entries summed, sorted by their indices. Background power has operator -1. Operators are numbered as in the report.
pybind11::dict energy_flows(const Ledger& ledger);

}  // namespace chipcast::python

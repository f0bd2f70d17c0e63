// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/run_details.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

namespace py = pybind11;

namespace chipcast::python {
namespace {

template <class T>
py::bytes raw(const std::vector<T>& column) {
  const auto bytes = std::as_bytes(std::span(column));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// One value of every item.
template <class T, class Items, class Get>
py::bytes column(const Items& items, Get get) {
  std::vector<T> values;
  values.reserve(items.size());
  for (const auto& item : items) values.push_back(static_cast<T>(get(item)));
  return raw(values);
}

py::list track_list(const Trace& trace) {
  py::list out;
  for (const Track& track : trace.tracks()) {
    py::dict entry;
    entry["name"] = track.name;
    entry["parent"] = track.parent ? py::object(py::int_(track.parent->index())) : py::object(py::none());
    entry["counter"] = track.counter;
    entry["unit"] = track.unit;
    out.append(entry);
  }
  return out;
}

}  // namespace

py::dict trace_columns(const Trace& trace) {
  const auto& spans = trace.spans();
  const auto& samples = trace.samples();
  py::dict out;
  out["tracks"] = track_list(trace);
  out["names"] = trace.names();
  out["span_track"] = column<std::uint32_t>(spans, [](const Span& span) { return span.track.index(); });
  out["span_name"] = column<std::uint32_t>(spans, [](const Span& span) { return span.name.index(); });
  out["span_begin_ps"] = column<std::int64_t>(spans, [](const Span& span) { return span.begin.ps(); });
  out["span_end_ps"] = column<std::int64_t>(spans, [](const Span& span) { return span.end.ps(); });
  out["sample_track"] = column<std::uint32_t>(samples, [](const CounterSample& each) { return each.track.index(); });
  out["sample_at_ps"] = column<std::int64_t>(samples, [](const CounterSample& each) { return each.at.ps(); });
  out["sample_value"] = column<double>(samples, [](const CounterSample& each) { return each.value; });
  return out;
}

py::dict energy_flows(const Ledger& ledger) {
  std::map<std::tuple<std::int64_t, std::size_t, std::size_t>, double> sums;
  std::map<std::size_t, std::size_t> components, actions;
  py::list component_names, action_names;
  const auto number = [&ledger](auto& known, auto& names, auto id) {
    const auto [place, is_new] = known.try_emplace(id.index(), known.size());
    if (is_new) names.append(ledger.name(id));
    return place->second;
  };
  for (const LedgerEntry& entry : ledger.entries()) {
    const std::int64_t op = entry.op ? static_cast<std::int64_t>(entry.op->index()) : -1;
    const std::size_t component = number(components, component_names, entry.component);
    sums[{op, component, number(actions, action_names, entry.action)}] += entry.energy().count();
  }
  py::list rows;
  for (const auto& [key, joules] : sums) {
    rows.append(py::make_tuple(std::get<0>(key), std::get<1>(key), std::get<2>(key), joules));
  }
  py::dict out;
  out["components"] = component_names;
  out["actions"] = action_names;
  out["rows"] = rows;
  return out;
}

}  // namespace chipcast::python

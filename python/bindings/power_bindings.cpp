// SPDX-License-Identifier: Apache-2.0
#include <pybind11/stl.h>

#include <map>
#include <string>
#include <vector>

#include "platform/platform.h"
#include "python/bindings/module.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

/// Energy of moving so much that whole bursts and rows hardly matter.
constexpr Bytes kStream{std::int64_t{1} << 20};

/// Per byte that stands together with others, reads and writes in equal shares. The first memory's bytes cross the
/// interconnect too: Platform::transfer_energy prices both.
double stream_joules(const Platform& platform, std::size_t memory) {
  if (memory == 0) {
    return (platform.transfer_energy(EngineKind::load, kStream) + platform.transfer_energy(EngineKind::store, kStream))
               .count() /
           2.0;
  }
  const MemoryLaw& law = *platform.memories()[memory].law;
  return (law.stream_energy(kStream, false) + law.stream_energy(kStream, true)).count() / 2.0;
}

std::map<std::string, double> memory_full_power(const std::string& file, const std::vector<std::string>& search,
                                                const std::vector<std::string>& overrides) {
  const py::gil_scoped_release unlocked;
  const Platform platform = Platform::load(file, {search.begin(), search.end()}, overrides);
  std::map<std::string, double> watts;
  for (std::size_t i = 0; i < platform.memories().size(); ++i) {
    const double bytes = static_cast<double>(kStream.count());
    const double peak = platform.memories()[i].law->peak_bandwidth().count();
    watts[platform.memories()[i].name] = stream_joules(platform, i) / bytes * peak;
  }
  return watts;
}

}  // namespace

void bind_power(py::module_& module) {
  module.def("memory_full_power", &memory_full_power, py::arg("platform"), py::arg("search"), py::arg("overrides"),
             "Watts that each memory takes beside its standing power when it streams at its peak bandwidth.");
}

}  // namespace chipcast::python

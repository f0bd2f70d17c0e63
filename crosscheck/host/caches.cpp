// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/host/caches.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>

#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

std::optional<std::string> first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
  return line;
}

std::optional<std::int64_t> whole(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "48K", "33792K", "2M"
std::optional<Bytes> size_of(std::string text) {
  std::int64_t unit = 1;
  if (!text.empty() && (text.back() == 'K' || text.back() == 'M')) {
    unit = text.back() == 'K' ? 1024 : 1024 * 1024;
    text.pop_back();
  }
  const auto count = whole(text);
  if (!count || *count <= 0) return std::nullopt;
  return Bytes(*count * unit);
}

std::optional<HostCache> read_cache(const std::filesystem::path& folder) {
  const auto type = first_line(folder / "type"), level = first_line(folder / "level"),
             size = first_line(folder / "size");
  if (!type || !level || !size || (*type != "Data" && *type != "Unified")) return std::nullopt;
  const auto bytes = size_of(*size);
  if (!bytes || !whole(*level)) return std::nullopt;
  HostCache cache{.name = "L" + *level + (*type == "Data" ? "D" : ""), .size = *bytes};
  if (const auto ways = whole(first_line(folder / "ways_of_associativity").value_or("")); ways && *ways > 0) {
    cache.ways = static_cast<int>(*ways);
  }
  if (const auto list = first_line(folder / "shared_cpu_list"); list && !list->empty()) {
    cache.sharers = processors_in(*list, (folder / "shared_cpu_list").string());
  }
  return cache;
}

}  // namespace

int processors_in(const std::string& list, const std::string& place) {
  const auto refuse = [&] { throw InputError(place, "\"" + list + "\" is no list of processors such as \"0-3,8\""); };
  std::int64_t count = 0;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string part = list.substr(start, end - start);
    const std::size_t dash = part.find('-');
    const auto first = whole(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : whole(part.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first) refuse();
    count += *last - *first + 1;
    start = end + 1;
  }
  return static_cast<int>(count);
}

std::vector<HostCache> read_caches(const std::filesystem::path& folder) {
  std::vector<HostCache> caches;
  for (int index = 0; std::filesystem::is_directory(folder / ("index" + std::to_string(index))); ++index) {
    if (const auto cache = read_cache(folder / ("index" + std::to_string(index)))) caches.push_back(*cache);
  }
  std::sort(caches.begin(), caches.end(), [](const auto& a, const auto& b) { return a.size < b.size; });
  return caches;
}

std::vector<HostCache> caches_from(const std::vector<LatencyPoint>& curve) {
  constexpr double kRise = 1.6;      // latency of the next level over that of this one, at least
  constexpr double kPlateau = 1.15;  // less than this from one block to the next: the rise is over
  std::vector<double> level(curve.size());
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = curve.size(); i-- > 0;) level[i] = least = std::min(least, curve[i].latency.count());
  std::vector<HostCache> caches;
  for (std::size_t at = 1, base = 0; at < curve.size(); ++at) {
    if (level[at] < level[base] * kRise) continue;
    std::size_t edge = at - 1;
    while (edge > base && level[edge] > level[base] * kPlateau) --edge;
    const std::size_t number = caches.size() + 1;
    caches.push_back({.name = number == 1 ? "L1D" : "L" + std::to_string(number), .size = curve[edge].block});
    while (at + 1 < curve.size() && level[at + 1] > level[at] * kPlateau) ++at;
    base = at;
  }
  return caches;
}

}  // namespace chipcast::crosscheck

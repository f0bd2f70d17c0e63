// SPDX-License-Identifier: Apache-2.0
#include "models/dram/address_map.h"

#include <algorithm>
#include <bit>
#include <sstream>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

const std::vector<std::string> kNames{"row", "rank", "bank", "group", "column", "channel"};

int log2_or_none(std::int64_t n) {
  const auto u = static_cast<std::uint64_t>(n);
  return std::has_single_bit(u) ? std::countr_zero(u) : -1;
}

}  // namespace

AddressMap::AddressMap(const Organisation& organisation, int channels, const std::string& order, bool hash)
    : organisation_(organisation), hash_(hash) {
  const Organisation& o = organisation_;
  if (channels < 1) throw InputError("channels", std::to_string(channels) + " is less than one");
  if (hash &&
      !(std::has_single_bit(static_cast<unsigned>(o.banks)) && std::has_single_bit(static_cast<unsigned>(o.groups)))) {
    throw InputError("address map", "hashing needs powers of two of banks and groups");
  }
  const std::array<std::int64_t, kFields> sizes{o.rows, o.ranks, o.banks, o.groups, o.bursts_per_row(), channels};
  std::istringstream text(order);
  for (std::string word; text >> word;) add(word, sizes);
  finish(sizes);
  measure_stripe();
}

void AddressMap::add(const std::string& word, const std::array<std::int64_t, kFields>& sizes) {
  const std::size_t colon = word.find(':');
  const std::string name = word.substr(0, colon);
  const auto known = std::find(kNames.begin(), kNames.end(), name);
  if (known == kNames.end())
    throw InputError("address map", "unknown field " + in_quotes(name) + suggestion(name, kNames));
  const auto f = static_cast<std::size_t>(known - kNames.begin());
  std::int64_t size = 0;  // zero: whatever the parts leave
  if (colon != std::string::npos) {
    const std::string bits = word.substr(colon + 1);
    if (bits.size() != 1 || bits[0] < '1' || bits[0] > '9') {
      throw InputError("address map", in_quotes(word) + ": after the colon stands a number of bits, 1 to 9");
    }
    size = std::int64_t{1} << (bits[0] - '0');
    if (sizes[f] % size != 0) throw InputError("address map", in_quotes(word) + " is wider than its field");
  }
  digits_.insert(digits_.begin(), Digit{static_cast<Field>(f), size, 1, 0});
}

void AddressMap::finish(const std::array<std::int64_t, kFields>& sizes) {
  for (std::size_t f = 0; f < kFields; ++f) {
    std::int64_t parts = 1, rest = 0;
    for (const Digit& d : digits_) {
      if (d.field != static_cast<Field>(f)) continue;
      if (d.size == 0) ++rest;
      parts *= std::max<std::int64_t>(1, d.size);
    }
    if (rest != 1 || sizes[f] % parts != 0) {
      throw InputError("address map",
                       "field " + in_quotes(kNames[f]) + " must stand once, and its parts must divide it");
    }
    std::int64_t weight = 1;
    for (Digit& d : digits_) {
      if (d.field != static_cast<Field>(f)) continue;
      if (d.size == 0) d.size = sizes[f] / parts;
      d.weight = weight;
      weight *= d.size;
      d.shift = log2_or_none(d.size);
    }
  }
}

Location AddressMap::locate(std::int64_t byte) const {
  std::array<std::int64_t, kFields> value{};
  std::int64_t rest = byte / organisation_.burst_bytes();
  for (const Digit& d : digits_) {
    const std::int64_t high = d.shift >= 0 ? rest >> d.shift : rest / d.size;
    value[static_cast<std::size_t>(d.field)] += (rest - high * d.size) * d.weight;
    rest = high;
  }
  const Organisation& o = organisation_;
  const int row = static_cast<int>(value[0]);
  int bank = static_cast<int>(value[2]), group = static_cast<int>(value[3]);
  if (hash_) {
    bank ^= row & (o.banks - 1);
    group ^= row / o.banks & (o.groups - 1);
  }
  Location where;
  where.channel = static_cast<int>(value[5]);
  where.at.rank = static_cast<int>(value[1]);
  where.at.group = where.at.rank * o.groups + group;
  where.at.bank = where.at.group * o.banks + bank;
  where.at.row = row;
  where.at.column = static_cast<int>(value[4]);
  return where;
}

void AddressMap::measure_stripe() {
  bool grain = true;
  for (const Digit& d : digits_) {
    if (d.field == Field::row || d.field == Field::bank || d.field == Field::rank) return;
    grain = grain && (d.field == Field::column || d.size == 1);
    stripe_ *= d.size;
    if (d.field != Field::column) period_ = stripe_;
    if (d.field == Field::column) stripe_columns_ *= d.size;
    if (grain) grain_ *= d.size;
  }
}

void AddressMap::split(std::int64_t first, std::int64_t count, std::vector<Run>& runs) const {
  const std::int64_t end = first + count;
  for (std::int64_t number = 0; first < end; ++number) {
    const std::int64_t part = std::min(end, (first / stripe_ + 1) * stripe_) - first;
    if (part == stripe_ && stripe_columns_ > 1) {
      // A whole stripe: each of its rows once, with all the columns; they stand one grain apart.
      for (std::int64_t b = 0, seen = 0; seen < stripe_ / stripe_columns_; b += grain_, ++seen) {
        runs.push_back({locate((first + b) * organisation_.burst_bytes()), stripe_columns_, number});
      }
    } else {
      gather(first, part, number, runs);
    }
    first += part;
  }
}

void AddressMap::gather(std::int64_t first, std::int64_t count, std::int64_t number, std::vector<Run>& runs) const {
  const auto begin = static_cast<std::ptrdiff_t>(runs.size());
  const std::int64_t end = first + count, once = std::min(end, first + period_);
  for (std::int64_t at = first, part = 0; at < once; at += part) {
    part = std::min(once, (at / grain_ + 1) * grain_) - at;
    // A period further on only the column is another one: bursts at + k * period lie in the same row.
    const std::int64_t whole = end - at >= part ? (end - at - part) / period_ + 1 : 0;
    const std::int64_t bursts = whole * part + std::clamp<std::int64_t>(end - at - whole * period_, 0, part);
    const Location where = locate(at * organisation_.burst_bytes());
    const auto same = std::find_if(runs.begin() + begin, runs.end(), [&](const Run& r) {
      return r.where.channel == where.channel && r.where.at.bank == where.at.bank && r.where.at.row == where.at.row;
    });
    if (same == runs.end()) {
      runs.push_back({where, bursts, number});
    } else {
      same->bursts += bursts;
    }
  }
}

std::string usual_order(const Organisation& organisation) {
  int bits = 0;
  while (organisation.burst_bytes() << bits < 64) ++bits;
  return "row rank bank column group channel" + (bits > 0 ? " column:" + std::to_string(bits) : std::string());
}

}  // namespace chipcast::dram

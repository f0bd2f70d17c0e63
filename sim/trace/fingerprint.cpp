// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "sim/trace/trace.h"

namespace chipcast {
namespace {

/// FNV-1a, 64 bit (draft-eastlake-fnv); numbers go in byte by byte, least significant first, on every host.
class Fnv {
 public:
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  void add(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<unsigned char>((value >> shift) & 0xff));
  }
  std::uint64_t value() const { return hash_; }

 private:
  void add_byte(unsigned char byte) {
    hash_ ^= byte;
    hash_ *= 0x100000001b3;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// Hash of each track's name and those of the tracks that it belongs to.
std::vector<std::uint64_t> track_hashes(const Trace& trace) {
  std::vector<std::uint64_t> out;
  for (const auto& track : trace.tracks()) {
    Fnv hash;
    hash.add(track.name);
    if (track.parent) hash.add(out[track.parent->index()]);
    out.push_back(hash.value());
  }
  return out;
}

std::vector<std::uint64_t> name_hashes(const Trace& trace) {
  std::vector<std::uint64_t> out;
  for (const auto& name : trace.names()) {
    Fnv hash;
    hash.add(name);
    out.push_back(hash.value());
  }
  return out;
}

}  // namespace

std::uint64_t fingerprint(const Trace& trace) {
  const auto tracks = track_hashes(trace);
  const auto names = name_hashes(trace);
  Fnv hash;
  for (const auto& span : trace.spans()) {
    hash.add(tracks.at(span.track.index()));
    hash.add(names.at(span.name.index()));
    hash.add(static_cast<std::uint64_t>(span.begin.ps()));
    hash.add(static_cast<std::uint64_t>(span.end.ps()));
  }
  return hash.value();
}

}  // namespace chipcast

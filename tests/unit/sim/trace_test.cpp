// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace.h"

#include <gtest/gtest.h>

#include "sim/base/check.h"

namespace chipcast {
namespace {

TEST(Trace, NamesAreKeptOnce) {
  Trace trace;
  const auto conv = trace.name("conv"), relu = trace.name("relu");
  EXPECT_EQ(trace.name("conv"), conv);
  EXPECT_NE(conv, relu);
  EXPECT_EQ(trace.text(relu), "relu");
  EXPECT_EQ(trace.names().size(), 2u);
}

TEST(Trace, AParentHasToBeThere) {
  Trace trace;
  EXPECT_THROW(trace.add_track({.name = "dma", .parent = TrackId(0), .unit = ""}), InvariantError);
}

struct Options {
  const char* track = "compute";
  const char* device = "npu";
  const char* name = "conv";
  std::int64_t begin = 5, end = 9;
  bool extra_names = false;
};

std::uint64_t fingerprint_of(const Options& o) {
  Trace trace;
  if (o.extra_names) trace.name("never used");
  const auto device = trace.add_track({.name = o.device, .parent = std::nullopt, .unit = ""});
  const auto track = trace.add_track({.name = o.track, .parent = device, .unit = ""});
  trace.span({track, trace.name("first"), std::nullopt, Time(), Time::ps(5)});
  trace.span({track, trace.name(o.name), OpId(1), Time::ps(o.begin), Time::ps(o.end)});
  return fingerprint(trace);
}

TEST(Fingerprint, EqualRunsAgree) {
  EXPECT_EQ(fingerprint_of({}), fingerprint_of({}));
  EXPECT_EQ(fingerprint_of({}), fingerprint_of({.extra_names = true})) << "registration does not show";
}

TEST(Fingerprint, EveryPartCounts) {
  const auto reference = fingerprint_of({});
  EXPECT_NE(reference, fingerprint_of({.track = "load"}));
  EXPECT_NE(reference, fingerprint_of({.device = "cpu"}));
  EXPECT_NE(reference, fingerprint_of({.name = "relu"}));
  EXPECT_NE(reference, fingerprint_of({.begin = 6}));
  EXPECT_NE(reference, fingerprint_of({.end = 10}));
}

TEST(Fingerprint, OrderCounts) {
  const auto with_order = [](int first, int second) {
    Trace trace;
    const auto track = trace.add_track({.name = "t", .parent = std::nullopt, .unit = ""});
    for (const int i : {first, second}) {
      trace.span({track, trace.name(i == 1 ? "one" : "two"), std::nullopt, Time(), Time()});
    }
    return fingerprint(trace);
  };
  EXPECT_NE(with_order(1, 2), with_order(2, 1));
}

TEST(Fingerprint, IsFnv1a) {
  EXPECT_EQ(fingerprint(Trace()), 0xcbf29ce484222325u) << "the offset basis";
  // FNV-1a of 32 bytes: hash("") for track and name (the offset basis, least significant byte first), then two zeros.
  Trace trace;
  const auto track = trace.add_track({.name = "", .parent = std::nullopt, .unit = ""});
  trace.span({track, trace.name(""), std::nullopt, Time(), Time()});
  std::uint64_t expected = 0xcbf29ce484222325;
  const unsigned char basis[] = {0x25, 0x23, 0x22, 0x84, 0xe4, 0x9c, 0xf2, 0xcb};
  for (int i = 0; i < 32; ++i) {
    expected ^= i < 16 ? basis[i % 8] : 0;
    expected *= 1099511628211U;
  }
  EXPECT_EQ(fingerprint(trace), expected);
}

}  // namespace
}  // namespace chipcast

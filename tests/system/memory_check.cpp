// SPDX-License-Identifier: Apache-2.0
#include "tests/system/memory_check.h"

#include <algorithm>
#include <optional>
#include <set>

namespace chipcast::system_test {
namespace {

/// A tensor that is written in a run, with all that show it.
struct Stored {
  std::size_t writer = 0;
  std::set<std::size_t> users;  ///< writer and readers
  Allocation place;
};

std::vector<Stored> stored_tensors(const std::vector<OpDescription>& ops, const Program& program) {
  std::vector<Stored> out;
  std::map<std::size_t, std::size_t> of;  // tensor -> place in the list
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const bool view = ops[i].op_class == OpClass::view;
    for (const auto& input : ops[i].inputs) {
      const auto it = of.find(input.tensor.index());
      if (it == of.end()) continue;
      if (!view) out[it->second].users.insert(i);
    }
    for (const auto& output : ops[i].outputs) {
      const std::size_t tensor = output.tensor.index();
      if (view) {
        const auto shown = ops[i].inputs.empty() ? of.end() : of.find(ops[i].inputs.front().tensor.index());
        if (shown != of.end()) of[tensor] = shown->second;
        continue;
      }
      of[tensor] = out.size();
      out.push_back({.writer = i, .users = {i}, .place = program.allocations[tensor]});
    }
  }
  return out;
}

bool share_bytes(const Allocation& a, const Allocation& b) {
  const auto end = [](const Allocation& x) { return x.address + static_cast<std::uint64_t>(x.bytes.count()); };
  return a.bytes > Bytes(0) && b.bytes > Bytes(0) && a.address < end(b) && b.address < end(a);
}

/// All transfers of those that use `first` are over before `second` is written.
bool over_before(const Stored& first, const Stored& second, const std::vector<OpTransfers>& transfers) {
  for (const auto& [queue_of_store, clock] : transfers[second.writer].before_storing) {
    for (const std::size_t user : first.users) {
      for (const auto& [queue, position] : transfers[user].last) {
        if (clock[queue] <= position) return false;
      }
    }
  }
  return true;
}

}  // namespace

std::vector<std::string> overlaps(const std::vector<OpDescription>& ops, const Program& program,
                                  const std::vector<OpTransfers>& transfers) {
  std::vector<std::string> out;
  const std::vector<Stored> tensors = stored_tensors(ops, program);
  for (std::size_t a = 0; a < tensors.size(); ++a) {
    for (std::size_t b = a + 1; b < tensors.size(); ++b) {
      if (!share_bytes(tensors[a].place, tensors[b].place)) continue;
      const bool neither =
          transfers[tensors[a].writer].before_storing.empty() || transfers[tensors[b].writer].before_storing.empty();
      if (neither || over_before(tensors[a], tensors[b], transfers) || over_before(tensors[b], tensors[a], transfers)) {
        continue;
      }
      out.push_back(tensors[a].place.tensor + " and " + tensors[b].place.tensor +
                    " share memory and may be in use at the same time");
    }
  }
  return out;
}

}  // namespace chipcast::system_test

// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/memo.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <type_traits>

#include "mappers/tiling/generations.h"

namespace chipcast::tiling {
namespace {

struct KnownNest {
  CapacityRanges ranges;
  NestResult result;
};

/// Buffers of so many sizes; older ones give way.
constexpr std::size_t kMostSizes = 16;
/// Laws are long, and few in a sweep.
constexpr std::size_t kMostLaws = 4096;

class Memo {
 public:
  static Memo& instance() {
    static Memo memo;
    return memo;
  }

  void remember(std::size_t most) {
    const std::lock_guard lock(mutex_);
    forget(most);
    on_ = most > 0;
  }
  bool on() const { return on_; }
  MemoCounts counts() const { return {found_, made_}; }

  /// A number that stands for a text, as long as it is remembered.
  std::uint64_t law(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (const auto it = laws_.find(text); it != laws_.end()) return it->second;
    if (laws_.size() >= kMostLaws) forget(most_);
    return laws_.emplace(text, next_law_++).first->second;
  }

  std::optional<NestResult> nest(const std::string& key, const TilingSpace& space) {
    const std::lock_guard lock(mutex_);
    const Sizes* sizes = nests_.find(key);
    if (sizes == nullptr) return std::nullopt;
    for (const KnownNest& some : *sizes) {
      if (!some.ranges.hold(space)) continue;
      ++found_;
      return some.result;
    }
    return std::nullopt;
  }

  void keep(const std::string& key, KnownNest nest) {
    const std::lock_guard lock(mutex_);
    ++made_;
    Sizes* sizes = nests_.find(key);
    if (sizes == nullptr) sizes = &nests_.insert(key, {});
    if (sizes->size() == kMostSizes) sizes->erase(sizes->begin());
    sizes->push_back(std::move(nest));
  }

  std::optional<std::shared_ptr<const Schedule>> schedule(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto* known = schedules_.find(key);
    if (known == nullptr) return std::nullopt;
    ++found_;
    return *known;
  }

  void keep(const std::string& key, std::shared_ptr<const Schedule> schedule) {
    const std::lock_guard lock(mutex_);
    ++made_;
    schedules_.insert(key, std::move(schedule));
  }

 private:
  using Sizes = std::vector<KnownNest>;

  void forget(std::size_t most) {
    most_ = most;
    nests_.clear(most);
    schedules_.clear(most);
    laws_.clear();  // numbers are not given twice
  }

  std::mutex mutex_;
  std::atomic<bool> on_ = false;
  std::atomic<std::uint64_t> found_ = 0, made_ = 0;
  std::size_t most_ = 0;
  std::uint64_t next_law_ = 0;
  std::unordered_map<std::string, std::uint64_t> laws_;
  Generations<Sizes> nests_;
  Generations<std::shared_ptr<const Schedule>> schedules_;
};

/// Numbers and texts one behind the other, each text behind its length.
class Key {
 public:
  template <class Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number> Key& add(Number value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Key& add(Bytes value) { return add(value.count()); }
  Key& add(const std::string& text) {
    add(text.size());
    text_ += text;
    return *this;
  }

  void add(const LoopNest& nest) {
    for (const std::int64_t value :
         {nest.batch, nest.groups, nest.out_channels, nest.in_channels, nest.out_height, nest.out_width,
          nest.kernel_height, nest.kernel_width, nest.stride_h, nest.stride_w, nest.dilation_h, nest.dilation_w,
          nest.in_height, nest.in_width, nest.pad_top, nest.pad_left}) {
      add(value);
    }
    add(nest.transposed).add(nest.sequential_rows);
  }

  /// As look_alike() compares them.
  void add(const std::vector<OpDescription::Operand>& operands) {
    add(operands.size());
    for (const auto& operand : operands) {
      const auto first = std::find_if(operands.begin(), operands.end(),
                                      [&](const auto& other) { return other.tensor == operand.tensor; });
      add(operand.bytes).add(operand.parameter).add(first - operands.begin());
    }
  }

  /// As look_alike() compares them, and the name where the device looks at it.
  void add(const OpDescription& op, const Device& device) {
    add(op.op_class).add(op.compute_dtype).add(op.weight_dtype).add(op.macs.count()).add(op.element_ops.count());
    add(op.input_bytes).add(op.weight_bytes).add(op.output_bytes).add(op.label);
    add(op.activations.size());
    for (const UnaryFunction function : op.activations) add(function);
    add(op.nests.size());
    for (const LoopNest& nest : op.nests) add(nest);
    add(op.inputs);
    add(op.outputs);
    add(device.tells_names_apart() ? op.name : std::string());
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

void remember_searches(std::size_t most) { Memo::instance().remember(most); }
bool remembers_searches() { return Memo::instance().on(); }
MemoCounts memo_counts() { return Memo::instance().counts(); }

std::optional<std::string> nest_key(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                                    const SearchOptions& options) {
  if (!remembers_searches() || options.objective != Objective::latency || slot.transfer_law.empty())
    return std::nullopt;
  const Device& device = *slot.device;
  const std::string law = device.tile_law(op);
  if (law.empty()) return std::nullopt;
  const TilingSpace space = device.tilings(op);
  const Reuse reuse = reuse_of(op, device);
  Memo& memo = Memo::instance();
  Key key;
  key.add(memo.law(law)).add(memo.law(slot.transfer_law)).add(device.clock().count());
  key.add(device.launch(op).cycles.count()).add(options.budget);
  key.add(traffic.first_operand).add(traffic.other_operands).add(traffic.result);
  key.add(reuse.first_operand).add(reuse.other_operands);
  key.add(space.channel_step).add(space.in_channel_step).add(space.split_in_channels);
  key.add(space.shared_capacity > Bytes(0));
  key.add(op, device);
  return key.take();
}

std::optional<NestResult> known_nest(const std::string& key, const TilingSpace& space) {
  return Memo::instance().nest(key, space);
}

void keep_nest(const std::string& key, const CapacityRanges& ranges, const NestResult& result) {
  Memo::instance().keep(key, {ranges, result});
}

std::optional<std::string> schedule_key(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic) {
  if (!remembers_searches() || slot.device_law == nullptr) return std::nullopt;
  Key key;
  key.add(Memo::instance().law(*slot.device_law));
  key.add(traffic.first_operand).add(traffic.other_operands).add(traffic.result);
  key.add(traffic.loose_input).add(traffic.parameters);
  key.add(op, *slot.device);
  return key.take();
}

std::optional<std::shared_ptr<const Schedule>> known_schedule(const std::string& key) {
  return Memo::instance().schedule(key);
}

void keep_schedule(const std::string& key, std::shared_ptr<const Schedule> schedule) {
  Memo::instance().keep(key, std::move(schedule));
}

}  // namespace chipcast::tiling

// SPDX-License-Identifier: Apache-2.0
#include "mappers/mapping_json.h"

#include <algorithm>
#include <cstdio>
#include <unordered_map>

#include "accelerators/tile_geometry.h"
#include "mappers/mapping_tiles.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

constexpr std::int64_t kMostExtent = std::int64_t{1} << 40;
constexpr const char* kFormat = "chipcast-mapping";

struct PartForm {
  PartAxis axis{PartAxis::out_rows};
  std::int64_t begin{0}, end{0};

  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Along what the operator is cut.", .required = true});
    v.field("begin", begin, {.doc = "First position of the output.", .min = 0, .max = kMostExtent, .required = true});
    v.field("end", end, {.doc = "Position behind the last one.", .min = 0, .max = kMostExtent, .required = true});
  }
};

struct TaskForm {
  std::string op;
  std::optional<std::string> device;
  std::optional<PartForm> part;
  std::optional<std::int64_t> group;

  template <class V>
  void visit(V& v) {
    v.field("op", op, {.doc = "Name of the operator.", .required = true});
    v.field("device", device, {.doc = "Name of the device; none for operators that move no data."});
    v.field("part", part, {.doc = "The part of the operator; absent for all of it."});
    v.field("group", group, {.doc = "Tasks of one group run depth first.", .min = 0, .max = 4'000'000'000});
  }
};

struct TilingForm {
  std::optional<std::int64_t> groups, out_channels, in_channels, out_height, out_width, pieces;
  bool weights_outer{true};

  template <class V>
  void visit(V& v) {
    const auto extent = [&](const char* name, std::optional<std::int64_t>& value, const char* doc) {
      v.field(name, value, {.doc = doc, .min = 1, .max = kMostExtent});
    };
    extent("groups", groups, "Groups of a tile. All of an axis where its extent is absent.");
    extent("out_channels", out_channels, "Output channels of a tile, per group.");
    extent("in_channels", in_channels, "Input channels of a tile, per group.");
    extent("out_height", out_height, "Output rows of a tile.");
    extent("out_width", out_width, "Output columns of a tile.");
    extent("pieces", pieces, "Equal pieces of an operator without a loop nest.");
    v.field("weights_outer", weights_outer, {.doc = "Weights stay while rows pass; otherwise rows stay."});
  }
};

struct ChoiceForm {
  std::string op, reason, runner_up, tasks_digest;
  std::optional<TilingForm> tiling;

  template <class V>
  void visit(V& v) {
    v.field("op", op, {.doc = "Name of the operator.", .required = true});
    v.field("reason", reason, {.doc = "Why it runs where it does."});
    v.field("runner_up", runner_up, {.doc = "The next best device and by how much it lost."});
    v.field("tasks_digest", tasks_digest, {.doc = "Of the operator's tasks that reason and runner_up are about."});
    v.field("tiling", tiling, {.doc = "How it is cut into tiles, instead of a search."});
  }
};

struct MappingForm {
  std::string format{kFormat};
  std::int64_t version{1};
  std::string network;
  std::vector<TaskForm> tasks;
  std::vector<ChoiceForm> choices;
  SearchRecord search;
  std::string tasks_digest;
  std::vector<std::string> warnings;

  template <class V>
  void visit(V& v) {
    v.field("format", format, {.doc = "chipcast-mapping."});
    v.field("version", version, {.doc = "Of this form.", .min = 1, .max = 1});
    v.field("network", network, {.doc = "What it was made for."});
    v.field("tasks", tasks, {.doc = "What runs where, in the order of issue.", .required = true});
    v.field("choices", choices, {.doc = "Reasons and tilings."});
    v.field("search", search, {.doc = "How it was found."});
    v.field("tasks_digest", tasks_digest, {.doc = "Of the tasks and tilings that were found so."});
    v.field("warnings", warnings, {.doc = "What to think of it."});
  }
};

/// FNV-1a, 64 bit (draft-eastlake-fnv).
std::string digest_of(const Json& about) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : about.dump()) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

/// Of what the search record is about: the network, its tasks and their tilings.
std::string digest_of(const MappingForm& form) {
  Json about = Json::array({form.network});
  for (const TaskForm& task : form.tasks) about.push_back(write_value(task));
  for (const ChoiceForm& choice : form.choices) {
    if (choice.tiling) about.push_back(Json::array({choice.op, write_value(*choice.tiling)}));
  }
  return digest_of(about);
}

/// Of the tasks of each operator, by its name.
std::unordered_map<std::string, std::string> digests_of_ops(const std::vector<TaskForm>& tasks) {
  std::unordered_map<std::string, Json> of;
  for (const TaskForm& task : tasks) of.try_emplace(task.op, Json::array()).first->second.push_back(write_value(task));
  std::unordered_map<std::string, std::string> out;
  for (const auto& [op, own] : of) out.emplace(op, digest_of(own));
  return out;
}

/// Names to places, with guesses.
class Names {
 public:
  Names(std::string kind, std::vector<std::string> all) : kind_(std::move(kind)), all_(std::move(all)) {
    for (std::size_t i = 0; i < all_.size(); ++i) index_.emplace(all_[i], i);
  }
  std::size_t find(const std::string& name, const std::string& path) const {
    const auto it = index_.find(name);
    if (it != index_.end()) return it->second;
    throw InputError(path, "no " + kind_ + " is called " + in_quotes(name) + suggestion(name, all_));
  }

 private:
  std::string kind_;
  std::vector<std::string> all_;
  std::unordered_map<std::string, std::size_t> index_;
};

Names op_names(const MappingProblem& problem) {
  std::vector<std::string> names;
  for (const auto& op : problem.ops) names.push_back(op.name);
  return {"operator of " + in_quotes(problem.graph.name), std::move(names)};
}

Names device_names(const MappingProblem& problem) {
  std::vector<std::string> names;
  for (const auto& slot : problem.devices) names.push_back(slot.name);
  return {"device that may be used", std::move(names)};
}

Task task_of(const MappingProblem& problem, const TaskForm& form, const Names& ops, const Names& devices,
             const std::string& path) {
  Task task;
  task.op = OpId(ops.find(form.op, child_path(path, "op")));
  const OpDescription& op = problem.ops[task.op.index()];
  const bool view = op.op_class == OpClass::view;
  if (view && form.device)
    throw InputError(child_path(path, "device"), in_quotes(op.name) + " moves no data; leave it out");
  if (!view && !form.device) throw InputError(child_path(path, "device"), "missing; add it: name of the device");
  if (form.device) task.slot = devices.find(*form.device, child_path(path, "device"));
  if (form.part) {
    task.part = {form.part->axis, form.part->begin, form.part->end};
    const std::string problem_text = problem_of(op, task.part);
    if (!problem_text.empty()) throw InputError(child_path(path, "part"), in_quotes(op.name) + " " + problem_text);
  }
  if (form.group) task.group = static_cast<std::uint32_t>(*form.group);
  return task;
}

TileChoice tiling_of(const OpDescription& op, const TilingForm& form) {
  const OpTile all = is_nested(op) ? whole_tile(tiling_nest(op)) : OpTile{};
  return {.tile = {.groups = form.groups.value_or(all.groups),
                   .out_channels = form.out_channels.value_or(all.out_channels),
                   .in_channels = form.in_channels.value_or(all.in_channels),
                   .out_height = form.out_height.value_or(all.out_height),
                   .out_width = form.out_width.value_or(all.out_width),
                   .pieces = form.pieces.value_or(1)},
          .weights_outer = form.weights_outer};
}

TilingForm form_of(const OpDescription& op, const TileChoice& choice) {
  TilingForm form;
  form.weights_outer = choice.weights_outer;
  if (!is_nested(op)) {
    form.pieces = choice.tile.pieces;
    return form;
  }
  form.groups = choice.tile.groups;
  form.out_channels = choice.tile.out_channels;
  form.in_channels = choice.tile.in_channels;
  form.out_height = choice.tile.out_height;
  form.out_width = choice.tile.out_width;
  return form;
}

}  // namespace

Json to_json(const MappingProblem& problem, const Mapping& mapping) {
  MappingForm form;
  form.network = problem.graph.name;
  for (const Task& task : mapping.tasks) {
    TaskForm entry;
    entry.op = problem.ops.at(task.op.index()).name;
    if (task.slot) entry.device = problem.devices.at(*task.slot).name;
    if (!task.part.whole()) entry.part = PartForm{task.part.axis, task.part.begin, task.part.end};
    if (task.group) entry.group = *task.group;
    form.tasks.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < mapping.choices.size(); ++i) {
    const OpChoice& choice = mapping.choices[i];
    ChoiceForm entry;
    entry.op = problem.ops.at(i).name;
    entry.reason = choice.reason;
    entry.runner_up = choice.runner_up;
    if (choice.tiling) entry.tiling = form_of(problem.ops[i], *choice.tiling);
    form.choices.push_back(std::move(entry));
  }
  const auto digests = digests_of_ops(form.tasks);
  for (ChoiceForm& entry : form.choices) {
    const auto own = digests.find(entry.op);
    if (own != digests.end()) entry.tasks_digest = own->second;
  }
  form.search = mapping.search;
  form.tasks_digest = digest_of(form);
  form.warnings = mapping.warnings;
  return write_value(form);
}

Mapping read_mapping(const MappingProblem& problem, const Json& json, const std::string& source) {
  const auto form = read_value<MappingForm>(json, source);
  if (form.format != kFormat) {
    throw InputError(child_path(source, "format"), in_quotes(form.format) + " is not " + in_quotes(kFormat));
  }
  const Names ops = op_names(problem), devices = device_names(problem);
  Mapping mapping;
  for (std::size_t i = 0; i < form.tasks.size(); ++i) {
    const std::string path = child_path(source, "tasks") + "[" + std::to_string(i) + "]";
    mapping.tasks.push_back(task_of(problem, form.tasks[i], ops, devices, path));
  }
  mapping.choices.resize(problem.ops.size());
  const bool as_written = form.tasks_digest == digest_of(form), edited = !form.tasks_digest.empty() && !as_written;
  const auto digests = digests_of_ops(form.tasks);
  for (std::size_t i = 0; i < form.choices.size(); ++i) {
    const ChoiceForm& entry = form.choices[i];
    const std::string path = child_path(source, "choices") + "[" + std::to_string(i) + "]";
    const std::size_t op = ops.find(entry.op, child_path(path, "op"));
    OpChoice& choice = mapping.choices[op];
    const auto own = digests.find(entry.op);
    const bool moved = entry.tasks_digest.empty()
                           ? edited
                           : own == digests.end() || own->second != entry.tasks_digest;  // since the texts were written
    if (!moved) choice = {.reason = entry.reason, .runner_up = entry.runner_up};
    if (entry.tiling) choice.tiling = tiling_of(problem.ops[op], *entry.tiling);
  }
  if (as_written) mapping.search = form.search;
  if (!edited) mapping.warnings = form.warnings;
  if (!form.network.empty() && form.network != problem.graph.name) {
    mapping.warnings.push_back("the mapping was made for network " + in_quotes(form.network));
  }
  return mapping;
}

}  // namespace chipcast

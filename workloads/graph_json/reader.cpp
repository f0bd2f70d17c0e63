// SPDX-License-Identifier: Apache-2.0
#include "workloads/graph_json/reader.h"

#include "sim/config/reader.h"

namespace chipcast {
namespace graph_json {
namespace {

std::string item(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace

Graph GraphReader::read() {
  read_header();
  builder_ = GraphBuilder(header_.name);
  read_tensors();
  mark_inputs();
  read_ops();
  check_origins();
  const auto sequence = order();
  for (std::size_t i = 0; i < header_.inputs.size(); ++i) {
    add_input(header_.inputs[i], item(child_path(source_, "inputs"), i));
  }
  for (const auto op : sequence) add_op(op);
  for (auto& entry : entries_) {
    if (entry.declared.parameter) parameter_id(entry);
  }
  for (std::size_t i = 0; i < header_.outputs.size(); ++i) {
    const std::string path = item(child_path(source_, "outputs"), i);
    builder_.output(*entries_[find(header_.outputs[i], path)].id);
  }
  for (auto& note : header_.history) builder_.note(std::move(note));
  return std::move(builder_).build();
}

void GraphReader::read_header() {
  Reader reader(json_, source_);
  header_.visit(reader);
  reader.allow("tensors");
  reader.allow("ops");
  reader.finish();
  if (header_.format != kFormat) {
    throw InputError(child_path(source_, "format"),
                     in_quotes(header_.format) + " is not a network; \"" + std::string(kFormat) + "\" is needed");
  }
  if (header_.version != kVersion) {
    throw InputError(child_path(source_, "version"), std::to_string(header_.version) + " is not known; this program " +
                                                         "reads version " + std::to_string(kVersion));
  }
}

void GraphReader::read_tensors() {
  const std::string path = child_path(source_, "tensors");
  const auto found = json_.find("tensors");
  if (found == json_.end()) return;
  if (!found->is_object()) throw InputError(path, "expected an object of named tensors, got " + brief(*found));
  if (found->size() > kMaxTensors) {
    throw InputError(
        path, std::to_string(found->size()) + " tensors are more than the " + std::to_string(kMaxTensors) + " allowed");
  }
  for (const auto& [name, value] : found->items()) {
    const std::string place = child_path(path, name);
    auto declaration = read_value<TensorDeclaration>(value, place);
    if (declaration.parameter && !declaration.shape) throw InputError(place, "a parameter needs a shape");
    if (index_.contains(name)) throw InputError(place, "is declared twice; keep one of them");
    Entry& entry = entries_[enter(name)];
    entry.declared = std::move(declaration);
    entry.path = place;
  }
}

void GraphReader::mark_inputs() {
  for (std::size_t i = 0; i < header_.inputs.size(); ++i) {
    const std::string path = item(child_path(source_, "inputs"), i);
    const auto found = index_.find(header_.inputs[i]);
    if (found == index_.end() || !entries_[found->second].declared.shape) {
      throw InputError(path, "input " + in_quotes(header_.inputs[i]) + " has no shape; declare it under tensors");
    }
    Entry& entry = entries_[found->second];
    if (entry.declared.parameter) {
      throw InputError(path, in_quotes(entry.name) + " is a parameter; an input must not be one");
    }
    if (entry.input) throw InputError(path, in_quotes(entry.name) + " is listed twice");
    entry.input = true;
  }
}

void GraphReader::read_ops() {
  const std::string path = child_path(source_, "ops");
  const auto found = json_.find("ops");
  if (found == json_.end()) throw InputError(path, "missing; a list of operators is needed");
  if (!found->is_array()) throw InputError(path, "expected a list, got " + brief(*found));
  if (found->empty()) throw InputError(path, "is empty; at least one operator is needed");
  if (found->size() > kMaxOps) {
    throw InputError(
        path, std::to_string(found->size()) + " operators are more than the " + std::to_string(kMaxOps) + " allowed");
  }
  for (std::size_t i = 0; i < found->size(); ++i) {
    ops_.push_back(read_value<OpDeclaration>((*found)[i], op_path(i)));
    attributes_.push_back(read_attributes(ops_[i].kind, ops_[i].attributes, op_path(i)));
    ops_[i].attributes = Json();
    mark_outputs_of(i);
  }
}

void GraphReader::mark_outputs_of(std::size_t op) {
  auto& declaration = ops_[op];
  if (declaration.outputs.empty()) {
    declaration.outputs = output_names_of(declaration.name, default_output_count(attributes_[op]));
  }
  for (std::size_t i = 0; i < declaration.outputs.size(); ++i) {
    const std::string& name = declaration.outputs[i];
    const std::string path = item(child_path(op_path(op), "outputs"), i);
    if (name.empty()) throw InputError(path, "is empty; every output needs a name");
    const auto found = index_.find(name);
    Entry& entry = entries_[found == index_.end() ? enter(name) : found->second];
    if (entry.declared.parameter || entry.input) {
      throw InputError(path, in_quotes(name) + (entry.input ? " is an input of the network" : " is a parameter") +
                                 "; an operator cannot write it");
    }
    if (entry.producer) {
      throw InputError(path, "tensor " + in_quotes(name) + " is written by operators " +
                                 in_quotes(ops_[*entry.producer].name) + " and " + in_quotes(declaration.name) +
                                 "; one of them must write another");
    }
    entry.producer = op;
  }
}

void GraphReader::check_origins() const {
  for (const auto& entry : entries_) {
    if (entry.input || entry.declared.parameter || entry.producer) continue;
    throw InputError(entry.path, "no operator writes this tensor; list it under inputs, set parameter, or remove it");
  }
}

Predecessors GraphReader::predecessors() {
  Predecessors out(ops_.size());
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    for (std::size_t k = 0; k < ops_[i].inputs.size(); ++k) {
      const std::string& name = ops_[i].inputs[k];
      if (name.empty()) continue;
      const auto& entry = entries_[find(name, item(child_path(op_path(i), "inputs"), k))];
      if (entry.producer) out[i].push_back(*entry.producer);
    }
  }
  return out;
}

std::vector<std::size_t> GraphReader::order() {
  const auto before = predecessors();
  auto sequence = topological_order(before);
  if (sequence.size() == ops_.size()) return sequence;
  constexpr std::size_t kShown = 8;
  const auto cycle = find_cycle(before, sequence);
  std::string names;
  for (std::size_t i = 0; i < cycle.size() && i < kShown; ++i) names += in_quotes(ops_[cycle[i]].name) + " -> ";
  if (cycle.size() > kShown) names += "... (" + std::to_string(cycle.size()) + " operators) -> ";
  throw InputError(child_path(source_, "ops"), "operators wait for each other in a cycle: " + names +
                                                   in_quotes(ops_[cycle.front()].name) + "; a network must have none");
}

void GraphReader::add_input(const std::string& name, const std::string& path) {
  Entry& entry = entries_[find(name, path)];
  const TensorType type{*entry.declared.shape, entry.declared.dtype.value_or(DType::fp32)};
  entry.id = builder_.input(name, type, entry.path);
  if (entry.declared.quantization) builder_.set_format(*entry.id, type.dtype, entry.declared.quantization, entry.path);
}

TensorId GraphReader::parameter_id(Entry& entry) {
  if (!entry.id) {
    const TensorType type{*entry.declared.shape, entry.declared.dtype.value_or(DType::fp32)};
    entry.id = builder_.parameter(entry.name, type, entry.declared.quantization, entry.path);
  }
  return *entry.id;
}

void GraphReader::add_op(std::size_t op) {
  auto& declaration = ops_[op];
  std::vector<std::optional<TensorId>> inputs;
  for (const auto& name : declaration.inputs) {
    if (name.empty()) {
      inputs.emplace_back();
      continue;
    }
    Entry& entry = entries_[index_.at(name)];
    inputs.push_back(entry.declared.parameter ? parameter_id(entry) : entry.id);
  }
  const std::string place = op_place(op);
  const auto ids =
      builder_.add(declaration.name, std::move(attributes_[op]), std::move(inputs), declaration.outputs, place);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Entry& entry = entries_[index_.at(declaration.outputs[i])];
    entry.id = ids[i];
    apply_declaration(entry, ids[i], place);
  }
  builder_.fuse(std::move(declaration.fused));
}

void GraphReader::apply_declaration(const Entry& entry, TensorId id, const std::string& op_place) {
  const auto& declared = entry.declared;
  const TensorType& type = builder_.type(id);
  if (declared.shape && *declared.shape != type.shape) {
    throw InputError(op_place, "tensor " + in_quotes(entry.name) + " is declared " + to_text(*declared.shape) +
                                   " but the operator gives " + to_text(type.shape) + "; correct one of them");
  }
  if (declared.dtype || declared.quantization) {
    builder_.set_format(id, declared.dtype.value_or(type.dtype), declared.quantization, entry.path);
  }
}

std::size_t GraphReader::find(const std::string& name, const std::string& path) const {
  if (const auto found = index_.find(name); found != index_.end()) return found->second;
  constexpr std::size_t kCandidates = 10'000;  // keeps a guess cheap on the largest files
  std::vector<std::string> known;
  for (std::size_t i = 0; i < entries_.size() && i < kCandidates; ++i) known.push_back(entries_[i].name);
  const std::string guess = closest_match(name, known);
  throw InputError(path, "tensor " + in_quotes(name) + " is not known" +
                             (guess.empty() ? "; declare it under tensors or let an operator write it"
                                            : " (did you mean " + in_quotes(guess) + "?)"));
}

std::size_t GraphReader::enter(const std::string& name) {
  index_.emplace(name, entries_.size());
  Entry entry;
  entry.name = name;
  entries_.push_back(std::move(entry));
  return entries_.size() - 1;
}

std::string GraphReader::op_path(std::size_t op) const { return item(child_path(source_, "ops"), op); }

std::string GraphReader::op_place(std::size_t op) const { return op_path(op) + " (" + in_quotes(ops_[op].name) + ")"; }

}  // namespace graph_json

Graph Graph::from_json(const Json& json, const std::string& source) {
  return graph_json::GraphReader(json, source).read();
}

}  // namespace chipcast

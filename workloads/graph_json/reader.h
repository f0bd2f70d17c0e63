// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/builder.h"
#include "workloads/graph_json/declarations.h"
#include "workloads/graph_json/order.h"

namespace chipcast::graph_json {

/// Turns the JSON form into a Graph: declarations, then names, then order, then shapes.
class GraphReader {
 public:
  GraphReader(const Json& json, const std::string& source) : json_(json), source_(source) {}
  Graph read();

 private:
  /// A name that stands for a tensor, and where it comes from.
  struct Entry {
    std::string name;
    TensorDeclaration declared;
    std::string path;  ///< where it is declared; empty where it is only produced
    bool input = false;
    std::optional<std::size_t> producer;  ///< operator, by place in the file
    std::optional<TensorId> id;           ///< once the builder has it
  };

  void read_header();
  void read_tensors();
  void read_ops();
  void mark_inputs();
  void mark_outputs_of(std::size_t op);
  void check_origins() const;
  Predecessors predecessors();
  std::vector<std::size_t> order();
  void add_input(const std::string& name, const std::string& path);
  void add_op(std::size_t op);
  void apply_declaration(const Entry& entry, TensorId id, const std::string& op_place);
  TensorId parameter_id(Entry& entry);
  std::size_t find(const std::string& name, const std::string& path) const;
  std::size_t enter(const std::string& name);
  std::string op_path(std::size_t op) const;
  std::string op_place(std::size_t op) const;

  const Json& json_;
  const std::string& source_;
  Header header_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<OpDeclaration> ops_;
  std::vector<Attributes> attributes_;
  GraphBuilder builder_{""};
};

}  // namespace chipcast::graph_json

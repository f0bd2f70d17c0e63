// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "sim/config/json.h"
#include "tests/unit/workloads/graphs.h"
#include "workloads/graph_json/declarations.h"
#include "workloads/work.h"

/// docs/graph.md says what the code does.
namespace chipcast {
namespace {

using ::testing::HasSubstr;

std::string page() { return read_text_file(CHIPCAST_SOURCE_DIR "/docs/graph.md", std::size_t{1} << 20); }

TEST(GraphDocs, ExampleIsReadAsWritten) {
  const std::string text = page();
  const auto begin = text.find("```json\n") + 8;
  const Json json = parse_json(text.substr(begin, text.find("```", begin) - begin), "docs/graph.md");
  const Graph graph = Graph::from_json(json, "docs/graph.md");
  // conv: 8 * 16 * 16 outputs of 27 taps; fc: 8 * 10.
  EXPECT_EQ(totals(graph).macs.count(), 8 * 16 * 16 * 27 + 80);
}

struct FieldNames {
  std::vector<std::string> names;
  template <class T>
  void field(const char* name, T&, const Field<std::type_identity_t<T>>& = {}) {
    names.emplace_back(name);
  }
};

template <class A>
void expect_documented(const std::string& text) {
  EXPECT_THAT(text, HasSubstr("| `" + std::string(A::kind) + "` |"));
  A attributes;
  FieldNames fields;
  attributes.visit(fields);
  for (const auto& name : fields.names) EXPECT_THAT(text, HasSubstr("`" + name + "`")) << A::kind;
}

template <std::size_t... I>
void expect_all_documented(const std::string& text, std::index_sequence<I...>) {
  (expect_documented<std::variant_alternative_t<I, Attributes>>(text), ...);
}

TEST(GraphDocs, ListEveryKindAttributeAndFunction) {
  const std::string text = page();
  expect_all_documented(text, std::make_index_sequence<std::variant_size_v<Attributes>>{});
  for (const auto& names : {all_names<UnaryFunction>(), all_names<BinaryFunction>(), all_names<ReduceFunction>(),
                            all_names<PadMode>(), all_names<DType>(), all_names<NormFunction>()}) {
    for (const auto& name : names) EXPECT_THAT(text, HasSubstr(name));
  }
}

}  // namespace
}  // namespace chipcast

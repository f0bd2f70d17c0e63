// SPDX-License-Identifier: Apache-2.0
#include "sim/config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "sim/config/docs_table.h"
#include "sim/config/reader.h"
#include "tests/unit/sim/machine.h"
#include "tests/unit/sim/message.h"

namespace chipcast::test {
namespace {

using testing::HasSubstr;

/// The schema of Machine, as valijson understands it.
class MachineSchema : public testing::Test {
 protected:
  MachineSchema() {
    const auto document = nlohmann::json::parse(schema_of<Machine>().dump());
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::SchemaParser().populateSchema(adapter, schema_);
  }

  bool valid(const std::string& text) {
    const auto document = nlohmann::json::parse(text);
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    return validator.validate(schema_, adapter, nullptr);
  }

  static std::string member(const std::string& name, const std::string& value) { return '"' + name + "\":" + value; }
  static std::string with(const std::string& members) { return R"({"name":"n",)" + members + "}"; }

  static bool readable(const std::string& text) {
    return message_of([&] { read_value<Machine>(Json::parse(text), "m"); }) == "no error";
  }

  valijson::Schema schema_;
};

TEST_F(MachineSchema, AcceptsWhatTheReaderAccepts) {
  for (const char* members : {R"("rows":1)",
                              R"("rows":1024)",
                              R"("macs":9223372036854775807)",
                              R"("bits":255)",
                              R"("share":1)",
                              R"("share":-1e300)",
                              R"("fused":true)",
                              R"("clock":"1 MHz")",
                              R"("clock":" 1e3  MHz ")",
                              R"("clock":".5 GHz")",
                              R"("clock":"5. GHz")",
                              R"("clock":"0.5e+1GHz")",
                              R"("buffer":"4.35 kB")",
                              R"("dataflow":"output_stationary")",
                              R"("lanes":null)",
                              R"("lanes":8)",
                              R"("other":null)",
                              R"("other":"weight_stationary")",
                              R"("sizes":[])",
                              R"("flags":[true])",
                              R"("ports":{"any name":{"rate":"1 GB/s"}})",
                              R"("main":{"rate":null})",
                              R"("$schema":"s","$comment":["x"],"main":{"$comment":"y"})"}) {
    EXPECT_TRUE(readable(with(members))) << members;
    EXPECT_TRUE(valid(with(members))) << members;
  }
}

TEST_F(MachineSchema, RefusesWhatTheReaderRefuses) {
  for (const char* members :
       {R"("rows":0)",          R"("rows":1025)",       R"("rows":2147483648)", R"("rows":1.5)",
        R"("rows":"1")",        R"("rows":null)",       R"("macs":0)",          R"("macs":-1)",
        R"("bits":256)",        R"("bits":-1)",         R"("share":1.01)",      R"("share":"1")",
        R"("fused":0)",         R"("clock":800)",       R"("clock":"800")",     R"("clock":"800 mhz")",
        R"("clock":"MHz")",     R"("clock":"1 MHz x")", R"("clock":"+1 MHz")",  R"("clock":"1e MHz")",
        R"("clock":"1\tMHz")",  R"("clock":"inf Hz")",  R"("buffer":"1 MHz")",  R"("dataflow":"x")",
        R"("dataflow":null)",   R"("lanes":0)",         R"("lanes":9)",         R"("other":"x")",
        R"("sizes":[1.5])",     R"("sizes":3)",         R"("ports":[])",        R"("ports":{"a":{"x":1}})",
        R"("main":{"rate":5})", R"("unknown":1)"}) {
    EXPECT_FALSE(readable(with(members))) << members;
    EXPECT_FALSE(valid(with(members))) << members;
  }
  EXPECT_FALSE(valid("{}")) << "name is required";
  EXPECT_FALSE(valid("[]"));
}

TEST_F(MachineSchema, AgreesWithTheReaderOnRandomNumbers) {
  std::mt19937_64 random(6);
  std::uniform_int_distribution<int> around(-20, 1100);
  for (int i = 0; i < 2000; ++i) {
    const int n = around(random);
    for (const std::string field : {"rows", "macs", "bits", "lanes"}) {
      const std::string text = with(member(field, std::to_string(n)));
      ASSERT_EQ(valid(text), readable(text)) << text;
    }
    const std::string text = with(member("share", std::to_string(n / 500.0)));
    ASSERT_EQ(valid(text), readable(text)) << text;
  }
}

TEST(Schema, CarriesDocumentationAndDefaults) {
  const Json schema = schema_of<Machine>();
  const Json& rows = schema["properties"]["rows"];
  EXPECT_EQ(rows["description"], "Processing-element rows.");
  EXPECT_EQ(rows["default"], 32);
  EXPECT_EQ(schema["properties"]["clock"]["default"], "800 MHz");
  EXPECT_EQ(schema["properties"]["dataflow"]["default"], "weight_stationary");
  EXPECT_FALSE(schema["properties"]["lanes"].contains("default"));
  EXPECT_FALSE(schema["properties"]["name"].contains("default"));
  EXPECT_EQ(schema["required"], Json::array({"name"}));
  EXPECT_EQ(schema["additionalProperties"], false);
}

TEST(Schema, DefaultsSatisfyTheirOwnSchema) {
  Machine machine;
  machine.name = "n";
  EXPECT_EQ(read_value<Machine>(write_value(machine), "m"), machine);
}

TEST(DocsTable, ShowsDefaultRangeMeaningAndSource) {
  const std::string table = docs_table_of<Machine>();
  EXPECT_THAT(table, HasSubstr("| field | default | allowed | meaning | source |\n|---|---|---|---|---|\n"));
  EXPECT_THAT(table, HasSubstr("| `rows` | 32 | 1 … 1024 | Processing-element rows. | A-12 |\n"));
  EXPECT_THAT(table, HasSubstr("| `macs` | 1 | ≥ 1 | Counted. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `share` | 0.5 | ≤ 1.0 | Part. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `bits` | 8 |  | Width \\| of a word. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `name` | required |  | Name of the machine. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `clock` | 800 MHz | 1 MHz … 5 GHz | Core clock. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `dataflow` | weight_stationary | weight_stationary, output_stationary |"));
  EXPECT_THAT(table, HasSubstr("| `lanes` | none | 1 … 8 | Lanes. |  |\n"));
  EXPECT_THAT(table, HasSubstr("| `other` | none | weight_stationary, output_stationary |"));
  EXPECT_THAT(table, HasSubstr("| `main` |  |  | Main port. |  |\n"));
}

}  // namespace
}  // namespace chipcast::test

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ops/families.hpp"
#include "recipe/recipe.hpp"

namespace leaven::recipe {
namespace {

TEST(Schema, HoldsEveryOpAndFieldWithItsFacts) {
  const auto schema = nlohmann::json::parse(json_schema(ops::op_table()));
  EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  for (const auto& info : ops::op_table().all()) {
    const auto& op = schema.at("$defs").at("op_" + std::string(info->name));
    EXPECT_EQ(op.at("description"), info->summary);
    for (const FieldInfo& field : info->fields) {
      const auto& f = op.at("properties").at(std::string(field.name));
      EXPECT_EQ(f.at("description"), field.facts.doc);
      if (std::isfinite(field.facts.lo) && field.type == FieldType::number) {
        EXPECT_EQ(f.at("anyOf")[0].at("minimum"), field.facts.lo);
      }
    }
  }
}

// Every reference leads somewhere: a typing slip there would silently accept everything.
void check_references(const nlohmann::json& node, const nlohmann::json& defs) {
  if (node.is_object() && node.contains("$ref")) {
    const std::string ref = node.at("$ref");
    ASSERT_EQ(ref.rfind("#/$defs/", 0), 0U) << ref;
    EXPECT_TRUE(defs.contains(ref.substr(8))) << ref;
  }
  if (node.is_structured())
    for (const auto& child : node) check_references(child, defs);
}

TEST(Schema, ReferencesLeadSomewhere) {
  const auto schema = nlohmann::json::parse(json_schema(ops::op_table()));
  check_references(schema, schema.at("$defs"));
}

}  // namespace
}  // namespace leaven::recipe

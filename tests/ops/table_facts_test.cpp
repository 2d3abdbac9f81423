// What every op must say of itself, checked over the whole table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "recipe/recipe.hpp"

namespace leaven::ops {
namespace {

constexpr std::size_t kLongestPhrase = 100;

void expect_phrase(std::string_view text, const std::string& where) {
  ASSERT_FALSE(text.empty()) << where;
  EXPECT_LE(text.size(), kLongestPhrase) << where << ": " << text;
  EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(text.front())) ||
              std::isupper(static_cast<unsigned char>(text.front())))
      << where << ": " << text;
  EXPECT_NE(text.back(), '.') << where << ": " << text;
}

bool is_snake(std::string_view name) {
  if (name.empty() || !std::islower(static_cast<unsigned char>(name.front()))) return false;
  for (const char c : name)
    if (!std::islower(static_cast<unsigned char>(c)) && !std::isdigit(static_cast<unsigned char>(c)) && c != '_')
      return false;
  return true;
}

bool is_numeric(const FieldInfo& f) {
  return f.type == FieldType::number || f.type == FieldType::integer || f.type == FieldType::numbers;
}

TEST(TableFacts, EveryOpSaysWhatItIs) {
  static const std::set<std::string_view> families{"geometry", "crop",  "color",   "tone",   "blur",
                                                   "noise",    "erase", "quality", "tensor", "table",
                                                   "style",    "light", "weather", "overlay", "mix", "series"};
  for (const auto& info : op_table().all()) {
    const std::string name(info->name);
    EXPECT_TRUE(is_snake(name)) << name;
    expect_phrase(info->summary, name);
    EXPECT_FALSE(info->detail.empty()) << name << " must give its formula or convention";
    EXPECT_TRUE(families.contains(info->family)) << name << ": " << info->family;
    EXPECT_GE(info->version, 1) << name;
    EXPECT_EQ(info->domain == Domain::columns, info->node == NodeKind::columns) << name;
    EXPECT_EQ(info->reads == Reads::cells, info->domain == Domain::columns) << name;
    const bool geometric = info->node == NodeKind::geometry || info->node == NodeKind::displacement || info->node == NodeKind::time_map;
    EXPECT_EQ(info->labels == LabelRule::moves, geometric) << name;
    if (info->domain == Domain::series) EXPECT_TRUE(info->labels != LabelRule::mixes || info->partners > 0) << name;
    else EXPECT_TRUE(info->labels != LabelRule::mixes || info->node == NodeKind::mix) << name;
    EXPECT_EQ(info->domain == Domain::series, info->name.starts_with("series_")) << name;
    EXPECT_LE(info->opposed, info->partners) << name;
    EXPECT_EQ(info->find("partners") != nullptr, info->partners > 0) << name;
  }
}

TEST(TableFacts, EveryFieldHasDocRangeAndUnit) {
  static const std::set<std::string_view> units{"px", "degrees", "fraction", "factor", "turns", "bits", "K", "1", "samples"};
  for (const auto& info : op_table().all())
    for (const FieldInfo& f : info->fields) {
      const std::string where = std::string(info->name) + "." + std::string(f.name);
      EXPECT_TRUE(is_snake(f.name)) << where;
      expect_phrase(f.facts.doc, where);
      if (is_numeric(f)) {
        EXPECT_TRUE(std::isfinite(f.facts.lo) && std::isfinite(f.facts.hi) && f.facts.lo < f.facts.hi) << where;
        EXPECT_TRUE(units.contains(f.facts.unit)) << where << ": " << f.facts.unit;
      }
      EXPECT_EQ(f.type == FieldType::choice, !f.facts.choices.empty()) << where;
      if (f.type == FieldType::numbers) {
        EXPECT_GE(f.facts.min_count, 1U) << where;
        EXPECT_GE(f.facts.max_count, f.facts.min_count) << where;
      }
    }
}

TEST(TableFacts, FieldsOfOneOpHaveDifferentNames) {
  for (const auto& info : op_table().all()) {
    std::set<std::string_view> names;
    for (const FieldInfo& f : info->fields) EXPECT_TRUE(names.insert(f.name).second) << info->name << "." << f.name;
  }
}

TEST(TableFacts, DefaultIsLegalOrLeftToResolve) {
  for (const auto& info : op_table().all()) {
    const OpValue op(*info);
    for (const FieldInfo& f : info->fields) {
      const Value value = f.get(op.data());
      const auto* list = std::get_if<std::vector<double>>(&value);
      const auto* number = std::get_if<double>(&value);
      const auto* text = std::get_if<std::string>(&value);
      const bool unset = (list && list->empty()) || (number && std::isnan(*number)) || (text && text->empty() && f.facts.resolved);
      EXPECT_EQ(unset, f.facts.resolved) << info->name << "." << f.name << " = " << to_text(value);
      if (f.facts.resolved) {
        EXPECT_NE(info->resolve, nullptr) << info->name;
      } else {
        EXPECT_NO_THROW(f.check(value)) << info->name << "." << f.name;
      }
    }
  }
}

TEST(TableFacts, StrengthAxisIsLegalAndHasTwoEnds) {
  for (const auto& info : op_table().all())
    for (const FieldInfo& f : info->fields) {
      const std::string where = std::string(info->name) + "." + std::string(f.name);
      EXPECT_EQ(std::isnan(f.facts.neutral), std::isnan(f.facts.strong)) << where;
      if (std::isnan(f.facts.neutral)) continue;
      EXPECT_NO_THROW(f.check(f.facts.neutral)) << where;
      EXPECT_NO_THROW(f.check(f.facts.strong)) << where;
      EXPECT_NE(f.facts.neutral, f.facts.strong) << where;
    }
}

TEST(TableFacts, DrawLawStaysInRange) {
  for (const auto& info : op_table().all())
    for (const FieldInfo& f : info->fields) {
      if (!f.facts.draw) continue;
      const std::string where = std::string(info->name) + "." + std::string(f.name);
      EXPECT_EQ(f.facts.draw.kind == Law::Kind::integer, f.type == FieldType::integer) << where;
      for (std::uint64_t i = 0; i < 1000; ++i) {
        const double value = draw(f.facts.draw, {7, 11}, i);
        ASSERT_NO_THROW(f.check(value)) << where << " drew " << value;
      }
    }
}

TEST(TableFacts, ExampleIsAStepOfThisOpThatARecipeReads) {
  for (const auto& info : op_table().all()) {
    const auto recipe = recipe::parse("leaven: 1\nsteps:\n  - " + std::string(info->example) + "\n", op_table());
    ASSERT_EQ(recipe.steps.size(), 1U) << info->example;
    EXPECT_EQ(recipe.steps[0].op, info.get()) << info->example;
    EXPECT_EQ(recipe.steps[0].settings.empty(), info->example == info->name) << info->example;
  }
}

TEST(TableFacts, RangeErrorsNameOpFieldLimitsUnitAndValue) {
  for (const auto& info : op_table().all())
    for (const FieldInfo& f : info->fields) {
      if (f.type != FieldType::number && f.type != FieldType::integer) continue;
      OpValue op(*info);
      const double beyond = f.facts.hi + std::max(1.0, std::fabs(f.facts.hi));
      try {
        op.set(f.name, beyond);
        ADD_FAILURE() << info->name << "." << f.name;
      } catch (const Error& error) {
        const std::string text = error.what();
        EXPECT_EQ(error.fault(), Fault::usage) << text;
        EXPECT_TRUE(text.starts_with(std::string(info->name) + ": " + std::string(f.name) + " must be ")) << text;
        EXPECT_NE(text.find("[" + to_text(f.facts.lo) + ", " + to_text(f.facts.hi) + "]"), std::string::npos) << text;
        EXPECT_TRUE(f.facts.unit == "1" || text.find(f.facts.unit) != std::string::npos) << text;
        EXPECT_TRUE(text.ends_with("got " + to_text(beyond))) << text;
      }
    }
}

TEST(TableFacts, EveryNodeKindHasAnOp) {
  std::set<NodeKind> kinds;
  for (const auto& info : op_table().all()) kinds.insert(info->node);
  for (int k = 0; k <= static_cast<int>(NodeKind::columns); ++k)
    EXPECT_TRUE(kinds.contains(static_cast<NodeKind>(k))) << name_of(static_cast<NodeKind>(k));
}

TEST(TableFacts, AllOpsAreThere) {
  for (const char* name : {"horizontal_flip",
                           "vertical_flip",
                           "transpose",
                           "rotate90",
                           "rotate",
                           "affine",
                           "perspective",
                           "elastic",
                           "crop",
                           "center_crop",
                           "random_crop",
                           "random_resized_crop",
                           "resize",
                           "scale",
                           "pad",
                           "brightness",
                           "contrast",
                           "saturation",
                           "hue",
                           "gamma",
                           "color_jitter",
                           "grayscale",
                           "invert",
                           "posterize",
                           "solarize",
                           "autocontrast",
                           "equalize",
                           "gaussian_blur",
                           "sharpen",
                           "gaussian_noise",
                           "salt_pepper",
                           "cutout",
                           "jpeg_compression",
                           "normalize",
                           "table_jitter",
                           "table_fill"})
    EXPECT_NE(op_table().find(name), nullptr) << name;
}

}  // namespace
}  // namespace leaven::ops

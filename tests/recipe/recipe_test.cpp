// Reading recipes: what is accepted, what is refused and in which words, and that writing gives the same recipe again.
#include "recipe/recipe.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "recipe/containers.hpp"

namespace leaven::recipe {
namespace {

Recipe read(const std::string& text) { return parse(text, ops::op_table(), "train.yaml"); }
Recipe steps(const std::string& list) { return read("leaven: 1\nsteps:\n" + list); }

std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage) << e.what();
    return e.what();
  }
  return "accepted";
}
std::string step_refusal(const std::string& list) { return refusal("leaven: 1\nsteps:\n" + list); }

TEST(Recipe, TheExamplesOfContainersAreRead) {
  for (std::size_t i = 0; i < containers().size(); ++i) {
    const Recipe r = steps(std::string(containers()[i].example));
    ASSERT_EQ(r.steps.size(), 1U);
    EXPECT_EQ(static_cast<std::size_t>(r.steps[0].container), i + 1) << containers()[i].name;
  }
}

TEST(Recipe, EveryStageIsRead) {
  const Recipe r = read(R"(leaven: 1
seed: 7
fuse: off
decode: scaled
max_bad: 5%
on_error: stop
source: {path: photos, format: folders, limit: 10}
clean: {min_width: 32, duplicates: true, perceptual: 4}
split: {method: hash, val: 0.1, test: 10%}
augment: {per_class: 1000, originals: none}
sink: {path: out, layout: webdataset, image_format: jpeg, quality: 90}
steps:
  - horizontal_flip: {p: 0.5}
  - one_of:
      weights: [1, 3]
      steps: [invert, {gaussian_blur: {sigma: {uniform: [0.5, 2]}}}]
  - some_of: {n: {int: [1, 2]}, steps: [invert, grayscale]}
  - repeat: {times: 2, steps: [invert]}
  - with_probability: {p: 0.25, steps: [invert]}
  - random_order: [invert, grayscale]
)");
  EXPECT_EQ(r.seed, 7U);
  EXPECT_FALSE(r.fuse);
  EXPECT_TRUE(r.decode_scaled);
  EXPECT_DOUBLE_EQ(r.max_bad, 0.05);
  EXPECT_TRUE(r.stop_on_error);
  EXPECT_EQ(r.source.limit, 10U);
  EXPECT_EQ(r.clean.perceptual, 4);
  EXPECT_DOUBLE_EQ(r.split.test, 0.1);
  EXPECT_EQ(r.augment.per_class, 1000U);
  EXPECT_EQ(r.augment.originals, Originals::none);
  EXPECT_EQ(r.sink.layout, "webdataset");
  ASSERT_EQ(r.steps.size(), 6U);
  EXPECT_EQ(r.steps[0].p, 0.5);
  EXPECT_EQ(r.steps[1].weights, (std::vector<double>{1, 3}));
  EXPECT_EQ(r.steps[1].steps[1].settings[0].second.law, uniform(0.5, 2));
  EXPECT_EQ(r.steps[5].container, Container::random_order);
}

TEST(Recipe, JsonIsARecipeToo) {
  EXPECT_EQ(read(R"({"leaven": 1, "steps": [{"gaussian_blur": {"sigma": 2}}]})").steps.size(), 1U);
}

TEST(Recipe, MistypedOpNamesPlaceAndNearest) {
  EXPECT_EQ(step_refusal("  - horizontal_flp: {p: 0.5}\n"), "train.yaml:3:5: unknown op horizontal_flp (did you mean horizontal_flip?)");
}

TEST(Recipe, WrongValuesNamePlaceFieldRangeUnitAndValue) {
  EXPECT_EQ(step_refusal("  - gaussian_blur:\n      sigma: 99\n"), "train.yaml:4:14: gaussian_blur: sigma must be in [0, 32] px, got 99");
  EXPECT_EQ(step_refusal("  - gaussian_blur: {sigma: [1, 2]}\n"),
            "train.yaml:3:28: gaussian_blur: sigma must be a number in [0, 32] px, got [1, 2] (to draw from a range write {uniform: [1, 2]})");
  EXPECT_EQ(step_refusal("  - gaussian_blur: {sigma: {uniform: [1, 40]}}\n"), "train.yaml:3:28: gaussian_blur: sigma must be in [0, 32] px, got 40");
  EXPECT_EQ(step_refusal("  - gaussian_blur: {sigma: {unifrom: [1, 2]}}\n"), "train.yaml:3:28: gaussian_blur: sigma: unknown law unifrom (did you mean uniform?)");
  EXPECT_EQ(step_refusal("  - gaussian_blur: {sgma: 1}\n"), "train.yaml:3:21: gaussian_blur: unknown field sgma (did you mean sigma?)");
  EXPECT_EQ(step_refusal("  - horizontal_flip: {p: 1.5}\n"), "train.yaml:3:26: horizontal_flip: p must be a number in [0, 1], got 1.5");
}

TEST(Recipe, LawsThatCannotBeAreRefused) {
  const auto law = [](const std::string& text) { return step_refusal("  - gaussian_blur: {sigma: " + text + "}\n"); };
  EXPECT_NE(law("{uniform: [2, 1]}").find("needs its ends in order, got [2, 1]"), std::string::npos);
  EXPECT_NE(law("{log_uniform: [0, 1]}").find("needs ends above 0"), std::string::npos);
  EXPECT_NE(law("{normal: [1, 1]}").find("truncated_normal: [1, 1, lowest, highest]"), std::string::npos);
  EXPECT_NE(law("{truncated_normal: [1, 0.1, 20, 30]}").find("less than 0.2 % of its mass"), std::string::npos);
  EXPECT_NE(law("{beta: [0, 1]}").find("above 0"), std::string::npos);
  EXPECT_NE(law("{choice: []}").find("takes a list of values"), std::string::npos);
  EXPECT_NE(law("{choice: [1, 99]}").find("must be in [0, 32] px, got 99"), std::string::npos);
  EXPECT_NE(law("{choice: [1, 2], weights: [1]}").find("a list of 2 numbers"), std::string::npos);
  EXPECT_NE(law("{uniform: [1, 2], normal: [1, 2]}").find("one law"), std::string::npos);
  EXPECT_NE(law("{int: [0.5, 2]}").find("whole ends"), std::string::npos);
}

TEST(Recipe, StructureErrors) {
  EXPECT_EQ(refusal(""), "train.yaml: the recipe is empty");
  EXPECT_EQ(refusal("steps: []\n"), "train.yaml:1:1: a recipe begins with leaven: 1");
  EXPECT_EQ(refusal("leaven: 2\n"), "train.yaml:1:9: recipe: leaven must be 1, the only version of recipes that there is, got 2");
  EXPECT_EQ(refusal("leaven: 1\nstep: []\n"), "train.yaml:2:1: recipe: unknown field step (did you mean steps?)");
  EXPECT_EQ(refusal("leaven: 1\ntarget: income\n"), "train.yaml:2:1: recipe: unknown field target (it stands in schema: {target: …})");
  EXPECT_EQ(refusal("leaven: 1\ntimes: 4\n"), "train.yaml:2:1: recipe: unknown field times (it stands in augment: {times: …})");
  EXPECT_EQ(refusal("leaven: 1\nseed: 1\nseed: 2\n"), "train.yaml:3:1: recipe: seed is given twice");
  EXPECT_EQ(refusal("leaven: 1\nsink: {layout: npy}\n"), "train.yaml:2:16: sink: layout must be one of same, folders, npz, webdataset, yolo, coco, voc, labelme, masks, got npy (did you mean npz?)");
  EXPECT_NE(refusal("leaven: 1\nsteps: [\n").find("not valid YAML"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\n---\nleaven: 1\n").find("more than one YAML document"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\naugment: {times: 2, total: 5}\n").find("one of times, total and per_class"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsplit: {val: 0.6, test: 0.4}\n").find("leave something for train"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsplit: {method: group, val: 0.1}\n").find("needs group"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\nsplit: {method: hash, group: \"(a)\", val: 0.1}\n").find("group and column are for method: group"), std::string::npos);
  EXPECT_EQ(read("leaven: 1\nsplit: {group: \"(a)\", val: 0.1}\n").split.method, SplitStage::Method::group);
  EXPECT_NE(step_refusal("  - one_of: {stps: [invert]}\n").find("unknown field stps (did you mean steps?)"), std::string::npos);
  EXPECT_NE(step_refusal("  - invert: 3\n").find("takes a map of fields"), std::string::npos);
  EXPECT_NE(step_refusal("  - {invert: {}, grayscale: {}}\n").find("begin each step with a dash"), std::string::npos);
  EXPECT_NE(step_refusal("  - some_of: [invert]\n").find("needs a map with steps and n"), std::string::npos);
  EXPECT_NE(step_refusal("  - some_of: {n: 3, steps: [invert]}\n").find("n must be"), std::string::npos);
  EXPECT_NE(step_refusal("  - one_of: {steps: [invert], weights: [0]}\n").find("above 0"), std::string::npos);
  EXPECT_NE(step_refusal("  - sequence: []\n").find("must not be empty"), std::string::npos);
}

TEST(Recipe, BytesThatAreNoTextAreRefusedWithTheirPlace) {
  EXPECT_EQ(refusal("leaven: 1\nseed: \xFF\n"), "train.yaml:2:7: a recipe must be text in UTF-8");
  EXPECT_EQ(refusal("leaven: 1\nsteps: [in\x04vert]\n"), "train.yaml:2:11: a recipe must be text in UTF-8");
  EXPECT_EQ(refusal("leaven: 1\n# \xED\xA0\x80\n"), "train.yaml:2:3: a recipe must be text in UTF-8");  // a lone surrogate
  EXPECT_EQ(refusal("\xEF\xBB\xBFleaven: 1\n# größer\nseed: 3\n"), "accepted");
}

TEST(Recipe, DeepNestingIsRefusedNotACrash) {
  std::string list;
  for (int i = 0; i < 60; ++i) list += "{sequence: [";
  EXPECT_NE(refusal("leaven: 1\nsteps: [" + list), "accepted");
  std::string closed = "leaven: 1\nsteps: [" + list + "invert";
  for (int i = 0; i < 60; ++i) closed += "]}";
  EXPECT_NE(refusal(closed + "]\n").find("nested 32 deep"), std::string::npos);
}

TEST(Recipe, WritingAndReadingGivesTheSameRecipe) {
  const std::string text = R"(leaven: 1
seed: 12
source: {path: "my photos"}
split: {val: 0.125, group: "^(a+)/"}
augment: {times: 0, originals: link}
sink: {quality: 77}
steps:
  - invert
  - gaussian_blur: {sigma: {truncated_normal: [1, 0.5, 0.1, 3]}, p: 0.3, when: {class: [cat, "007"], not_class: dog}}
  - gaussian_blur: {sigma: {choice: [0.5, 1.5], weights: [1, 2]}, on: image}
  - one_of: {weights: [1, 2.5], p: 0.5, steps: [invert, {rotate: {degrees: {beta: [2, 2, -5, 5]}, border: reflect}}]}
  - some_of: {n: {choice: [1, 2]}, steps: [invert, grayscale]}
  - repeat: {times: {int: [0, 3]}, steps: [{normalize: {mean: [0.5], std: 0.25}}]}
)";
  const std::string once = to_yaml(read(text));
  EXPECT_EQ(to_yaml(read(once)), once);
  EXPECT_NE(once.find("truncated_normal: [1, 0.5, 0.1, 3]"), std::string::npos) << once;
  EXPECT_EQ(digest(read(once)), digest(read(text)));
}

TEST(Recipe, GenerateIsReadWrittenAndPartOfTheDigest) {
  const Recipe recipe = read("leaven: 1\ngenerate: {kind: gan, per_class: 50, held_out: 10%, steps: 7, force: true}\n");
  ASSERT_TRUE(recipe.generate.has_value());
  EXPECT_EQ(recipe.generate->kind, "gan");
  EXPECT_EQ(recipe.generate->per_class, 50U);
  EXPECT_EQ(recipe.generate->held_out, 0.1);
  EXPECT_EQ(recipe.generate->steps, 7U);
  EXPECT_TRUE(recipe.generate->force);
  EXPECT_EQ(to_yaml(read(to_yaml(recipe))), to_yaml(recipe));
  EXPECT_TRUE(read(to_yaml(read("leaven: 1\ngenerate: {}\n"))).generate.has_value());
  EXPECT_NE(digest(recipe), digest(read("leaven: 1\n")));
  EXPECT_NE(refusal("leaven: 1\ngenerate: {per_class: 0}\n").find("per_class"), std::string::npos);
  EXPECT_NE(refusal("leaven: 1\ngenerate: {kinds: gan}\n").find("did you mean kind?"), std::string::npos);
}

TEST(Recipe, DigestHoldsWhatDecidesBytesAndNothingElse) {
  const std::string base = digest(read("leaven: 1\nsteps: [invert]\n"));
  EXPECT_EQ(digest(read("leaven: 1\naugment: {times: 9}\nsink: {path: x}\nsource: {path: y}\nsteps: [invert]\n")), base);
  EXPECT_NE(digest(read("leaven: 1\nseed: 1\nsteps: [invert]\n")), base);
  EXPECT_NE(digest(read("leaven: 1\nsink: {quality: 50}\nsteps: [invert]\n")), base);
  EXPECT_NE(digest(read("leaven: 1\nsteps: [invert, invert]\n")), base);
  EXPECT_NE(digest(read("leaven: 1\nsteps: [{invert: {p: 0.5}}]\n")), base);
}

TEST(Recipe, ExtendsMergesStagesKeyByKeyAndReplacesSteps) {
  const auto folder = std::filesystem::temp_directory_path() / "leaven_extends_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "base.yaml") << "leaven: 1\nseed: 3\nclean: {min_width: 8, duplicates: true}\nsteps: [invert]\n";
  std::ofstream(folder / "child.yaml") << "leaven: 1\nextends: base.yaml\nclean: {min_width: 16}\n";
  std::ofstream(folder / "bad.yaml") << "leaven: 1\nextends: bsae.yaml\n";
  std::ofstream(folder / "round.yaml") << "leaven: 1\nextends: round.yaml\n";
  const Recipe r = load(folder / "child.yaml", ops::op_table());
  EXPECT_EQ(r.seed, 3U);
  EXPECT_EQ(r.clean.min_width, 16);
  EXPECT_TRUE(r.clean.duplicates);
  EXPECT_EQ(r.steps.size(), 1U);
  EXPECT_THROW(load(folder / "bad.yaml", ops::op_table()), Error);
  EXPECT_THROW(load(folder / "round.yaml", ops::op_table()), Error);
  EXPECT_THROW(load(folder / "nowhere.yaml", ops::op_table()), Error);
  std::filesystem::remove_all(folder);
}

TEST(Recipe, PresetsAreRecipesAndUnknownOnesNameTheNearest) {
  for (const std::string& name : preset_names()) {
    const Recipe r = preset(name, ops::op_table());
    EXPECT_FALSE(r.steps.empty()) << name;
    EXPECT_EQ(to_yaml(parse(to_yaml(r), ops::op_table())), to_yaml(r)) << name;
  }
  try {
    preset("meduim", ops::op_table());
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()), "there is no preset called meduim (did you mean medium?)");
  }
}

TEST(Recipe, ExamplesAndBenchRecipesAreRecipes) {
  int count = 0;
  for (const char* folder : {"/examples", "/bench/recipes"})
    for (const auto& entry : std::filesystem::directory_iterator(std::string(LEAVEN_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".yaml") continue;
      EXPECT_FALSE(load(entry.path(), ops::op_table()).steps.empty()) << entry.path();
      ++count;
    }
  EXPECT_GE(count, 6);
}

TEST(Recipe, EveryOpsExampleIsAStep) {
  for (const auto& info : ops::op_table().all()) {
    const Recipe r = steps("  - " + std::string(info->example) + "\n");
    ASSERT_EQ(r.steps.size(), 1U) << info->name;
    EXPECT_EQ(r.steps[0].op, info.get()) << info->name;
  }
}

TEST(Recipe, EveryRangeErrorNamesOpFieldLimitsUnitAndValue) {
  for (const auto& info : ops::op_table().all())
    for (const FieldInfo& field : info->fields) {
      if (field.type != FieldType::number && field.type != FieldType::integer) continue;
      // A number that has no bounds at all still has to be a number.
      const bool open = std::isinf(field.facts.hi);
      const std::string bad = !open ? to_text(field.facts.hi + std::max(1.0, std::fabs(field.facts.hi))) : std::isinf(field.facts.lo) ? "wide" : "-1e+30";
      const std::string text = step_refusal("  - " + std::string(info->name) + ": {" + std::string(field.name) + ": " + bad + "}\n");
      EXPECT_EQ(text.find("train.yaml:3:"), 0U) << info->name << "." << field.name << ": " << text;
      EXPECT_NE(text.find(std::string(info->name) + ": " + std::string(field.name) + " must be"), std::string::npos) << text;
      EXPECT_NE(text.find("got " + bad), std::string::npos) << text;
      if (field.facts.unit != "1" && !open) {
        EXPECT_NE(text.find(field.facts.unit), std::string::npos) << text;
      }
    }
}

}  // namespace
}  // namespace leaven::recipe

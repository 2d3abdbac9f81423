#include "fuzz/recipe.hpp"

#include <algorithm>

#include "core/lineage.hpp"
#include "ops/families.hpp"
#include "recipe/recipe.hpp"

namespace leaven::fuzz {

bool run_recipe(io::BytesView input) {
  return expect_orderly([&] {
    const recipe::Recipe read = recipe::parse(text_of(input), ops::op_table());
    const std::string text = recipe::to_yaml(read);
    const recipe::Recipe again = recipe::parse(text, ops::op_table());
    if (recipe::to_yaml(again) != text) throw BrokenPromise("a recipe changes when it is written and read again");
    if (recipe::digest(again) != recipe::digest(read)) throw BrokenPromise("a recipe's digest changes in writing");
  });
}

std::vector<io::Bytes> recipe_seeds() {
  std::vector<io::Bytes> seeds;
  for (const std::string& name : recipe::preset_names())
    seeds.push_back(bytes_of(recipe::to_yaml(recipe::preset(name, ops::op_table()))));
  seeds.push_back(bytes_of(R"(leaven: 1
seed: 7
max_bad: 5%
source: {path: photos, format: folders}
clean: {duplicates: true, perceptual: 4, min_width: 16}
split: {method: hash, val: 0.1, test: 0.1}
augment: {per_class: 100, originals: link}
sink: {path: more, image_format: jpeg, quality: 92}
steps:
  - horizontal_flip: {p: 0.5}
  - one_of:
      weights: [2, 1]
      steps:
        - gaussian_blur: {sigma: {uniform: [0.3, 1.5]}}
        - rotate: {degrees: {choice: [-10, 0, 10]}, when: {class: [cat, dog]}}
  - repeat: {times: {int: [1, 3]}, steps: [{cutout: {}}]}
)"));
  seeds.push_back(bytes_of(R"({"leaven": 1, "steps": [{"gamma": {"gamma": 1.2}}, "invert"]})"));
  return seeds;
}

bool run_lineage(io::BytesView input) {
  return expect_orderly([&] {
    const std::string line = to_json_line(lineage_from_json(text_of(input), ops::op_table()));
    if (to_json_line(lineage_from_json(line, ops::op_table())) != line)
      throw BrokenPromise("a lineage line changes when it is read and written again");
  });
}

std::vector<io::Bytes> lineage_seeds() {
  std::vector<io::Bytes> seeds;
  LineageRecord original{.id = "cat/tom.jpg", .source = "cat/tom.jpg", .label = "cat", .digest = std::string(32, 'a')};
  seeds.push_back(bytes_of(to_json_line(original)));
  for (const auto& op : ops::op_table().all()) {
    LineageRecord copy = original;
    copy.id = "cat/tom_aug1.jpg";
    copy.copy = 1;
    Site site;
    site.image = {.width = 64, .height = 48, .channels = 3};
    site.key = {1, 2};
    OpValue value(*op);
    const auto file = std::ranges::find_if(op->fields, [](const FieldInfo& f) { return f.facts.file; });
    if (file == op->fields.end())
      value.resolve(site);
    else
      value.set(file->name, std::string("overlay.png"));  // lines are read where the file is not
    copy.program.steps.push_back({.path = std::string(op->name), .op = std::move(value), .key = site.key});
    copy.encoding = {.format = "jpeg", .quality = 90, .subsampling = "4:2:0"};
    seeds.push_back(bytes_of(to_json_line(copy)));
  }
  return seeds;
}

}  // namespace leaven::fuzz

// Walks a recipe's containers with the draws of one sample (or row), visiting the steps that run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/key.hpp"
#include "core/op.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

class StepVisitor {
 public:
  virtual ~StepVisitor() = default;
  /// A step with an op that is to run; `path` is its op path.
  virtual void visit(const recipe::Step& step, const std::string& path) = 0;
};

/// Visits in running order. An op path is names with ordinals among like-named siblings, "sequence/one_of/gaussian_blur#2";
/// inside repeat, the round stands behind the name: "repeat@2/rotate". Errors get step and place.
void walk(const std::vector<recipe::Step>& steps, const KeyMaker& keys, std::string_view label, StepVisitor& visitor);

/// The one step (or container) at `index` of `steps`, as walk() visits it.
void walk_one(const std::vector<recipe::Step>& steps, std::size_t index, const KeyMaker& keys, std::string_view label,
              StepVisitor& visitor);

/// The steps inside `step` in their order, as if they stood in a sequence of the path `prefix`.
void walk_inside(const recipe::Step& step, const std::string& prefix, const KeyMaker& keys, std::string_view label,
                 StepVisitor& visitor);

/// The drawn value of one setting.
Value draw_value(const FieldInfo& field, const Setting& setting, const Value& usual, Key key);

/// Sets every field of `op`: as the recipe says, else by the field's own law (recipe::Step::draws), else its default stays.
void set_drawn_values(OpValue& op, const recipe::Step& step, const std::string& path, const KeyMaker& keys);

}  // namespace leaven::plan

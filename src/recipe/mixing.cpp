#include "recipe/mixing.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leaven::recipe {

namespace {

void collect(const Step& step, std::vector<const Step*>& found) {
  if (step.op && step.op->partners > 0) found.push_back(&step);
  for (const Step& inner : step.steps) collect(inner, found);
}

bool asks_for_marks(const Step& step) {
  return (step.op && step.op->reads == Reads::marks && step.op->partners == 0) || std::ranges::any_of(step.steps, asks_for_marks);
}

std::vector<const Step*> mixing_in(const Step& step) {
  std::vector<const Step*> found;
  collect(step, found);
  return found;
}

bool keeps_to_class(const Step& step) {
  const FieldInfo& field = step.op->at("partners");
  const Setting* setting = step.find(field);
  const auto same = [](const Value& value) { return to_text(value) == "same_class"; };
  if (!setting) return same(OpValue(*step.op).get("partners"));
  if (setting->is_drawn()) return std::ranges::all_of(setting->choices, same);
  return same(setting->fixed);
}

}  // namespace

bool reads_marks(const Recipe& recipe) { return std::ranges::any_of(recipe.steps, asks_for_marks); }

bool takes_partners(const Step& step) { return !mixing_in(step).empty(); }

std::vector<const Step*> mixing_steps(const Recipe& recipe) {
  std::vector<const Step*> found;
  for (const Step& step : recipe.steps) collect(step, found);
  return found;
}

const Step* step_of_soft_labels(const Recipe& recipe) {
  const std::vector<const Step*> steps = mixing_steps(recipe);
  const auto found = std::ranges::find_if(steps, [](const Step* step) { return step->op->labels == LabelRule::mixes && !keeps_to_class(*step); });
  return found == steps.end() ? nullptr : *found;
}

bool makes_soft_labels(const Recipe& recipe) { return step_of_soft_labels(recipe) != nullptr; }

void require_mixing_on_top(const std::vector<Step>& steps) {
  for (const Step& top : steps)
    for (const Step* step : mixing_in(top)) {
      const bool in_choice = top.container == Container::one_of &&
                             std::ranges::any_of(top.steps, [&](const Step& inner) { return &inner == step; });
      if (step == &top || in_choice) continue;
      throw usage_error("takes other samples, and must stand at the top level of the steps or in a one_of there")
          .with_op(step->op->name)
          .with_place(step->place.text())
          .with_hint("a field p: 0.5 makes it run for half of the copies");
    }
}

}  // namespace leaven::recipe

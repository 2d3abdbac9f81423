#include "flow/gallery_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "flow/report_text.hpp"

namespace leaven::flow {

bool is_strength(const FieldInfo& field) {
  const bool number = field.type == FieldType::number || field.type == FieldType::integer;
  return number && !std::isnan(field.facts.neutral) && !std::isnan(field.facts.strong);
}

bool has_strength(const OpInfo& op) { return std::ranges::any_of(op.fields, is_strength); }

recipe::Recipe example_of(const OpInfo& op, const OpTable& ops) {
  recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps:\n  - " + std::string(op.example) + "\n", ops, "example");
  recipe.steps.front().p = 1;
  return recipe;
}

void set_strength(recipe::Step& step, double share) {
  for (const FieldInfo& field : step.op->fields) {
    if (!is_strength(field)) continue;
    const double value = field.facts.neutral + share * (field.facts.strong - field.facts.neutral);
    Setting setting;
    setting.fixed = field.type == FieldType::integer ? std::nearbyint(value) : value;
    const auto given = std::ranges::find_if(step.settings, [&](const auto& s) { return s.first->name == field.name; });
    if (given != step.settings.end()) given->second = setting;
    else step.settings.emplace_back(&field, setting);
  }
}

namespace {

std::string values_text(const std::vector<ProgramStep>& steps);

/// What ran inside: on the first picture, and on how many more.
std::string inside_text(const std::vector<std::vector<ProgramStep>>& inside) {
  if (inside.empty()) return {};
  const std::string first = values_text(inside.front());
  const std::string more = inside.size() == 1 ? "" : fmt::format(", and on {} more", inside.size() - 1);
  return fmt::format(" of ({}{})", first.empty() ? "nothing" : first, more);
}

std::string values_text(const std::vector<ProgramStep>& steps) {
  std::string text;
  for (const ProgramStep& step : steps) {
    std::string values;
    for (const FieldInfo& field : step.op.info().fields) {
      if (!field.facts.draw && !is_strength(field)) continue;
      const Value value = step.op.get(field.name);
      const std::string shown = std::holds_alternative<double>(value) ? number_text(std::get<double>(value)) : to_text(value);
      values += fmt::format("{}{} {}", values.empty() ? "" : ", ", field.name, shown);
    }
    text += fmt::format("{}{}{}{}", text.empty() ? "" : "; ", step.op.info().name, values.empty() ? "" : " " + values, inside_text(step.inside));
  }
  return text;
}

}  // namespace

std::string values_text(const Program& program) { return values_text(program.steps); }

std::vector<std::string_view> shown_families(const OpTable& ops, Domain domain, std::span<const std::string> asked) {
  std::vector<std::string_view> known;
  for (const auto& op : ops.all())
    if (op->domain == domain && std::ranges::find(known, op->family) == known.end()) known.push_back(op->family);
  for (const std::string& family : asked)
    if (std::ranges::find(known, family) == known.end())
      throw usage_error("there is no family " + family).with_hint(fmt::format("known: {}", fmt::join(known, ", ")));
  if (!asked.empty())
    std::erase_if(known, [&](std::string_view family) { return std::ranges::find(asked, family) == asked.end(); });
  return known;
}

}  // namespace leaven::flow

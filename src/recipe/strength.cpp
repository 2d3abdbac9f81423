#include "recipe/strength.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"

namespace leaven::recipe {

namespace {

bool is_strength(const FieldInfo& field) {
  const bool number = field.type == FieldType::number || field.type == FieldType::integer || field.type == FieldType::numbers;
  return number && !std::isnan(field.facts.neutral) && !field.facts.resolved;
}

/// One field's values at a share of their way from the neutral one.
class Scale {
 public:
  Scale(const FieldInfo& field, double strength) : field_(field), neutral_(field.facts.neutral), strength_(strength) {}

  Setting of(const Setting& setting) const {
    if (!setting.is_drawn()) return Setting{.fixed = of(setting.fixed)};
    if (strength_ == 0) return Setting{.fixed = neutral_like(field_)};
    Setting scaled = setting;
    for (Value& choice : scaled.choices) choice = of(choice);
    if (scaled.law) scaled.law = of(setting.law);
    return scaled;
  }

  Value of(const Value& value) const {
    if (const auto* list = std::get_if<std::vector<double>>(&value)) {
      std::vector<double> scaled = *list;
      for (double& entry : scaled) entry = of(entry);
      return scaled;
    }
    return in_form(of(as_number(value)));
  }

 private:
  double of(double value) const { return neutral_ + strength_ * (value - neutral_); }

  Law of(const Law& law) const {
    const auto ends = [&](Law moved) {
      moved.lo = of(law.lo), moved.hi = of(law.hi);
      return moved;
    };
    switch (law.kind) {
      case Law::Kind::none: return law;
      case Law::Kind::uniform: return uniform(of(law.a), of(law.b));
      case Law::Kind::integer: return integer(std::nearbyint(of(law.a)), std::nearbyint(of(law.b)));
      case Law::Kind::log_uniform:
        if (neutral_ == 0) return log_uniform(strength_ * law.a, strength_ * law.b);
        if (neutral_ > 0) return log_uniform(in_proportion(law.a), in_proportion(law.b));
        return uniform(of(law.a), of(law.b));
      case Law::Kind::normal: return normal(of(law.a), strength_ * law.b);
      case Law::Kind::truncated_normal: return ends(truncated_normal(of(law.a), strength_ * law.b, 0, 0));
      case Law::Kind::beta: return ends(law);
    }
    return law;
  }
  double in_proportion(double value) const { return neutral_ * exact::pow(value / neutral_, strength_); }

  Value in_form(double value) const {
    if (field_.type == FieldType::integer) return static_cast<std::int64_t>(std::nearbyint(value));
    return value;
  }
  Value neutral_like(const FieldInfo& field) const {
    if (field.type == FieldType::numbers) return std::vector<double>(std::max<std::size_t>(1, field.facts.min_count), neutral_);
    return in_form(neutral_);
  }

  const FieldInfo& field_;
  double neutral_, strength_;
};

/// Without it a picture would have another size or type than the steps after it, or a model, are made for.
bool gives_form(const OpInfo& op) {
  return op.domain == Domain::columns || op.family == "crop" || op.family == "tensor" || op.find("antialias") || op.name == "color_space" || op.name == "series_resize";
}

void weaken(std::vector<Step>& steps, double strength);

void weaken(Step& step, double strength) {
  weaken(step.steps, strength);
  if (!step.op) return;
  const OpValue usual(*step.op);
  std::vector<std::pair<const FieldInfo*, Setting>> settings;
  bool has_strength = false;
  for (const FieldInfo& field : step.op->fields) {
    const Setting* const given = step.find(field);
    if (!is_strength(field)) {
      if (given) settings.emplace_back(&field, *given);
      continue;
    }
    has_strength = true;
    const Scale scale(field, strength);
    if (given) {
      settings.emplace_back(&field, scale.of(*given));
    } else if (step.draws(field)) {
      settings.emplace_back(&field, scale.of(Setting{.law = field.facts.draw}));
    } else {
      // Written down, so that the fields that are scaled do not change by which law this one is drawn.
      settings.emplace_back(&field, Setting{.fixed = scale.of(usual.get(field.name))});
    }
  }
  step.settings = std::move(settings);
  if (!has_strength && step.steps.empty() && !gives_form(*step.op)) step.p *= strength;
}

void weaken(std::vector<Step>& steps, double strength) {
  for (Step& step : steps) weaken(step, strength);
}

}  // namespace

Recipe at_strength(const Recipe& recipe, double strength) {
  if (!(strength >= 0 && strength <= 1)) throw usage_error("strength must be in [0, 1], got " + to_text(strength));
  Recipe scaled = recipe;
  if (strength < 1) weaken(scaled.steps, strength);
  return scaled;
}

}  // namespace leaven::recipe

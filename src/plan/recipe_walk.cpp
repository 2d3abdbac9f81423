#include "plan/recipe_walk.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace leaven::plan {

using recipe::Container;
using recipe::Step;

namespace {

std::string_view name_of_step(const Step& step) { return step.op ? step.op->name : recipe::name_of(step.container); }

class Walk {
 public:
  Walk(const KeyMaker& keys, std::string_view label, StepVisitor& visitor) : keys_(keys), label_(label), visitor_(visitor) {}

  void list(const std::vector<Step>& steps, const std::string& prefix, std::span<const std::size_t> order) {
    for (const std::size_t i : order) one(steps[i], prefix + own_name(steps, i));
  }

  void all(const std::vector<Step>& steps, const std::string& prefix) {
    for (std::size_t i = 0; i < steps.size(); ++i) one(steps[i], prefix + own_name(steps, i));
  }

 private:
  static std::string own_name(const std::vector<Step>& steps, std::size_t i) {
    const std::string_view name = name_of_step(steps[i]);
    std::size_t ordinal = 1;
    for (std::size_t j = 0; j < i; ++j) ordinal += name_of_step(steps[j]) == name;
    return ordinal == 1 ? std::string(name) : std::string(name) + "#" + std::to_string(ordinal);
  }

  void one(const Step& step, const std::string& path) {
    if (!step.when.matches(label_)) return;
    if (step.p < 1 && draw_unit(keys_.key(path, "p")) >= step.p) return;
    if (!step.op) return container(step, path);
    try {
      visitor_.visit(step, path);
    } catch (Error& error) {
      error.with_op(step.op->name).with_step(path).with_place(step.place.text());
      throw;
    }
  }

  std::size_t count(const Step& step, const std::string& path, std::string_view field) const {
    static const FieldInfo kCount{"n", FieldType::integer, {}, nullptr, nullptr};
    const Value value = draw_value(kCount, step.count, std::int64_t{0}, keys_.key(path, field));
    return static_cast<std::size_t>(std::max(0.0, as_number(value)));
  }

  void container(const Step& step, const std::string& path) {
    const std::string inside = path + "/";
    switch (step.container) {
      case Container::one_of: {
        const std::vector<double> weights = step.weights.empty() ? std::vector<double>(step.steps.size(), 1.0) : step.weights;
        const std::size_t chosen[]{draw_weighted(weights, keys_.key(path, "choice"))};
        return list(step.steps, inside, chosen);
      }
      case Container::some_of: return list(step.steps, inside, some(step, path));
      case Container::random_order: {
        std::vector<std::size_t> order(step.steps.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        const Key key = keys_.key(path, "order");
        for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[draw_below(key, i, i)]);
        return list(step.steps, inside, order);
      }
      case Container::repeat: {
        const std::size_t times = count(step, path, "times");
        for (std::size_t round = 1; round <= times; ++round) all(step.steps, path + "@" + std::to_string(round) + "/");
        return;
      }
      case Container::none:
      case Container::sequence:
      case Container::with_probability: return all(step.steps, inside);
    }
  }

  // n different steps, drawn by weight without putting back; they run in the recipe's order.
  std::vector<std::size_t> some(const Step& step, const std::string& path) const {
    std::vector<double> weights = step.weights.empty() ? std::vector<double>(step.steps.size(), 1.0) : step.weights;
    const std::size_t wanted = std::min(count(step, path, "n"), step.steps.size());
    const Key key = keys_.key(path, "choice");
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < wanted; ++i) {
      chosen.push_back(draw_weighted(weights, key, i));
      weights[chosen.back()] = 0;
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

  const KeyMaker& keys_;
  std::string_view label_;
  StepVisitor& visitor_;
};

Value draw_by_law(const FieldInfo& field, const Law& law, const Value& usual, Key key) {
  if (field.type == FieldType::numbers) {
    const auto* now = std::get_if<std::vector<double>>(&usual);
    const std::size_t entries = std::max({field.facts.min_count, now ? now->size() : 0, std::size_t{1}});
    std::vector<double> list(entries);
    for (std::size_t i = 0; i < entries; ++i) list[i] = draw(law, key, i);
    return list;
  }
  const double x = draw(law, key);
  if (field.type == FieldType::integer) return static_cast<std::int64_t>(std::nearbyint(x));
  return x;
}

}  // namespace

void walk(const std::vector<Step>& steps, const KeyMaker& keys, std::string_view label, StepVisitor& visitor) {
  Walk(keys, label, visitor).all(steps, {});
}

void walk_one(const std::vector<Step>& steps, std::size_t index, const KeyMaker& keys, std::string_view label,
              StepVisitor& visitor) {
  const std::size_t chosen[]{index};
  Walk(keys, label, visitor).list(steps, {}, chosen);
}

void walk_inside(const Step& step, const std::string& prefix, const KeyMaker& keys, std::string_view label, StepVisitor& visitor) {
  Walk(keys, label, visitor).all(step.steps, prefix + "/");
}

Value draw_value(const FieldInfo& field, const Setting& setting, const Value& usual, Key key) {
  if (!setting.choices.empty()) {
    if (setting.weights.empty()) return setting.choices[draw_below(key, setting.choices.size())];
    return setting.choices[draw_weighted(setting.weights, key)];
  }
  if (setting.law) return draw_by_law(field, setting.law, usual, key);
  return setting.fixed;
}

void set_drawn_values(OpValue& op, const Step& step, const std::string& path, const KeyMaker& keys) {
  for (const FieldInfo& field : op.info().fields) {
    const Setting* setting = step.find(field);
    if (!step.draws(field)) {
      if (setting) field.set(op.data(), setting->fixed);
      continue;
    }
    const Setting usual{.law = field.facts.draw};
    field.set(op.data(), draw_value(field, setting ? *setting : usual, field.get(op.data()), keys.key(path, field.name)));
  }
}

}  // namespace leaven::plan

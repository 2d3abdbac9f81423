// Steps of a recipe: ops with settings, and containers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "recipe/document.hpp"
#include "recipe/mixing.hpp"
#include "recipe/containers.hpp"
#include "recipe/policies.hpp"

namespace leaven::recipe {

namespace {

constexpr int kMaxDepth = 32;
constexpr std::array<std::string_view, 7> kLaws{"uniform", "int",  "log_uniform", "normal", "truncated_normal",
                                                "beta",    "choice"};

Value value_for(const FieldInfo& field, const YAML::Node& node) {
  if (node.IsSequence()) {
    std::vector<double> list;
    for (const auto& entry : node) {
      if (!entry.IsScalar()) throw usage_error(fmt::format("{} must be a list of numbers", field.name));
      const Value v = scalar(entry);
      if (std::holds_alternative<std::string>(v) || std::holds_alternative<bool>(v))
        throw usage_error(fmt::format("{} must be a list of numbers, got {}", field.name, to_text(v)));
      list.push_back(as_number(v));
    }
    return list;
  }
  const Value value = scalar(node);
  // A word field may be written like a number (text: 5).
  if (field.type == FieldType::text || field.type == FieldType::choice) return node.Scalar();
  // One number stands for a list of equal ones where the field's length is not fixed to more than one.
  if (field.type == FieldType::numbers && field.facts.min_count <= 1 && !std::holds_alternative<std::string>(value) &&
      !std::holds_alternative<bool>(value))
    return std::vector<double>{as_number(value)};
  return value;
}

std::vector<double> law_numbers(const FieldInfo& field, std::string_view law, const YAML::Node& node, std::size_t least,
                                std::size_t most) {
  const std::string rule = least == most ? fmt::format("{} numbers", least) : fmt::format("{} or {} numbers", least, most);
  if (!node.IsSequence() || node.size() < least || node.size() > most)
    throw usage_error(fmt::format("{}: {} takes a list of {}", field.name, law, rule));
  std::vector<double> list;
  for (const auto& entry : node) {
    const Value v = entry.IsScalar() ? scalar(entry) : Value(std::string("a list"));
    if (std::holds_alternative<std::string>(v) || std::holds_alternative<bool>(v) || !std::isfinite(as_number(v)))
      throw usage_error(fmt::format("{}: {} takes a list of {}, got {}", field.name, law, rule, to_text(v)));
    list.push_back(as_number(v));
  }
  return list;
}

// A legal value at a law's end, in the form the field takes.
void check_reachable(const FieldInfo& field, double value) {
  if (field.type == FieldType::numbers) field.check(std::vector<double>(std::max<std::size_t>(field.facts.min_count, 1), value));
  else if (field.type == FieldType::integer) field.check(std::nearbyint(value));
  else field.check(value);
}

void require_ordered(const FieldInfo& field, std::string_view law, double lo, double hi) {
  if (lo > hi) throw usage_error(fmt::format("{}: {} needs its ends in order, got [{}, {}]", field.name, law, lo, hi));
}

Law law_for(const FieldInfo& field, std::string_view name, const YAML::Node& node) {
  const auto numbers = [&](std::size_t least, std::size_t most) { return law_numbers(field, name, node, least, most); };
  Law law;
  if (name == "uniform" || name == "int" || name == "log_uniform") {
    const auto v = numbers(2, 2);
    require_ordered(field, name, v[0], v[1]);
    if (name == "log_uniform" && v[0] <= 0) throw usage_error(fmt::format("{}: log_uniform needs ends above 0, got {}", field.name, v[0]));
    if (name == "int" && (std::nearbyint(v[0]) != v[0] || std::nearbyint(v[1]) != v[1]))
      throw usage_error(fmt::format("{}: int needs whole ends, got [{}, {}]", field.name, v[0], v[1]));
    law = name == "uniform" ? uniform(v[0], v[1]) : name == "int" ? integer(v[0], v[1]) : log_uniform(v[0], v[1]);
  } else if (name == "normal") {
    const auto v = numbers(2, 2);
    if (v[1] < 0) throw usage_error(fmt::format("{}: normal needs a standard deviation of at least 0, got {}", field.name, v[1]));
    if (std::isfinite(field.facts.lo) || std::isfinite(field.facts.hi))
      throw usage_error(fmt::format("{}: normal can leave [{}, {}]", field.name, field.facts.lo, field.facts.hi))
          .with_hint(fmt::format("write {{truncated_normal: [{}, {}, lowest, highest]}}", v[0], v[1]));
    return normal(v[0], v[1]);
  } else if (name == "truncated_normal") {
    const auto v = numbers(4, 4);
    require_ordered(field, name, v[2], v[3]);
    if (v[1] <= 0) throw usage_error(fmt::format("{}: truncated_normal needs a standard deviation above 0, got {}", field.name, v[1]));
    if (v[2] > v[0] + 3 * v[1] || v[3] < v[0] - 3 * v[1])
      throw usage_error(fmt::format("{}: truncated_normal keeps less than 0.2 % of its mass in [{}, {}]", field.name, v[2], v[3]));
    law = truncated_normal(v[0], v[1], v[2], v[3]);
  } else {
    const auto v = numbers(2, 4);
    if (v.size() == 3) throw usage_error(fmt::format("{}: beta takes 2 or 4 numbers (alpha, beta, lowest, highest)", field.name));
    if (v[0] <= 0 || v[1] <= 0) throw usage_error(fmt::format("{}: beta needs alpha and beta above 0, got [{}, {}]", field.name, v[0], v[1]));
    law = v.size() == 4 ? beta(v[0], v[1], v[2], v[3]) : beta(v[0], v[1]);
    require_ordered(field, name, law.lo, law.hi);
  }
  check_reachable(field, law.lo);
  check_reachable(field, law.hi);
  return law;
}

std::vector<double> read_weights(const YAML::Node& node, std::size_t count, std::string_view what) {
  if (!node.IsDefined()) return {};
  std::vector<double> weights;
  double total = 0;
  if (node.IsSequence())
    for (const auto& entry : node) {
      const Value v = entry.IsScalar() ? scalar(entry) : Value(std::string());
      if (std::holds_alternative<std::string>(v) || std::holds_alternative<bool>(v) || !(as_number(v) >= 0) || std::isinf(as_number(v)))
        throw usage_error(fmt::format("{}: weights must be numbers of at least 0", what));
      weights.push_back(as_number(v));
      total += weights.back();
    }
  if (weights.size() != count) throw usage_error(fmt::format("{}: weights must be a list of {} numbers, one each, got {}", what, count, weights.size()));
  if (total <= 0) throw usage_error(fmt::format("{}: one weight at least must be above 0", what));
  return weights;
}

Setting drawn_setting(const FieldInfo& field, const YAML::Node& map) {
  Setting setting;
  std::string law;
  for (const auto& pair : map) {
    const std::string& key = pair.first.Scalar();
    if (key == "weights") continue;
    if (std::find(kLaws.begin(), kLaws.end(), key) == kLaws.end())
      throw usage_error(fmt::format("{}: unknown law {}", field.name, key)).with_hint(
          did_you_mean(key, kLaws).empty() ? fmt::format("known: {}", fmt::join(kLaws, ", ")) : did_you_mean(key, kLaws));
    if (!law.empty()) throw usage_error(fmt::format("{} must have one law, got {} and {}", field.name, law, key));
    law = key;
  }
  if (law.empty()) throw usage_error(fmt::format("{} must have a value or a law", field.name));
  const YAML::Node body = map[law];
  if (law == "choice") {
    if (!body.IsSequence() || body.size() == 0) throw usage_error(fmt::format("{}: choice takes a list of values", field.name));
    for (const auto& entry : body) {
      setting.choices.push_back(value_for(field, entry));
      field.check(setting.choices.back());
    }
    setting.weights = read_weights(map["weights"], setting.choices.size(), fmt::format("{}: choice", field.name));
    return setting;
  }
  if (map["weights"].IsDefined()) throw usage_error(fmt::format("{}: weights belong to choice, not to {}", field.name, law));
  if (field.type != FieldType::number && field.type != FieldType::integer && field.type != FieldType::numbers)
    throw usage_error(fmt::format("{} is no number: draw it with {{choice: [...]}}", field.name));
  setting.law = law_for(field, law, body);
  return setting;
}

}  // namespace

/// A file or folder that a recipe names lies beside it. A path ends in '/' where it is that of a folder.
static Value beside_recipe(const Value& value, const std::string& file) {
  const auto* const path = std::get_if<std::string>(&value);
  if (!path || path->empty()) return value;
  const std::filesystem::path named = std::filesystem::path(*path).lexically_normal();
  std::error_code ignored;
  const bool folder = named.has_filename() && std::filesystem::is_directory(std::filesystem::path(file).parent_path() / named, ignored);
  return named.generic_string() + (folder ? "/" : "");
}

static Setting read_setting(const FieldInfo& field, const YAML::Node& node, const std::string& file) {
  try {
    if (node.IsMap()) {
      Setting drawn = drawn_setting(field, node);
      if (field.facts.file)
        for (Value& choice : drawn.choices) choice = beside_recipe(choice, file);
      return drawn;
    }
    if (node.IsNull()) throw usage_error(fmt::format("{} has no value", field.name));
    Setting setting;
    setting.fixed = value_for(field, node);
    try {
      field.check(setting.fixed);
    } catch (Error& error) {
      if (node.IsSequence() && node.size() == 2 && field.type == FieldType::number)
        error.with_hint(fmt::format("to draw from a range write {{uniform: {}}}", to_text(setting.fixed)));
      throw;
    }
    if (field.facts.file) setting.fixed = beside_recipe(setting.fixed, file);
    return setting;
  } catch (Error& error) {
    error.with_field(field.name).with_place(place_of(node, file).text());
    throw;
  }
}

static void read_settings(Step& step, MapReader& reader, const std::string& file) {
  for (const FieldInfo& field : step.op->fields) {
    const YAML::Node node = reader.find(field.name);
    if (!node.IsDefined()) continue;
    try {
      step.settings.emplace_back(&field, read_setting(field, node, file));
    } catch (Error& error) {
      error.with_op(step.op->name);
      throw;
    }
  }
}

static void read_when(Step& step, const YAML::Node& node, const std::string& file) {
  if (!node.IsDefined()) return;
  MapReader when(node, file, "when");
  step.when.classes = when.texts("class");
  step.when.not_classes = when.texts("not_class");
  when.finish();
}

static void read_container(Step& step, const YAML::Node& body, std::string_view name, const OpTable& ops,
                           const std::string& file, int depth) {
  const auto children = [&](const YAML::Node& list) {
    step.steps = read_steps(list, ops, file, depth + 1);
    if (step.steps.empty()) throw usage_error(fmt::format("{}: steps must not be empty", name)).with_place(place_of(list, file).text());
  };
  if (body.IsSequence()) {
    if (step.container == Container::some_of || step.container == Container::repeat || step.container == Container::with_probability)
      throw usage_error(fmt::format("{} needs a map with steps and {}", name,
                                    step.container == Container::some_of ? "n" : step.container == Container::repeat ? "times" : "p"))
          .with_place(place_of(body, file).text());
    return children(body);
  }
  MapReader reader(body, file, std::string(name));
  const YAML::Node list = reader.find("steps");
  if (!list.IsDefined()) {
    for (const char* key : {"p", "n", "times", "weights", "when"}) reader.know(key);
    reader.finish();  // a misspelt "steps" is named
  }
  if (!list.IsDefined()) throw usage_error(fmt::format("{} needs steps", name)).with_place(place_of(body, file).text());
  children(list);
  const auto p = reader.number("p", 0, 1);
  if (step.container == Container::with_probability && !p)
    throw usage_error("with_probability needs p, a number in [0, 1]").with_place(place_of(body, file).text()).with_field("p");
  step.p = p.value_or(1);
  read_when(step, reader.find("when"), file);
  if (step.container == Container::one_of || step.container == Container::some_of) {
    const YAML::Node weights = reader.find("weights");
    try {
      step.weights = read_weights(weights, step.steps.size(), name);
      const auto positive = std::count_if(step.weights.begin(), step.weights.end(), [](double w) { return w > 0; });
      static constexpr auto kAll = static_cast<std::ptrdiff_t>(1) << 40;
      const auto usable = step.weights.empty() ? kAll : positive;
      if (step.container == Container::some_of && usable < static_cast<std::ptrdiff_t>(step.steps.size()))
        throw usage_error("some_of: weights must all be above 0 (leave out what should never run)");
    } catch (Error& error) {
      error.with_place(place_of(weights, file).text());
      throw;
    }
  }
  if (step.container == Container::some_of || step.container == Container::repeat) {
    const std::string_view key = step.container == Container::some_of ? "n" : "times";
    const double most = step.container == Container::some_of ? static_cast<double>(step.steps.size()) : 100;
    const FieldInfo field{key, FieldType::integer, {.doc = "How many", .lo = 0, .hi = most, .unit = "1"}, nullptr, nullptr};
    const YAML::Node node = reader.find(key);
    if (!node.IsDefined()) throw usage_error(fmt::format("{} needs {}, a whole number in [0, {}]", name, key, most)).with_place(place_of(body, file).text());
    try {
      step.count = read_setting(field, node, file);
    } catch (Error& error) {
      throw error.with_op(name);
    }
  }
  reader.finish();
}

static Step read_step(const YAML::Node& node, const OpTable& ops, const std::string& file, int depth);

/// The policy's plain steps, as if they stood in the recipe where its name stands.
static Step read_policy(const Policy& policy, const YAML::Node& body, const Place& place, const OpTable& ops,
                        const std::string& file, int depth) {
  MapReader reader(body, file, std::string(policy.name));
  const std::string text = policy.text(reader);
  Step step = read_step(YAML::Load(text), ops, file, depth);
  step.p = reader.number("p", 0, 1).value_or(1);
  read_when(step, reader.find("when"), file);
  reader.finish();
  const auto stand_at = [&](const auto& self, Step& s) -> void {
    s.place = place;
    for (Step& inner : s.steps) self(self, inner);
  };
  stand_at(stand_at, step);
  return step;
}

/// Those see a part of the picture, or a picture that is laid over it: what is marked on it they do not know.
static void require_no_marks(const std::vector<Step>& steps, std::string_view outer) {
  for (const Step& step : steps) {
    if (step.op && step.op->reads == Reads::marks)
      throw usage_error(fmt::format("asks what is marked on the picture, and cannot stand inside {}", outer))
          .with_op(step.op->name)
          .with_place(step.place.text());
    require_no_marks(step.steps, outer);
  }
}

static void read_inside(Step& step, MapReader& reader, const YAML::Node& body, const OpTable& ops, const std::string& file, int depth) {
  const YAML::Node list = reader.find("steps");
  if (!list.IsDefined())
    throw usage_error(fmt::format("{} needs steps", step.op->name)).with_place(place_of(body, file).text()).with_hint(fmt::format("as in: {}", step.op->example));
  step.steps = read_steps(list, ops, file, depth + 1);
  if (step.steps.empty()) throw usage_error(fmt::format("{}: steps must not be empty", step.op->name)).with_place(place_of(list, file).text());
  require_no_marks(step.steps, step.op->name);
}

static Step read_step(const YAML::Node& node, const OpTable& ops, const std::string& file, int depth) {
  Step step;
  step.place = place_of(node, file);
  std::string name;
  YAML::Node body(YAML::NodeType::Null);
  if (node.IsScalar()) {
    name = node.Scalar();
  } else if (node.IsMap() && node.size() == 1) {
    if (!node.begin()->first.IsScalar()) throw usage_error("a step's name must be a word").with_place(step.place.text());
    name = node.begin()->first.Scalar();
    body = node.begin()->second;
    step.place = place_of(node.begin()->first, file);
  } else {
    throw usage_error("a step must be an op's name, or one name with a map of fields")
        .with_place(step.place.text())
        .with_hint(node.IsMap() && node.size() > 1 ? "begin each step with a dash, and indent its fields below it" : "");
  }
  const auto container = std::ranges::find(containers(), name, &ContainerDoc::name);
  if (container != containers().end()) {
    step.container = static_cast<Container>(container - containers().begin() + 1);
    read_container(step, body, name, ops, file, depth);
    return step;
  }
  try {
    if (const Policy* policy = find_policy(name)) return read_policy(*policy, body, step.place, ops, file, depth);
    step.op = ops.find(name);
    if (!step.op) {
      std::vector<std::string_view> names;
      for (const ContainerDoc& doc : containers()) names.push_back(doc.name);
      for (const Policy& policy : policies()) names.push_back(policy.name);
      for (const auto& info : ops.all()) names.push_back(info->name);
      throw usage_error("unknown op " + name).with_hint(unknown_op_hint(name, names));
    }
    if (body.IsScalar() || body.IsSequence())
      throw usage_error(name + " takes a map of fields").with_hint(fmt::format("as in: {}", step.op->example));
    MapReader reader(body, file, name);
    read_settings(step, reader, file);
    if (step.op->inside) read_inside(step, reader, body, ops, file, depth);
    step.p = reader.number("p", 0, 1).value_or(1);
    step.on = reader.texts("on");
    read_when(step, reader.find("when"), file);
    reader.finish();
  } catch (Error& error) {
    error.with_place(step.place.text());
    throw;
  }
  return step;
}

std::vector<Step> read_steps(const YAML::Node& list, const OpTable& ops, const std::string& file, int depth) {
  const std::string place = place_of(list, file).text();
  if (!list.IsSequence()) throw usage_error("steps must be a list").with_place(place);
  if (depth > kMaxDepth) throw usage_error(fmt::format("steps may be nested {} deep", kMaxDepth)).with_place(place);
  std::vector<Step> steps;
  for (const auto& node : list) steps.push_back(read_step(node, ops, file, depth));
  if (depth == 0) require_mixing_on_top(steps);
  return steps;
}

const Setting* Step::find(const FieldInfo& field) const {
  for (const auto& [given, setting] : settings)
    if (given->name == field.name) return &setting;
  return nullptr;
}

bool Step::draws(const FieldInfo& field) const {
  if (const Setting* setting = find(field)) return setting->is_drawn();
  const auto is_strength = [](const FieldInfo& f) { return !std::isnan(f.facts.neutral); };
  const bool strength_given =
      std::any_of(settings.begin(), settings.end(), [&](const auto& given) { return is_strength(*given.first); });
  return field.facts.draw && !(strength_given && is_strength(field));
}

std::string_view name_of(Container container) {
  return container == Container::none ? std::string_view() : containers()[static_cast<std::size_t>(container) - 1].name;
}

bool When::matches(std::string_view label) const {
  const auto has = [&](const std::vector<std::string>& list) { return std::find(list.begin(), list.end(), label) != list.end(); };
  return (classes.empty() || has(classes)) && !has(not_classes);
}

}  // namespace leaven::recipe

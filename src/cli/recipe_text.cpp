#include "cli/recipe_text.hpp"

#include <fmt/format.h>

namespace leaven::cli {

namespace {

using recipe::Container;
using recipe::Originals;
using recipe::Step;

std::string unit_of(const FieldInfo* field) {
  if (!field || field->facts.unit.empty() || field->facts.unit == "1") return "";
  return " " + std::string(field->facts.unit);
}

std::string describe(const Law& law, const std::string& unit) {
  const auto number = [](double x) { return to_text(Value{x}); };
  const std::string range = fmt::format("[{}, {}]", number(law.lo), number(law.hi));
  switch (law.kind) {
    case Law::Kind::none: return "fixed";
    case Law::Kind::uniform: return fmt::format("uniform in {}{}", range, unit);
    case Law::Kind::integer: return fmt::format("a whole number in {}{}", range, unit);
    case Law::Kind::log_uniform: return fmt::format("log-uniform in {}{}", range, unit);
    case Law::Kind::normal: return fmt::format("normal, mean {}{}, std {}", number(law.a), unit, number(law.b));
    case Law::Kind::truncated_normal:
      return fmt::format("normal, mean {}{}, std {}, kept in {}", number(law.a), unit, number(law.b), range);
    case Law::Kind::beta: return fmt::format("beta({}, {}) in {}{}", number(law.a), number(law.b), range, unit);
  }
  return {};
}

/// "uniform in [-5, 5] degrees", "reflect", "one of 1, 2".
std::string describe(const Setting& setting, const FieldInfo* field) {
  const std::string unit = unit_of(field);
  if (setting.law) return describe(setting.law, unit);
  if (setting.choices.empty())
    return to_text(setting.fixed) + (std::holds_alternative<bool>(setting.fixed) ? "" : unit);
  std::string text = "one of ";
  for (std::size_t i = 0; i < setting.choices.size(); ++i) {
    text += (i > 0 ? ", " : "") + to_text(setting.choices[i]);
    if (!setting.weights.empty()) text += fmt::format(" (weight {:g})", setting.weights[i]);
  }
  return text + unit;
}

std::string when_text(const recipe::When& when) {
  std::string text;
  if (!when.classes.empty()) text += fmt::format(", only for {}", fmt::join(when.classes, ", "));
  if (!when.not_classes.empty()) text += fmt::format(", not for {}", fmt::join(when.not_classes, ", "));
  return text;
}

std::string chance_text(const Step& step) {
  return step.p == 1 ? "" : fmt::format(", in {:g} % of cases", step.p * 100);
}

std::string head_of(const Step& step) {
  if (step.op) return std::string(step.op->name);
  switch (step.container) {
    case Container::none: break;
    case Container::sequence: return "all of these, in order";
    case Container::one_of: return "one of these";
    case Container::some_of: return describe(step.count, nullptr) + " of these";
    case Container::random_order: return "all of these, in random order";
    case Container::with_probability: return "all of these together";
    case Container::repeat: return fmt::format("all of these, {} times", describe(step.count, nullptr));
  }
  return {};
}

/// "rotate uniform in [-5, 5] degrees, border reflect": what the recipe says, then what the op draws by itself.
std::string fields_text(const Step& step) {
  std::string text;
  const auto add = [&text](const FieldInfo& field, const std::string& value) {
    text += fmt::format("{} {} {}", text.empty() ? ":" : ",", field.name, value);
  };
  auto setting = step.settings.begin();
  for (const FieldInfo& field : step.op->fields) {
    if (setting != step.settings.end() && setting->first == &field) {
      add(field, describe(setting->second, &field));
      ++setting;
    } else if (step.draws(field)) {
      add(field, describe(field.facts.draw, unit_of(&field)) + " (usual)");
    }
  }
  return text;
}

void describe(const std::vector<Step>& steps, const std::vector<double>& weights, const std::string& indent,
              std::string& text) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    text += fmt::format("{}{}. {}", indent, i + 1, head_of(step));
    if (step.op) text += fields_text(step);
    text += chance_text(step) + when_text(step.when);
    if (!step.on.empty()) text += fmt::format(", on {}", fmt::join(step.on, ", "));
    if (!weights.empty()) text += fmt::format(", weight {:g}", weights[i]);
    text += '\n';
    if (!step.steps.empty()) describe(step.steps, step.weights, indent + "   ", text);
  }
}

std::string or_else(const std::string& text, const char* other) { return text.empty() ? other : text; }

std::string clean_text(const recipe::Clean& clean) {
  std::string text = "sets aside what is broken";
  if (clean.min_width > 0 || clean.min_height > 0)
    text += clean.min_height <= 1  ? fmt::format(", narrower than {} px", clean.min_width)
            : clean.min_width <= 1 ? fmt::format(", less than {} px high", clean.min_height)
                                   : fmt::format(", smaller than {}×{} px", clean.min_width, clean.min_height);
  if (clean.duplicates) text += ", byte-identical duplicates";
  if (clean.missing) text += ", rows with a missing cell";
  if (clean.perceptual) text += fmt::format(", look-alikes (hash distance up to {})", *clean.perceptual);
  return text;
}

std::string split_text(const recipe::Recipe& recipe) {
  if (!recipe.has_split) return "none (a split that the source has is kept)";
  const auto& split = recipe.split;
  const char* method = split.method == recipe::SplitStage::Method::hash    ? "by hash of the id"
                       : split.method == recipe::SplitStage::Method::group ? "by group"
                                                                           : "stratified by class";
  return fmt::format("{}: {:g} % val, {:g} % test; only train grows", method, split.val * 100, split.test * 100);
}

std::string augment_text(const recipe::Augment& augment) {
  std::string text = "as many copies as the command line says";
  if (augment.times) text = fmt::format("{} copies of each sample", *augment.times);
  if (augment.total) text = fmt::format("{} samples in all", *augment.total);
  if (augment.per_class) text = fmt::format("{} samples of each class", *augment.per_class);
  const char* originals = augment.originals == Originals::copy   ? "copied"
                          : augment.originals == Originals::link ? "linked"
                                                                 : "left out";
  if (!augment.together.empty()) text += ", one draw for samples of one " + (augment.together == recipe::kFramesTogether ? "file" : augment.together);
  return fmt::format("{}; originals {}", text, originals);
}

std::string sink_text(const recipe::Sink& sink) {
  std::string text =
      fmt::format("{}, layout {}, images {}", or_else(sink.path, "as the command line says"), sink.layout,
                  sink.image_format == "same" ? "in the source's format" : "as " + sink.image_format);
  if (sink.quality > 0) text += fmt::format(", quality {}", sink.quality);
  if (sink.keep_metadata) text += ", originals with their EXIF and GPS";
  return text;
}

std::string generate_text(const recipe::Generate& g) {
  return fmt::format("{}, classes of train filled up to {}{}{}\n", g.kind, g.per_class ? std::to_string(*g.per_class) : "the size of the largest",
                     g.steps > 0 ? fmt::format(", {} steps", g.steps) : "", g.force ? ", though its gate refuses" : "");
}

/// The stages that only tables have, where the recipe has them.
std::string table_text(const recipe::Recipe& recipe) {
  std::string text;
  const auto& schema = recipe.source.schema;
  if (!schema.target.empty()) text += fmt::format("target   {}\n", schema.target);
  for (const auto& [column, kind] : schema.kinds) text += fmt::format("column   {} is {}\n", column, leaven::name_of(kind));
  if (recipe.balance.method != recipe::BalanceMethod::none)
    text += fmt::format("balance  {}, {} neighbours{}{}\n", recipe::name_of(recipe.balance.method), recipe.balance.k,
                        recipe.balance.scale ? "" : ", distances in the columns' own units",
                        recipe.balance.search == recipe::NeighbourSearch::automatic ? "" : fmt::format(", search {}", recipe::kNeighbourSearchNames[static_cast<std::size_t>(recipe.balance.search)]));
  for (const recipe::Constraint& constraint : recipe.constraints)
    text += fmt::format("must     {} of {}\n", recipe::name_of(constraint.kind), fmt::join(constraint.columns, ", "));
  return text;
}

}  // namespace

std::string describe(const recipe::Recipe& recipe) {
  std::string text;
  std::string source = or_else(recipe.source.path, "as the command line says");
  if (!recipe.source.format.empty()) source += ", read as " + recipe.source.format;
  if (recipe.source.limit > 0) source += fmt::format(", the first {} samples", recipe.source.limit);
  text +=
      fmt::format("source   {}\nclean    {}\nsplit    {}\naugment  {}\nsink     {}\n", source, clean_text(recipe.clean),
                  split_text(recipe), augment_text(recipe.augment), sink_text(recipe.sink));
  text += fmt::format("seed     {}{}{}; {}, at most {:g} % broken\n", recipe.seed,
                      recipe.fuse ? "" : "; every step by itself (fuse: off)",
                      recipe.decode_scaled ? "; JPEGs decoded smaller where the first pass shrinks them (decode: scaled)" : "",
                      recipe.stop_on_error ? "stops at the first broken sample" : "goes on past broken samples",
                      recipe.max_bad * 100);
  if (recipe.generate) text += "generate " + generate_text(*recipe.generate);
  text += table_text(recipe);
  if (!recipe.prepare.empty()) text += "prepare, every row\n";
  describe(recipe.prepare, {}, "  ", text);
  text += recipe.steps.empty() ? "steps    none: copies equal their originals\n" : "steps\n";
  describe(recipe.steps, {}, "  ", text);
  return text;
}

}  // namespace leaven::cli

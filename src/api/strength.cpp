#include "leaven/strength.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "core/op.hpp"
#include "recipe/strength.hpp"

namespace leaven {

namespace {

constexpr std::array<std::string_view, 3> kRules{"ent_augment", "cuda", "ada"};
constexpr std::uint32_t kLevels = 10;   ///< of a class
constexpr double kRecognised = 0.6;     ///< share of a class's samples
constexpr double kFullAfterEpochs = 10;

/// Of a vector of probabilities, whose sum need not be quite 1.
double confidence(std::span<const float> p) {
  double sum = 0, entropy = 0;
  for (const float one : p) sum += std::max(0.0f, one);
  for (const float one : p)
    if (const double share = one / sum; share > 0) entropy -= share * std::log(share);
  return std::clamp(1 - entropy / std::log(static_cast<double>(p.size())), 0.0, 1.0);
}

}  // namespace

Recipe at_strength(const Recipe& recipe, double strength) {
  return Recipe::from_text(recipe::to_yaml(recipe::at_strength(recipe.body().recipe, strength)));
}

std::string_view name_of(StrengthRule rule) { return kRules[static_cast<std::size_t>(rule)]; }

StrengthRule strength_rule_named(std::string_view name) {
  const auto* const found = std::ranges::find(kRules, name);
  if (found == kRules.end()) throw usage_error("there is no rule of strength " + std::string(name)).with_hint(did_you_mean(name, kRules));
  return static_cast<StrengthRule>(found - kRules.begin());
}

StrengthTable::StrengthTable(const StrengthOptions& options) : options_(options) {
  if (options.rule != StrengthRule::ada && options.classes < 2)
    throw usage_error(std::string(name_of(options.rule)) + " needs two classes at least, got " + std::to_string(options.classes));
  if (options.rule != StrengthRule::cuda) return;
  levels_.resize(options.classes);
  right_.resize(options.classes);
  asked_.resize(options.classes);
}

double StrengthTable::of(std::string_view key, std::uint32_t label) const {
  switch (options_.rule) {
    case StrengthRule::ent_augment: {
      const auto found = by_sample_.find(key);
      return found == by_sample_.end() ? 0 : found->second;
    }
    case StrengthRule::cuda: return label < levels_.size() ? static_cast<double>(levels_[label]) / kLevels : 0;
    case StrengthRule::ada: return of_all_;
  }
  return 0;
}

void StrengthTable::tell(std::string_view key, std::uint32_t label, std::span<const float> probabilities) {
  const std::size_t classes = options_.classes ? options_.classes : probabilities.size();
  if (probabilities.size() != classes || label >= classes)
    throw usage_error("probabilities of " + std::to_string(classes) + " classes are needed, and got " + std::to_string(probabilities.size()) + " for class " + std::to_string(label));
  const bool finite = std::ranges::all_of(probabilities, [](float p) { return std::isfinite(p); });
  if (!finite || std::ranges::none_of(probabilities, [](float p) { return p > 0; }))
    throw usage_error("probabilities must be numbers, one of them above 0").with_sample(std::string(key));
  if (options_.rule == StrengthRule::ent_augment) {
    shown_strength_ += of(key, label);
    ++shown_;
    const auto place = seen_.try_emplace(std::string(key)).first;
    place->second.sum += confidence(probabilities);
    ++place->second.count;
    return;
  }
  if (options_.rule == StrengthRule::ada) return tell_loss(key, label, -std::log(std::max(1e-12, static_cast<double>(probabilities[label]))));
  shown_strength_ += of(key, label);
  ++shown_;
  ++asked_[label];
  right_[label] += std::ranges::max_element(probabilities) - probabilities.begin() == static_cast<std::ptrdiff_t>(label);
}

void StrengthTable::tell_loss(std::string_view key, std::uint32_t label, double loss) {
  if (!std::isfinite(loss)) throw usage_error("a loss must be a finite number").with_sample(std::string(key));
  if (options_.rule == StrengthRule::ent_augment) throw usage_error("ent_augment needs the probabilities of all classes, and a loss is none of them");
  if (options_.rule == StrengthRule::cuda) {
    if (label >= levels_.size()) throw usage_error("there are " + std::to_string(levels_.size()) + " classes, and this is number " + std::to_string(label));
    ++asked_[label];
    right_[label] += loss < std::log(2.0);
  }
  shown_strength_ += of(key, label);
  ++shown_;
  loss_ += loss;
}

void StrengthTable::tell_held_out(double loss) {
  if (!std::isfinite(loss)) throw usage_error("a loss must be a finite number");
  held_out_loss_ += loss;
  ++held_out_;
}

void StrengthTable::next_epoch() {
  if (options_.rule == StrengthRule::ada && shown_ > 0 && held_out_ == 0)
    throw usage_error("ada compares with the loss of samples that are not trained on, and none was told");
  if (shown_ > 0) curve_.push_back(shown_strength_ / shown_);
  for (const auto& [key, seen] : seen_) by_sample_[key] = seen.sum / seen.count;
  for (std::size_t c = 0; c < levels_.size(); ++c) {
    if (asked_[c] == 0) continue;
    if (right_[c] > kRecognised * asked_[c])
      levels_[c] = std::min(kLevels, levels_[c] + 1);
    else if (levels_[c] > 0)
      --levels_[c];
    asked_[c] = right_[c] = 0;
  }
  if (options_.rule == StrengthRule::ada && shown_ > 0) {
    const double held_out = held_out_loss_ / held_out_, over = held_out > 0 ? 1 - loss_ / shown_ / held_out : 0;
    const double step = options_.full > 0 ? shown_ / options_.full : 1 / kFullAfterEpochs;
    of_all_ = std::clamp(of_all_ + (over > options_.target ? step : -step), 0.0, 1.0);
  }
  seen_.clear();
  shown_ = shown_strength_ = loss_ = held_out_loss_ = held_out_ = 0;
}

std::string StrengthTable::state() const {
  using Json = nlohmann::ordered_json;
  Json seen = Json::object();
  for (const auto& [key, one] : seen_) seen[key] = {one.sum, one.count};
  Json samples = Json::object();
  for (const auto& [key, strength] : by_sample_) samples[key] = strength;
  return Json{{"rule", name_of(options_.rule)}, {"classes", options_.classes}, {"target", options_.target}, {"full", options_.full}, {"samples", samples},
              {"levels", levels_}, {"all", of_all_}, {"curve", curve_}, {"seen", seen}, {"right", right_}, {"asked", asked_}, {"shown", shown_},
              {"shown_strength", shown_strength_}, {"loss", loss_}, {"held_out_loss", held_out_loss_}, {"held_out", held_out_}}
      .dump();
}

StrengthTable StrengthTable::from_state(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    StrengthTable table({strength_rule_named(json.at("rule").get<std::string>()), json.at("classes"), json.at("target"), json.at("full")});
    for (const auto& [key, strength] : json.at("samples").items()) table.by_sample_[key] = strength;
    for (const auto& [key, seen] : json.at("seen").items()) table.seen_[key] = {seen.at(0), seen.at(1)};
    const std::size_t classes = table.levels_.size();
    json.at("levels").get_to(table.levels_);
    json.at("curve").get_to(table.curve_);
    json.at("right").get_to(table.right_);
    json.at("asked").get_to(table.asked_);
    if (table.levels_.size() != classes || table.right_.size() != classes || table.asked_.size() != classes) throw data_error("a table of strengths must have a level for each class");
    table.of_all_ = json.at("all"), table.shown_ = json.at("shown"), table.shown_strength_ = json.at("shown_strength");
    table.loss_ = json.at("loss"), table.held_out_loss_ = json.at("held_out_loss"), table.held_out_ = json.at("held_out");
    return table;
  } catch (const nlohmann::json::exception&) {
    throw data_error("this is no state of a table of strengths");
  }
}

}  // namespace leaven

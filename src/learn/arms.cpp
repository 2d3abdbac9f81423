#include "learn/arms.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "learn/engine.hpp"
#include "ops/families.hpp"
#include "recipe/mixing.hpp"
#include "recipe/policies.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

constexpr std::array kWays{"cluster_strength", "cluster_weight", "cluster_mix", "consistency", "views"};

/// Throws Error(usage) for steps of another domain.
void require_domain(const std::vector<recipe::Step>& steps, Domain domain) {
  for (const recipe::Step& step : steps) {
    if (step.op && step.op->domain != domain)
      throw usage_error(std::string(step.op->name) + " works on " + std::string(samples_of(step.op->domain)) + ", and these are " + std::string(samples_of(domain)))
          .with_op(step.op->name)
          .with_place(step.place.text())
          .with_hint("leaven ops lists what there is for " + std::string(samples_of(domain)));
    require_domain(step.steps, domain);
  }
}

/// Throws Error(usage) for a recipe that does not suit: learners are trained on one class an item.
void require_fit(const ArmRecipe& recipe, Domain domain) {
  require_domain(recipe.recipe.steps, domain);
  require_domain(recipe.recipe.prepare, domain);
  if (const auto method = recipe.recipe.balance.method; method == recipe::BalanceMethod::mixup || method == recipe::BalanceMethod::cutmix)
    throw usage_error(recipe.name + " makes rows of several classes, and prove trains on one class an item").with_hint("leaven help balance names methods that do not");
  const recipe::Step* const mixing = recipe::step_of_soft_labels(recipe.recipe);
  if (!mixing) return;
  const std::string item = domain == Domain::raster ? "a picture" : "an item";
  throw usage_error(recipe.name + " mixes in samples of other classes, and prove trains on one class " + item)
      .with_op(mixing->op->name)
      .with_place(mixing->place.text())
      .with_hint("partners: same_class keeps to the class");
}

/// Of rows only steps have a strength: what `balance:` adds lies between rows, however strongly.
void require_strength(const std::string& said, const Arm& arm) {
  if (arm.way) throw usage_error(said + ": clusters, agreement and views are of pictures and series, not of tables").with_hint("a rule of strength (ent_augment, cuda, ada) or a schedule works on rows too");
  if (arm.recipe->recipe.steps.empty()) throw usage_error(said + ": " + arm.recipe->name + " has no steps whose strength could follow the training").with_hint("such as table_jitter");
}

std::pair<std::string, recipe::Recipe> recipe_named(const std::string& name, Domain domain) {
  std::error_code ignored;
  if (fs::exists(name, ignored) || name.find_first_of("./") != std::string::npos)
    return {fs::path(name).stem().string(), recipe::load(name, ops::op_table())};
  const auto parsed = [](const std::string& text) { return recipe::parse(text, ops::op_table()); };
  if (recipe::find_policy(name)) return {name, parsed("leaven: 1\nsteps: [" + name + "]")};
  const auto methods = recipe::balance_methods();
  if (domain == Domain::columns && std::ranges::find(methods, name, &recipe::BalanceMethodDoc::name) != methods.end())
    return {name == "auto" ? "balance" : name, parsed("leaven: 1\nbalance: {method: " + name + "}")};
  const std::vector<std::string> presets = recipe::preset_names();
  if (std::ranges::find(presets, name) != presets.end()) return {name, recipe::preset(name, ops::op_table())};
  if (name == kNone || name == kDup) throw usage_error(name + " is no recipe, but an arm beside one").with_hint("--against " + name);
  std::vector<std::string_view> known(presets.begin(), presets.end());
  for (const recipe::Policy& policy : recipe::policies()) known.push_back(policy.name);
  for (const recipe::BalanceMethodDoc& method : methods) known.push_back(method.name);
  throw usage_error("there is no recipe file, preset or policy " + name).with_hint(did_you_mean(name, known));
}

/// "0/0.5/1"; empty for what begins like no number.
std::vector<double> schedule_from(const std::string& text) {
  std::vector<double> strengths;
  if (text.empty() || !(text[0] == '.' || (text[0] >= '0' && text[0] <= '9'))) return strengths;
  for (const char *at = text.data(), *const end = at + text.size();;) {
    double strength{};
    const auto [rest, error] = std::from_chars(at, end, strength);
    if (error != std::errc{} || !(strength >= 0 && strength <= 1) || (rest != end && *rest != '/'))
      throw usage_error("a schedule must be strengths in [0, 1] such as 0/0.5/1, got " + text);
    strengths.push_back(strength);
    if (rest == end) return strengths;
    at = rest + 1;
  }
}

Error nothing_behind_at(const std::string& said) {
  return usage_error(said + ": behind @ stands ent_augment, cuda, ada, a schedule such as 0/0.5/1, cluster_strength, cluster_weight, cluster_mix, consistency, views or a learner");
}

/// "mine.yaml@cuda" in two; a file of that whole name is that file.
std::pair<std::string, std::string> without_rule(const std::string& said) {
  const std::size_t at = said.rfind('@');
  std::error_code ignored;
  if (at == std::string::npos || fs::exists(said, ignored)) return {said, ""};
  if (at + 1 == said.size()) throw nothing_behind_at(said);
  return {said.substr(0, at), said.substr(at + 1)};
}

/// "a.yaml+b.yaml" in its parts; a file of that whole name is that file.
std::vector<std::string> members_of(const std::string& said) {
  std::error_code ignored;
  std::vector<std::string> parts{said};
  if (fs::exists(said, ignored)) return parts;
  for (std::size_t at = 0; (at = parts.back().find('+')) != std::string::npos;) {
    std::string rest = parts.back().substr(at + 1);
    parts.back().resize(at);
    parts.push_back(std::move(rest));
  }
  if (std::ranges::any_of(parts, &std::string::empty)) throw usage_error(said + ": an ensemble is named by its recipes, as light+trivial_augment");
  return parts;
}

/// Of a table, all but what the command line and the proof decide: where it lies, how it is divided, what is written.
std::string digest_of_table_recipe(recipe::Recipe recipe) {
  recipe.file.clear(), recipe.name.clear();
  recipe.source = {};
  recipe.sink = {};
  recipe.split = {};
  recipe.has_split = false;
  recipe.seed = recipe.epoch = 0;
  const std::string text = recipe::to_yaml(recipe);
  return digest_of(text.data(), text.size());
}

}  // namespace

ArmRecipe arm_recipe(std::string name, recipe::Recipe recipe, Domain domain) {
  if (domain == Domain::columns) {
    std::string digest = digest_of_table_recipe(recipe);
    return {std::move(name), std::move(recipe), std::move(digest), {}};
  }
  const PictureRecipe pure(name, std::move(recipe));
  return {std::move(name), pure.steps(), pure.digest(), pure.left_out()};
}

std::optional<Way> way_named(std::string_view name) {
  const auto found = std::ranges::find(kWays, name);
  return found == kWays.end() ? std::nullopt : std::optional(static_cast<Way>(found - kWays.begin()));
}

std::string meaning_of(const Arm& arm, const std::string& many) {
  const std::string learner = arm.learner ? ", with " + arm.learner->name + " as the model" : "";
  if (!arm.recipe) return (arm.times > 1 ? "the same " + many + " repeated as often, unchanged: what the others are compared with" : "unchanged, in another order: how far two trainings differ by chance") + learner;
  const std::string& name = arm.recipe->name;
  if (!arm.strength_of.empty()) return name + " at the mean strength of " + arm.strength_of + " all along";
  if (!arm.members.empty()) return "an ensemble: each recipe trains a model for its part of the time, and their predictions are averaged";
  if (arm.rule) return name + ", as strongly as the rule " + std::string(name_of(*arm.rule)) + " says, which follows the training";
  if (!arm.schedule.empty()) return name + ", at planned strengths in equal parts of the training";
  if (arm.way) {
    switch (*arm.way) {
      case Way::cluster_strength: return name + ", changing " + many + " that lie thinly more strongly";
      case Way::cluster_weight: return name + ", showing " + many + " of small clusters more often";
      case Way::cluster_mix: return name + ", with features mixed within class and cluster";
      case Way::consistency: return name + ", asking predictions of three views of a sample to agree, in a third of the steps";
      case Way::views: return name + ", predicting by the mean over several views of a test sample";
    }
  }
  return "the " + many + " changed by " + name + ", drawn anew each time that they are shown" + learner;
}

std::vector<Arm> arms_for(const std::string& recipe_or_preset, const std::vector<std::string>& against, Domain domain, const FindLearner& find_learner) {
  std::vector<Arm> arms, followers;
  const auto add = [&](Arm arm) {
    // Two files may share a name; the arms of one name would share their results.
    const std::string name = arm.name;
    for (int n = 2; std::ranges::find(arms, arm.name, &Arm::name) != arms.end(); ++n) arm.name = name + " (" + std::to_string(n) + ")";
    arms.push_back(std::move(arm));
  };
  const auto fitting = [&](const std::string& name) {
    auto [found, text] = recipe_named(name, domain);
    ArmRecipe recipe = arm_recipe(std::move(found), std::move(text), domain);
    require_fit(recipe, domain);
    return recipe;
  };
  const auto add_ensemble = [&](const std::vector<std::string>& parts) {
    if (domain == Domain::columns) throw usage_error(parts.front() + "+…: ensembles are of pictures and series, not of tables");
    Arm arm{.times = kTimes, .recipe = fitting(parts.front())};
    arm.name = arm.recipe->name;
    for (std::size_t i = 1; i < parts.size(); ++i) arm.members.push_back(fitting(parts[i])), arm.name += "+" + arm.members.back().name;
    add(std::move(arm));
  };
  const auto add_learner = [&](const std::string& name, const std::string& how, std::shared_ptr<const LearnerKind> learner) {
    Arm arm{.name = name, .times = name == kNone ? 1U : kTimes, .learner = std::move(learner)};
    Arm control{.name = kDup + ("@" + how), .times = kTimes, .learner = arm.learner};
    if (name != kNone && name != kDup) arm.recipe = fitting(name), arm.name = arm.recipe->name, arm.control = control.name;
    arm.name += "@" + how;
    if (std::ranges::find(arms, arm.name, &Arm::name) != arms.end() && !arm.recipe) return;
    add(std::move(arm));
    followers.push_back(std::move(control));
  };
  const auto add_recipe = [&](const std::string& said) {
    if (const std::vector<std::string> parts = members_of(said); parts.size() > 1) return add_ensemble(parts);
    const auto [name, how] = without_rule(said);
    if (auto learner = how.empty() || !find_learner ? nullptr : find_learner(how)) return add_learner(name, how, std::move(learner));
    Arm arm{.times = kTimes, .recipe = fitting(name)};
    arm.name = arm.recipe->name;
    if (arm.name == kNone || arm.name == kDup) arm.name += " (recipe)";
    if (how.empty()) return add(std::move(arm));
    arm.way = way_named(how);
    if (!arm.way) arm.schedule = schedule_from(how);
    if (!arm.way && arm.schedule.empty()) {
      try {
        arm.rule = strength_rule_named(how);
      } catch (Error& error) {
        throw nothing_behind_at(said).with_hint(error.hint());
      }
    }
    if (domain == Domain::columns) require_strength(said, arm);
    arm.name += arm.schedule.empty() ? "@" + how : "@schedule";
    add(std::move(arm));
    Arm& leader = arms.back();
    leader.control = leader.name + " static";
    followers.push_back({.name = leader.control, .times = kTimes, .recipe = leader.recipe, .strength_of = leader.name});
  };
  add_recipe(recipe_or_preset);
  add({kDup, kTimes, {}});
  bool none = false;
  for (const std::string& name : against) {
    if (name == kDup || (name == kNone && none)) continue;
    if (name == kNone) {
      none = true;
      add({kNone, 1, {}});
    } else {
      add_recipe(name);
    }
  }
  // Arms of one learner share their control, which may have been asked for by itself.
  for (Arm& follower : followers) {
    if (follower.learner && std::ranges::find(arms, follower.name, &Arm::name) != arms.end()) continue;
    const auto leader = std::ranges::find(arms, follower.strength_of, &Arm::name);
    const auto same = std::ranges::find_if(arms, [&](const Arm& arm) { return arm.is_plain_recipe() && follower.recipe && arm.recipe->digest == follower.recipe->digest; });
    // What leaves the strength alone is compared with the recipe as it is, which may be an arm already.
    if (!follower.learner && !leader->is_dynamic() && same != arms.end())
      leader->control = same->name;
    else
      add(std::move(follower));
  }
  return arms;
}

}  // namespace leaven::learn

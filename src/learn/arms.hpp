// What is compared: the ways to train on the same items.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/op.hpp"
#include "leaven/strength.hpp"
#include "learn/learner.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

/// A recipe as far as it is of use to training.
struct ArmRecipe {
  std::string name{};
  recipe::Recipe recipe{};
  /// Equal for recipes that make equal items.
  std::string digest{};
  /// Ops that were left out because they standardise, which learners do by themselves, all arms alike.
  std::vector<std::string> left_out{};
};
/// Of pictures: without steps that standardise.
ArmRecipe arm_recipe(std::string name, recipe::Recipe recipe, Domain domain);

/// Other ways to train or to predict with a recipe than showing what it makes of items.
enum class Way : std::uint8_t {
  cluster_strength,  ///< items that lie thinly are changed more strongly
  cluster_weight,    ///< items of small clusters are shown more often
  cluster_mix,       ///< features of items of one class and cluster are interpolated
  consistency,       ///< predictions of an item as it is and of two changed ones are asked to agree
  views,             ///< predictions are means over changed items, chosen on the validation split
};
/// "cluster_strength" and so on; nothing for other words.
std::optional<Way> way_named(std::string_view name);

struct Arm {
  std::string name{};
  std::uint32_t times{1};  ///< how often an epoch shows each item, see Order; rows come as often as the recipe's do
  std::optional<ArmRecipe> recipe{};  ///< nothing: items as they are
  std::optional<StrengthRule> rule{};  ///< by which the recipe's strength follows the training; nothing: as it says
  /// Strengths of equal parts of the training, one after another; empty: no such plan.
  std::vector<double> schedule{};
  std::optional<Way> way{};
  /// More recipes, each of which trains a member for its part of the steps; their predictions are averaged.
  std::vector<ArmRecipe> members{};
  /// Of an arm whose recipe has one strength all along: the arm whose mean strength that is, training by training. Empty: none.
  std::string strength_of{};
  /// Trained in place of the proof's learner, to see what another one makes of the same items; null: the proof's.
  std::shared_ptr<const LearnerKind> learner{};
  std::uint32_t steps{};  ///< of such a learner, where it counts them otherwise than the proof's; 0: as many
  /// The arm that it is compared with besides dup: of its mean strength, or dup with its learner. Empty: none.
  std::string control{};

  /// Whether strength differs between items or times.
  bool is_dynamic() const { return rule || !schedule.empty() || way == Way::cluster_strength; }
  /// Shown as the recipe says, to the proof's learner, all along.
  bool is_plain_recipe() const { return recipe && !rule && schedule.empty() && !way && members.empty() && strength_of.empty() && !learner; }
  /// Whether the training loop has to know of it, step by step.
  bool needs_steps() const { return rule || !schedule.empty() || way == Way::consistency; }
  bool looks_inside() const { return way == Way::cluster_mix || way == Way::consistency; }
};

/// How often an epoch of `dup` and of the recipes shows each item: the original and the four copies that `leaven augment`
/// makes.
inline constexpr std::uint32_t kTimes = 5;
inline constexpr const char* kNone = "none";
inline constexpr const char* kDup = "dup";

/// What the arm is, for people who know none of its words; `many`: what items are called.
std::string meaning_of(const Arm& arm, const std::string& many);

/// A learner by its name; null for other words.
using FindLearner = std::function<std::shared_ptr<const LearnerKind>(const std::string& name)>;

/// The recipe first, then dup (the control of the primary test, always there), then the others in the order given: none,
/// dup, a preset, a policy (trivial_augment), for tables a method of `balance:` (smote), or a file. Throws Error(usage) for
/// what is none of these, and for recipes of another domain. "mine.yaml@cuda" is mine.yaml with a strength that follows the
/// training by this rule, and "mine.yaml@0/0.5/1" one whose strength is 0 in the first third of it, 0.5 in the second, then 1;
/// "mine.yaml@cluster_mix" is trained in that way. Beside each of them always comes an arm of the same mean strength.
/// "mine.yaml@linear", "dup@linear" and "none@linear" are trained with that learner; dup with it comes along.
/// "a.yaml+b.yaml" is an ensemble of members trained with each.
std::vector<Arm> arms_for(const std::string& recipe_or_preset, const std::vector<std::string>& against, Domain domain = Domain::raster,
                          const FindLearner& find_learner = {});

}  // namespace leaven::learn

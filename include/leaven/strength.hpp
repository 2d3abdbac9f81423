// How strongly each sample is changed, by what a model makes of it.
//
//   leaven::StrengthTable table({.rule = leaven::StrengthRule::ent_augment, .classes = 10});
//   leaven::at_strength(recipe, table.of("cats/001.jpg", 3)).apply(...);   // in an epoch
//   table.tell("cats/001.jpg", 3, probabilities);                          // what the model says of it
//   table.next_epoch();                                                    // from here on the table is another
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven {

/// The recipe between doing nothing (0) and what it says (1): fields that have a neutral value lie that share of the way from it,
/// steps without one run that share as often. Throws Error(usage) for a strength outside [0, 1].
Recipe at_strength(const Recipe& recipe, double strength);

enum class StrengthRule : std::uint8_t {
  /// Each sample by itself: 1 − H(p) / ln K of what the model says of it; 0 before it says anything (Yang et al. 2024, EntAugment).
  ent_augment,
  /// Each class: ten levels, one up after an epoch in which more than 0.6 of its samples are recognised, else one down (Ahn et
  /// al. 2023, CUDA). The samples of the epoch are what is asked, so a class is asked at its level alone.
  cuda,
  /// All samples alike: up while the loss of held-out samples says that the model over-fits, else down, as the probability in
  /// Karras et al. 2020 (StyleGAN2-ADA). Over-fitting is 1 − training loss / held-out loss.
  ada,
};
/// "ent_augment", "cuda", "ada".
std::string_view name_of(StrengthRule rule);
/// Throws Error(usage) with the nearest name.
StrengthRule strength_rule_named(std::string_view name);

struct StrengthOptions {
  StrengthRule rule{};
  std::uint32_t classes{};  ///< not for ada
  double target{0.6};       ///< ada: over-fitting above which strength rises
  double full{};            ///< ada: samples on the way from 0 to 1; 0: those of ten epochs
};

/// Strengths stay as they are through an epoch, and those of the next follow from what was told in this one and from nothing
/// else; the order in which it was told changes them by roundings at most. Not thread-safe while it is told something.
class StrengthTable {
 public:
  explicit StrengthTable(const StrengthOptions& options);

  /// In [0, 1].
  double of(std::string_view key, std::uint32_t label) const;
  /// What the model says of a sample that was shown; of one that is shown several times an epoch, each time. Throws Error(usage) for
  /// another number of probabilities than classes.
  void tell(std::string_view key, std::uint32_t label, std::span<const float> probabilities);
  /// Its loss in nats alone, which is not enough for ent_augment. A sample is taken for recognised when its class has more than half.
  void tell_loss(std::string_view key, std::uint32_t label, double loss);
  /// Of samples that are not trained on, for ada.
  void tell_held_out(double loss);
  /// Throws Error(usage) for ada when no held-out loss was told.
  void next_epoch();

  /// The mean strength of the samples that were told, for each epoch that has ended.
  const std::vector<double>& curve() const { return curve_; }
  const StrengthOptions& options() const { return options_; }
  /// JSON; a table of it goes on where this one is.
  std::string state() const;
  /// Throws Error(data) for what state() did not write.
  static StrengthTable from_state(std::string_view json);

 private:
  struct Seen {
    double sum{};  ///< of strengths that follow
    double count{};
  };
  StrengthOptions options_;
  std::map<std::string, double, std::less<>> by_sample_{};
  std::vector<std::uint32_t> levels_{};
  double of_all_{};
  std::vector<double> curve_{};
  // Of this epoch:
  std::map<std::string, Seen, std::less<>> seen_{};
  std::vector<double> right_{}, asked_{};
  double shown_{}, shown_strength_{}, loss_{}, held_out_loss_{}, held_out_{};
};

}  // namespace leaven

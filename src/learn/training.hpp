// One learner trained on one stream of batches, in one of two ways.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learn/supply.hpp"

namespace leaven::learn {

class ClusterMix;
class DynamicStrength;

/// matched: so many steps, whatever comes of them. converged: until the validation split sees no progress.
enum class Regime : std::uint8_t { matched, converged };
std::string_view name_of(Regime regime);

struct Schedule {
  Regime regime{};
  std::uint32_t steps{800};  ///< matched: exactly; converged: kLongest times as many at most
  std::uint32_t batch{32};
  bool whole{};               ///< each step sees all items of an epoch, always the first one's, at a constant rate
  bool agrees{};              ///< each item is shown as it is and twice changed, see Inside::views; of an InnerLearner, as where items are mixed
  static constexpr std::uint32_t kLongest = 5;
  std::uint32_t most_steps() const { return regime == Regime::matched ? steps : steps * kLongest; }
};

struct CurvePoint {
  std::uint32_t step{};
  double loss{};      ///< mean over the steps since the last point
  double score{};     ///< of the validation split, in percent: accuracy, or R² of numbers; kUnknown without one
};

/// How strongly the recipe changed items from this step on.
struct StrengthPoint {
  std::uint32_t step{};
  double mean{}, least{}, most{};  ///< over the training items
};

struct Course {
  std::uint32_t steps{};         ///< that were taken
  std::uint32_t chosen_step{};   ///< whose weights the learner has now
  std::vector<CurvePoint> curve{};
  std::string failure{};         ///< why it was given up ("the loss became NaN at step 37"); empty: it went through
  std::vector<StrengthPoint> strengths{};  ///< where they changed in training; empty: the recipe as it is
  double mean_strength{1};                 ///< over all that was shown
};

/// matched: the rate falls to 0 along a cosine. converged: the rate is kept until `kPatience` looks at the validation
/// split in a row saw nothing better, then cut to 0.3 and 0.1; the best weights stay. Throws Error(interrupted) when `stop`
/// is set. `dynamic` decides how strongly the supply's items are changed; null: as the recipe says. `mix` decides whose features are
/// mixed; null: none are.
Course train(Learner& learner, Supply& supply, const Held& validation, const Schedule& schedule, const std::atomic<bool>& stop,
             DynamicStrength* dynamic = nullptr, const ClusterMix* mix = nullptr);

}  // namespace leaven::learn

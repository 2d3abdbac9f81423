// A recipe as strong as the model can bear: while it trains, it is asked about the training items, and how strongly each is
// changed follows from what it says.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "leaven/strength.hpp"
#include "learn/supply.hpp"
#include "learn/training.hpp"

namespace leaven::learn {

/// Strengths are fixed for a pass: as many visits as there are training items. By a rule the first pass shows items as they are.
class DynamicStrength {
 public:
  /// All of these live longer. `train`: the items that the supply shows.
  DynamicStrength(StrengthRule rule, Supply& supply, const io::DatasetIndex& index, const Entries& train, const Held& validation);

  /// By a plan: each of `schedule` for an equal part of `visits` visits, the last one from then on.
  DynamicStrength(std::vector<double> schedule, std::uint64_t visits, Supply& supply, const io::DatasetIndex& index, const Entries& train);

  /// One for each entry, all along.
  DynamicStrength(std::vector<double> strengths, Supply& supply, const Entries& train);

  /// Visits for which strengths stay.
  std::uint64_t pass() const { return pass_; }
  /// After each pass: asks about every item once more, as it was shown in this one (ada: as it is).
  void next_pass(Learner& learner, std::uint32_t step);
  const std::vector<StrengthPoint>& points() const { return points_; }
  /// Over what was shown in `visits` visits since the beginning.
  double mean(std::uint64_t visits) const;

 private:
  void apply(std::uint32_t step);
  void show(std::vector<double> strengths, std::uint32_t step);

  Supply& supply_;
  const io::DatasetIndex* index_{};
  const Entries& train_;
  const Held* validation_{};
  std::optional<StrengthTable> table_{};
  std::vector<double> schedule_{};
  std::uint64_t pass_;
  std::vector<StrengthPoint> points_{};  ///< of each pass
};

}  // namespace leaven::learn

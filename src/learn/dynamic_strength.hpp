// A recipe as strong as the model can bear: while it trains, it is asked about the training items, and how strongly each is
// changed follows from what it says.
#pragma once

#include <cstdint>
#include <vector>

#include "leaven/strength.hpp"
#include "learn/supply.hpp"
#include "learn/training.hpp"

namespace leaven::learn {

/// Strengths are fixed for a pass: as many visits as there are training items. The first pass shows items as they are.
class DynamicStrength {
 public:
  /// All of these live longer. `train`: the items that the supply shows.
  DynamicStrength(StrengthRule rule, Supply& supply, const io::DatasetIndex& index, const Entries& train, const Held& validation);

  std::uint64_t pass() const { return train_.size(); }
  /// After each pass: asks about every item once more, as it was shown in this one (ada: as it is).
  void next_pass(Learner& learner, std::uint32_t step);
  const std::vector<StrengthPoint>& points() const { return points_; }
  /// Over what was shown in `visits` visits since the beginning.
  double mean(std::uint64_t visits) const;

 private:
  void apply(std::uint32_t step);

  Supply& supply_;
  const io::DatasetIndex& index_;
  const Entries& train_;
  const Held& validation_;
  StrengthTable table_;
  std::vector<StrengthPoint> points_{};  ///< of each pass
};

}  // namespace leaven::learn

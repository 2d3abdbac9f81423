// One learner trained on one stream of batches, in one of two ways.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learn/feed.hpp"
#include "learn/learner.hpp"
#include "learn/metrics.hpp"

namespace leaven::learn {

/// matched: so many steps, whatever comes of them. converged: until the validation split sees no progress.
enum class Regime : std::uint8_t { matched, converged };
std::string_view name_of(Regime regime);

struct Schedule {
  Regime regime{};
  std::uint32_t steps{800};  ///< matched: exactly; converged: kLongest times as many at most
  std::uint32_t batch{32};
  static constexpr std::uint32_t kLongest = 5;
};

/// Items whose pixels stay the same.
struct Held {
  std::vector<float> pixels{};
  std::vector<std::uint32_t> labels{};
  std::uint32_t classes{};
};
Held hold(const Feed& feed, const Entries& entries, const io::DatasetIndex& index);
Predictions predict(Learner& learner, const Held& held);
/// The same for items that need not be in memory as floats all at once.
Predictions predict(Learner& learner, const Feed& feed, const Entries& entries, const io::DatasetIndex& index);

struct CurvePoint {
  std::uint32_t step{};
  double loss{};      ///< mean over the steps since the last point
  double accuracy{};  ///< of the validation split, in percent; −1 without one
};

struct Course {
  std::uint32_t steps{};         ///< that were taken
  std::uint32_t chosen_step{};   ///< whose weights the learner has now
  std::vector<CurvePoint> curve{};
  std::string failure{};         ///< why it was given up ("the loss became NaN at step 37"); empty: it went through
};

/// matched: the rate falls to 0 along a cosine. converged: the rate is kept until `kPatience` looks at the validation
/// split in a row saw nothing better, then cut to 0.3 and 0.1; the best weights stay. Throws Error(interrupted) when `stop`
/// is set.
Course train(Learner& learner, Order& order, const Feed& feed, const io::DatasetIndex& index, const Held& validation,
             const InputShape& shape, const Schedule& schedule, const std::atomic<bool>& stop);

}  // namespace leaven::learn

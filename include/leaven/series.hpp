// Time series in memory, through a recipe.
//
//   const leaven::SeriesBatch batch(recipe, series, {{.key = "a"}, {.key = "b"}});
//   const leaven::AppliedSeries made = batch.apply(0);
//
// Everything throws leaven::Error and is thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven {

/// One or more channels over time.
struct TimeSeries {
  /// Words along a series, one a sample; empty where nothing is.
  struct Words {
    bool events{};  ///< single moments, each of which stays one; else each says what is the case
    std::vector<std::string> words{};
  };
  std::size_t length{}, channels{1};
  std::vector<double> values{};  ///< channel after channel; NaN: missing
  std::vector<double> stamps{};  ///< when samples were taken, ascending; empty: evenly spaced
  std::vector<Words> marks{};
};

struct AppliedSeries {
  TimeSeries series{};
  std::string steps{};  ///< JSON: every op that ran, with every value
  /// Of the labels of all series that this one is made of, how much each counts; they add up to 1.
  std::vector<std::pair<std::string, double>> shares{};
};

/// Series that are drawn side by side and are each other's partners where the recipe mixes; one alone is its own.
class SeriesBatch {
 public:
  /// As many keys as series; a key's label is the series' class. `names` are those of the channels, for steps with `on:`.
  /// Throws Error(usage) for a series whose parts do not fit each other, and for stamps that do not ascend.
  SeriesBatch(const Recipe& recipe, std::vector<TimeSeries> series, std::vector<DrawKey> keys, std::vector<std::string> names = {});

  /// What augment() makes of a series under the same key. Throws Error(usage) when a step cannot work on it.
  AppliedSeries apply(std::size_t item) const;

  struct Body;

 private:
  std::shared_ptr<const Body> body_;
};

}  // namespace leaven

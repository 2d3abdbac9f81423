// Time series in memory, through a recipe.
//
//   const leaven::SeriesBatch batch(recipe, series, {{.key = "a"}, {.key = "b"}});
//   const leaven::AppliedSeries made = batch.apply(0);
//
// Everything throws leaven::Error and is thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
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

/// Evenly sampled series of one shape side by side in memory that belongs to somebody else.
struct SeriesBlock {
  const double* values{};  ///< series after series, in each channel after channel; NaN: missing
  std::size_t count{}, channels{1}, length{};
};

/// Series that are drawn side by side and are each other's partners where the recipe mixes; one alone is its own.
class SeriesBatch {
 public:
  /// As many keys as series; a key's label is the series' class. `names` are those of the channels, for steps with `on:`.
  /// Throws Error(usage) for a series whose parts do not fit each other, and for stamps that do not ascend.
  SeriesBatch(const Recipe& recipe, std::vector<TimeSeries> series, std::vector<DrawKey> keys, std::vector<std::string> names = {});

  /// The same for a block, which must live as long as the batch.
  SeriesBatch(const Recipe& recipe, const SeriesBlock& block, std::vector<DrawKey> keys, std::vector<std::string> names = {});

  std::size_t size() const;
  /// What augment() makes of a series under the same key. Throws Error(usage) when a step cannot work on it.
  AppliedSeries apply(std::size_t item) const;

  struct Body;
  const Body& body() const { return *body_; }

 private:
  std::shared_ptr<const Body> body_;
};

/// Makes the series of a batch one after another in memory that it keeps: for one thread, which takes several.
class SeriesRun {
 public:
  explicit SeriesRun(const SeriesBatch& batch);
  ~SeriesRun();
  SeriesRun(SeriesRun&&) noexcept;
  SeriesRun& operator=(SeriesRun&&) noexcept;

  /// Good until the next call.
  struct Made {
    std::size_t length{}, channels{};
    std::span<const double> values{};  ///< channel after channel
    std::span<const std::pair<std::string, double>> shares{};  ///< as in AppliedSeries
  };
  /// Values and shares of what SeriesBatch::apply() makes.
  Made apply(std::size_t item);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace leaven

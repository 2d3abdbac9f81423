// Time series of a dataset on disk, drawn for whoever trains on them.
//
//   const leaven::SeriesFeed feed(dataset, recipe, chosen);
//   const leaven::FedSeries sample = feed.draw(chosen[0], {.epoch = 3});
//
// Everything throws leaven::Error and is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "leaven/feed.hpp"
#include "leaven/series.hpp"

namespace leaven {

struct FedSeries {
  TimeSeries series{};
  std::vector<ClassShare> shares{};  ///< of the classes of all series that this one is made of, by number
  double number{};                   ///< the target of a regression; NaN where there is none
};

/// What Feed is for pictures.
class SeriesFeed {
 public:
  /// Whether a dataset holds time series.
  static bool takes(const Dataset& dataset);

  /// Partners of mixing steps come from `samples`. Throws Error(usage) for a dataset of anything else.
  SeriesFeed(const Dataset& dataset, const Recipe& recipe, const std::vector<std::uint32_t>& samples);

  /// Copy 1 of epoch 0 is the first copy that augment() writes; FeedDraw::rgb means nothing here. Throws Error(data) for a
  /// broken series, Error(usage) when a step cannot work on it.
  FedSeries draw(std::size_t index, const FeedDraw& draw = {}) const;

  /// Names of classes by number.
  const std::vector<std::string>& classes() const;
  /// Series may belong to several classes by parts.
  bool soft() const;

  struct Body;

 private:
  std::shared_ptr<const Body> body_;
};

}  // namespace leaven

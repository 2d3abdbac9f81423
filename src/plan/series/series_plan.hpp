// The series domain: from lowered steps to passes, and the two executors.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/node.hpp"
#include "core/series.hpp"

namespace leaven::plan {

/// A step's nodes on a series, and what they may see.
struct LoweredSeriesStep {
  std::string path{};
  Nodes nodes{};
  std::vector<std::size_t> channels{};                      ///< that it is restricted to, ascending; empty: all
  std::vector<std::shared_ptr<const Series>> partners{};    ///< after their own steps
};

// Passes point into the plan, and into the steps that they are of, which must live longer: a plan is made for one series.

/// Maps that follow each other are walked back through at once: one interpolation.
struct TimePass {
  std::span<const TimeMap* const> maps{};  ///< in running order
};
/// Functions that follow each other run channel by channel.
struct ValuesPass {
  struct Item {
    const SeriesValues* node{};
    const LoweredSeriesStep* step{};
    bool touches(std::size_t channel) const;
  };
  std::span<const Item> items{};
};
struct WholePass {
  const SeriesWhole* node{};
  const LoweredSeriesStep* step{};
};
struct SeriesPlan {
  std::vector<std::variant<TimePass, ValuesPass, WholePass>> passes{};
  std::vector<const TimeMap*> maps{};    ///< of all passes
  std::vector<ValuesPass::Item> items{};

  SeriesPlan() = default;
  SeriesPlan(SeriesPlan&&) = default;
  SeriesPlan& operator=(SeriesPlan&&) = default;
};

/// The longest series that steps may make, samples of all channels.
inline constexpr std::size_t kMostSeriesValues = std::size_t{1} << 27;

/// Throws Error(usage) for a step that moves or joins channels and is restricted to some, Error(bug) for nodes of other domains.
void require_runnable(const LoweredSeriesStep& step);

/// `fuse`: false makes every node a pass of its own. `steps` are runnable, and live longer than the plan.
SeriesPlan plan_series(std::span<const LoweredSeriesStep> steps, bool fuse);
/// The same into the memory of `plan`, whatever it held.
void plan_series(std::span<const LoweredSeriesStep> steps, bool fuse, SeriesPlan& plan);

/// Makes of a shape that after a node; throws Error(usage) when it would be empty or larger than kMostSeriesValues.
void pass_shape(const Node& node, SeriesShape& shape);

Series run_fast(const SeriesPlan& plan, const Series& source);
/// The same into the memory of `made`, which is another series: who makes many in turn need not ask the system for each.
void run_fast(const SeriesPlan& plan, const Series& source, Series& made);
/// Evenly spaced values and nothing beside them, channel after channel in somebody else's memory.
struct PlainSeries {
  std::size_t length{}, channels{};
  const double* values{};
};
/// The same of values that lie elsewhere: they are read once.
void run_fast(const SeriesPlan& plan, const PlainSeries& source, Series& made);
/// The oracle: the same plan, sample by sample, with nothing kept between samples.
Series run_reference(const SeriesPlan& plan, Series source);

}  // namespace leaven::plan

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

/// Maps that follow each other are walked back through at once: one interpolation.
struct TimePass {
  std::vector<TimeMap> maps{};  ///< in running order
};
/// Functions that follow each other run channel by channel.
struct ValuesPass {
  struct Item {
    SeriesValues node{};
    std::vector<std::size_t> channels{};  ///< empty: all
  };
  std::vector<Item> items{};
};
struct WholePass {
  SeriesWhole node{};
  std::vector<std::shared_ptr<const Series>> partners{};
};
struct SeriesPlan {
  std::vector<std::variant<TimePass, ValuesPass, WholePass>> passes{};
};

/// The longest series that steps may make, samples of all channels.
inline constexpr std::size_t kMostSeriesValues = std::size_t{1} << 27;

/// `fuse`: false makes every node a pass of its own. Throws Error(usage) with the step's path for a step that moves time and
/// is restricted to channels, and for nodes of another domain.
SeriesPlan plan_series(std::span<const LoweredSeriesStep> steps, bool fuse);

/// Shape after a node; throws Error(usage) when it would be empty or larger than kMostSeriesValues.
SeriesShape shape_after(const Node& node, SeriesShape shape);

Series run_fast(const SeriesPlan& plan, Series source);
/// The oracle: the same plan, sample by sample, with nothing kept between samples.
Series run_reference(const SeriesPlan& plan, Series source);

}  // namespace leaven::plan

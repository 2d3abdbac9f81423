// From a recipe and a key to the concrete steps of one series: what draw_program.hpp is for images.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/program.hpp"
#include "plan/series/series_plan.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

/// Another series to mix in, as it was read.
struct SeriesPartner {
  std::string source{}, digest{}, label{};
  std::shared_ptr<const Series> series{};
};
/// Chooses a partner by a rule: any, same_class, other_class. May be empty: then the series is its own partner.
using ChooseSeries = std::function<SeriesPartner(std::string_view rule, Key key)>;
using FindSeries = std::function<SeriesPartner(const ProgramPartner& partner)>;

struct DrawnSeries {
  Program program{};
  std::vector<LoweredSeriesStep> lowered{};
  SeriesShape out{};
  /// Label and share of each series that the copy is made of: its own first.
  std::vector<std::pair<std::string, double>> shares{};
};

/// Pure: the same arguments give the same values on every machine. Partners go through the top-level steps before the one that
/// takes them, as in draw_program(). Throws Error(usage) when a step cannot work on this shape or is of another domain.
DrawnSeries draw_series(const recipe::Recipe& recipe, const DrawContext& context, const SeriesShape& shape, std::string_view label,
                        const ChooseSeries& choose = {});
/// The same into the memory of `drawn`, whatever it held, for who draws many in turn.
void draw_series(const recipe::Recipe& recipe, const DrawContext& context, const SeriesShape& shape, std::string_view label,
                 const ChooseSeries& choose, DrawnSeries& drawn);

/// A copy of a series, and how it came to be. Who makes many in turn gives the same one, whose memory is used again.
struct SeriesCopy {
  DrawnSeries drawn{};
  SeriesPlan plan{};
  Series made{};
};
/// draw_series(), planned and run on `source`.
void make_copy(const recipe::Recipe& recipe, const DrawContext& context, const Series& source, const SeriesShape& shape, std::string_view label,
               const ChooseSeries& choose, SeriesCopy& copy);
void make_copy(const recipe::Recipe& recipe, const DrawContext& context, const PlainSeries& source, const SeriesShape& shape, std::string_view label,
               const ChooseSeries& choose, SeriesCopy& copy);

/// Nodes of a program that is already concrete (from lineage). Throws Error(usage) when it has partners and `find` is empty.
DrawnSeries lower_series(const Program& program, const SeriesShape& shape, std::string_view label, const FindSeries& find = {},
                         bool fuse = true);

}  // namespace leaven::plan

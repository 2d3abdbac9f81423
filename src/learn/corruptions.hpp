// How test items are spoilt to see whether a model holds: the list for each kind of data, as steps of ordinary recipes where
// there are ops for it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/columns.hpp"
#include "core/op.hpp"
#include "learn/metrics.hpp"

namespace leaven::learn {

/// Of rows and series from 1 to this; of pictures 1, 3 and 5 of ImageNet-C's.
inline constexpr int kSeverities = 5;

struct Corruption {
  std::string_view name{};
  /// What each severity means, for people: "share of cells".
  std::string_view amount{};
  std::vector<double> at{};  ///< of each severity
};
/// Of series and rows.
std::vector<Corruption> corruptions_of(Domain domain);

/// The step that does it to a series of so many samples.
std::string series_corruption(std::string_view name, double amount, std::size_t samples);

struct CorruptedRows {
  std::string corruption{};
  int severity{};
  Block rows{};
};
/// Rows, each with an id for its draws, at every severity of every corruption that changes any of their cells; the target is
/// left alone. Units (deviations) and words are those of these rows.
std::vector<CorruptedRows> corrupt_rows(const Block& rows, std::span<const std::string> ids);

/// How good a model still is, in percent: its accuracy, or of numbers R², 0 where that is below.
double score_under_corruption(const Predictions& predictions);

}  // namespace leaven::learn

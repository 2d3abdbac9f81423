// The work on one series: read once, make its copies. The job, replay and explain all go through here.
#pragma once

#include <memory>
#include <string>

#include "core/lineage.hpp"
#include "core/series.hpp"
#include "flow/partners.hpp"
#include "io/dataset.hpp"
#include "plan/series/draw_series.hpp"

namespace leaven::flow {

/// What EncodingRecord::format says of a copy of a series: written in the format of its source, or as an array.
inline constexpr const char* kSeriesText = "series";
inline constexpr const char* kSeriesArray = "series_npy";

/// A series as read: its text (or bytes of an array), and what that says.
struct LoadedSeries {
  std::string text{}, digest{};
  std::shared_ptr<const Series> series{};
  SeriesShape shape{};
};
/// Throws Error(data).
LoadedSeries load_series(const io::DatasetReader& reader, const io::Entry& entry);

/// As partner_chooser() and find_partner() for pictures.
plan::ChooseSeries series_chooser(const io::DatasetReader& reader, const PartnerPool& pool, std::uint32_t entry);
plan::FindSeries find_series(const io::DatasetReader& reader);

/// The bytes of a copy, or of the original where `copy` is 0, as they are written and digested.
std::string written_series(const io::DatasetIndex& index, const LoadedSeries& source, const Series& made, std::uint32_t copy, bool array);

/// Runs drawn steps on it.
Series run_series(const plan::DrawnSeries& drawn, const LoadedSeries& source, bool fuse);

}  // namespace leaven::flow

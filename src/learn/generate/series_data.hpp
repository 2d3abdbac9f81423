// Time series as generators see them: as pictures with a row for each channel, values between 0 and 1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "learn/generate/image_model.hpp"

namespace leaven::learn {

/// Training series of a dataset of any format, in the length that most have, at most kMostLength; values as they are. Where they have
/// stamps, those of new series are even: the usual step apart (the median of all series' mean steps), from where all begin, or else
/// on from the last stamp of all. Throws Error(usage) for a dataset without classes, Error(data) for values that float does not hold.
ReadImages read_series(const std::filesystem::path& data, const std::string& format, int threads);
inline constexpr std::size_t kMostLength = 512, kMostChannels = 64;

/// What 0 and 1 stand for, by channel.
struct SeriesScale {
  std::vector<double> lo{}, hi{};
};
/// A little more than what was seen, so that the ends can be reached.
SeriesScale scale_of(const ImageData& series);
void to_unit(ImageData& series, const SeriesScale& scale);

nlohmann::ordered_json to_json(const SeriesScale& scale);
/// Throws Error(data).
SeriesScale scale_from(const nlohmann::ordered_json& json, std::size_t channels);

/// sktime's .ts: what stands before the series, and a line for one of them; `stamps`: where there are some.
std::string ts_head(const std::string& name, const InputShape& shape, const std::vector<std::string>& classes, bool stamped);
std::string ts_line(std::span<const float> values, const InputShape& shape, const SeriesScale& scale, const std::optional<SeriesStamps>& stamps, const std::string& label);

/// Curves as pictures to look at: one above the other for each channel.
ImageData plotted(const ImageData& series);

/// Blocks of random length from series of the class, each from the place in time where it goes: the least that a generator
/// of series must beat.
ImageKind block_bootstrap_kind();

}  // namespace leaven::learn

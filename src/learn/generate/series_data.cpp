#include "learn/generate/series_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "io/dataset.hpp"
#include "io/series_file.hpp"
#include "leaven/parallel.hpp"
#include "learn/series_material.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

namespace {

constexpr double kBeyond = 0.05;  // of the range, at either end
constexpr int kPlotHeight = 32;   // px a channel
constexpr float kLargestValue = 1e37F;  // the range of all of them is still a float

bool has_empty_channel(const Series& series) {
  for (std::size_t c = 0; c < series.channels; ++c)
    if (std::ranges::all_of(series.channel(c), [](double v) { return std::isnan(v); })) return true;
  return false;
}

/// In .ts a class is a word between blanks, and ends at a colon or a comma.
std::string ts_word(std::string text) {
  for (char& c : text)
    if (c == ' ' || c == ':' || c == ',' || c == '\t' || c == '\n') c = '_';
  return text;
}

/// What the stamps of all series have in common.
class StampsSeen {
 public:
  /// `length`: samples that the series is brought to.
  void see(const std::vector<double>& stamps, std::size_t length) {
    ++series_;
    if (stamps.size() < 2 || length < 2) return;
    const double step = (stamps.back() - stamps.front()) / static_cast<double>(stamps.size() - 1);
    for (std::size_t i = 0; i + 1 < stamps.size(); ++i)
      if (std::abs(stamps[i + 1] - stamps[i] - step) > kUneven * step) {
        ++uneven_;
        break;
      }
    steps_.push_back((stamps.back() - stamps.front()) / static_cast<double>(length - 1));
    same_start_ = same_start_ && (steps_.size() == 1 || stamps.front() == start_);
    start_ = stamps.front();
    end_ = std::max(end_, stamps.back());
  }
  std::optional<SeriesStamps> found(std::vector<std::string>& notes) {
    if (steps_.empty()) return std::nullopt;
    if (uneven_ > 0) notes.push_back(fmt::format("stamps of {} of {} series are uneven; those of new series are even", uneven_, series_));
    const auto middle = steps_.begin() + static_cast<std::ptrdiff_t>(steps_.size() / 2);
    std::ranges::nth_element(steps_, middle);
    return SeriesStamps{same_start_ ? start_ : end_ + *middle, *middle};
  }

 private:
  static constexpr double kUneven = 0.01;  // of the mean step
  std::vector<double> steps_{};
  std::size_t series_{}, uneven_{};
  bool same_start_{true};
  double start_{}, end_{-INFINITY};
};

}  // namespace

ReadImages read_series(const std::filesystem::path& data, const std::string& format, int threads) {
  const auto reader = io::open_dataset(data, {.format = format});
  const io::DatasetIndex& index = reader->index();
  if (index.label_kind != io::LabelKind::category) throw usage_error("a generator of series needs one class a series").with_place(data.string());
  std::vector<std::uint32_t> entries;
  for (std::uint32_t e = 0; e < index.entries.size(); ++e)
    if (index.entries[e].split == io::Split::none || index.entries[e].split == io::Split::train) entries.push_back(e);
  std::vector<std::optional<flow::LoadedSeries>> loaded(entries.size());
  std::map<std::size_t, std::size_t> lengths;
  std::mutex mutex;
  for_each_item(entries.size(), threads, [&](std::size_t i) {
    try {
      flow::LoadedSeries one = flow::load_series(*reader, index.entries[entries[i]]);
      if (one.series->length == 0) return;
      const std::lock_guard lock(mutex);
      ++lengths[one.series->length];
      loaded[i] = std::move(one);
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
    }
  });
  if (lengths.empty()) throw data_error("no training series can be read").with_place(data.string());
  const std::size_t usual = std::ranges::max_element(lengths, {}, [](const auto& pair) { return pair.second; })->first, length = std::min(usual, kMostLength);
  ReadImages read;
  std::size_t channels = 0, broken = 0, empty = 0;
  bool marked = false;
  StampsSeen stamps;
  std::string all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!loaded[i]) {
      ++broken;
      continue;
    }
    const Series& series = *loaded[i]->series;
    if (channels == 0) channels = series.channels;
    marked = marked || !series.marks.empty();
    stamps.see(series.stamps, length);
    const InputShape seen{static_cast<int>(length), 1, static_cast<int>(channels)};
    std::vector<float> values(seen.values());
    as_values(series, {std::vector<double>(channels, 0.0), std::vector<double>(channels, 1.0)}, seen, values);
    const io::Entry& entry = index.entries[entries[i]];
    if (!std::ranges::all_of(values, [](float v) { return std::fabs(v) <= kLargestValue; }))
      throw data_error(fmt::format("series {} holds values beyond {:.0e}, more than a generator learns", entry.id, kLargestValue)).with_place(data.string());
    empty += has_empty_channel(series) ? 1 : 0;
    read.data.add(values, entry.label, entry.id);
    read.digests.push_back(loaded[i]->digest);
    all += loaded[i]->digest + index.labels[entry.label] + '\x1f';
  }
  if (channels > kMostChannels) throw usage_error(fmt::format("series have {} channels, a generator takes {}", channels, kMostChannels)).with_place(data.string());
  read.data.shape = {static_cast<int>(length), static_cast<int>(channels), 1};
  read.data.classes = index.labels;
  if (broken > 0) read.notes.push_back(fmt::format("{} series are empty or cannot be read and were left out", broken));
  if (lengths.size() > 1 || usual > kMostLength) read.notes.push_back(fmt::format("all series are learnt and made in a length of {} samples", length));
  if (empty > 0) read.notes.push_back(fmt::format("{} series have a channel without any value, which is learnt and made as 0", empty));
  if (marked) read.notes.push_back("marks are not made up; new series have none");
  read.stamps = stamps.found(read.notes);
  read.digest = digest_of(all.data(), all.size());
  return read;
}

SeriesScale scale_of(const ImageData& series) {
  const auto length = static_cast<std::size_t>(series.shape.width), channels = static_cast<std::size_t>(series.shape.height);
  SeriesScale scale{std::vector<double>(channels, INFINITY), std::vector<double>(channels, -INFINITY)};
  for (std::size_t i = 0; i < series.size(); ++i)
    for (std::size_t c = 0; c < channels; ++c)
      for (const float v : series.of(i).subspan(c * length, length)) scale.lo[c] = std::min<double>(scale.lo[c], v), scale.hi[c] = std::max<double>(scale.hi[c], v);
  for (std::size_t c = 0; c < channels; ++c) {
    const double range = scale.hi[c] - scale.lo[c];
    if (range > 0)
      scale.lo[c] -= kBeyond * range, scale.hi[c] += kBeyond * range;
    else
      scale.lo[c] -= 0.5, scale.hi[c] += 0.5;
  }
  return scale;
}

void to_unit(ImageData& series, const SeriesScale& scale) {
  const auto length = static_cast<std::size_t>(series.shape.width), channels = static_cast<std::size_t>(series.shape.height);
  for (std::size_t i = 0; i < series.pixels.size(); ++i) {
    const std::size_t c = i / length % channels;
    series.pixels[i] = static_cast<float>((series.pixels[i] - scale.lo[c]) / (scale.hi[c] - scale.lo[c]));
  }
}

Json to_json(const SeriesScale& scale) { return {{"lo", scale.lo}, {"hi", scale.hi}}; }

SeriesScale scale_from(const Json& json, std::size_t channels) {
  SeriesScale scale;
  for (const auto& [name, to] : {std::pair("lo", &scale.lo), std::pair("hi", &scale.hi)})
    for (const Json& v : from_card<Json>(json, name)) to->push_back(v.is_number() ? v.get<double>() : NAN);
  bool fits = scale.lo.size() == channels && scale.hi.size() == channels;
  for (std::size_t c = 0; fits && c < channels; ++c) fits = std::isfinite(scale.lo[c]) && std::isfinite(scale.hi[c]) && scale.lo[c] < scale.hi[c];
  if (!fits) throw data_error("the generator's card has a broken range of its series");
  return scale;
}

std::string ts_head(const std::string& name, const InputShape& shape, const std::vector<std::string>& classes, bool stamped) {
  std::string head = fmt::format("@problemName {}\n@timeStamps {}\n@missing false\n@univariate {}\n", ts_word(name), stamped, shape.height == 1);
  if (shape.height > 1) head += fmt::format("@dimensions {}\n", shape.height);
  head += fmt::format("@equalLength true\n@seriesLength {}\n@classLabel true", shape.width);
  for (const std::string& label : classes) head += " " + ts_word(label);
  return head + "\n@data\n";
}

std::string ts_line(std::span<const float> values, const InputShape& shape, const SeriesScale& scale, const std::optional<SeriesStamps>& stamps, const std::string& label) {
  const auto length = static_cast<std::size_t>(shape.width);
  std::string line;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = i / length;
    if (i > 0) line += i % length == 0 ? ':' : ',';
    if (stamps) {
      line += '(';
      io::append_value(line, stamps->start + static_cast<double>(i % length) * stamps->step, io::kExact, "?");
      line += ',';
    }
    io::append_value(line, scale.lo[c] + static_cast<double>(values[i]) * (scale.hi[c] - scale.lo[c]), -1, "?");
    if (stamps) line += ')';
  }
  return line + ":" + ts_word(label) + "\n";
}

ImageData plotted(const ImageData& series) {
  const auto length = static_cast<std::size_t>(series.shape.width), channels = static_cast<std::size_t>(series.shape.height);
  ImageData made{.shape = {series.shape.width, kPlotHeight * series.shape.height, 1}, .classes = series.classes};
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::vector<float> picture(made.shape.values());
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t t = 0; t < length; ++t) {
        // A stroke from the sample before to this one, the greatest value on top.
        const auto place = [&](std::size_t at) { return std::clamp(static_cast<int>(std::nearbyint((1 - series.of(i)[c * length + at]) * (kPlotHeight - 1))), 0, kPlotHeight - 1); };
        const int a = place(t > 0 ? t - 1 : 0), b = place(t);
        for (int y = std::min(a, b); y <= std::max(a, b); ++y) picture[(c * kPlotHeight + static_cast<std::size_t>(y)) * length + t] = 1;
      }
    made.add(picture, series.labels[i], series.ids[i]);
  }
  return made;
}

}  // namespace leaven::learn

// Pictures of one size with one class each, as generators and the gate see them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/raster.hpp"
#include "learn/engine.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

struct ImageData {
  InputShape shape{};
  std::vector<std::string> classes{};
  std::vector<float> pixels{};         ///< in [0, 1], picture after picture, planes of height × width
  std::vector<std::uint32_t> labels{};
  std::vector<std::string> ids{};

  std::size_t size() const { return labels.size(); }
  std::span<const float> of(std::size_t item) const { return std::span(pixels).subspan(item * shape.values(), shape.values()); }
  ImageData picked(std::span<const std::uint32_t> items) const;
  /// Without pictures.
  ImageData like() const { return {shape, classes, {}, {}, {}}; }
  void add(std::span<const float> picture, std::uint32_t label, std::string id);
};

/// When the samples of a new series were taken: the first, and how far apart they are.
struct SeriesStamps {
  double start{}, step{1};
};

struct ReadImages {
  ImageData data{};
  std::vector<std::string> digests{};
  std::string digest{};              ///< of all of them with their classes
  std::vector<std::string> notes{};
  std::optional<SeriesStamps> stamps{};  ///< of series that have some
};
/// The train_part() of a dataset of any format. `side`: 0 as they are, up to 64 px. Throws Error(usage) for a dataset without
/// classes, unless they are ignored: then all pictures are of one class "".
enum class Classes : std::uint8_t { needed, ignored };
ReadImages read_images(const std::filesystem::path& data, const std::string& format, int side, int threads, const std::string& recipe, Classes classes = Classes::needed);

struct ImageSplit {
  std::vector<std::uint32_t> train{}, held_out{};
};
/// Each class is divided by itself, equal pictures go to one side. `per_class`: so many of each class are train, all others are
/// held out; else the share is.
ImageSplit split_images(const ReadImages& read, double held_out, std::optional<std::uint64_t> per_class, std::uint64_t seed);

/// Some pictures of each class that is large enough to spare them, for a training to look at and not to learn from. None are
/// held out where classes are small.
ImageSplit inner_split(const ImageData& data, std::uint64_t seed);

/// The nearest of `among`, of equally near ones the first, and the sum of squared differences to it.
struct NearestImage {
  float squared{};
  std::size_t item{};
};
NearestImage nearest_to(const ImageData& among, std::span<const float> picture);

/// As 8 bits a channel.
Raster raster_of(std::span<const float> picture, const InputShape& shape);

/// The item's picture as a recipe changes it at this visit; as it is where there is no recipe.
void put_augmented(const ImageData& data, std::size_t item, const PictureRecipe* recipe, std::uint64_t seed, std::uint64_t visit, std::span<float> out);

/// Pictures in rows of `columns`, with a pixel between them.
Raster grid_of(std::span<const float> pictures, const InputShape& shape, std::size_t columns);

}  // namespace leaven::learn

// The pictures that a generator learns from, and the generator that a folder holds.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "learn/generate/series_data.hpp"

namespace leaven::learn {

struct SplitImages {
  ImageData train{}, held_out{};
};
/// The two parts as the fit divided them. Throws Error(usage) when the dataset is not the one that was fitted.
SplitImages split_as_fitted(const SavedGenerator& generator, const std::filesystem::path& data, int threads);

/// What the card says of pictures.
struct ImageCard {
  std::string kind{};
  InputShape shape{};
  std::vector<std::string> classes{};
  std::optional<SeriesScale> series{};  ///< it makes series
  std::optional<SeriesStamps> stamps{};  ///< of new series
};
/// Throws Error(data|usage): no generator of pictures, sizes out of bounds.
ImageCard image_card(const SavedGenerator& generator);

/// The recipe whose text the card keeps, ending in the pictures' size; nothing for an empty one.
std::optional<PictureRecipe> picture_recipe(const std::string& text, const InputShape& shape);

void write_grid(const std::filesystem::path& file, std::span<const float> pictures, const InputShape& shape, std::size_t columns);
/// Pictures to look at: curves of series, the others as they are.
ImageData to_look_at(const ImageData& data, bool series);

}  // namespace leaven::learn

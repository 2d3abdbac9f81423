// Classes of too few pictures or series to be learnt: new ones lie between those that there are.
#pragma once

#include <memory>
#include <span>

#include "learn/generate/image_model.hpp"
#include "learn/generate/image_source.hpp"

namespace leaven::learn {

/// Fewer of a class are interpolated.
inline constexpr std::size_t kFewestLearnt = 6;

/// Whether a class of `train` has as many.
bool any_class_is_learnt(const ImageData& train);

/// Whether a kind of this name takes new ones of every class from between those that there are.
bool interpolates(const std::string& kind);

/// `model`, but for classes of which `train` has 1 to 5: their new ones are points between two of them, or that one; its file holds
/// them. Tells of such classes in `notes`. `model` itself where there is none.
std::unique_ptr<ImageModel> with_small_classes(std::unique_ptr<ImageModel> model, const ImageData& train, bool series, std::vector<std::string>& notes);

/// The generator that with_small_classes() saved, or one of a kind as it is. Throws Error(usage|data).
std::unique_ptr<ImageModel> load_image_model(std::span<const ImageKind> kinds, const SavedGenerator& saved, const ImageCard& card);

}  // namespace leaven::learn

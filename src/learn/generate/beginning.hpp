// What a training may begin with in place of drawn numbers: the generator of other classes, or what was learnt from pictures without
// their classes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "learn/generate/image_data.hpp"
#include "learn/generate/saved.hpp"

namespace leaven::learn {

/// Numbers of a generator of the same kind and size.
struct Beginning {
  Tensors tensors{};
  std::size_t classes_there{};
  std::vector<std::optional<std::uint32_t>> classes{};  ///< of each class now, its number there; nothing: a new one
  std::optional<ImageData> pretraining{};               ///< what is still to be learnt from, before there are tensors
};

struct FitOptions;
struct ImageFit;
struct ImageKind;

/// What a fit of `kind` begins with where the options name a generator (`other`, which is loaded) or pictures without classes; `card`
/// gets what the generator's card says of it, `notes` what a person must know. The fit's training and held-out part are those of
/// `split`. Throws Error(usage) where kind or size is another, where the kind does not train step by step, and where it saw what is held out now.
std::optional<Beginning> beginning_of(const FitOptions& options, const std::optional<SavedGenerator>& other, const ImageKind& kind, const ReadImages& read, const ImageSplit& split,
                                      std::vector<std::string>& notes, nlohmann::ordered_json& card);
/// Learns from the pictures of its pretraining, as `fit` will learn from its own. Throws as ImageKind::fit.
void learn_first(Beginning& beginning, const ImageKind& kind, const ImageFit& fit);

}  // namespace leaven::learn

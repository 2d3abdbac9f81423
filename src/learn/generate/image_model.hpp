// Generators of pictures: what fitting, sampling and the gate know of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/engine.hpp"
#include "learn/generate/beginning.hpp"
#include "learn/generate/fit_progress.hpp"
#include "learn/generate/image_data.hpp"
#include "learn/generate/saved.hpp"

namespace leaven::learn {

class ImageModel {
 public:
  virtual ~ImageModel() = default;
  /// Pictures [first, first + count) of the stream `seed` of a class, values in [0, 1], planes. Number and seed alone decide
  /// a picture, within equal machinery. Not to be called by two threads at once.
  virtual std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const = 0;
  /// `count` pictures on the way between two points of the latent space that `seed` draws; none where the kind has no such space.
  virtual std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const;
  /// Its numbers, and its own members of the card.
  virtual void save(SavedGenerator& to) const = 0;
};

class Checkpoint;

struct ImageFit {
  const ImageData& train;
  const PictureRecipe* recipe{};  ///< changes pictures each time that they are shown; null: none
  std::uint64_t seed{};
  std::uint32_t steps{};          ///< 0: the kind's own
  const FitWatch& watch;  ///< now and then
  const std::atomic<bool>& stop;
  std::vector<std::string>& notes;  ///< gets what a person must know
  const Beginning* from{};          ///< what training begins with; null: drawn numbers
  Checkpoint* checkpoint{};         ///< what a stopped training goes on from; null: it cannot
  double guidance{1};               ///< of kinds that can be guided: how far pictures go past what they would be without a class; not 1: learns without classes, too
};

struct ImageKind {
  std::string name{}, summary{};
  /// Throws Error(interrupted), and Error(data) when training breaks down.
  std::function<std::unique_ptr<ImageModel>(const ImageFit&)> fit{};
  /// Throws Error(data).
  std::function<std::unique_ptr<ImageModel>(const SavedGenerator&, const InputShape&, std::uint32_t classes)> load{};
  bool trains{true};  ///< step by step, so that it can begin with the numbers of another generator
  bool guided{};      ///< heeds ImageFit::guidance, and writes it into the card
};

/// The mean of a class, and noise along the principal components of what is left in all classes: the least that a generator
/// must beat.
ImageKind pca_kind();

/// Kinds by name: `auto` is the first. Throws Error(usage) with the nearest.
const ImageKind& kind_named(std::span<const ImageKind> kinds, const std::string& name);

/// Stream of a class's pictures.
Key picture_key(std::uint64_t seed, std::uint32_t label);
/// Which item the `position`-th visit shows, each item once an epoch, and in which epoch.
class ItemOrder {
 public:
  ItemOrder(std::size_t items, std::uint64_t seed) : items_(items), seed_(seed) {}
  std::uint32_t at(std::uint64_t position);
  std::uint64_t epoch(std::uint64_t position) const { return position / items_; }

 private:
  std::size_t items_;
  std::uint64_t seed_, epoch_{~std::uint64_t{0}};
  std::vector<std::uint32_t> order_{};
};

}  // namespace leaven::learn

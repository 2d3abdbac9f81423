// What a model is fed: samples of a dataset, or pictures of a batch, through a recipe that may mix them with one another.
//
//   const leaven::Feed feed(dataset, recipe, chosen);
//   const leaven::Fed sample = feed.draw(chosen[0], {.epoch = 3});
//   sample.run(buffer);
//   sample.shares();                                            // {{class 0, 0.7}, {class 4, 0.3}}
//
// Everything throws leaven::Error and is thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "leaven/dataset.hpp"

namespace leaven {

/// Of a class by its number, how much it counts, in [0, 1].
using ClassShare = std::pair<std::uint32_t, double>;

/// A marked thing of a dataset.
struct FedThing : MarkedThing {
  std::uint32_t category{};  ///< into Feed::categories()
  bool crowd{};              ///< COCO iscrowd, VOC difficult
  Image mask{};              ///< where asked for: u8, 0 and 1, of the result's size; else without data
};
/// All that is marked on a drawn sample.
struct FedMarks {
  std::vector<FedThing> things{};
  std::vector<std::pair<std::string, Image>> masks{};  ///< of the whole image, by name
};

/// A sample, drawn: its pixels are made by run().
class Fed {
 public:
  /// The shape of what comes out, without data.
  ImageView out() const;
  /// Writes rows (or planes) without gaps. Throws Error(data) when the pixels turn out to be broken.
  void run(void* out, Layout layout = Layout::hwc) const;
  /// Of what is seen, in the order of classes; empty where there are no classes.
  std::vector<ClassShare> shares() const;
  /// The target of a regression, of mixed samples their mean; NaN where there is none.
  double number() const;
  /// `masks`: things come with masks, made of their outlines where they have no other.
  FedMarks marks(bool masks = false) const;

  struct Body;
  explicit Fed(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

 private:
  std::shared_ptr<const Body> body_;
};

/// What samples of a dataset may be marked with, as far as looking tells.
struct FedKinds {
  bool things{}, outlines{}, keypoints{};
  std::size_t most_keypoints{};  ///< that have names in one category
};

/// Which draw of a sample.
struct FeedDraw {
  std::uint64_t epoch{};
  std::uint32_t copy{1};
  /// Three colour channels before the recipe sees the picture: grey three times over, alpha left out; one of more than
  /// four channels stays as it is.
  bool rgb{};
};

/// A folder for decoded pictures, from which later epochs take them; on a disk that is quicker than decoding.
struct FeedCache {
  std::filesystem::path folder{};  ///< of its own; empty: no cache
  std::uint64_t most_bytes{};      ///< what is there already is counted; when it is full, what it holds stays
};

class Feed {
 public:
  /// Partners of mixing steps come from `samples`. Throws Error(usage) when a step asks for partners of a class and the
  /// dataset has none.
  /// The same pixels come with and without a cache; Error(environment) when its folder cannot be made.
  Feed(const Dataset& dataset, const Recipe& recipe, const std::vector<std::uint32_t>& samples, const FeedCache& cache = {});

  /// Copy 1 of epoch 0 is the first copy that augment() writes. Throws Error(data) for a broken sample, or when a mark is
  /// lost again and again that the recipe requires; Error(usage) when a step cannot work on it.
  Fed draw(std::size_t index, const FeedDraw& draw = {}) const;

  /// Names by number: one class of a sample, or of several each.
  const std::vector<std::string>& classes() const;
  /// Names of the classes of marked things.
  const std::vector<std::string>& categories() const;
  bool annotated() const;
  FedKinds kinds() const;
  /// Samples may belong to several classes by parts.
  bool soft() const;

  struct Body;

 private:
  std::shared_ptr<const Body> body_;
};

/// Pictures that are drawn side by side and are each other's partners where the recipe mixes.
class Batch {
 public:
  /// As many keys as images; the images' data must stay. A key's label is the picture's class.
  Batch(const Recipe& recipe, std::vector<ImageView> images, std::vector<DrawKey> keys);

  Prepared prepare(std::size_t item) const;
  /// Of each class seen on the result, how much it counts; by their labels.
  std::vector<std::pair<std::string, double>> shares(std::size_t item, const Prepared& prepared) const;

  struct Body;

 private:
  std::shared_ptr<const Body> body_;
};

}  // namespace leaven

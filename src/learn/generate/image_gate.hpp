// The gate for pictures: what new ones are like, whether they are copies, and whether training with them is worth it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "learn/generate/embedding_metrics.hpp"
#include "learn/generate/gate_mix.hpp"
#include "learn/generate/image_data.hpp"
#include "learn/generate/measured_samples.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

/// A classifier whose last hidden layer can be looked at. Draws only from the key that it was made with.
class PictureClassifier {
 public:
  virtual ~PictureClassifier() = default;
  virtual double train(const Batch& batch, double rate) = 0;
  virtual std::vector<float> predict(std::span<const float> pixels) = 0;
  virtual std::vector<float> features(std::span<const float> pixels) = 0;
};
struct ClassifierKind {
  std::string name{}, machinery{};
  std::function<std::unique_ptr<PictureClassifier>(const InputShape&, std::uint32_t classes, Key)> make{};
};

/// Pictures [first, first + count) of a stream of a class: ImageModel::draw().
using PictureSource = std::function<std::vector<float>(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count)>;

struct ImageGateOptions {
  std::uint32_t steps{400};           ///< of each training, 32 pictures each
  std::uint32_t seeds{6};
  bool series{};                      ///< they are series: told so, and shown as curves
  const PictureRecipe* recipe{};      ///< of real pictures, each time that they are shown; null: none
  int threads{};
  double nearer_train{0.55}, agreement{0.7};  ///< as GateLimits
  std::function<void(std::uint32_t done, std::uint32_t all)> watch{};  ///< after each training, one call at a time
};

struct ImageGate {
  std::size_t train{}, held_out{}, made{};
  double frechet{}, frechet_of_train{}, kernel{};   ///< from held-out pictures
  Manifold manifold{};
  double nearer_train{-1};
  double near_ones{};                               ///< how many different real pictures are the nearest of new ones (inverse Simpson index)
  std::size_t copies{};
  std::vector<MeasuredSamples> measured{};          ///< held-out ones as real; last: distance to the nearest that it saw
  double teacher_made{}, teacher_held_out{};        ///< percent
  double made_score{}, real_score{};                ///< accuracy on held-out pictures after training on new ones, on real ones
  std::vector<GateMix> mixes{};
  std::size_t best{};
  std::vector<std::string> reasons{}, notes{};
  bool series{};
  const char* many() const { return series ? "series" : "pictures"; }
  bool accepted() const { return reasons.empty(); }
};

/// Throws Error(interrupted) when `stop` is set, Error(data) when too few pictures are held out.
ImageGate judge_images(const ImageData& train, const ImageData& held_out, const PictureSource& draw, const ClassifierKind& classifier, const ImageGateOptions& options, const std::atomic<bool>& stop);

std::string gate_text(const ImageGate& gate);
/// `made`: a few pictures of each class; `walks`: rows of them through latent space; `training`: of the generator.
std::string gate_page(const ImageGate& gate, const ImageData& train, const ImageData& made, const ImageData& walks, const TrainingRecord& training, const std::string& title);

}  // namespace leaven::learn

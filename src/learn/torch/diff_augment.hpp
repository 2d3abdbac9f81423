// Changes that real and new pictures go through alike before they are judged, and that gradients pass (Zhao et al. 2020,
// "Differentiable augmentation for data-efficient GAN training"); how often is set by how sure the judge is (Karras et al. 2020).
#pragma once

#include <torch/torch.h>

#include "core/key.hpp"
#include "learn/generate/carried.hpp"

namespace leaven::learn {

/// Brightness, saturation (of colours) and contrast, moves by up to an eighth of a side, a hidden square of half the sides;
/// each happens to a picture with chance `strength`. Pictures in [−1, 1], B × channels × height × width; what moves in is 0.
/// Key and `first` (number of the first picture) alone decide what happens; strength 0 changes nothing.
torch::Tensor diff_augmented(const torch::Tensor& pictures, double strength, Key key, std::uint64_t first);

/// The strength, from 0 up to where changes begin to show in new pictures.
class AdaptiveStrength {
 public:
  /// Scores of real pictures, above 0 where they were taken for real.
  void see(const torch::Tensor& real_scores);
  double value() const { return value_; }
  /// Mean sign of real scores lately: 1, the judge knows them all.
  double sureness() const { return sureness_; }
  void carry(Carried& state, const std::string& name);

  static constexpr double kWanted = 0.6, kMost = 0.8;
  static constexpr double kPicturesToOne = 100'000;  ///< from 0 to 1 when every batch asks for more
  static constexpr int kBatchesAStep = 4;

 private:
  double value_{}, sureness_{}, sum_{};
  int batches_{};
  std::int64_t pictures_{};
};

}  // namespace leaven::learn

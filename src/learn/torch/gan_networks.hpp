// The two networks of adversarial training, of the size of DCGAN (Radford et al. 2016): one paints, one judges.
#pragma once

#include <torch/torch.h>

#include "learn/learner.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

/// How often sides are halved until they are a quarter of 32 px or less.
int halvings(const InputShape& shape);

/// From noise and class to a picture: transposed convolutions, each picture normalised by itself with gains of its class.
class Painter {
 public:
  Painter(const InputShape& shape, std::int64_t classes, Key key);
  /// Pictures in [−1, 1].
  torch::Tensor paint(const torch::Tensor& z, const torch::Tensor& labels) const;

  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  static constexpr std::int64_t kNoise = 64;

 private:
  torch::Tensor normed(const torch::Tensor& x, const torch::Tensor& labels, std::size_t gains) const;
  std::int64_t height_at(int level) const { return side_at(shape_.height, level); }
  std::int64_t width_at(int level) const { return side_at(shape_.width, level); }
  static std::int64_t side_at(std::int64_t side, int level);

  struct Step {
    std::size_t up{}, gains{};
    int level{};  ///< how often its result's sides are halved
  };
  InputShape shape_;
  std::int64_t classes_, deepest_{};
  Parameters parameters_;
  std::size_t begin_{}, begin_gains_{}, end_{};
  std::vector<Step> steps_{};
};

/// From a picture to a score, with a part for the class (projection, Miyato and Koyama 2018).
class Judge {
 public:
  /// `spectral`: each layer is divided by its largest singular value (Miyato et al. 2018).
  Judge(const InputShape& shape, std::int64_t classes, bool spectral, Key key);
  /// One score a picture, the greater the more real.
  torch::Tensor judge(const torch::Tensor& pictures, const torch::Tensor& labels) const;
  /// A round of power iteration with each layer, before each step.
  void follow_norms();
  void carry(Carried& state, const std::string& name);

  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }

 private:
  torch::Tensor weight(std::size_t layer) const;
  struct Norm {
    std::size_t layer{};
    torch::Tensor left{}, right{};
  };
  bool spectral_;
  Parameters parameters_;
  std::vector<std::size_t> layers_{};
  std::size_t score_{}, of_class_{};
  std::vector<Norm> norms_{};
};

}  // namespace leaven::learn

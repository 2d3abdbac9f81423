#include "learn/torch/diff_augment.hpp"

#include <algorithm>

#include "learn/torch/parameters.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kDrawsAPicture = 16;
constexpr double kLongestMove = 0.125, kHiddenSide = 0.5;  // parts of a side

/// Moves along one axis by whole pixels of each picture's own; what comes from outside is 0.
torch::Tensor moved(const torch::Tensor& x, std::int64_t axis, const torch::Tensor& by) {
  const std::int64_t side = x.size(axis);
  std::vector<std::int64_t> shape(4, 1);
  shape[static_cast<std::size_t>(axis)] = side;
  const torch::Tensor from = torch::arange(side, torch::kLong).view(shape) + by.view({-1, 1, 1, 1});
  const torch::Tensor inside = from.ge(0).logical_and(from.lt(side)).to(torch::kFloat);
  return x.gather(axis, from.clamp(0, side - 1).expand_as(x)) * inside;
}

torch::Tensor within(std::int64_t side, std::int64_t axis, const torch::Tensor& middle, double length) {
  std::vector<std::int64_t> shape(4, 1);
  shape[static_cast<std::size_t>(axis)] = side;
  return (torch::arange(side, torch::kFloat).view(shape) + 0.5 - middle.view({-1, 1, 1, 1}) * side).abs().lt(length / 2).to(torch::kFloat);
}

}  // namespace

torch::Tensor diff_augmented(const torch::Tensor& pictures, double strength, Key key, std::uint64_t first) {
  if (strength <= 0) return pictures;
  const torch::Tensor u = uniforms(key, first * kDrawsAPicture, {pictures.size(0), kDrawsAPicture});
  // Draw `i`, and whether the change that takes it happens at all.
  const auto law = [&](std::int64_t i) { return u.select(1, i); };
  const auto happens = [&](std::int64_t i) { return u.select(1, i).lt(strength).to(torch::kFloat); };
  const auto by_picture = [](const torch::Tensor& t) { return t.view({-1, 1, 1, 1}); };
  const std::int64_t height = pictures.size(2), width = pictures.size(3);

  torch::Tensor x = pictures + by_picture((law(0) - 0.5) * happens(1));
  if (pictures.size(1) > 1) {
    const torch::Tensor grey = x.mean(1, true);
    x = grey + (x - grey) * by_picture(1 + (2 * law(2) - 1) * happens(3));
  }
  const torch::Tensor mean = x.mean({1, 2, 3}, true);
  x = mean + (x - mean) * by_picture(1 + (law(4) - 0.5) * happens(5));
  const auto move = [&](std::int64_t i, std::int64_t side) { return ((2 * law(i) - 1) * happens(6) * (kLongestMove * static_cast<double>(side))).round().to(torch::kLong); };
  x = moved(moved(x, 2, move(7, height)), 3, move(8, width));
  const torch::Tensor hidden = within(height, 2, law(9), kHiddenSide * static_cast<double>(height)) * within(width, 3, law(10), kHiddenSide * static_cast<double>(width));
  return x * (1 - hidden * by_picture(happens(11)));
}

void AdaptiveStrength::see(const torch::Tensor& real_scores) {
  sum_ += real_scores.detach().sign().mean().item<double>();
  pictures_ += real_scores.size(0);
  if (++batches_ < kBatchesAStep) return;
  sureness_ = sum_ / batches_;
  const double step = static_cast<double>(pictures_) / kPicturesToOne;
  value_ = std::clamp(value_ + (sureness_ > kWanted ? step : -step), 0.0, kMost);
  sum_ = 0, batches_ = 0, pictures_ = 0;
}

void AdaptiveStrength::carry(Carried& state, const std::string& name) {
  state.value(name + ".value", value_), state.value(name + ".sureness", sureness_), state.value(name + ".sum", sum_);
  state.value(name + ".batches", batches_), state.value(name + ".pictures", pictures_);
}

}  // namespace leaven::learn

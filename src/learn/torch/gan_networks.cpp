#include "learn/torch/gan_networks.hpp"

#include <algorithm>

namespace leaven::learn {

namespace {

constexpr std::int64_t kGroups = 4, kMostPainted = 96, kMostJudged = 128;

/// Channels after being halved `level` times; large pictures begin narrower, as most of the work lies there.
std::int64_t painted_channels(int levels, int level) { return std::min<std::int64_t>(kMostPainted, (levels <= 2 ? 24 : 12) << level); }
std::int64_t judged_channels(int levels, int level) { return std::min<std::int64_t>(kMostJudged, (levels <= 2 ? 32 : 24) << level); }

}  // namespace

int halvings(const InputShape& shape) {
  const int side = std::max(shape.width, shape.height);
  return side <= 32 ? 2 : side <= 64 ? 3 : 4;
}

std::int64_t Painter::side_at(std::int64_t side, int level) {
  for (int i = 0; i < level; ++i) side = (side + 1) / 2;
  return side;
}

Painter::Painter(const InputShape& shape, std::int64_t classes, Key key) : shape_(shape), classes_(classes), parameters_(key) {
  const int levels = halvings(shape);
  const auto gains = [&](const std::string& name, std::int64_t channels) {
    const std::size_t made = parameters_.add(name, torch::zeros({classes, 2 * channels}));
    parameters_.belongs_to_classes(made, 0, 0);
    return made;
  };
  deepest_ = painted_channels(levels, levels);
  begin_ = parameters_.add_layer("painter.begin", {deepest_ * height_at(levels) * width_at(levels), kNoise + classes});
  parameters_.belongs_to_classes(begin_, 1, kNoise);
  begin_gains_ = gains("painter.begin.gains", deepest_);
  std::int64_t channels = deepest_;
  for (int level = levels - 1; level >= 0; --level) {
    const std::string name = "painter.up." + std::to_string(levels - 1 - level);
    const std::int64_t next = painted_channels(levels, level);
    // The weight of a transposed convolution names its input first; its bias belongs to the output.
    const double bound = 1 / std::sqrt(4.0 * static_cast<double>(channels));  // four of the sixteen taps meet in a pixel
    const std::size_t up = parameters_.add(name + ".weight", (2 * uniforms(parameters_.key_of(name), 0, {channels, next, 4, 4}) - 1) * bound);
    parameters_.add(name + ".bias", torch::zeros({next}));
    steps_.push_back({up, gains(name + ".gains", next), level});
    channels = next;
  }
  end_ = parameters_.add_layer("painter.end", {shape.channels, channels, 3, 3});
}

torch::Tensor Painter::normed(const torch::Tensor& x, const torch::Tensor& labels, std::size_t gains) const {
  const std::int64_t channels = x.size(1);
  const torch::Tensor own = parameters_.w(gains).index_select(0, labels).unsqueeze(2).unsqueeze(3);
  return torch::relu(torch::group_norm(x, kGroups) * (1 + own.slice(1, 0, channels)) + own.slice(1, channels, 2 * channels));
}

torch::Tensor Painter::paint(const torch::Tensor& z, const torch::Tensor& labels) const {
  const int levels = halvings(shape_);
  const torch::Tensor c = torch::zeros({z.size(0), classes_}).scatter_(1, labels.unsqueeze(1), 4.0);
  torch::Tensor h = parameters_.linear(torch::cat({z, c}, 1), begin_).view({-1, deepest_, height_at(levels), width_at(levels)});
  h = normed(h, labels, begin_gains_);
  for (const Step& step : steps_) {
    h = torch::conv_transpose2d(h, parameters_.w(step.up), parameters_.w(step.up + 1), 2, 1);
    h = normed(h.slice(2, 0, height_at(step.level)).slice(3, 0, width_at(step.level)), labels, step.gains);
  }
  return torch::tanh(parameters_.conv(h, end_));
}

Judge::Judge(const InputShape& shape, std::int64_t classes, bool spectral, Key key) : spectral_(spectral), parameters_(key) {
  const int levels = halvings(shape);
  std::int64_t channels = shape.channels;
  for (int level = 0; level <= levels; ++level) {
    const std::int64_t next = judged_channels(levels, level);
    layers_.push_back(parameters_.add_layer("judge." + std::to_string(level), {next, channels, 3, 3}));
    channels = next;
  }
  score_ = parameters_.add_layer("judge.score", {1, channels});
  of_class_ = parameters_.add("judge.class", (2 * uniforms(parameters_.key_of("class"), 0, {classes, channels}) - 1) / std::sqrt(static_cast<double>(channels)));
  parameters_.belongs_to_classes(of_class_, 0, 0);
  std::vector<std::size_t> all = layers_;
  all.push_back(score_), all.push_back(of_class_);
  if (!spectral) return;
  for (const std::size_t layer : all) norms_.push_back({layer, normals(parameters_.key_of("norm"), layer * 4096, {parameters_.w(layer).size(0)}), {}});
  for (int round = 0; round < 5; ++round) follow_norms();
}

void Judge::follow_norms() {
  const torch::NoGradGuard no_gradients;
  for (Norm& norm : norms_) {
    const torch::Tensor matrix = parameters_.w(norm.layer).flatten(1);
    norm.right = torch::mv(matrix.t(), norm.left);
    norm.right /= norm.right.norm() + 1e-12;
    norm.left = torch::mv(matrix, norm.right);
    norm.left /= norm.left.norm() + 1e-12;
  }
}

void Judge::carry(Carried& state, const std::string& name) {
  parameters_.carry(state, name);
  // The vectors on the right are made from those on the left before they are used.
  for (Norm& norm : norms_) learn::carry(state, name + ".norm." + std::to_string(norm.layer), norm.left);
}

torch::Tensor Judge::weight(std::size_t layer) const {
  const torch::Tensor& own = parameters_.w(layer);
  if (!spectral_) return own;
  const Norm& norm = *std::ranges::find(norms_, layer, &Norm::layer);
  return own / torch::dot(norm.left, torch::mv(own.flatten(1), norm.right));
}

torch::Tensor Judge::judge(const torch::Tensor& pictures, const torch::Tensor& labels) const {
  torch::Tensor h = pictures;
  for (const std::size_t layer : layers_) h = torch::leaky_relu(torch::conv2d(h, weight(layer), parameters_.w(layer + 1), 2, 1), 0.1);
  h = h.sum({2, 3});
  return torch::linear(h, weight(score_), parameters_.w(score_ + 1)).squeeze(1) + (weight(of_class_).index_select(0, labels) * h).sum(1);
}

}  // namespace leaven::learn

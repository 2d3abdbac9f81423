// Conditional variational autoencoders (Kingma and Welling 2014; Sohn et al. 2015), of layers or of convolutions.
#include <cmath>

#include "core/error.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 64, kDecodeAtOnce = 64;
constexpr std::uint32_t kLayerSteps = 2500, kConvSteps = 1500, kShows = 10;
constexpr double kRate = 1e-3;
constexpr double kWarmUp = 0.1;          // share of the steps over which the weight of the divergence rises to 1
constexpr double kLoudness = 4;           // of the class beside z, whose length is about √16: as quiet as 1, z would carry the class too
constexpr double kLeastDivergence = 0.1; // nats: below, the decoder ignores what it is given

struct Posterior {
  torch::Tensor mean{}, log_variance{};
};

class Vae : public ImageModel {
 public:
  Vae(const InputShape& shape, std::uint32_t classes, std::int64_t latent, Key key) : shape_(shape), classes_(classes), latent_(latent), parameters_(key) {}

  void fit(const ImageFit& f, std::uint32_t usual_steps) {
    torch::set_num_threads(1);
    const std::uint32_t steps = f.steps > 0 ? f.steps : usual_steps;
    torch::optim::Adam optimizer(parameters_.all(), torch::optim::AdamOptions(kRate));
    ItemOrder order(f.train.size(), f.seed);
    const Key noise = parameters_.key_of("noise");
    double divergence = 0, shown_loss = 0;
    std::uint32_t since = 0;
    for (std::uint32_t step = 0; step < steps; ++step) {
      if (f.stop) throw Error(Fault::interrupted, "stopped; no generator was written");
      for (auto& group : optimizer.param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(kRate * (0.5 + 0.5 * std::cos(M_PI * step / steps)));
      auto [x, c] = batch(f, order, step);
      const Posterior q = encode(x, c);
      const torch::Tensor z = q.mean + torch::exp(q.log_variance / 2) * normals(noise, static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(kBatch * latent_), {kBatch, latent_});
      const torch::Tensor kl = -0.5 * (1 + q.log_variance - q.mean.pow(2) - q.log_variance.exp()).sum(1).mean();
      const double weight = std::min(1.0, (step + 1) / (kWarmUp * steps));
      const torch::Tensor loss = misfit(decode(z, c), x) + weight * kl;
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      const double value = loss.item<double>();
      if (!std::isfinite(value)) throw data_error("training broke down: the loss became " + std::to_string(value) + " at step " + std::to_string(step + 1)).with_hint("another --seed, or fewer --steps");
      divergence = kl.item<double>(), shown_loss += value, ++since;
      if ((step + 1) % std::max(1U, steps / kShows) == 0) {
        f.watch({step + 1, steps, shown_loss / since, this});
        shown_loss = 0, since = 0;
      }
    }
    if (divergence < kLeastDivergence) f.notes.push_back("the posterior collapsed: pictures of a class differ in nothing");
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    torch::set_num_threads(1);
    const torch::NoGradGuard no_gradients;
    const Key key = picture_key(seed, label);
    std::vector<float> made;
    made.reserve(count * shape_.values());
    // Always whole batches from the same places: what a matrix product gives for a row may depend on its batch.
    const auto at_once = static_cast<std::uint64_t>(kDecodeAtOnce), end = first + count;
    for (std::uint64_t from = first / at_once * at_once; from < end; from += at_once) {
      const torch::Tensor z = normals(key, from * static_cast<std::uint64_t>(latent_), {kDecodeAtOnce, latent_});
      torch::Tensor c = torch::zeros({kDecodeAtOnce, classes_});
      c.select(1, label).fill_(kLoudness);
      const torch::Tensor pictures = torch::sigmoid(decode(z, c)).contiguous();
      const std::uint64_t begin = std::max(first, from) - from, stop = std::min(end, from + at_once) - from;
      made.insert(made.end(), pictures.data_ptr<float>() + begin * shape_.values(), pictures.data_ptr<float>() + stop * shape_.values());
    }
    return made;
  }

  void save(SavedGenerator& to) const override { parameters_.save(to.tensors); }
  void load(const SavedGenerator& from) { parameters_.load(from.tensors); }

 protected:
  virtual Posterior encode(const torch::Tensor& x, const torch::Tensor& c) const = 0;
  /// Logits, planes in a row.
  virtual torch::Tensor decode(const torch::Tensor& z, const torch::Tensor& c) const = 0;
  Posterior halves(const torch::Tensor& both) const { return {both.slice(1, 0, latent_), both.slice(1, latent_, 2 * latent_).clamp(-12, 12)}; }

  std::int64_t values() const { return static_cast<std::int64_t>(shape_.values()); }
  InputShape shape_;
  std::int64_t classes_, latent_;
  Parameters parameters_;

 private:
  std::pair<torch::Tensor, torch::Tensor> batch(const ImageFit& f, ItemOrder& order, std::uint32_t step) const {
    torch::Tensor x = torch::empty({kBatch, values()}), c = torch::zeros({kBatch, classes_});
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const std::uint64_t position = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(kBatch) + static_cast<std::uint64_t>(i);
      const std::uint32_t item = order.at(position);
      put_augmented(f.train, item, f.recipe, f.seed, position, {x.data_ptr<float>() + i * values(), shape_.values()});
      c[i][f.train.labels[item]] = kLoudness;
    }
    return {x, c};
  }

  /// Grey pictures: each value as the chance of white. Colours: normal noise of the one deviation that fits best (Rybkin et
  /// al. 2021).
  torch::Tensor misfit(const torch::Tensor& logits, const torch::Tensor& x) const {
    if (shape_.channels == 1) return torch::binary_cross_entropy_with_logits(logits, x, {}, {}, at::Reduction::Sum) / x.size(0);
    return (torch::sigmoid(logits) - x).pow(2).mean().clamp_min(1e-6).log() * (0.5 * static_cast<double>(values()));
  }
};

/// One hidden layer of 256 on either side.
class LayerVae final : public Vae {
 public:
  LayerVae(const InputShape& shape, std::uint32_t classes, Key key) : Vae(shape, classes, 16, key) {
    seen_ = parameters_.add_layer("encoder.0", {kHidden, values() + classes_});
    code_ = parameters_.add_layer("encoder.1", {2 * latent_, kHidden});
    back_ = parameters_.add_layer("decoder.0", {kHidden, latent_ + classes_});
    made_ = parameters_.add_layer("decoder.1", {values(), kHidden});
  }

 protected:
  Posterior encode(const torch::Tensor& x, const torch::Tensor& c) const override {
    return halves(parameters_.linear(torch::relu(parameters_.linear(torch::cat({x, c}, 1), seen_)), code_));
  }
  torch::Tensor decode(const torch::Tensor& z, const torch::Tensor& c) const override {
    return parameters_.linear(torch::relu(parameters_.linear(torch::cat({z, c}, 1), back_)), made_);
  }

 private:
  static constexpr std::int64_t kHidden = 256;
  std::size_t seen_{}, code_{}, back_{}, made_{};
};

/// Two convolutions of stride 2 down, two after doubling the size up.
class ConvVae final : public Vae {
 public:
  ConvVae(const InputShape& shape, std::uint32_t classes, Key key) : Vae(shape, classes, 32, key) {
    down_1_ = parameters_.add_layer("encoder.0", {32, shape.channels, 3, 3});
    down_2_ = parameters_.add_layer("encoder.1", {64, 32, 3, 3});
    seen_ = parameters_.add_layer("encoder.2", {kHidden, 64 * small_height() * small_width() + classes_});
    code_ = parameters_.add_layer("encoder.3", {2 * latent_, kHidden});
    back_ = parameters_.add_layer("decoder.0", {kHidden, latent_ + classes_});
    grown_ = parameters_.add_layer("decoder.1", {64 * small_height() * small_width(), kHidden});
    up_1_ = parameters_.add_layer("decoder.2", {32, 64, 3, 3});
    up_2_ = parameters_.add_layer("decoder.3", {32, 32, 3, 3});
    made_ = parameters_.add_layer("decoder.4", {shape.channels, 32, 3, 3});
  }

 protected:
  Posterior encode(const torch::Tensor& x, const torch::Tensor& c) const override {
    torch::Tensor h = x.view({-1, shape_.channels, shape_.height, shape_.width});
    h = torch::leaky_relu(parameters_.conv(h, down_1_, 2), 0.1);
    h = torch::leaky_relu(parameters_.conv(h, down_2_, 2), 0.1).flatten(1);
    return halves(parameters_.linear(torch::leaky_relu(parameters_.linear(torch::cat({h, c}, 1), seen_), 0.1), code_));
  }
  torch::Tensor decode(const torch::Tensor& z, const torch::Tensor& c) const override {
    torch::Tensor h = torch::leaky_relu(parameters_.linear(torch::cat({z, c}, 1), back_), 0.1);
    h = torch::leaky_relu(parameters_.linear(h, grown_), 0.1).view({-1, 64, small_height(), small_width()});
    h = torch::upsample_nearest2d(h, {(shape_.height + 1) / 2, (shape_.width + 1) / 2});
    h = torch::leaky_relu(parameters_.conv(h, up_1_), 0.1);
    h = torch::upsample_nearest2d(h, {shape_.height, shape_.width});
    h = torch::leaky_relu(parameters_.conv(h, up_2_), 0.1);
    return parameters_.conv(h, made_).flatten(1);
  }

 private:
  static constexpr std::int64_t kHidden = 128;
  std::int64_t small_height() const { return (shape_.height + 3) / 4; }
  std::int64_t small_width() const { return (shape_.width + 3) / 4; }
  std::size_t down_1_{}, down_2_{}, seen_{}, code_{}, back_{}, grown_{}, up_1_{}, up_2_{}, made_{};
};

std::unique_ptr<Vae> made(bool convolutions, const InputShape& shape, std::uint32_t classes, std::uint64_t seed) {
  const Key key = KeyMaker({.seed = seed}).key("generate", "vae");
  if (convolutions) return std::make_unique<ConvVae>(shape, classes, key);
  return std::make_unique<LayerVae>(shape, classes, key);
}

}  // namespace

ImageKind vae_kind(bool convolutions) {
  return {convolutions ? "conv_cvae" : "cvae", convolutions ? "conditional variational autoencoder of convolutions" : "conditional variational autoencoder with one hidden layer of 256",
          [convolutions](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = made(convolutions, fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()), fit.seed);
            model->fit(fit, convolutions ? kConvSteps : kLayerSteps);
            return model;
          },
          [convolutions](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = made(convolutions, shape, classes, 0);
            model->load(saved);
            return model;
          }};
}

}  // namespace leaven::learn

// Conditional variational autoencoders (Kingma and Welling 2014; Sohn et al. 2015), of layers or of convolutions.
#include <cmath>

#include "learn/torch/conv_coder.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/step_loop.hpp"

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
  Vae(const InputShape& shape, std::uint32_t classes, std::int64_t latent, bool series, Key key)
      : shape_(shape), classes_(classes), latent_(latent), series_(series), parameters_(key) {
    if (series_) rest_ = parameters_.add("rest", torch::zeros({values()}));
  }

  void fit(const ImageFit& f, std::uint32_t usual_steps) {
    torch::set_num_threads(1);
    if (f.from) parameters_.begin_from(*f.from);
    StepLoop loop(f.steps > 0 ? f.steps : usual_steps, kShows, f.stop, f.checkpoint);
    Descent descent(parameters_, kRate);
    ShownPictures shown(f, kBatch);
    BestLook best(parameters_);
    const Key noise = parameters_.key_of("noise");
    double divergence = 0;
    loop.carries("weights", parameters_);
    loop.carries("descent", descent);
    loop.carries("best", best);
    loop.carries("divergence", divergence);
    while (loop.goes_on()) {
      const std::uint32_t step = loop.step();
      const Bound bound = bound_of(shown.at(step), noise, static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(kBatch * latent_));
      const double weight = std::min(1.0, (step + 1) / (kWarmUp * loop.steps()));
      const torch::Tensor loss = bound.misfit + weight * bound.divergence;
      descent.down(loss, loop.rate());
      divergence = bound.divergence.item<double>();
      if (!loop.ends_with(loss.item<double>())) continue;
      std::optional<double> score;
      if (shown.has_unseen()) score = unseen_loss(shown.unseen());
      f.watch({loop.step(), loop.steps(), loop.mean_loss(), score, this});
      if (!best.goes_on(score, loop.step())) break;
    }
    best.put_back(loop.step(), loop.steps(), f.notes);
    if (series_) find_rest(f, shown);
    if (divergence < kLeastDivergence) f.notes.push_back("the posterior collapsed: pictures of a class differ in nothing");
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const Key key = picture_key(seed, label);
    return drawn_in_batches(shape_, first, count, kDecodeAtOnce, [&](std::uint64_t from) {
      const torch::Tensor z = normals(key, from * static_cast<std::uint64_t>(latent_), {kDecodeAtOnce, latent_});
      const torch::Tensor mean = torch::sigmoid(decode(z, one_hot(torch::full({kDecodeAtOnce}, static_cast<std::int64_t>(label), torch::kLong), classes_, kLoudness)));
      if (!series_) return mean;
      const Key own = KeyMaker({.seed = key.low, .epoch = key.high}).key("rest", {});
      return mean + parameters_.w(rest_) * normals(own, from * static_cast<std::uint64_t>(values()), {kDecodeAtOnce, values()});
    });
  }

  std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const override {
    return drawn_in_batches(shape_, 0, count, count, [&](std::uint64_t) {
      const auto steps = static_cast<std::int64_t>(count);
      return torch::sigmoid(decode(arc(picture_key(seed, label), {latent_}, steps), one_hot(torch::full({steps}, static_cast<std::int64_t>(label), torch::kLong), classes_, kLoudness)));
    });
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
  bool series_;         ///< values are normal, and what the decoder does not explain is drawn as noise
  Parameters parameters_;
  std::size_t rest_{};  ///< deviation of each value about what is decoded

 private:
  /// The two parts of the bound on the likelihood, means over the batch.
  struct Bound {
    torch::Tensor misfit{}, divergence{};
  };
  Bound bound_of(const PictureBatch& batch, Key noise, std::uint64_t first) const {
    const torch::Tensor x = batch.pictures.flatten(1), c = one_hot(batch.labels, classes_, kLoudness);
    const Posterior q = encode(x, c);
    const torch::Tensor z = q.mean + torch::exp(q.log_variance / 2) * normals(noise, first, {x.size(0), latent_});
    return {misfit(decode(z, c), x), -0.5 * (1 + q.log_variance - q.mean.pow(2) - q.log_variance.exp()).sum(1).mean()};
  }
  /// Measured on pictures that were not shown where there are any: those that were are explained too well.
  void find_rest(const ImageFit& f, const ShownPictures& shown) {
    const torch::NoGradGuard no_gradients;
    torch::Tensor squares = torch::zeros({values()});
    const auto add = [&](const torch::Tensor& x, const torch::Tensor& labels) {
      const torch::Tensor c = one_hot(labels, classes_, kLoudness);
      squares += (torch::sigmoid(decode(encode(x, c).mean, c)) - x).pow(2).sum(0);
    };
    auto count = static_cast<double>(f.train.size());
    if (shown.has_unseen()) {
      count = static_cast<double>(shown.unseen().labels.size(0));
      add(shown.unseen().pictures.flatten(1), shown.unseen().labels);
    } else {
      for (std::size_t i = 0; i < f.train.size(); ++i)
        add(torch::from_blob(const_cast<float*>(f.train.of(i).data()), {1, values()}), torch::full({1}, static_cast<std::int64_t>(f.train.labels[i]), torch::kLong));
    }
    torch::Tensor rest = parameters_.w(rest_);  // the same numbers: tensors are handles
    rest.copy_((squares / count).sqrt());
  }
  double unseen_loss(const PictureBatch& unseen) const {
    const torch::NoGradGuard no_gradients;
    const Bound bound = bound_of(unseen, parameters_.key_of("unseen"), 0);
    return (bound.misfit + bound.divergence).item<double>();
  }

  /// Grey pictures: each value as the chance of white. Colours: normal noise of the one deviation that fits best (Rybkin et
  /// al. 2021).
  torch::Tensor misfit(const torch::Tensor& logits, const torch::Tensor& x) const {
    if (shape_.channels == 1 && !series_) return torch::binary_cross_entropy_with_logits(logits, x, {}, {}, at::Reduction::Sum) / x.size(0);
    return (torch::sigmoid(logits) - x).pow(2).mean().clamp_min(1e-6).log() * (0.5 * static_cast<double>(values()));
  }
};

/// One hidden layer of 256 on either side.
class LayerVae final : public Vae {
 public:
  LayerVae(const InputShape& shape, std::uint32_t classes, bool series, Key key) : Vae(shape, classes, 16, series, key) {
    seen_ = parameters_.add_layer("encoder.0", {kHidden, values() + classes_});
    parameters_.belongs_to_classes(seen_, 1, values());
    code_ = parameters_.add_layer("encoder.1", {2 * latent_, kHidden});
    back_ = parameters_.add_layer("decoder.0", {kHidden, latent_ + classes_});
    parameters_.belongs_to_classes(back_, 1, latent_);
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

class ConvVae final : public Vae {
 public:
  ConvVae(const InputShape& shape, std::uint32_t classes, Key key) : Vae(shape, classes, 32, false, key), coder_(parameters_, shape, classes, latent_, 2 * latent_) {}

 protected:
  Posterior encode(const torch::Tensor& x, const torch::Tensor& c) const override { return halves(coder_.encode(x, c)); }
  torch::Tensor decode(const torch::Tensor& z, const torch::Tensor& c) const override { return coder_.decode(z, c); }

 private:
  ConvCoder coder_;
};

enum class Variant : std::uint8_t { layers, convolutions, series };

std::unique_ptr<Vae> made(Variant variant, const InputShape& shape, std::uint32_t classes, std::uint64_t seed) {
  const Key key = KeyMaker({.seed = seed}).key("generate", "vae");
  if (variant == Variant::convolutions) return std::make_unique<ConvVae>(shape, classes, key);
  return std::make_unique<LayerVae>(shape, classes, variant == Variant::series, key);
}

ImageKind kind_of(Variant variant, const char* name, const char* summary) {
  return {name, summary,
          [variant](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = made(variant, fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()), fit.seed);
            model->fit(fit, variant == Variant::convolutions ? kConvSteps : kLayerSteps);
            return model;
          },
          [variant](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = made(variant, shape, classes, 0);
            model->load(saved);
            return model;
          }};
}

}  // namespace

ImageKind vae_kind(bool convolutions) {
  return convolutions ? kind_of(Variant::convolutions, "conv_cvae", "conditional variational autoencoder of convolutions")
                      : kind_of(Variant::layers, "cvae", "conditional variational autoencoder with one hidden layer of 256");
}

ImageKind series_vae_kind() { return kind_of(Variant::series, "series_vae", "conditional variational autoencoder of series, with what it does not explain as noise"); }

}  // namespace leaven::learn

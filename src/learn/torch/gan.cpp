// Adversarial generators of pictures of a class: with hinge loss and spectral norm (Miyato et al. 2018), and as Wasserstein GAN
// with gradient penalty (Gulrajani et al. 2017), and with logistic loss and the R1 penalty (Mescheder et al. 2018). The networks are
// the same, what real and new pictures go through too.
#include <cmath>
#include <optional>

#include "learn/torch/diff_augment.hpp"
#include "learn/torch/gan_networks.hpp"
#include "learn/torch/gan_rules.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/step_loop.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 64, kDrawAtOnce = 64;
constexpr std::uint32_t kLooks = 10;
constexpr double kDecay = 0.998;            // of the running mean of the painter's weights, which is what draws
constexpr double kPenalty = 10;             // of gradients of another length than 1
constexpr double kR1 = 0.5;                 // half of the penalty's weight, of squared gradients at real pictures
constexpr std::uint32_t kR1Every = 4;       // judge's steps; then it weighs as many times as much (Karras et al. 2020)
constexpr double kSure = 0.95;              // mean sign of real scores: the judge was not fooled

using Game = GanRules::Game;

class Gan final : public ImageModel {
 public:
  Gan(const GanRules& rules, const InputShape& shape, std::uint32_t classes, std::uint64_t seed)
      : rules_(rules), shape_(shape), classes_(classes), key_(KeyMaker({.seed = seed}).key("generate", "gan")), painter_(shape, classes, key_) {}

  void fit(const ImageFit& f) {
    torch::set_num_threads(1);
    const std::uint32_t usual = halvings(shape_) > 2 ? rules_.large_steps : rules_.steps;
    StepLoop loop(f.steps > 0 ? f.steps : usual, kLooks, f.stop, f.checkpoint);
    Judge& judge = judge_.emplace(shape_, classes_, rules_.game == Game::hinge, painter_.parameters().key_of("judge"));
    if (f.from) {
      painter_.parameters().begin_from(*f.from);
      judge.parameters().begin_from(*f.from);
    }
    Rivals rivals(painter_.parameters(), judge.parameters(), {rules_.painter_rate, rules_.judge_rate, rules_.beta_1}, kDecay);
    ShownPictures shown(f, kBatch);
    std::function<double()> score;
    if (shown.has_unseen()) score = [&] { return unseen_distance(shown.unseen()); };
    AdaptiveStrength strength;
    std::uint32_t judged = 0;
    rivals.are_carried_by(loop, judge);
    loop.carries("strength", strength);
    loop.carries("judged", judged);
    while (loop.goes_on()) {
      double loss = 0;
      for (std::uint32_t i = 0; i < rules_.judge_steps; ++i, ++judged) loss = judge_step(judge, rivals, shown.at(judged), judged, strength, loop.rate());
      paint_step(judge, rivals, shown.at(judged - 1).labels, loop, strength.value());
      if (loop.ends_with(loss) && !rivals.go_on(loop, score, f.watch, this)) break;
    }
    rivals.end(loop, f.notes);
    if (rules_.game != Game::wasserstein && strength.sureness() > kSure && strength.value() >= AdaptiveStrength::kMost)
      f.notes.push_back("the discriminator was never fooled, however strongly pictures were changed: too few pictures, or too few --steps");
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const Key key = picture_key(seed, label);
    const torch::Tensor labels = torch::full({kDrawAtOnce}, static_cast<std::int64_t>(label), torch::kLong);
    return drawn_in_batches(shape_, first, count, kDrawAtOnce, [&](std::uint64_t from) {
      return (painter_.paint(normals(key, from * static_cast<std::uint64_t>(Painter::kNoise), {kDrawAtOnce, Painter::kNoise}), labels) + 1) / 2;
    });
  }

  std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const override {
    return drawn_in_batches(shape_, 0, count, count, [&](std::uint64_t) {
      const auto steps = static_cast<std::int64_t>(count);
      return (painter_.paint(arc(picture_key(seed, label), {Painter::kNoise}, steps), torch::full({steps}, static_cast<std::int64_t>(label), torch::kLong)) + 1) / 2;
    });
  }

  /// The judge too, for who begins with it.
  void save(SavedGenerator& to) const override {
    painter_.parameters().save(to.tensors);
    if (judge_) judge_->parameters().save(to.tensors);
  }
  void load(const SavedGenerator& from) { painter_.parameters().load(from.tensors); }

 private:
  torch::Tensor noise(const char* purpose, std::uint64_t step) const {
    return normals(painter_.parameters().key_of(purpose), step * static_cast<std::uint64_t>(kBatch * Painter::kNoise), {kBatch, Painter::kNoise});
  }
  torch::Tensor changed(const torch::Tensor& x, double strength, const char* purpose, std::uint64_t step) const {
    return diff_augmented(x, strength, painter_.parameters().key_of(purpose), step * static_cast<std::uint64_t>(kBatch));
  }

  double judge_step(Judge& judge, Rivals& rivals, const PictureBatch& real, std::uint64_t number, AdaptiveStrength& strength, double rate) const {
    torch::Tensor made;
    {
      const torch::NoGradGuard no_gradients;
      made = painter_.paint(noise("judged noise", number), real.labels);
    }
    judge.follow_norms();
    const torch::Tensor x = changed(2 * real.pictures - 1, strength.value(), "real", number), y = changed(made, strength.value(), "made", number);
    const torch::Tensor scores = judge.judge(torch::cat({x, y}), torch::cat({real.labels, real.labels}));
    const torch::Tensor of_real = scores.slice(0, 0, kBatch), of_made = scores.slice(0, kBatch, 2 * kBatch);
    torch::Tensor loss;
    switch (rules_.game) {
      case Game::hinge: loss = torch::relu(1 - of_real).mean() + torch::relu(1 + of_made).mean(); break;
      case Game::wasserstein: loss = (of_made - of_real).mean() + kPenalty * off_length(judge, x, y, real.labels, number); break;
      case Game::logistic:
        loss = torch::softplus(-of_real).mean() + torch::softplus(of_made).mean();
        if (number % kR1Every == 0) loss = loss + kR1 * kR1Every * steepness(judge, x, real.labels);
        break;
    }
    rivals.judge_down(loss, rate);
    // A Wasserstein score has no zero of its own: real pictures count as known where they lie above the middle of both.
    strength.see(rules_.game == Game::wasserstein ? of_real - scores.detach().mean() : of_real);
    return loss.item<double>();
  }

  void paint_step(const Judge& judge, Rivals& rivals, const torch::Tensor& labels, const StepLoop& loop, double strength) const {
    const torch::Tensor made = painter_.paint(noise("noise", loop.step()), labels);
    const torch::Tensor scores = judge.judge(changed(made, strength, "painted", loop.step()), labels);
    rivals.painter_down(rules_.game == Game::logistic ? torch::softplus(-scores).mean() : -scores.mean(), loop);
  }

  /// Mean squared length of the judge's gradients at real pictures.
  torch::Tensor steepness(const Judge& judge, const torch::Tensor& x, const torch::Tensor& labels) const {
    const torch::Tensor at = x.detach().set_requires_grad(true);
    const torch::Tensor gradient = torch::autograd::grad({judge.judge(at, labels).sum()}, {at}, {}, true, true).front();
    return gradient.flatten(1).pow(2).sum(1).mean();
  }

  /// How far the judge's gradients between real and new pictures are from length 1.
  torch::Tensor off_length(const Judge& judge, const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& labels, std::uint64_t number) const {
    const torch::Tensor along = uniforms(painter_.parameters().key_of("between"), number * static_cast<std::uint64_t>(kBatch), {kBatch, 1, 1, 1});
    const torch::Tensor between = (x.detach() + along * (y.detach() - x.detach())).set_requires_grad(true);
    const torch::Tensor gradient = torch::autograd::grad({judge.judge(between, labels).sum()}, {between}, {}, true, true).front();
    return ((gradient.flatten(1).pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean();
  }

  /// Between unseen pictures, shrunk to 8 px, and as many new ones of their classes; classes as further values, so that a picture of
  /// another class is far.
  double unseen_distance(const PictureBatch& unseen) const {
    const torch::NoGradGuard no_gradients;
    const std::int64_t count = unseen.labels.size(0);
    const torch::Tensor made = painter_.paint(normals(painter_.parameters().key_of("unseen"), 0, {count, Painter::kNoise}), unseen.labels);
    const auto seen = [&](const torch::Tensor& x) { return torch::cat({torch::adaptive_avg_pool2d(x, {8, 8}).flatten(1), one_hot(unseen.labels, classes_, 8)}, 1); };
    return cubic_discrepancy(seen(2 * unseen.pictures - 1), seen(made));
  }

  GanRules rules_;
  InputShape shape_;
  std::int64_t classes_;
  Key key_;
  Painter painter_;
  std::optional<Judge> judge_{};  ///< of the fit
};

}  // namespace

ImageKind adversarial_kind(const GanRules& rules) {
  return {rules.name, rules.summary,
          [rules](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<Gan>(rules, fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()), fit.seed);
            model->fit(fit);
            return model;
          },
          [rules](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<Gan>(rules, shape, classes, 0);
            model->load(saved);
            return model;
          }};
}

}  // namespace leaven::learn

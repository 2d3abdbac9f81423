// Flow matching (Lipman et al. 2023, with straight paths as Liu et al. 2023): a small U-Net learns the speed that carries noise
// to pictures of a class along straight lines. Guided (Ho and Salimans 2022; Zheng et al. 2023) it learns the speed without a class too,
// and goes on from there past that with one.
#include <algorithm>
#include <cmath>

#include "learn/torch/image_kinds.hpp"
#include "learn/torch/step_loop.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 64, kDrawAtOnce = 8, kWide = 16, kDeep = 32, kGroups = 8, kFrequencies = 16, kTold = 64;
constexpr std::uint32_t kUsualSteps = 6000, kLargeSteps = 1500, kShows = 10, kSolverSteps = 16;  // kLargeSteps: of pictures above 32 px
constexpr double kRate = 2e-3, kDecay = 0.998;  // kDecay: of the running mean of weights, which is what draws
constexpr double kLoudness = 4;                 // of the class beside the time's waves
constexpr double kHidden = 0.1;                 // share of shown pictures whose class a guided training hides

class Flow final : public ImageModel {
 public:
  Flow(const InputShape& shape, std::uint32_t classes, std::uint64_t seed) : shape_(shape), classes_(classes), parameters_(KeyMaker({.seed = seed}).key("generate", "flow")) {
    told_1_ = parameters_.add_layer("told.0", {kTold, 2 * kFrequencies + classes_});
    parameters_.belongs_to_classes(told_1_, 1, 2 * kFrequencies);
    told_2_ = parameters_.add_layer("told.1", {kWide + 2 * kDeep, kTold});
    in_ = parameters_.add_layer("in", {kWide, shape.channels, 3, 3});
    wide_ = parameters_.add_layer("wide", {kWide, kWide, 3, 3});
    down_1_ = parameters_.add_layer("down.0", {kDeep, kWide, 3, 3});
    half_ = parameters_.add_layer("half", {kDeep, kDeep, 3, 3});
    down_2_ = parameters_.add_layer("down.1", {kDeep, kDeep, 3, 3});
    quarter_ = parameters_.add_layer("quarter", {kDeep, kDeep, 3, 3});
    up_1_ = parameters_.add_layer("up.0", {kDeep, 2 * kDeep, 3, 3});
    narrow_ = parameters_.add_layer("narrow", {kWide, kDeep, 1, 1});
    up_2_ = parameters_.add_layer("up.1", {kWide, 2 * kWide, 3, 3});
    out_ = parameters_.add_layer("out", {shape.channels, kWide, 3, 3});
  }

  void fit(const ImageFit& f) {
    torch::set_num_threads(1);
    if (f.from) parameters_.begin_from(*f.from);
    guidance_ = f.guidance;
    StepLoop loop(f.steps > 0 ? f.steps : std::max(shape_.width, shape_.height) > 32 ? kLargeSteps : kUsualSteps, kShows, f.stop, f.checkpoint);
    Descent descent(parameters_, kRate);
    ShownPictures shown(f, kBatch);
    BestLook best(parameters_);
    MeanWeights mean(parameters_, kDecay);
    std::function<double()> score;
    if (shown.has_unseen()) score = [&] { return unseen_loss(shown.unseen()); };
    const Key noise = parameters_.key_of("noise"), times = parameters_.key_of("times");
    loop.carries("weights", parameters_);
    loop.carries("descent", descent);
    loop.carries("best", best);
    loop.carries("mean", mean);
    while (loop.goes_on()) {
      const PictureBatch batch = shown.at(loop.step());
      const std::uint64_t first = static_cast<std::uint64_t>(loop.step()) * static_cast<std::uint64_t>(kBatch);
      const torch::Tensor loss = misfit(batch, told_classes(batch.labels, first), noise, times, first);
      descent.down(loss, loop.rate());
      mean.follow(parameters_, loop.step());
      if (loop.ends_with(loss.item<double>()) && !best.goes_on_with(mean, loop, score, f.watch, this)) break;
    }
    parameters_.set_values(mean.values());
    best.put_back(loop.step(), loop.steps(), f.notes);
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const Key key = picture_key(seed, label);
    return drawn_in_batches(shape_, first, count, kDrawAtOnce, [&](std::uint64_t from) {
      return flown(normals(key, from * shape_.values(), {kDrawAtOnce, shape_.channels, shape_.height, shape_.width}), label);
    });
  }

  std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const override {
    return drawn_in_batches(shape_, 0, count, count, [&](std::uint64_t) {
      return flown(arc(picture_key(seed, label), {shape_.channels, shape_.height, shape_.width}, static_cast<std::int64_t>(count)), label);
    });
  }

  void save(SavedGenerator& to) const override {
    parameters_.save(to.tensors);
    if (guidance_ != 1) to.card["guidance"] = guidance_;
  }
  void load(const SavedGenerator& from) {
    parameters_.load(from.tensors);
    guidance_ = guidance_of(from);
  }

 private:
  /// From noise to pictures.
  torch::Tensor flown(torch::Tensor x, std::uint32_t label) const {
    const std::int64_t count = x.size(0);
    const torch::Tensor c = one_hot(torch::full({count}, static_cast<std::int64_t>(label), torch::kLong), classes_, kLoudness);
    for (std::uint32_t step = 0; step < kSolverSteps; ++step)  // Euler
      x = x + guided_speed(x, torch::full({count}, (step + 0.5) / kSolverSteps), c) / static_cast<double>(kSolverSteps);
    return ((x + 1) / 2).clamp(0, 1);
  }

  /// Mean square of what the speed is off, at a random time of each picture's way.
  torch::Tensor misfit(const PictureBatch& batch, const torch::Tensor& told, Key noise, Key times, std::uint64_t first) const {
    const torch::Tensor x = 2 * batch.pictures - 1, from = normals(noise, first * shape_.values(), x.sizes().vec()), t = uniforms(times, first, {x.size(0)});
    const torch::Tensor t4 = t.view({-1, 1, 1, 1});
    return (speed((1 - t4) * from + t4 * x, t, told) - (x - from)).pow(2).mean();
  }
  /// Of a training that is guided, without some of the classes.
  torch::Tensor told_classes(const torch::Tensor& labels, std::uint64_t first) const {
    const torch::Tensor told = one_hot(labels, classes_, kLoudness);
    return guidance_ == 1 ? told : told * (uniforms(parameters_.key_of("hidden"), first, {labels.size(0), 1}) >= kHidden);
  }
  double unseen_loss(const PictureBatch& unseen) const {
    const torch::NoGradGuard no_gradients;
    return misfit(unseen, one_hot(unseen.labels, classes_, kLoudness), parameters_.key_of("unseen"), parameters_.key_of("unseen times"), 0).item<double>();
  }

  torch::Tensor normed(const torch::Tensor& x) const { return torch::silu(torch::group_norm(x, kGroups)); }

  torch::Tensor guided_speed(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& c) const {
    const torch::Tensor with = speed(x, t, c);
    if (guidance_ == 1) return with;
    const torch::Tensor without = speed(x, t, torch::zeros_like(c));
    return without + guidance_ * (with - without);
  }

  torch::Tensor speed(const torch::Tensor& x, const torch::Tensor& t, const torch::Tensor& c) const {
    const torch::Tensor waves = t.view({-1, 1}) * torch::exp(torch::arange(kFrequencies, torch::kFloat) * (std::log(200.0) / (kFrequencies - 1)));
    const torch::Tensor told = parameters_.linear(torch::silu(parameters_.linear(torch::cat({torch::sin(waves), torch::cos(waves), c}, 1), told_1_)), told_2_);
    const auto part = [&](std::int64_t from, std::int64_t count) { return told.slice(1, from, from + count).unsqueeze(2).unsqueeze(3); };
    const torch::Tensor wide = normed(parameters_.conv(torch::silu(parameters_.conv(x, in_) + part(0, kWide)), wide_));
    const torch::Tensor half = normed(parameters_.conv(torch::silu(parameters_.conv(wide, down_1_, 2) + part(kWide, kDeep)), half_));
    const torch::Tensor quarter = normed(parameters_.conv(torch::silu(parameters_.conv(half, down_2_, 2) + part(kWide + kDeep, kDeep)), quarter_));
    torch::Tensor up = torch::upsample_nearest2d(quarter, {half.size(2), half.size(3)});
    up = normed(parameters_.conv(torch::cat({up, half}, 1), up_1_));
    up = torch::upsample_nearest2d(parameters_.conv(up, narrow_), {wide.size(2), wide.size(3)});
    return parameters_.conv(normed(parameters_.conv(torch::cat({up, wide}, 1), up_2_)), out_);
  }

  InputShape shape_;
  std::int64_t classes_;
  double guidance_{1};
  Parameters parameters_;
  std::size_t told_1_{}, told_2_{}, in_{}, wide_{}, down_1_{}, half_{}, down_2_{}, quarter_{}, up_1_{}, narrow_{}, up_2_{}, out_{};
};

}  // namespace

ImageKind flow_kind() {
  return {"flow", "flow matching with a small U-Net, drawn in 16 steps",
          [](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<Flow>(fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()), fit.seed);
            model->fit(fit);
            return model;
          },
          [](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<Flow>(shape, classes, 0);
            model->load(saved);
            return model;
          },
          true, true};
}

}  // namespace leaven::learn

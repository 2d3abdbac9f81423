// Flow matching (Lipman et al. 2023, with straight paths as Liu et al. 2023): a small U-Net learns the speed that carries noise
// to pictures of a class along straight lines.
#include <cmath>

#include "core/error.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 64, kDrawAtOnce = 8, kWide = 16, kDeep = 32, kGroups = 8, kFrequencies = 16, kTold = 64;
constexpr std::uint32_t kUsualSteps = 1500, kShows = 5, kSolverSteps = 16;
constexpr double kRate = 2e-3, kDecay = 0.998;  // kDecay: of the running mean of weights, which is what draws
constexpr double kLoudness = 4;                 // of the class beside the time's waves

class Flow final : public ImageModel {
 public:
  Flow(const InputShape& shape, std::uint32_t classes, std::uint64_t seed) : shape_(shape), classes_(classes), parameters_(KeyMaker({.seed = seed}).key("generate", "flow")) {
    told_1_ = parameters_.add_layer("told.0", {kTold, 2 * kFrequencies + classes_});
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
    const std::uint32_t steps = f.steps > 0 ? f.steps : kUsualSteps;
    torch::optim::Adam optimizer(parameters_.all(), torch::optim::AdamOptions(kRate));
    ItemOrder order(f.train.size(), f.seed);
    const Key noise = parameters_.key_of("noise"), times = parameters_.key_of("times");
    std::vector<torch::Tensor> mean = parameters_.values();
    double shown = 0;
    std::uint32_t since = 0;
    for (std::uint32_t step = 0; step < steps; ++step) {
      if (f.stop) throw Error(Fault::interrupted, "stopped; no generator was written");
      for (auto& group : optimizer.param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(kRate * (0.5 + 0.5 * std::cos(M_PI * step / steps)));
      const auto at = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(kBatch);
      auto [x, c] = batch(f, order, at);
      const torch::Tensor from = normals(noise, at * shape_.values(), {kBatch, shape_.channels, shape_.height, shape_.width}), t = uniforms(times, at, {kBatch});
      const torch::Tensor t4 = t.view({kBatch, 1, 1, 1});
      const torch::Tensor loss = (speed((1 - t4) * from + t4 * x, t, c) - (x - from)).pow(2).mean();
      optimizer.zero_grad();
      loss.backward();
      optimizer.step();
      const double value = loss.item<double>();
      if (!std::isfinite(value)) throw data_error("training broke down: the loss became " + std::to_string(value) + " at step " + std::to_string(step + 1)).with_hint("another --seed, or fewer --steps");
      average(mean, std::min(kDecay, (1.0 + step) / (10.0 + step)));
      shown += value, ++since;
      if ((step + 1) % std::max(1U, steps / kShows) == 0) {
        const std::vector<torch::Tensor> own = parameters_.values();
        parameters_.set_values(mean);
        f.watch({step + 1, steps, shown / since, this});
        parameters_.set_values(own);
        shown = 0, since = 0;
      }
    }
    parameters_.set_values(mean);
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    torch::set_num_threads(1);
    const torch::NoGradGuard no_gradients;
    const Key key = picture_key(seed, label);
    std::vector<float> made;
    made.reserve(count * shape_.values());
    // Always whole batches from the same places: what a convolution gives for a picture may depend on its batch.
    const auto at_once = static_cast<std::uint64_t>(kDrawAtOnce), end = first + count;
    torch::Tensor c = torch::zeros({kDrawAtOnce, classes_});
    c.select(1, label).fill_(kLoudness);
    for (std::uint64_t from = first / at_once * at_once; from < end; from += at_once) {
      torch::Tensor x = normals(key, from * shape_.values(), {kDrawAtOnce, shape_.channels, shape_.height, shape_.width});
      for (std::uint32_t step = 0; step < kSolverSteps; ++step)  // Euler
        x = x + speed(x, torch::full({kDrawAtOnce}, (step + 0.5) / kSolverSteps), c) / static_cast<double>(kSolverSteps);
      const torch::Tensor pictures = ((x + 1) / 2).clamp(0, 1).contiguous();
      const std::uint64_t begin = std::max(first, from) - from, stop = std::min(end, from + at_once) - from;
      made.insert(made.end(), pictures.data_ptr<float>() + begin * shape_.values(), pictures.data_ptr<float>() + stop * shape_.values());
    }
    return made;
  }

  void save(SavedGenerator& to) const override { parameters_.save(to.tensors); }
  void load(const SavedGenerator& from) { parameters_.load(from.tensors); }

 private:
  /// Pictures in [−1, 1] and their classes.
  std::pair<torch::Tensor, torch::Tensor> batch(const ImageFit& f, ItemOrder& order, std::uint64_t at) const {
    torch::Tensor x = torch::empty({kBatch, shape_.channels, shape_.height, shape_.width}), c = torch::zeros({kBatch, classes_});
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const std::uint64_t position = at + static_cast<std::uint64_t>(i);
      const std::uint32_t item = order.at(position);
      put_augmented(f.train, item, f.recipe, f.seed, position, {x.data_ptr<float>() + static_cast<std::size_t>(i) * shape_.values(), shape_.values()});
      c[i][f.train.labels[item]] = kLoudness;
    }
    return {2 * x - 1, c};
  }

  void average(std::vector<torch::Tensor>& mean, double kept) const {
    const torch::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i].mul_(kept).add_(parameters_.all()[i], 1 - kept);
  }

  torch::Tensor normed(const torch::Tensor& x) const { return torch::silu(torch::group_norm(x, kGroups)); }

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
          }};
}

}  // namespace leaven::learn

#include "learn/torch/step_loop.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "learn/torch/machinery.hpp"

namespace leaven::learn {

bool StepLoop::goes_on() {
  if (checkpoint_ && !std::exchange(begun_, true)) checkpoint_->give_back(machinery(), [this](Carried& state) { walk(state); });
  if (stop_) {
    if (!checkpoint_) throw Error(Fault::interrupted, "stopped; no generator was written");
    write_checkpoint();
    throw Error(Fault::interrupted, "stopped at step " + std::to_string(step_) + " of " + std::to_string(steps_) + (checkpoint_->part() == FitPart::pretraining ? " on pictures without classes" : "")).with_hint("--resume goes on");
  }
  if (checkpoint_ && checkpoint_->is_due()) write_checkpoint();
  return step_ < steps_;
}

void StepLoop::walk(Carried& state) {
  state.value("step", step_), state.value("since", since_), state.value("sum", sum_);
  if (step_ > steps_) throw data_error("it stands behind the last step");
  for (const Checkpoint::Walk& walk : walks_) walk(state);
}

void StepLoop::write_checkpoint() {
  checkpoint_->write(machinery(), [this](Carried& state) { walk(state); });
}

double StepLoop::rate() const { return 0.5 + 0.5 * std::cos(M_PI * step_ / steps_); }

bool StepLoop::ends_with(double loss) {
  ++step_;
  if (!std::isfinite(loss)) {
    if (checkpoint_) checkpoint_->remove();  // from there it would break down again
    throw data_error("training broke down: the loss became " + std::to_string(loss) + " at step " + std::to_string(step_)).with_hint("another --seed, or fewer --steps");
  }
  sum_ += loss, ++since_;
  if (step_ % every_ != 0) return false;
  mean_loss_ = sum_ / since_;
  sum_ = 0, since_ = 0;
  return true;
}

void Descent::down(const torch::Tensor& loss, double share_of_rate) {
  for (auto& group : adam_.param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate_ * share_of_rate);
  adam_.zero_grad();
  loss.backward();
  adam_.step();
}

void Descent::carry(Carried& state, const std::string& name) {
  auto& states = adam_.state();
  std::size_t number = 0;
  for (torch::Tensor& of : adam_.param_groups().front().params()) {
    const std::string own_name = name + "." + std::to_string(number++), key = c10::guts::to_string(of.unsafeGetTensorImpl());
    const auto at = states.find(key);
    std::int64_t step = at == states.end() ? 0 : static_cast<torch::optim::AdamParamState&>(*at->second).step();
    state.value(own_name + ".step", step);
    if (step == 0) continue;  // no gradient came to it yet
    if (state.reads()) {
      auto made = std::make_unique<torch::optim::AdamParamState>();
      made->step(step), made->exp_avg(torch::zeros_like(of)), made->exp_avg_sq(torch::zeros_like(of));
      states[key] = std::move(made);
      of.mutable_grad() = torch::zeros_like(of);  // as it is between steps
    }
    auto& own = static_cast<torch::optim::AdamParamState&>(*states[key]);
    learn::carry(state, own_name + ".mean", own.exp_avg());
    learn::carry(state, own_name + ".square", own.exp_avg_sq());
  }
}

bool BestLook::goes_on(const std::optional<double>& score, std::uint32_t step) {
  if (!score) return true;
  if (*score < best_) {
    best_ = *score, best_step_ = step, worse_ = 0;
    weights_ = of_.values();
  } else {
    ++worse_;
  }
  return worse_ < kPatience;
}

bool BestLook::goes_on_with(const MeanWeights& mean, const StepLoop& loop, const std::function<double()>& score, const FitWatch& watch, const ImageModel* so_far) {
  const std::vector<torch::Tensor> own = of_.values();
  of_.set_values(mean.values());
  const std::optional<double> scored = score ? std::optional(score()) : std::nullopt;
  watch({loop.step(), loop.steps(), loop.mean_loss(), scored, so_far});
  const bool better = goes_on(scored, loop.step());
  of_.set_values(own);
  return better;
}

void BestLook::put_back(std::uint32_t ended_at, std::uint32_t steps, std::vector<std::string>& notes) const {
  if (weights_.empty()) return;
  of_.set_values(weights_);
  if (ended_at < steps) notes.push_back("stopped early, after " + std::to_string(ended_at) + " steps: held-out samples were served best at step " + std::to_string(best_step_));
}

void BestLook::carry(Carried& state, const std::string& name) {
  bool any = !weights_.empty();
  state.value(name + ".any", any), state.value(name + ".worse", worse_);
  if (!any) return;  // and the best score is infinite
  state.value(name + ".score", best_), state.value(name + ".step", best_step_);
  if (state.reads()) weights_ = of_.values();
  learn::carry(state, name, weights_);
}

void MeanWeights::follow(const Parameters& parameters, std::uint32_t step) {
  const torch::NoGradGuard no_gradients;
  const double kept = std::min(kept_, (1.0 + step) / (10.0 + step));
  for (std::size_t i = 0; i < mean_.size(); ++i) mean_[i].mul_(kept).add_(parameters.all()[i], 1 - kept);
}

void Rivals::painter_down(const torch::Tensor& loss, const StepLoop& loop) {
  paints_.down(loss, loop.rate());
  mean_.follow(painter_, loop.step());
}

bool Rivals::go_on(const StepLoop& loop, const std::function<double()>& score, const FitWatch& watch, const ImageModel* so_far) {
  const bool early = 2 * loop.step() < loop.steps();
  return best_.goes_on_with(mean_, loop, early ? nullptr : score, watch, so_far);
}

void Rivals::end(const StepLoop& loop, std::vector<std::string>& notes) {
  painter_.set_values(mean_.values());
  best_.put_back(loop.step(), loop.steps(), notes);
}

ShownPictures::ShownPictures(const ImageFit& fit, std::int64_t batch) : fit_(fit), batch_(batch), order_(0, fit.seed) {
  const ImageSplit split = inner_split(fit.train, fit.seed);
  shown_ = split.train;
  order_ = ItemOrder(shown_.size(), fit.seed);
  if (split.held_out.empty()) return;
  const auto count = static_cast<std::int64_t>(split.held_out.size());
  const InputShape& shape = fit.train.shape;
  unseen_ = {torch::empty({count, shape.channels, shape.height, shape.width}), torch::empty({count}, torch::kLong)};
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t item = split.held_out[static_cast<std::size_t>(i)];
    std::ranges::copy(fit.train.of(item), unseen_.pictures.data_ptr<float>() + static_cast<std::size_t>(i) * shape.values());
    unseen_.labels[i] = static_cast<std::int64_t>(fit.train.labels[item]);
  }
}

PictureBatch ShownPictures::at(std::uint32_t step) {
  const InputShape& shape = fit_.train.shape;
  PictureBatch made{torch::empty({batch_, shape.channels, shape.height, shape.width}), torch::empty({batch_}, torch::kLong)};
  for (std::int64_t i = 0; i < batch_; ++i) {
    const std::uint64_t position = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(batch_) + static_cast<std::uint64_t>(i);
    const std::uint32_t item = shown_[order_.at(position)];
    put_augmented(fit_.train, item, fit_.recipe, fit_.seed, position, {made.pictures.data_ptr<float>() + static_cast<std::size_t>(i) * shape.values(), shape.values()});
    made.labels.data_ptr<std::int64_t>()[i] = fit_.train.labels[item];
  }
  return made;
}

double cubic_discrepancy(const torch::Tensor& a, const torch::Tensor& b) {
  const auto kernel = [](const torch::Tensor& left, const torch::Tensor& right) { return (torch::mm(left, right.t()) / static_cast<double>(left.size(1)) + 1).pow(3); };
  const auto within = [](const torch::Tensor& k) { return ((k.sum() - k.trace()) / static_cast<double>(k.size(0) * (k.size(0) - 1))).item<double>(); };
  return within(kernel(a, a)) + within(kernel(b, b)) - 2 * kernel(a, b).mean().item<double>();
}

torch::Tensor one_hot(const torch::Tensor& labels, std::int64_t classes, double loud) {
  return torch::zeros({labels.size(0), classes}).scatter_(1, labels.unsqueeze(1), loud);
}

torch::Tensor arc(Key key, const std::vector<std::int64_t>& shape, std::int64_t count) {
  std::vector<std::int64_t> ends{2}, along{count};
  ends.insert(ends.end(), shape.begin(), shape.end());
  along.insert(along.end(), shape.size(), 1);
  const torch::Tensor points = normals(key, 0, ends), angle = (torch::linspace(0, 1, count) * std::acos(0.0)).view(along);
  return torch::cos(angle) * points[0].unsqueeze(0) + torch::sin(angle) * points[1].unsqueeze(0);
}

std::vector<float> drawn_in_batches(const InputShape& shape, std::uint64_t first, std::size_t count, std::uint64_t at_once, const std::function<torch::Tensor(std::uint64_t from)>& batch) {
  torch::set_num_threads(1);
  const torch::NoGradGuard no_gradients;
  std::vector<float> made;
  made.reserve(count * shape.values());
  const std::uint64_t end = first + count;
  for (std::uint64_t from = first / at_once * at_once; from < end; from += at_once) {
    const torch::Tensor pictures = batch(from).contiguous();
    const std::uint64_t begin = std::max(first, from) - from, stop = std::min(end, from + at_once) - from;
    made.insert(made.end(), pictures.data_ptr<float>() + begin * shape.values(), pictures.data_ptr<float>() + stop * shape.values());
  }
  return made;
}

}  // namespace leaven::learn

// What trainings by steps share: ending when asked, going on later, a rate that falls, losses that must stay finite, looks at how it
// goes, and the weights of the best look.
#pragma once

#include <torch/torch.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "learn/generate/checkpoint.hpp"
#include "learn/generate/fit_progress.hpp"
#include "learn/generate/image_model.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

/// loop.carries(…); while (loop.goes_on()) { …; if (loop.ends_with(loss)) look; }
class StepLoop {
 public:
  /// `looks`: how often in all. `checkpoint`: what a stopped training goes on from; null: it cannot.
  StepLoop(std::uint32_t steps, std::uint32_t looks, const std::atomic<bool>& stop, Checkpoint* checkpoint) : steps_(steps), every_(std::max(1U, steps / looks)), stop_(stop), checkpoint_(checkpoint) {}
  StepLoop(const StepLoop&) = delete;
  StepLoop& operator=(const StepLoop&) = delete;

  /// Whatever changes from step to step must be named here before the first one: all that a training needs to go on with the same
  /// bits. `what`: a number, or a thing with a member carry(); it outlives the loop.
  template <class T>
  void carries(const std::string& name, T& what) {
    walks_.emplace_back([name, &what](Carried& state) { carry(state, name, what); });
  }

  /// Before the first step takes up where a checkpoint stands. Throws Error(interrupted), after writing one.
  bool goes_on();
  std::uint32_t step() const { return step_; }
  std::uint32_t steps() const { return steps_; }
  /// Half a cosine from 1 to 0.
  double rate() const;
  /// The step is over; whether it is time to look. Throws Error(data) for a loss that is no number.
  bool ends_with(double loss);
  /// Over the steps since the last look.
  double mean_loss() const { return mean_loss_; }

 private:
  void walk(Carried& state);
  void write_checkpoint();

  std::uint32_t steps_, every_, step_{}, since_{};
  double sum_{}, mean_loss_{};
  const std::atomic<bool>& stop_;
  Checkpoint* checkpoint_;
  bool begun_{};
  std::vector<Checkpoint::Walk> walks_{};
};

/// Adam whose rate follows the loop's.
class Descent {
 public:
  Descent(const Parameters& parameters, double rate, double beta_1 = 0.9, double beta_2 = 0.999)
      : adam_(parameters.all(), torch::optim::AdamOptions(rate).betas({beta_1, beta_2})), rate_(rate) {}
  void down(const torch::Tensor& loss, double share_of_rate);
  void carry(Carried& state, const std::string& name);

 private:
  torch::optim::Adam adam_;
  double rate_;
};

/// Running mean of weights, which follows quickly at first.
class MeanWeights {
 public:
  MeanWeights(const Parameters& of, double kept) : mean_(of.values()), kept_(kept) {}
  void follow(const Parameters& parameters, std::uint32_t step);
  const std::vector<torch::Tensor>& values() const { return mean_; }
  void carry(Carried& state, const std::string& name) { learn::carry(state, name, mean_); }

 private:
  std::vector<torch::Tensor> mean_;
  double kept_;
};

/// Keeps the weights that did best on items that the training does not show, and says when nothing has become better for long.
class BestLook {
 public:
  explicit BestLook(Parameters& of) : of_(of) {}
  /// Looks at the weights as they are. `score`: the less the better; none: does not look. False: three looks in a row were no better, and
  /// training may end.
  bool goes_on(const std::optional<double>& score, std::uint32_t step);
  /// The same for the mean instead, which `watch` sees too; the weights are their own again afterwards. `score` may be empty.
  bool goes_on_with(const MeanWeights& mean, const StepLoop& loop, const std::function<double()>& score, const FitWatch& watch, const ImageModel* so_far);
  /// The best weights, if any were seen; tells of it in `notes` when training ended before `steps`.
  void put_back(std::uint32_t ended_at, std::uint32_t steps, std::vector<std::string>& notes) const;
  void carry(Carried& state, const std::string& name);

 private:
  static constexpr std::uint32_t kPatience = 3;
  Parameters& of_;
  double best_{std::numeric_limits<double>::infinity()};
  std::uint32_t best_step_{}, worse_{};
  std::vector<torch::Tensor> weights_{};
};

/// A painter and a judge that are trained against each other. What draws is the running mean of the painter's weights.
class Rivals {
 public:
  struct Rates {
    double painter{}, judge{}, beta_1{0.5};
  };
  /// `decay`: of the running mean.
  Rivals(Parameters& painter, const Parameters& judge, const Rates& rates, double decay)
      : painter_(painter), paints_(painter, rates.painter, rates.beta_1, 0.9), judges_(judge, rates.judge, rates.beta_1, 0.9), mean_(painter, decay), best_(painter) {}

  /// All that both carry from step to step. `judge`: its parameters, or what holds them and more.
  template <class T>
  void are_carried_by(StepLoop& loop, T& judge) {
    loop.carries("painter", painter_);
    loop.carries("judge", judge);
    loop.carries("paints", paints_);
    loop.carries("judges", judges_);
    loop.carries("mean", mean_);
    loop.carries("best", best_);
  }
  void judge_down(const torch::Tensor& loss, double share_of_rate) { judges_.down(loss, share_of_rate); }
  /// The mean follows.
  void painter_down(const torch::Tensor& loss, const StepLoop& loop);
  /// A look at what the mean draws, which `watch` sees too; from half-way on with `score`, which may be empty. False: training may end.
  bool go_on(const StepLoop& loop, const std::function<double()>& score, const FitWatch& watch, const ImageModel* so_far);
  /// The painter gets the mean, or the best that was seen of it.
  void end(const StepLoop& loop, std::vector<std::string>& notes);

 private:
  Parameters& painter_;
  Descent paints_, judges_;
  MeanWeights mean_;
  BestLook best_;
};

/// Pictures in [0, 1] as B × channels × height × width, with their classes.
struct PictureBatch {
  torch::Tensor pictures{}, labels{};
};

/// The pictures that a training shows, changed by its recipe, and, where classes are large enough, some that it does not show.
class ShownPictures {
 public:
  ShownPictures(const ImageFit& fit, std::int64_t batch);
  PictureBatch at(std::uint32_t step);
  /// As they are. No pictures: there were too few to spare any.
  const PictureBatch& unseen() const { return unseen_; }
  bool has_unseen() const { return unseen_.labels.defined(); }

 private:
  const ImageFit& fit_;
  std::int64_t batch_;
  std::vector<std::uint32_t> shown_{};
  ItemOrder order_;
  PictureBatch unseen_{};
};

/// Squared mean discrepancy under a cubic kernel (Bińkowski et al. 2018), unbiased, between as many items of either kind: items ×
/// values, at least two.
double cubic_discrepancy(const torch::Tensor& a, const torch::Tensor& b);

/// One place for each class, `loud` at the picture's own.
torch::Tensor one_hot(const torch::Tensor& labels, std::int64_t classes, double loud);

/// `count` points from one normal point to another, on a quarter of the ellipse about 0 that joins them: each is as normal as its
/// ends are. `shape`: of a point.
torch::Tensor arc(Key key, const std::vector<std::int64_t>& shape, std::int64_t count);

/// Draws whole batches from the same places whatever is asked for: what a matrix product gives for a row may depend on its
/// batch. `batch` makes pictures [from, from + at_once) of a stream, values in [0, 1].
std::vector<float> drawn_in_batches(const InputShape& shape, std::uint64_t first, std::size_t count, std::uint64_t at_once, const std::function<torch::Tensor(std::uint64_t from)>& batch);

}  // namespace leaven::learn

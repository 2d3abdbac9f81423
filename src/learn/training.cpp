#include "learn/training.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "learn/batches.hpp"
#include "learn/dynamic_strength.hpp"
#include "learn/statistics.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint32_t kLooks = 10;  ///< at the validation split, in `steps` steps
constexpr int kPatience = 3;
constexpr std::array kRates{1.0, 0.3, 0.1};

double score_of(const Predictions& p) {
  if (p.classes == 0) return measure(p).r2;
  std::size_t right = 0;
  for (std::size_t i = 0; i < p.size(); ++i) right += p.best(i) == p.truth[i];
  return 100 * static_cast<double>(right) / static_cast<double>(p.size());
}

/// Looks at the validation split now and then, and says when to go on more slowly or to stop.
class Watcher {
 public:
  Watcher(Learner& learner, const Held& validation) : learner_(learner), validation_(validation) {}

  /// The score; keeps the weights when they are the best so far.
  double look(std::uint32_t step) {
    const Predictions p = predict(learner_, validation_);
    const double score = score_of(p), loss = mean_of(surprises(p));
    const bool better = best_step_ == 0 || score > best_score_ || (score == best_score_ && loss < best_loss_);
    if (better) {
      best_score_ = score, best_loss_ = loss, best_step_ = step;
      best_ = learner_.weights();
      in_vain_ = 0;
    } else if (++in_vain_ >= kPatience) {
      in_vain_ = 0;
      ++rate_;
      if (!over()) learner_.set_weights(best_);
    }
    return score;
  }
  bool over() const { return rate_ >= kRates.size(); }
  double rate() const { return kRates[rate_]; }
  std::uint32_t take_best() {
    if (best_step_ > 0) learner_.set_weights(best_);
    return best_step_;
  }

 private:
  Learner& learner_;
  const Held& validation_;
  std::size_t rate_{};
  int in_vain_{};
  std::uint32_t best_step_{};
  double best_score_{}, best_loss_{};
  std::vector<float> best_{};
};

}  // namespace

std::string_view name_of(Regime regime) { return regime == Regime::matched ? "matched" : "converged"; }

Course train(Learner& learner, Supply& supply, const Held& validation, const Schedule& schedule, const std::atomic<bool>& stop,
             DynamicStrength* dynamic, const ClusterMix* mix) {
  const bool matched = schedule.regime == Regime::matched, validates = validation.size() > 0;
  const std::uint32_t most = schedule.most_steps();
  const std::uint32_t every = std::max(1U, schedule.steps / kLooks);
  Batches batches(supply, schedule, learner, dynamic, mix);
  Watcher watcher(learner, validation);
  Course course;
  double sum = 0;
  std::uint32_t since = 0;
  while (course.steps < most && (matched || !watcher.over())) {
    if (stop) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from here");
    const double done = static_cast<double>(course.steps) / schedule.steps;
    const double loss = batches.train(!matched ? watcher.rate() : schedule.whole ? 1 : (1 + std::cos(std::numbers::pi * done)) / 2);
    ++course.steps;
    if (!std::isfinite(loss)) {
      course.failure = std::string("the loss became ") + (std::isnan(loss) ? "NaN" : "infinite") + " at step " + std::to_string(course.steps);
      return course;
    }
    sum += loss, ++since;
    if (course.steps % every != 0 && course.steps != most) continue;
    course.curve.push_back({course.steps, sum / since, validates ? watcher.look(course.steps) : kUnknown});
    sum = 0, since = 0;
  }
  course.chosen_step = matched ? course.steps : watcher.take_best();
  if (dynamic) course.strengths = dynamic->points(), course.mean_strength = dynamic->mean(batches.shown());
  return course;
}

}  // namespace leaven::learn

#include "learn/training.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint32_t kLooks = 10;  ///< at the validation split, in `steps` steps
constexpr std::size_t kAtOnce = 512;
constexpr int kPatience = 3;
constexpr std::array kRates{1.0, 0.3, 0.1};

/// Mean negative log likelihood.
double surprise(const Predictions& p) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) sum -= std::log(std::max(1e-12, static_cast<double>(p.of(i)[p.truth[i]])));
  return sum / static_cast<double>(p.size());
}

double accuracy_of(const Predictions& p) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < p.size(); ++i) right += p.best(i) == p.truth[i];
  return 100 * static_cast<double>(right) / static_cast<double>(p.size());
}

/// Fills one batch after another.
class Batches {
 public:
  Batches(Order& order, const Feed& feed, const io::DatasetIndex& index, const InputShape& shape, std::uint32_t size)
      : order_(order), feed_(feed), index_(index), values_(shape.values()), pixels_(size * values_), labels_(size) {}

  Batch next() {
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const Visit visit = order_.at(position_++);
      feed_.put(visit, std::span(pixels_).subspan(i * values_, values_));
      labels_[i] = index_.entries[visit.entry].label;
    }
    return {pixels_, labels_};
  }

 private:
  Order& order_;
  const Feed& feed_;
  const io::DatasetIndex& index_;
  std::size_t values_;
  std::vector<float> pixels_;
  std::vector<std::uint32_t> labels_;
  std::uint64_t position_{};
};

/// Looks at the validation split now and then, and says when to go on more slowly or to stop.
class Watcher {
 public:
  Watcher(Learner& learner, const Held& validation) : learner_(learner), validation_(validation) {}

  /// The accuracy; keeps the weights when they are the best so far.
  double look(std::uint32_t step) {
    const Predictions p = predict(learner_, validation_);
    const double accuracy = accuracy_of(p), loss = surprise(p);
    const bool better = best_step_ == 0 || accuracy > best_accuracy_ || (accuracy == best_accuracy_ && loss < best_loss_);
    if (better) {
      best_accuracy_ = accuracy, best_loss_ = loss, best_step_ = step;
      best_ = learner_.weights();
      in_vain_ = 0;
    } else if (++in_vain_ >= kPatience) {
      in_vain_ = 0;
      ++rate_;
      if (!over()) learner_.set_weights(best_);
    }
    return accuracy;
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
  double best_accuracy_{}, best_loss_{};
  std::vector<float> best_{};
};

}  // namespace

std::string_view name_of(Regime regime) { return regime == Regime::matched ? "matched" : "converged"; }

Held hold(const Feed& feed, const Entries& entries, const io::DatasetIndex& index) {
  Held held{feed.all(entries), {}, static_cast<std::uint32_t>(index.labels.size())};
  for (const std::uint32_t e : entries) held.labels.push_back(index.entries[e].label);
  return held;
}

Predictions predict(Learner& learner, const Held& held) { return {held.classes, learner.predict(held.pixels), held.labels}; }

Predictions predict(Learner& learner, const Feed& feed, const Entries& entries, const io::DatasetIndex& index) {
  Predictions all{static_cast<std::uint32_t>(index.labels.size()), {}, {}};
  for (std::size_t from = 0; from < entries.size(); from += kAtOnce) {
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(from);
    const Entries some(begin, begin + static_cast<std::ptrdiff_t>(std::min(kAtOnce, entries.size() - from)));
    const Predictions part = predict(learner, hold(feed, some, index));
    all.probability.insert(all.probability.end(), part.probability.begin(), part.probability.end());
    all.truth.insert(all.truth.end(), part.truth.begin(), part.truth.end());
  }
  return all;
}

Course train(Learner& learner, Order& order, const Feed& feed, const io::DatasetIndex& index, const Held& validation,
             const InputShape& shape, const Schedule& schedule, const std::atomic<bool>& stop) {
  const bool matched = schedule.regime == Regime::matched, validates = !validation.labels.empty();
  const std::uint32_t most = matched ? schedule.steps : schedule.steps * Schedule::kLongest;
  const std::uint32_t every = std::max(1U, schedule.steps / kLooks);
  Batches batches(order, feed, index, shape, schedule.batch);
  Watcher watcher(learner, validation);
  Course course;
  double sum = 0;
  std::uint32_t since = 0;
  while (course.steps < most && (matched || !watcher.over())) {
    if (stop) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from here");
    const double done = static_cast<double>(course.steps) / schedule.steps;
    const double loss = learner.train(batches.next(), matched ? (1 + std::cos(std::numbers::pi * done)) / 2 : watcher.rate());
    ++course.steps;
    if (!std::isfinite(loss)) {
      course.failure = std::string("the loss became ") + (std::isnan(loss) ? "NaN" : "infinite") + " at step " + std::to_string(course.steps);
      return course;
    }
    sum += loss, ++since;
    if (course.steps % every != 0 && course.steps != most) continue;
    course.curve.push_back({course.steps, sum / since, validates ? watcher.look(course.steps) : -1});
    sum = 0, since = 0;
  }
  course.chosen_step = matched ? course.steps : watcher.take_best();
  return course;
}

}  // namespace leaven::learn

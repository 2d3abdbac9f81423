#include "learn/schedule_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <numeric>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/statistics.hpp"
#include "leaven/parallel.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostValidation = 500;
/// Of a member that explores: anew from all strengths, else a step up or down from the one taken over.
constexpr double kAnew = 0.2, kStep = 0.2;
/// Of a member whose training broke down.
constexpr double kWorst = -1e9;

class Member {
 public:
  Member(const Experiment& x, std::size_t arm, std::size_t number)
      : x_(x), supply_(supply_of(x, {arm, Regime::matched, 0})), validation_(supply_->hold(evenly(x.partition.folds[0].validation, x.material.index(), kMostValidation))),
        learner_(x.learner.make(supply_->shape(), supply_->classes(), KeyMaker({.seed = x.seed}).key("tune/member", std::to_string(number)))) {}

  /// The steps [from, to) of x.steps, at one strength; the score afterwards: less surprise is better.
  double train(std::uint32_t from, std::uint32_t to, double strength, const std::atomic<bool>& stop) {
    supply_->show_at(std::vector<double>(x_.material.index().entries.size(), strength));
    const std::size_t values = supply_->shape().values();
    std::vector<float> batch(x_.batch * values), targets;
    std::vector<std::uint32_t> labels;
    for (std::uint32_t step = from; step < to && !stop; ++step) {
      labels.clear(), targets.clear();
      for (std::uint32_t i = 0; i < x_.batch; ++i) {
        const Answer answer = supply_->put(static_cast<std::uint64_t>(step) * x_.batch + i, std::span(batch).subspan(i * values, values));
        supply_->classes() > 0 ? labels.push_back(answer.label) : targets.push_back(answer.target);
      }
      const double rate = (1 + std::cos(std::numbers::pi * step / x_.steps)) / 2;
      if (!std::isfinite(learner_->train({batch, labels, targets}, rate))) return kWorst;
    }
    const double loss = mean_of(surprises(predict(*learner_, validation_)));
    return std::isfinite(loss) ? -loss : kWorst;
  }
  std::vector<float> weights() const { return learner_->weights(); }
  void set_weights(const std::vector<float>& weights) { learner_->set_weights(weights); }

 private:
  const Experiment& x_;
  std::unique_ptr<Supply> supply_;
  Held validation_;
  std::unique_ptr<Learner> learner_;
};

}  // namespace

Exchange exchange(const std::vector<double>& scores, const std::vector<double>& strengths, Key key) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  Exchange made{std::vector<std::size_t>(scores.size()), strengths};
  std::iota(made.from.begin(), made.from.end(), std::size_t{0});
  const std::size_t quarter = std::max<std::size_t>(1, scores.size() / 4);
  for (std::size_t i = 0; i < std::min(quarter, scores.size() / 2); ++i) {
    const std::size_t better = order[i], worse = order[order.size() - 1 - i];
    made.from[worse] = better;
    const double change = draw_unit(key, 3 * i + 1) < 0.5 ? -kStep : kStep;
    made.strengths[worse] = draw_unit(key, 3 * i) < kAnew ? draw_unit(key, 3 * i + 2) : std::clamp(strengths[better] + change, 0.0, 1.0);
  }
  return made;
}

std::vector<double> search_schedule(const Experiment& x, std::size_t arm, const PopulationOptions& options,
                                    const std::function<void(std::size_t, std::size_t, const std::string&)>& watch, const std::atomic<bool>& stop) {
  if (x.partition.folds.front().validation.empty()) throw usage_error("there are too few items to hold some out for a population").with_hint("--level 1 needs none");
  std::vector<std::unique_ptr<Member>> members;
  std::vector<double> strengths, scores(options.members);
  for (std::size_t m = 0; m < options.members; ++m) {
    members.push_back(std::make_unique<Member>(x, arm, m));
    strengths.push_back(static_cast<double>(m) / std::max(1U, options.members - 1));
  }
  std::vector<std::vector<double>> history(options.members);
  std::mutex mutex;
  std::size_t done = 0;
  for (std::uint32_t part = 0; part < options.parts; ++part) {
    const auto begin = [&](std::uint32_t p) { return static_cast<std::uint32_t>(static_cast<std::uint64_t>(x.steps) * p / options.parts); };
    for_each_item(members.size(), options.threads, [&](std::size_t m) {
      scores[m] = members[m]->train(begin(part), begin(part + 1), strengths[m], stop);
      const std::lock_guard lock(mutex);
      watch(++done, members.size() * options.parts, fmt::format("population, part {}: strength {:.2f}, loss {:.3f}", part + 1, strengths[m], -scores[m]));
    });
    if (stop) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from there");
    for (std::size_t m = 0; m < members.size(); ++m) history[m].push_back(strengths[m]);
    if (part + 1 == options.parts) break;
    const Exchange next = exchange(scores, strengths, KeyMaker({.seed = x.seed}).key("tune/exchange", std::to_string(part)));
    for (std::size_t m = 0; m < members.size(); ++m) {
      if (next.from[m] == m) continue;
      members[m]->set_weights(members[next.from[m]]->weights());
      history[m] = history[next.from[m]];
    }
    strengths = next.strengths;
  }
  return history[static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin())];
}

}  // namespace leaven::learn

#include "learn/density_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "learn/loss_log.hpp"
#include "learn/statistics.hpp"
#include "leaven/parallel.hpp"

namespace leaven::learn {

namespace {

/// Of a policy that cannot work on these items.
constexpr double kWorstLoss = 1e6;
constexpr std::size_t kTellEach = 10;
/// A pair that makes items harder than that, in parts of their loss unchanged, joins no policy unless there is no other.
constexpr double kBearable = 1.1;

Key key_for(const Experiment& x, std::size_t fold, const std::string& what) { return KeyMaker({.seed = x.seed + fold}).key("tune/density", what); }

std::set<std::size_t> ops_of(const Point& point) {
  std::set<std::size_t> ops;
  for (const Pick& pick : point) ops.insert(pick.choice);
  return ops;
}

/// One fold's model and the held-out items that it is asked about. The model is trained when it is first needed.
class Judge {
 public:
  Judge(const Experiment& x, const PolicySpace& space, std::size_t fold, std::uint32_t steps, const std::atomic<bool>& stop)
      : x_(x), space_(space), fold_(fold), steps_(steps), stop_(stop),
        held_out_(x.material.held_out(fold_of(), evenly(fold_of().validation, x.material.index(), kMostHeldOut), x.seed + fold)) {}

  double plain_loss() { return mean_loss(nullptr, 1); }

  double loss(const Point& point) {
    const ArmRecipe recipe = arm_recipe("pair", space_.recipe_of(point), x_.material.domain());
    double sum = 0;
    try {
      for (std::uint32_t d = 1; d <= kDraws; ++d) sum += mean_loss(&recipe, d) / kDraws;
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      return kWorstLoss;
    }
    return std::isfinite(sum) ? sum : kWorstLoss;
  }

 private:
  const Fold& fold_of() const { return x_.partition.folds[fold_]; }

  double mean_loss(const ArmRecipe* recipe, std::uint32_t copy) {
    if (!learner_) learn();
    return mean_of(surprises(predict(*learner_, held_out_(recipe, copy))));
  }

  void learn() {
    const auto supply = supply_of(x_, {0, Regime::matched, static_cast<std::uint32_t>(fold_)});
    learner_ = x_.learner.make(supply->shape(), supply->classes(), key_for(x_, fold_, "learner"));
    Schedule schedule = schedule_of(x_, x_.arms.front(), Regime::matched);
    schedule.steps = steps_;
    const Course course = train(*learner_, *supply, {}, schedule, stop_);
    if (!course.failure.empty()) throw data_error("the model that judges policies broke down: " + course.failure);
  }

  const Experiment& x_;
  const PolicySpace& space_;
  std::size_t fold_;
  std::uint32_t steps_;
  const std::atomic<bool>& stop_;
  HeldOut held_out_;
  std::unique_ptr<Learner> learner_{};
};

/// All folds, side by side.
class DensitySearch {
 public:
  DensitySearch(const Experiment& x, const PolicySpace& space, const DensityOptions& options, const DensityWatch& watch, const std::atomic<bool>& stop)
      : x_(x), space_(space), options_(options), watch_(watch), stop_(stop), log_(options.file, digest()), total_(x.partition.folds.size() * options.pairs) {}

  DensityFound run() {
    const std::size_t folds = x_.partition.folds.size();
    std::vector<std::vector<ScoredPair>> found(folds);
    DensityFound made{.scored = total_, .plain = std::vector<double>(folds)};
    for_each_item(folds, options_.threads, [&](std::size_t f) { found[f] = search(f, made.plain[f]); });
    if (stop_) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from there");
    std::vector<Point> best;
    for (std::size_t f = 0; f < folds; ++f) {
      std::ranges::stable_sort(found[f], {}, &ScoredPair::loss);
      // The best pairs of a fold are mostly one pair with slightly other values.
      std::set<std::set<std::size_t>> taken;
      for (const ScoredPair& pair : found[f]) {
        const bool bearable = taken.empty() || pair.loss <= kBearable * made.plain[f];
        if (bearable && taken.size() < kBestEach && taken.insert(ops_of(pair.point)).second) best.push_back(pair.point);
      }
    }
    const recipe::Recipe policy = space_.one_of(best);
    made.kept = policy.steps.front().steps.size();
    made.policy = recipe::to_yaml(policy);
    return made;
  }

 private:
  std::string digest() const {
    std::string all = fmt::format("{} {} {} {}", x_.digest, options_.steps, x_.batch, x_.seed);
    for (const Fold& fold : x_.partition.folds)
      for (const Entries* entries : {&fold.train, &fold.validation}) {
        all += '\n';
        for (const std::uint32_t e : *entries) all += std::to_string(e) + ' ';
      }
    return digest_of(all.data(), all.size());
  }

  std::vector<ScoredPair> search(std::size_t f, double& plain) {
    if (stop_) return {};
    Judge judge(x_, space_, f, options_.steps, stop_);
    plain = known(f, 0, [&] { return judge.plain_loss(); });
    TreeParzen estimator(space_.shape());
    std::vector<ScoredPair> found;
    for (std::uint32_t n = 1; n <= options_.pairs && !stop_; ++n) {
      const Point point = estimator.next(key_for(x_, f, std::to_string(n)));
      const double loss = known(f, n, [&] { return judge.loss(point); });
      estimator.tell(point, loss);
      found.push_back({point, loss});
      tell(f, n, *std::ranges::min_element(found, {}, &ScoredPair::loss), plain);
    }
    return found;
  }

  /// Which pair is the n-th follows from the losses before, so losses are all that is kept.
  template <class Find>
  double known(std::size_t fold, std::uint32_t n, const Find& find) {
    if (const std::optional<double> before = log_.find(fold, n)) return *before;
    const double loss = find();
    log_.add(fold, n, loss);
    return loss;
  }

  void tell(std::size_t fold, std::uint32_t n, const ScoredPair& best, double plain) {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (n % kTellEach == 0 || n == options_.pairs)
      watch_(done_, total_, fmt::format("density matching, fold {}: {} pairs of ops, the best makes a loss of {:.3f} ({:.3f} unchanged)", fold, n, best.loss, plain));
  }

  const Experiment& x_;
  const PolicySpace& space_;
  const DensityOptions& options_;
  const DensityWatch& watch_;
  const std::atomic<bool>& stop_;
  LossLog log_;
  std::size_t total_, done_{};
  std::mutex mutex_{};
};

}  // namespace

DensityFound match_density(const Experiment& x, const PolicySpace& space, const DensityOptions& options, const DensityWatch& watch,
                           const std::atomic<bool>& stop) {
  for (const Fold& fold : x.partition.folds)
    if (fold.validation.empty()) throw usage_error("there are too few items to hold some out for density matching").with_hint("--level 1 needs none");
  return DensitySearch(x, space, options, watch, stop).run();
}

double cost_of_pair(const Experiment& x, const PolicySpace& space) {
  constexpr int kLooks = 3;
  const std::atomic<bool> never{false};
  Judge judge(x, space, 0, x.learner.rounds > 0 ? 1 : 3, never);
  judge.plain_loss();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kLooks; ++i) judge.loss(random_point(space.shape(), key_for(x, 0, "cost " + std::to_string(i))));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() / kLooks;
}

}  // namespace leaven::learn

#include "learn/tune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <mutex>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/folder_lock.hpp"
#include "io/atomic_file.hpp"
#include "leaven/parallel.hpp"
#include "learn/budget.hpp"
#include "learn/experiment.hpp"
#include "learn/proof.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

struct Round {
  double steps{};  ///< share of the proof's
  std::uint32_t seeds{};
};
constexpr std::array kRounds{Round{0.5, 1}, Round{1, 1}, Round{1, 3}};
constexpr std::size_t kKeep = 3;  ///< one of so many goes on
constexpr std::uint32_t kUsualSteps = 800, kUsualEpochs = 10;
/// Of the budget; the rest is for the proof.
constexpr double kSearchShare = 0.5;
/// Held out of the training data to choose with.
constexpr double kHoldOut = 0.3;
/// So that the search divides training data otherwise than the proof does.
constexpr std::uint64_t kSearchSeed = 1'000'003;

/// What a training counts that broke down; R² may lie below 0.
constexpr double kWorst = -1e6;

constexpr std::array kRandAugmentN{1, 2, 3};
constexpr std::array kRandAugmentMagnitude{3, 6, 9};
/// Of numbers in tables, in their deviations.
constexpr std::array kNoise{0.02, 0.1, 0.3};

std::string rand_augment(int n, int magnitude) { return fmt::format("leaven: 1\nsteps: [rand_augment: {{n: {}, magnitude: {}}}]\n", n, magnitude); }

double seconds_since(std::chrono::steady_clock::time_point begun) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(); }

/// Runs the rounds on one division of the training data.
class Search {
 public:
  Search(const TuneOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch, const std::atomic<bool>& stop)
      : options_(options), learner_(learner), watch_(watch), stop_(stop), threads_(options.prove.threads ? options.prove.threads : available_threads()),
        domain_(domain_of(options.prove.data, options.prove.input_format)),
        candidates_(candidates_for(options.level, options.start, domain_)) {
    for (const Candidate& candidate : candidates_) arms_.push_back(arm_of(candidate));
    const ProveOptions& p = options.prove;
    const std::optional<ArmRecipe>& first = arms_[1].recipe;
    material_ = open_material({.data = p.data, .input_format = p.input_format, .side = p.side, .threads = p.threads, .target = p.target, .group = p.group, .metric = p.metric,
                               .recipe = first ? &first->recipe : nullptr});
    metric_ = &metric_named(!p.metric.empty() ? p.metric : material_->classes() == 0 ? "r2" : "accuracy");
  }

  std::vector<Candidate> run() {
    const ProveOptions& p = options_.prove;
    PartitionOptions division{.per_class = p.per_class, .test = p.test, .group = p.group.empty() ? "" : material_->group_expression(p.group), .seeds = 1, .seed = p.seed,
                              .number = material_->classes() == 0};
    const io::DatasetIndex& index = material_->index();
    const Partition outer = divide(index, division);
    division.aside.assign(index.entries.size(), false);
    for (const std::uint32_t e : outer.test) division.aside[e] = true;
    division.test = kHoldOut;
    division.seeds = kRounds.back().seeds;
    division.seed = p.seed + kSearchSeed;
    Partition inner = divide(index, division);
    material_->take(inner.used());
    Entries gone;
    for (const std::uint32_t e : inner.used())
      if (!material_->has(e)) gone.push_back(e);
    inner.remove(gone);
    Experiment x{*material_, inner, arms_, learner_};
    x.batch = p.batch;
    x.seed = division.seed;
    x.checks_labels = false;
    x.digest = "search " + digest_of_items(*material_, inner) + learner_.name + learner_.machinery + LEAVEN_VERSION + std::to_string(material_->shape().width);
    rounds(x, steps_for(x));
    return std::move(candidates_);
  }

 private:
  Arm arm_of(const Candidate& candidate) const {
    Arm arm{candidate.name, kTimes, {}};
    if (candidate.name != kDup) arm.recipe = arm_recipe(candidate.name, recipe::parse(candidate.yaml, ops::op_table()), domain_);
    return arm;
  }

  /// As many as the proof would take, or what the budget allows.
  std::uint32_t steps_for(const Experiment& x) const {
    const ProveOptions& p = options_.prove;
    if (p.steps) return *p.steps;
    if (learner_.rounds > 0) return p.epochs.value_or(learner_.rounds);
    const double epoch = std::ceil(static_cast<double>(x.partition.folds.front().train.size()) / p.batch);
    if (p.epochs) return static_cast<std::uint32_t>(epoch * *p.epochs);
    const std::uint32_t usual = std::max(kUsualSteps, static_cast<std::uint32_t>(epoch) * kUsualEpochs);
    if (p.budget <= 0) return usual;
    const Costs costs = measure_costs(x);
    double trainings = 0, left = static_cast<double>(candidates_.size());
    for (const Round& round : kRounds) {
      trainings += left * round.seeds * round.steps;
      left = std::ceil(left / kKeep);
    }
    const double affordable = kSearchShare * p.budget * threads_ / (trainings * costs.recipe_step);
    if (affordable < kLeastSteps)
      throw usage_error(fmt::format("the budget is too small to try {} recipes: {} steps each are the least", candidates_.size(), kLeastSteps)).with_hint("give more time (--budget 30m), or --level 0");
    return static_cast<std::uint32_t>(std::min<double>(usual, affordable));
  }

  void rounds(Experiment& x, std::uint32_t steps) {
    TrialStore store(options_.prove.out / "leaven.trials.jsonl");
    std::vector<std::size_t> left(candidates_.size());
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = i;
    for (std::size_t r = 0; r < kRounds.size(); ++r) {
      x.steps = std::max(1U, static_cast<std::uint32_t>(kRounds[r].steps * steps));
      run_round(x, store, left, kRounds[r].seeds, static_cast<int>(r) + 1);
      std::ranges::stable_sort(left, [&](std::size_t a, std::size_t b) { return candidates_[a].mean() > candidates_[b].mean(); });
      if (r + 1 < kRounds.size()) left.resize((left.size() + kKeep - 1) / kKeep);
    }
    std::ranges::stable_sort(candidates_, [](const Candidate& a, const Candidate& b) { return std::pair(a.round, a.mean()) > std::pair(b.round, b.mean()); });
  }

  void run_round(const Experiment& x, TrialStore& store, const std::vector<std::size_t>& left, std::uint32_t seeds, int round) {
    const std::size_t total = left.size() * seeds;
    std::vector<double> scores(total);
    std::size_t done = 0;
    std::mutex mutex;
    const auto begun = std::chrono::steady_clock::now();
    for_each_item(total, threads_, [&](std::size_t i) {
      if (stop_) return;
      const TrialId id{left[i / seeds], Regime::matched, static_cast<std::uint32_t>(i % seeds)};
      std::optional<Trial> trial = store.find(key_of(x, id));
      if (!trial) {
        trial = tried(x, id);
        store.add(*trial);
      }
      scores[i] = trial->failure.empty() ? (metric_->less_is_better ? -1 : 1) * trial->metrics.*metric_->value : kWorst;
      const std::lock_guard lock(mutex);
      ++done;
      watch_({done, total, seconds_since(begun), seconds_since(begun) / static_cast<double>(done) * static_cast<double>(total - done),
              fmt::format("round {}, {}: {:.2f}", round, candidates_[id.arm].name, scores[i])});
    });
    if (stop_) throw Error(Fault::interrupted, "stopped").with_hint("the same command goes on from there");
    for (std::size_t c = 0; c < left.size(); ++c) {
      candidates_[left[c]].round = round;
      candidates_[left[c]].scores.assign(scores.begin() + static_cast<std::ptrdiff_t>(c * seeds), scores.begin() + static_cast<std::ptrdiff_t>((c + 1) * seeds));
    }
  }

  /// A recipe that cannot work on these pictures is out, and no error: nobody asked for it.
  Trial tried(const Experiment& x, const TrialId& id) const {
    try {
      return run_trial(x, id, stop_);
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      Trial trial{.key = key_of(x, id), .arm = x.arms[id.arm].name, .regime = id.regime, .seed = id.fold};
      trial.failure = error.what();
      return trial;
    }
  }

  const TuneOptions& options_;
  const LearnerKind& learner_;
  const std::function<void(const ProveProgress&)>& watch_;
  const std::atomic<bool>& stop_;
  int threads_;
  Domain domain_;
  std::vector<Candidate> candidates_;
  std::vector<Arm> arms_{};
  std::unique_ptr<Material> material_{};
  const MetricInfo* metric_{};
};

/// A policy of the same space that nobody chose: what a search is worth beside luck.
std::string random_policy(std::uint64_t seed) {
  const Key key = KeyMaker({.seed = seed}).key("tune/random", {});
  return rand_augment(kRandAugmentN[draw_below(key, kRandAugmentN.size(), 0)], kRandAugmentMagnitude[draw_below(key, kRandAugmentMagnitude.size(), 1)]);
}

}  // namespace

namespace {
bool suits(const recipe::Recipe& recipe, Domain domain) {
  return std::ranges::all_of(recipe.steps, [&](const recipe::Step& step) { return !step.op || step.op->domain == domain; });
}

/// Where there is no grid: one of all that was tried.
std::string random_candidate(const TuneOptions& options, Domain domain) {
  const std::vector<Candidate> all = candidates_for(options.level, "", domain);
  const Key key = KeyMaker({.seed = options.prove.seed}).key("tune/random", {});
  return all[1 + draw_below(key, all.size() - 1, 0)].yaml;
}
}  // namespace

double Candidate::mean() const { return mean_of(scores); }

std::vector<Candidate> candidates_for(int level, const std::string& start, Domain domain) {
  std::vector<Candidate> all{{.name = kDup}};
  const auto add = [&](const std::string& name) { all.push_back({.name = name, .yaml = recipe::to_yaml(arms_for(name, {}, domain).front().recipe->recipe)}); };
  const auto add_text = [&](std::string name, std::string text) { all.push_back({.name = std::move(name), .yaml = std::move(text)}); };
  if (!start.empty()) add(start);
  for (const std::string& name : recipe::preset_names())
    if (suits(recipe::preset(name, ops::op_table()), domain)) add(name);
  switch (domain) {
    case Domain::raster:
      add("trivial_augment");
      if (level >= 1)
        for (const int n : kRandAugmentN)
          for (const int magnitude : kRandAugmentMagnitude) add_text(fmt::format("rand_augment n {} magnitude {}", n, magnitude), rand_augment(n, magnitude));
      break;
    case Domain::columns:
      add("random_over");
      add("auto");
      if (level >= 1) {
        for (const char* const method : {"borderline_1", "adasyn", "kmeans_smote", "g_smote", "random_under"}) add(method);
        for (const double sigma : kNoise) add_text(fmt::format("table_jitter sigma {:g}", sigma), fmt::format("leaven: 1\nsteps: [table_jitter: {{sigma: {:g}}}]\n", sigma));
      }
      break;
    case Domain::series:
      for (const char* const op : {"series_jitter", "series_scaling", "series_time_warp", "series_window_warp", "series_magnitude_warp"}) {
        add_text(op, fmt::format("leaven: 1\nsteps: [{}]\n", op));
        if (level >= 1) add_text(std::string(op) + " in half", fmt::format("leaven: 1\nsteps: [{}: {{p: 0.5}}]\n", op));
      }
      break;
  }
  return all;
}

Tuned tune(const TuneOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch, const std::atomic<bool>& stop) {
  std::error_code error;
  fs::create_directories(options.prove.out, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(options.prove.out.string());
  Tuned tuned;
  {
    const flow::FolderLock lock(options.prove.out, "");
    tuned.candidates = Search(options, learner, watch, stop).run();
  }
  const auto best = std::ranges::find_if(tuned.candidates, [](const Candidate& c) { return c.name != kDup; });
  const Candidate& first = tuned.candidates.front();
  std::string text = fmt::format("# The best of {} that leaven tune tried: {} ({:.2f} points on held-out training data).\n", tuned.candidates.size() - 1, best->name, best->mean());
  if (first.name == kDup) text += fmt::format("# Plain repetition did better there ({:.2f}).\n", first.mean());
  io::write_file_atomically(options.best, text + best->yaml);
  const fs::path random = options.prove.out / "random_policy.yaml";
  const Domain domain = domain_of(options.prove.data, options.prove.input_format);
  io::write_file_atomically(random, domain == Domain::raster ? random_policy(options.prove.seed) : random_candidate(options, domain));
  ProveOptions proof = options.prove;
  proof.recipe = options.best.string();
  proof.against = {kNone, random.string()};
  if (domain == Domain::raster) proof.against.insert(proof.against.begin() + 1, "trivial_augment");
  proof.budget *= 1 - kSearchShare;
  tuned.proof = prove(proof, learner, watch, stop);
  return tuned;
}

std::string candidates_text(const std::vector<Candidate>& candidates) {
  std::string text = fmt::format("  {:<36}{:>8}{:>12}{:>12}\n", "tried", "round", "trainings", "score");
  for (const Candidate& c : candidates) text += fmt::format("  {:<36}{:>8}{:>12}{:>12.2f}\n", c.name, c.round, c.scores.size(), c.mean());
  return text + "\n";
}

}  // namespace leaven::learn

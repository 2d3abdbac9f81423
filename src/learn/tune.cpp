#include "learn/tune.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/value.hpp"
#include "flow/folder_lock.hpp"
#include "io/atomic_file.hpp"
#include "leaven/parallel.hpp"
#include "learn/budget.hpp"
#include "learn/density_search.hpp"
#include "learn/division.hpp"
#include "learn/experiment.hpp"
#include "learn/proof.hpp"
#include "learn/schedule_search.hpp"
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
/// Of the search, for density matching or a population; the rest is for the rounds.
constexpr double kDensityShare = 0.5;
constexpr std::uint32_t kMembers = 8, kLeastMembers = 4;
/// Of the training data, for density matching: a model is trained in each.
constexpr std::uint32_t kDensityFolds = 4;
constexpr const char* kDensityName = "density matching";
/// Held out of the training data to choose with.
constexpr double kHoldOut = 0.3;
/// So that the search divides training data otherwise than the proof does.
constexpr std::uint64_t kSearchSeed = 1'000'003;

/// What a training counts that broke down; R² may lie below 0.
constexpr double kWorst = -1e6;

double seconds_since(std::chrono::steady_clock::time_point begun) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(); }

struct SearchPlan {
  std::uint32_t steps{};  ///< of a training as long as the proof's
  std::uint32_t pairs{};  ///< looked at by density matching, in each fold; 0: it is not done
  std::uint32_t members{};  ///< of a population; 0: there is none
};

/// Runs the rounds on one division of the training data.
class Search {
 public:
  Search(const TuneOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch, const std::atomic<bool>& stop)
      : options_(options), learner_(learner), watch_(watch), stop_(stop), threads_(options.prove.threads ? options.prove.threads : available_threads()),
        domain_(domain_of(options.prove.data, options.prove.input_format)) {
    if (options.level == 3 && (domain_ == Domain::columns || learner.rounds > 0))
      throw usage_error("--level 3 needs pictures or series, and a learner that is trained step by step").with_hint("--level 1 or 2 needs neither");
    const ProveOptions& p = options.prove;
    const std::optional<ArmRecipe> first = options.start.empty() ? std::nullopt : arms_for(options.start, {}, domain_).front().recipe;
    material_ = open_material({.data = p.data, .input_format = p.input_format, .side = p.side, .threads = p.threads, .target = p.target, .group = p.group, .metric = p.metric,
                               .recipe = first ? &first->recipe : nullptr});
    candidates_ = candidates_for(options.level, options.start, domain_, material_->classes() == 0);
    for (const Candidate& candidate : candidates_) arms_.push_back(arm_of(candidate));
    metric_ = &metric_named(!p.metric.empty() ? p.metric : material_->classes() == 0 ? "r2" : "accuracy");
  }

  void run() {
    const ProveOptions& p = options_.prove;
    Division outer = divide_apart(*material_, p.data, {.per_class = p.per_class, .test = p.test, .group = p.group.empty() ? "" : material_->group_expression(p.group), .seeds = 1, .seed = p.seed,
                                                       .number = material_->classes() == 0});
    const io::DatasetIndex& index = material_->index();
    PartitionOptions& division = outer.options;
    division.aside.resize(index.entries.size(), false);
    for (const std::uint32_t e : outer.partition.test) division.aside[e] = true;
    division.test = kHoldOut;
    division.seeds = options_.level == 2 ? std::max(kDensityFolds, kRounds.back().seeds) : kRounds.back().seeds;
    division.seed = p.seed + kSearchSeed;
    Partition inner = divide(index, division);
    if (p.per_class) material_->take(inner.used());  // else all are there
    Entries gone;
    for (const std::uint32_t e : inner.used())
      if (!material_->has(e)) gone.push_back(e);
    inner.remove(gone);
    Experiment x{*material_, inner, arms_, learner_};
    x.batch = p.batch;
    x.seed = division.seed;
    x.checks_labels = false;
    x.digest = "search " + digest_of_items(*material_, inner.used()) + learner_.name + learner_.machinery + LEAVEN_VERSION + std::to_string(material_->shape().width);
    const SearchPlan plan = plan_for(x);
    if (options_.level == 2) match(x, plan);
    rounds(x, plan.steps);
    if (options_.level == 3) populate(x, plan);
  }

  std::vector<Candidate> candidates() { return std::move(candidates_); }
  std::vector<std::string> notes() { return std::move(notes_); }
  std::vector<double> schedule() { return std::move(schedule_); }

  /// Of the space that was searched, by chance: what a search is worth beside luck.
  std::string random_policy() const {
    const auto key = [&](std::size_t i) { return KeyMaker({.seed = options_.prove.seed}).key("tune/random", i > 0 ? std::to_string(i) : ""); };
    if (options_.level == 2) {
      const PolicySpace space(domain_);
      std::vector<Point> points;
      for (std::size_t i = 1; i <= std::max<std::size_t>(1, pairs_kept_); ++i) points.push_back(random_point(space.shape(), key(i)));
      return recipe::to_yaml(space.one_of(points));
    }
    if (domain_ == Domain::raster)
      return rand_augment(kRandAugmentN[draw_below(key(0), kRandAugmentN.size(), 0)], kRandAugmentMagnitude[draw_below(key(0), kRandAugmentMagnitude.size(), 1)]);
    // Where there is no grid: one of all that was tried and works on this data.
    std::vector<Candidate> all = candidates_for(options_.level, "", domain_, material_->classes() == 0);
    std::erase_if(all, [&](const Candidate& c) { return c.name == kDup || failed_.contains(c.name); });
    if (all.empty()) throw usage_error("none of the recipes that were tried works on this data").with_hint("--start tries one of yours");
    return all[draw_below(key(0), all.size(), 0)].yaml;
  }

 private:
  Arm arm_of(const Candidate& candidate) const {
    Arm arm{candidate.name, kTimes, {}};
    if (candidate.name != kDup) arm.recipe = arm_recipe(candidate.name, recipe::parse(candidate.yaml, ops::op_table()), domain_);
    return arm;
  }

  /// As many as the proof would take.
  std::uint32_t usual_steps(const Experiment& x) const {
    const ProveOptions& p = options_.prove;
    if (learner_.rounds == 1) return 1;
    if (p.steps) return *p.steps;
    if (learner_.rounds > 0) return p.epochs.value_or(learner_.rounds);
    const double epoch = std::ceil(static_cast<double>(x.partition.folds.front().train.size()) / p.batch);
    if (p.epochs) return static_cast<std::uint32_t>(epoch * *p.epochs);
    return std::max(kUsualSteps, static_cast<std::uint32_t>(epoch) * kUsualEpochs);
  }

  /// What an earlier run of the same command decided holds on, so that what it found out counts.
  SearchPlan plan_for(const Experiment& x) const {
    const ProveOptions& p = options_.prove;
    const SearchPlan usual{usual_steps(x), options_.level == 2 ? kMostPairs : 0, options_.level == 3 ? kMembers : 0};
    const bool fixed = p.steps || p.epochs || learner_.rounds > 0;
    if (p.budget <= 0 || (fixed && usual.pairs + usual.members == 0)) return usual;
    std::string asked = fmt::format("{} {} {} {} {} {}", x.digest, usual.steps, p.budget, threads_, options_.level, p.batch);
    for (const Candidate& candidate : candidates_) asked += '\n' + candidate.name + '\n' + candidate.yaml;
    const std::string key = digest_of(asked.data(), asked.size());
    using Json = nlohmann::ordered_json;
    const fs::path file = options_.prove.out / "leaven.tune.plan.json";
    std::ifstream in(file);
    const Json earlier = Json::parse(in, nullptr, false);
    if (earlier.is_object() && earlier.value("key", "") == key) return {earlier.value("steps", 0U), earlier.value("pairs", 0U), earlier.value("members", 0U)};
    const SearchPlan plan = affordable(x, usual, fixed);
    io::write_file_atomically(file, Json{{"key", key}, {"steps", plan.steps}, {"pairs", plan.pairs}, {"members", plan.members}}.dump(1) + "\n");
    return plan;
  }

  SearchPlan affordable(const Experiment& x, SearchPlan plan, bool fixed) const {
    const bool matches = plan.pairs > 0;
    const double budget = kSearchShare * options_.prove.budget;
    const Costs costs = measure_costs(x);
    if (!fixed) {
      double trainings = 0, left = static_cast<double>(candidates_.size() + (matches ? 1 : 0));
      for (const Round& round : kRounds) {
        trainings += left * round.seeds * round.steps;
        left = std::ceil(left / kKeep);
      }
      const double steps = (matches || plan.members > 0 ? 1 - kDensityShare : 1) * budget * threads_ / (trainings * costs.recipe_step);
      if (steps < kLeastSteps)
        throw usage_error(fmt::format("the budget is too small to try {} recipes: {} steps each are the least", candidates_.size(), kLeastSteps)).with_hint("give more time (--budget 30m), or --level 0");
      plan.steps = static_cast<std::uint32_t>(std::min<double>(plan.steps, steps));
    }
    if (plan.members > 0) {
      const double members = kDensityShare * budget * threads_ / (plan.steps * costs.recipe_step);
      if (members < kLeastMembers)
        throw usage_error(fmt::format("the budget is too small for a population: {} trainings of {} steps are the least", kLeastMembers, plan.steps)).with_hint("give more time (--budget 1h), or --level 1");
      plan.members = static_cast<std::uint32_t>(std::min<double>(plan.members, members));
    }
    if (!matches) return plan;
    const double seconds = kDensityShare * budget * std::min<double>(threads_, kDensityFolds) - kDensityFolds * plan.steps * costs.plain_step;
    const double pairs = seconds / (kDensityFolds * cost_of_pair(x, PolicySpace(domain_)));
    if (pairs < kLeastPairs)
      throw usage_error(fmt::format("the budget is too small for density matching: {} pairs of ops in each of {} folds are the least", kLeastPairs, kDensityFolds)).with_hint("give more time (--budget 1h), or --level 1");
    plan.pairs = static_cast<std::uint32_t>(std::min<double>(plan.pairs, pairs));
    return plan;
  }

  void match(const Experiment& x, const SearchPlan& plan) {
    const auto begun = std::chrono::steady_clock::now();
    const auto watch = [&](std::size_t done, std::size_t total, const std::string& what) {
      const double seconds = seconds_since(begun);
      watch_({done, total, seconds, seconds / static_cast<double>(done) * static_cast<double>(total - done), what});
    };
    const DensityFound found = match_density(x, PolicySpace(domain_), {plan.pairs, plan.steps, threads_, options_.prove.out / "leaven.pairs.jsonl"}, watch, stop_);
    pairs_kept_ = found.kept;
    notes_.push_back(fmt::format("density matching looked at {} pairs of ops on {} models that were trained without any, and put {} of them together", found.scored, found.plain.size(), found.kept));
    const std::string text = "# " + notes_.back() + ".\n" + found.policy;
    io::write_file_atomically(options_.prove.out / "density_matching.yaml", text);
    candidates_.push_back({.name = kDensityName, .yaml = found.policy});
    arms_.push_back(arm_of(candidates_.back()));
  }

  /// A schedule for the recipe that did best. Kept, since a population cannot go on from where it was stopped.
  void populate(const Experiment& x, const SearchPlan& plan) {
    const auto best = std::ranges::find_if(candidates_, [](const Candidate& c) { return c.name != kDup; });
    std::vector<Arm> arms{arm_of(*best)};
    arms.front().schedule = {1};
    Experiment own{x.material, x.partition, arms, x.learner, plan.steps, x.batch, x.seed, false, x.digest};
    const std::string key = key_of(own, {0, Regime::matched, 0}) + fmt::format(" {}", plan.members);
    using Json = nlohmann::ordered_json;
    const fs::path file = options_.prove.out / "leaven.schedule.json";
    std::ifstream in(file);
    if (const Json earlier = Json::parse(in, nullptr, false); earlier.is_object() && earlier.value("key", "") == key) {
      schedule_ = earlier.value("strengths", schedule_);
    } else {
      const auto begun = std::chrono::steady_clock::now();
      const auto watch = [&](std::size_t done, std::size_t total, const std::string& what) {
        const double seconds = seconds_since(begun);
        watch_({done, total, seconds, seconds / static_cast<double>(done) * static_cast<double>(total - done), what});
      };
      schedule_ = search_schedule(own, 0, {.members = plan.members, .threads = threads_}, watch, stop_);
      for (double& strength : schedule_) strength = std::nearbyint(strength * 100) / 100;
      io::write_file_atomically(file, Json{{"key", key}, {"recipe", best->name}, {"strengths", schedule_}}.dump(1) + "\n");
    }
    notes_.push_back(fmt::format("a population of {} found strengths {} for equal parts of the training", plan.members, fmt::join(schedule_, "/")));
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
      const double score = (metric_->less_is_better ? -1 : 1) * trial->metrics.*metric_->value;
      scores[i] = trial->failure.empty() && is_known(score) ? score : kWorst;
      const std::lock_guard lock(mutex);
      if (!trial->failure.empty()) candidates_[id.arm].failure = trial->failure, failed_.insert(candidates_[id.arm].name);
      ++done;
      watch_({done, total, seconds_since(begun), seconds_since(begun) / static_cast<double>(done) * static_cast<double>(total - done),
              fmt::format("round {}, {}: {}", round, candidates_[id.arm].name, trial->failure.empty() ? fmt::format("{:.2f}", scores[i]) : trial->failure)});
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
  std::vector<Candidate> candidates_{};
  std::vector<Arm> arms_{};
  std::unique_ptr<Material> material_{};
  const MetricInfo* metric_{};
  std::vector<std::string> notes_{};
  std::set<std::string> failed_{};  ///< names of candidates with which a training broke down
  std::size_t pairs_kept_{};
  std::vector<double> schedule_{};
};

}  // namespace

Tuned tune(const TuneOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch, const std::atomic<bool>& stop) {
  std::error_code error;
  fs::create_directories(options.prove.out, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(options.prove.out.string());
  Tuned tuned;
  const fs::path random = options.prove.out / "random_policy.yaml";
  {
    const flow::FolderLock lock(options.prove.out, "");
    Search search(options, learner, watch, stop);
    search.run();
    tuned.candidates = search.candidates();
    tuned.notes = search.notes();
    tuned.schedule = search.schedule();
    io::write_file_atomically(random, search.random_policy());
  }
  const auto best = std::ranges::find_if(tuned.candidates, [](const Candidate& c) { return c.name != kDup; });
  const Candidate& first = tuned.candidates.front();
  std::string text = fmt::format("# The best of {} that leaven tune tried: {} ({:.2f} points on held-out training data).\n", tuned.candidates.size() - 1, best->name, best->mean());
  if (first.name == kDup) text += fmt::format("# Plain repetition did better there ({:.2f}).\n", first.mean());
  const std::string schedule = fmt::format("{}", fmt::join(tuned.schedule, "/"));
  if (!tuned.schedule.empty())
    text += fmt::format("# Strengths for equal parts of a training, found by a population: {}\n# leaven prove {}@{} trains with them.\n", schedule, options.best.string(), schedule);
  io::write_file_atomically(options.best, text + best->yaml);
  ProveOptions proof = options.prove;
  proof.recipe = options.best.string() + (schedule.empty() ? "" : "@" + schedule);
  proof.against = {kNone, random.string()};
  if (!schedule.empty()) proof.against.push_back(options.best.string());
  if (domain_of(options.prove.data, options.prove.input_format) == Domain::raster) proof.against.insert(proof.against.begin() + 1, "trivial_augment");
  proof.budget *= 1 - kSearchShare;
  for (const Candidate& c : tuned.candidates) proof.tried.push_back({c.name, c.round, c.scores.size(), c.mean() > kWorst / 100 ? c.mean() : kUnknown});
  tuned.proof = prove(proof, learner, watch, stop);
  return tuned;
}

std::string search_text(const Tuned& tuned) {
  std::string text = fmt::format("  {:<36}{:>8}{:>12}{:>12}\n", "tried", "round", "trainings", "score");
  for (const Candidate& c : tuned.candidates)
    text += fmt::format("  {:<36}{:>8}{:>12}{:>12}\n", c.name, c.round, c.scores.size(), c.failure.empty() ? fmt::format("{:.2f}", c.mean()) : "-");
  for (const Candidate& c : tuned.candidates)
    if (!c.failure.empty()) text += fmt::format("  {}: {}\n", c.name, c.failure);
  for (const std::string& note : tuned.notes) text += "  " + note + "\n";
  return text;
}

}  // namespace leaven::learn

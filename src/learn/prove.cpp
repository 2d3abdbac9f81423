#include "learn/prove.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/folder_lock.hpp"
#include "io/atomic_file.hpp"
#include "leaven/parallel.hpp"
#include "learn/budget.hpp"
#include "learn/division.hpp"
#include "learn/experiment.hpp"
#include "learn/external.hpp"
#include "learn/inner_learner.hpp"
#include "learn/no_effect.hpp"
#include "learn/strength_notes.hpp"
#include "recipe/strength.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kTrialsFile = "leaven.trials.jsonl";
constexpr const char* kPlanFile = "leaven.proof.plan.json";
constexpr const char* kJsonFile = "leaven.proof.json";
constexpr const char* kPageFile = "leaven.proof.html";
constexpr std::size_t kSmallData = 1000;
constexpr double kSmallMargin = 1, kMargin = 0.3;
constexpr std::uint32_t kUsualSteps = 800, kUsualEpochs = 10;
/// However small the budget: two pairs are the least that can be judged.
constexpr std::uint32_t kCertainSeeds = 2;

MaterialOptions material_options(const ProveOptions& o, const Arm& first) {
  return {.data = o.data, .input_format = o.input_format, .side = o.side, .threads = o.threads, .target = o.target, .group = o.group, .metric = o.metric,
          .recipe = first.recipe ? &first.recipe->recipe : nullptr};
}

/// Runs one proof from its options; a class so that its steps share what they found.
class Prover {
 public:
  Prover(const ProveOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch, const std::atomic<bool>& stop, const FindLearner& find_learner)
      : options_(options), learner_(learner), watch_(watch), stop_(stop), workers_(options.threads ? options.threads : available_threads()),
        arms_(arms_for(options.recipe, options.against, domain_of(options.data, options.input_format), find_learner)) {
    if (!options.metric.empty()) metric_named(options.metric);
    material_ = open_material(material_options(options, arms_.front()));
    const bool number = material_->classes() == 0;
    metric_ = !options.metric.empty() ? options.metric : number ? "r2" : "accuracy";
    if (is_of_numbers(metric_) != number)
      throw usage_error(fmt::format("--metric {} is of {}, and {} is predicted here", metric_, number ? "classes" : "numbers", number ? "a number" : "a class"));
    external_ = {options.external, metric_, options.out, files_in(options.external)};
    for (const Arm& arm : arms_) require_learner(arm);
  }

  Proof run() {
    make_folder();
    const flow::FolderLock lock(options_.out, "");
    divide_data();
    require_inner_learner();
    for (const Arm& arm : arms_) {
      if (!arm.recipe) continue;
      for (const std::string& op : arm.recipe->left_out) facts_.notes.push_back(fmt::format("{}: {} was left out, since learners standardise by themselves", arm.name, op));
      if (!arm.recipe->recipe.augment.together.empty())
        facts_.notes.push_back(fmt::format("{}: augment: together was left aside, since a training draws for each item by itself", arm.name));
    }
    if (options_.robustness && options_.external.empty()) material_->prepare_robustness(partition_.test, options_.threads);
    Experiment x{*material_, partition_, arms_, learner_};
    x.batch = options_.batch;
    x.seed = options_.seed;
    const InputShape shape = material_->shape();
    facts_.data_digest = digest_of_items(*material_, partition_.used());
    x.items = digests_of_folds(*material_, partition_);
    x.digest = learner_.name + learner_.machinery + LEAVEN_VERSION + fmt::format("{}x{}x{}", shape.width, shape.height, shape.channels);
    x.checks_labels = options_.external.empty() && arms_.front().recipe;
    plan(x);
    describe();
    train_all(x);
    return tell();
  }

 private:
  void require_learner(const Arm& arm) const {
    if (&arm == &arms_.front() && arm.learner) throw usage_error(arm.name + ": the recipe is proven with the proof's learner").with_hint("--learner " + arm.learner->name + ", and --against for arms with others");
    const bool external = !options_.external.empty();
    if (arm.needs_steps() && (external || learner_.rounds > 0))
      throw usage_error(arm.name + ": what follows the training, or changes its steps, needs a learner that is trained step by step").with_hint(fmt::format("such as --learner {}; from Python a program of yours may use recipe.dynamic()", material_->domain() == Domain::columns ? "mlp" : "conv_net"));
    if (external && (arm.way || arm.learner || !arm.members.empty())) throw usage_error(arm.name + ": clusters, views, ensembles and other learners need learners of ours").with_hint("leave out --external");
    if (arm.rule && arm.rule != StrengthRule::ada && material_->classes() == 0)
      throw usage_error(arm.name + " goes by classes, and a number is predicted here").with_hint("ada, and a schedule such as 0/0.5/1, go by none");
    if (arm.looks_inside() && material_->classes() == 0) throw usage_error(arm.name + " needs classes, and a number is predicted here");
  }

  /// When the shape of items is known.
  void require_inner_learner() const {
    const auto arm = std::ranges::find_if(arms_, &Arm::looks_inside);
    if (arm == arms_.end()) return;
    const std::unique_ptr<Learner> one = learner_.make(material_->shape(), material_->classes(), Key{});
    if (!dynamic_cast<const InnerLearner*>(one.get()))
      throw usage_error(arm->name + " works inside of a network, and " + learner_.name + " is none that can be looked into").with_hint("such as --learner conv_net");
  }

  void make_folder() {
    std::error_code error;
    fs::create_directories(options_.out, error);
    if (error) throw environment_error("cannot be made: " + error.message()).with_place(options_.out.string());
  }

  void divide_data() {
    PartitionOptions division{.per_class = options_.per_class, .test = options_.test, .validation = 0.2, .group = options_.group, .seeds = options_.seeds, .seed = options_.seed};
    const recipe::Recipe& recipe = arms_.front().recipe->recipe;
    if (division.group.empty() && recipe.has_split && recipe.split.method == recipe::SplitStage::Method::group)
      division.group = recipe.split.group.empty() ? recipe.split.column : recipe.split.group;
    const std::string group = division.group;
    if (!group.empty()) division.group = material_->group_expression(group), recipe::require_group_expression("--group", division.group, "");
    division.number = material_->classes() == 0;
    Division divided = divide_apart(*material_, options_.data, std::move(division));
    if (!group.empty()) divided.notes.push_back("items of one group (" + group + ") are on one side of every split");
    leave_out_seen(*material_, divided);
    partition_ = std::move(divided.partition);
    facts_.notes = material_->notes();
    facts_.notes.insert(facts_.notes.end(), divided.notes.begin(), divided.notes.end());
    facts_.equal_items = divided.look_alikes.equal.size();
    facts_.look_alike_count = divided.look_alikes.count;
    facts_.look_alikes = std::move(divided.look_alikes.first);
    require_metric();
  }

  void require_metric() const {
    const auto label = [&](std::uint32_t e) { return material_->index().entries[e].label; };
    if (metric_ == "auc" && std::ranges::all_of(partition_.test, [&](std::uint32_t e) { return label(e) == label(partition_.test.front()); }))
      throw usage_error(fmt::format("--metric auc needs test {} of two classes, and all {} are {}", material_->many(), partition_.test.size(), material_->index().labels[label(partition_.test.front())]))
          .with_hint("a larger --test, or another --metric");
  }

  std::uint32_t usual_steps(const LearnerKind& learner) const {
    if (learner.rounds == 1) return 1;
    const bool own_rounds = learner.rounds > 0 && learner_.rounds == 0;  // steps of networks are no rounds
    if (options_.steps && !own_rounds) return *options_.steps;
    if (learner.rounds > 0) return options_.epochs.value_or(learner.rounds);
    const double epoch = std::ceil(static_cast<double>(partition_.folds.front().train.size()) / options_.batch);
    if (options_.epochs) return static_cast<std::uint32_t>(epoch * *options_.epochs);
    return std::max(kUsualSteps, static_cast<std::uint32_t>(epoch) * kUsualEpochs);
  }

  void plan(Experiment& x) {
    for (Arm& arm : arms_)
      if (arm.learner && (arm.learner->rounds > 0 || learner_.rounds > 0)) arm.steps = usual_steps(*arm.learner);
    PlanRequest request{.steps = usual_steps(learner_), .seeds = options_.seeds, .fixed_steps = options_.steps || options_.epochs || learner_.rounds == 1,
                        .converged = options_.converged && options_.external.empty() && learner_.rounds != 1 && !partition_.folds.front().validation.empty(), .budget = options_.budget, .workers = workers_};
    for (const Arm& arm : arms_)
      if (!arm.learner) ++(arm.recipe ? request.recipe_arms : request.plain_arms);
    std::string asked = x.digest + x.items.front();
    for (const Arm& arm : arms_) asked += ' ' + (arm.recipe ? arm.recipe->digest : "") + ' ' + arm.name;
    const auto look = [&] {
      const Costs costs = options_.budget > 0 && options_.external.empty() ? measure_costs(x) : Costs{};
      return std::pair(costs, seconds());
    };
    plan_ = kept_plan(options_.out / kPlanFile, asked, request, look);
    if (!plan_.cut.empty()) facts_.notes.push_back(plan_.cut);
    x.steps = plan_.steps;
  }

  void describe() {
    const Fold& fold = partition_.folds.front();
    facts_.recipe = arms_.front().name;
    facts_.primary_arm = arms_.front().name;
    facts_.recipe_yaml = recipe::to_yaml(arms_.front().recipe->recipe);
    facts_.data = options_.data.string();
    facts_.description = material_->index().description;
    facts_.one = material_->one();
    facts_.many = material_->many();
    facts_.learner = options_.external.empty() ? learner_.name + ": " + learner_.summary : options_.external;
    facts_.machinery = options_.external.empty() ? learner_.machinery : "the program's own";
    facts_.command = options_.command;
    facts_.version = LEAVEN_VERSION;
    facts_.metric = metric_;
    facts_.tried = options_.tried;
    for (const Arm& arm : arms_) {
      facts_.arms.push_back(arm.name);
      facts_.meanings[arm.name] = meaning_of(arm, std::string(material_->many()));
      if (arm.recipe && arm.strength_of.empty()) {
        std::string& text = facts_.recipes[arm.name] = recipe::to_yaml(arm.recipe->recipe);
        for (const ArmRecipe& member : arm.members) text += "---\n" + recipe::to_yaml(member.recipe);
      }
      if (!arm.control.empty()) facts_.controls[arm.name] = arm.control;
      if (arm.learner && arm.recipe) facts_.notes.push_back(arm.name + " is trained otherwise: " + arm.learner->summary);
    }
    if (material_->classes() > 0) facts_.classes = material_->index().labels;
    if (learner_.rounds == 1 && options_.external.empty() && (options_.steps || options_.epochs) && std::ranges::none_of(arms_, [](const Arm& arm) { return arm.learner != nullptr; }))
      facts_.notes.push_back(fmt::format("--{} changes nothing here: {} learns in one round", options_.steps ? "steps" : "epochs", learner_.name));
    facts_.seeds_asked = options_.seeds;
    facts_.steps = options_.external.empty() ? plan_.steps : 0;
    facts_.batch = learner_.rounds > 0 ? 0 : options_.batch;
    facts_.train_items = fold.train.size();
    facts_.validation_items = fold.validation.size();
    facts_.test_items = partition_.test.size();
    facts_.test_of_class.resize(material_->classes());
    if (material_->classes() > 0)
      for (const std::uint32_t e : partition_.test) ++facts_.test_of_class[material_->index().entries[e].label];
    facts_.shape = material_->shape();
    facts_.margin = options_.margin.value_or(fold.train.size() < kSmallData ? kSmallMargin : kMargin);
    facts_.threads = workers_;
  }

  /// Pairs first, so that a run that is cut short has whole ones.
  std::vector<TrialId> all_trials() const {
    std::vector<TrialId> ids;
    for (const Regime regime : {Regime::matched, Regime::converged}) {
      if (regime == Regime::converged && !plan_.converged) continue;
      for (std::uint32_t s = 0; s < plan_.seeds; ++s)
        for (std::size_t a = 0; a < arms_.size(); ++a) ids.push_back({a, regime, s});
    }
    return ids;
  }

  std::string key(const Experiment& x, const TrialId& id) const { return options_.external.empty() ? key_of(x, id) : key_of(external_, x, id); }

  /// What the trainings of a proof share while they run.
  struct Running {
    TrialStore store;
    std::vector<TrialId> ids{};
    Clock::time_point begun{Clock::now()};
    std::mutex mutex{};
    std::size_t done{}, before{};  ///< before: of earlier runs
    double longest{};              ///< s, of a training
    bool cut{};                    ///< the budget ended
    double seconds() const { return std::chrono::duration<double>(Clock::now() - begun).count(); }
  };

  /// One training, and all arms that would train alike and share it.
  struct Training {
    TrialId id{};
    std::string key{};
    std::vector<Arm> arms{};  ///< where they are others than the proof's: the strength of one was waited for
    double mean_strength{1};
    std::vector<std::size_t> of{};  ///< into Running::ids
  };

  void train_all(const Experiment& x) {
    Running run{TrialStore(options_.out / kTrialsFile), all_trials()};
    trials_.assign(run.ids.size(), std::nullopt);
    // How strong an arm is that follows another is known when that one has been trained.
    for (const bool following : {false, true}) {
      const std::vector<Training> trainings = following ? following_trainings(x, run) : leading_trainings(x, run);
      if (!following) show(run, "");
      for_each_item(trainings.size(), workers_, [&](std::size_t t) {
        if (!stop_ && !out_of_time(run, trainings[t].id)) train_one(x, run, trainings[t]);
      });
    }
    if (stop_) throw Error(Fault::interrupted, fmt::format("stopped after {} of {} trainings", run.done, run.ids.size())).with_hint("the same command goes on from there");
    facts_.budget_ended = run.cut;
    if (run.cut) facts_.notes.push_back(fmt::format("the budget ended after {} of {} trainings; the same command goes on from there", run.done, run.ids.size()));
    facts_.seconds = seconds();
    facts_.kept_trainings = run.before;
  }

  /// Adds it, or takes what an earlier run kept.
  void need(Running& run, std::vector<Training>& trainings, Training training) {
    const std::size_t i = training.of.front();
    trials_[i] = run.store.find(training.key);
    // A program that failed may have been lacking something that is there by now.
    if (trials_[i] && !options_.external.empty() && !trials_[i]->failure.empty()) trials_[i].reset();
    if (trials_[i]) {
      trials_[i]->arm = arms_[run.ids[i].arm].name;
      trials_[i]->course.mean_strength = follows(run.ids[i]) ? training.mean_strength : trials_[i]->course.mean_strength;
      ++run.done, ++run.before;
    } else if (const auto alike = std::ranges::find(trainings, training.key, &Training::key); alike != trainings.end()) {
      alike->of.push_back(i);
    } else {
      trainings.push_back(std::move(training));
    }
  }

  std::vector<Training> leading_trainings(const Experiment& x, Running& run) {
    std::vector<Training> trainings;
    for (std::size_t i = 0; i < run.ids.size(); ++i)
      if (!follows(run.ids[i])) need(run, trainings, {.id = run.ids[i], .key = key(x, run.ids[i]), .of = {i}});
    return trainings;
  }

  /// Recipes with the mean strength of the training that they are to be compared with.
  std::vector<Training> following_trainings(const Experiment& x, Running& run) {
    std::vector<Training> trainings;
    for (std::size_t i = 0; i < run.ids.size(); ++i) {
      const TrialId id = run.ids[i];
      if (!follows(id)) continue;
      const auto leader = std::ranges::find(arms_, arms_[id.arm].strength_of, &Arm::name) - arms_.begin();
      const auto led = std::ranges::find_if(run.ids, [&](const TrialId& other) { return static_cast<std::ptrdiff_t>(other.arm) == leader && other.regime == id.regime && other.fold == id.fold; });
      const std::optional<Trial>& followed = trials_[static_cast<std::size_t>(led - run.ids.begin())];
      if (!followed) continue;  // the budget ended before it
      if (!followed->failure.empty()) {
        end(run, i, {.arm = arms_[id.arm].name, .regime = id.regime, .seed = id.fold, .failure = "the training that it follows broke down"}, 0);
        continue;
      }
      Training training{.id = id, .arms = arms_, .mean_strength = std::nearbyint(followed->course.mean_strength * 1e4) / 1e4, .of = {i}};
      std::optional<ArmRecipe>& recipe = training.arms[id.arm].recipe;
      if (training.mean_strength != 1) recipe = arm_recipe(recipe->name, recipe::at_strength(recipe->recipe, training.mean_strength), material_->domain());
      training.key = key(with_arms(x, training.arms), id);
      need(run, trainings, std::move(training));
    }
    return trainings;
  }

  static Experiment with_arms(const Experiment& x, const std::vector<Arm>& arms) { return {x.material, x.partition, arms, x.learner, x.steps, x.batch, x.seed, x.checks_labels, x.digest, x.items}; }

  bool follows(const TrialId& id) const { return !arms_[id.arm].strength_of.empty(); }

  /// Of the budget: reading the data and looking how long steps take count too.
  double seconds() const { return std::chrono::duration<double>(Clock::now() - begun_).count(); }

  bool out_of_time(Running& run, const TrialId& id) const {
    const std::lock_guard lock(run.mutex);
    const bool certain = id.regime == Regime::matched && id.fold < kCertainSeeds;
    const bool out = options_.budget > 0 && !certain && seconds() + run.longest > options_.budget;
    run.cut = run.cut || out;
    return out;
  }

  void show(const Running& run, const std::string& what) const {
    const std::size_t total = run.ids.size();
    const double pace = run.done > run.before ? run.seconds() / static_cast<double>(run.done - run.before) : plan_.seconds / static_cast<double>(total);
    watch_({run.done, total, run.seconds(), pace * static_cast<double>(total - run.done), what});
  }

  void train_one(const Experiment& x, Running& run, const Training& training) {
    const double from = run.seconds();
    const Experiment own = with_arms(x, training.arms.empty() ? arms_ : training.arms);
    Trial trial = options_.external.empty() ? run_trial(own, training.id, stop_) : run_external(external_, own, training.id, stop_);
    if (follows(training.id)) trial.course.mean_strength = training.mean_strength;
    run.store.add(trial);
    for (const std::size_t i : training.of) end(run, i, trial, run.seconds() - from);
  }

  void end(Running& run, std::size_t i, Trial trial, double seconds) {
    trial.arm = arms_[run.ids[i].arm].name;
    const std::lock_guard lock(run.mutex);
    run.longest = std::max(run.longest, seconds);
    ++run.done;
    show(run, fmt::format("{}, {}, seed {}: {}", trial.arm, name_of(trial.regime), trial.seed, trial.failure.empty() ? fmt::format("{:.2f}", trial.metrics.*metric_named(metric_).value) : trial.failure));
    trials_[i] = std::move(trial);
  }

  Proof tell() {
    std::vector<Trial> trials;
    for (std::optional<Trial>& trial : trials_)
      if (trial) trials.push_back(*std::move(trial));
    std::set<std::string_view> counted;  // arms may share a training
    for (const Trial& trial : trials)
      if (counted.insert(trial.key).second) facts_.cpu_seconds += trial.cpu_seconds;
    for (std::string& note : strength_notes(arms_, trials)) facts_.notes.push_back(std::move(note));
    for (std::string& note : arms_without_effect(arms_, trials, material_->one())) facts_.notes.push_back(std::move(note));
    const auto at_the_end = [&](const Trial& t) { return t.regime == Regime::converged && t.failure.empty() && t.course.steps == plan_.steps * Schedule::kLongest; };
    if (const auto cut = std::ranges::count_if(trials, at_the_end); cut > 0)
      facts_.notes.push_back(fmt::format("{} trainings until no progress were ended after {} times the planned steps", cut, Schedule::kLongest));
    const Proof proof = conclude(facts_, std::move(trials));
    io::write_file_atomically(options_.out / kJsonFile, proof_json(proof));
    io::write_file_atomically(options_.out / kPageFile, proof_page(proof));
    return proof;
  }

  const ProveOptions& options_;
  const LearnerKind& learner_;
  const std::function<void(const ProveProgress&)>& watch_;
  const std::atomic<bool>& stop_;
  Clock::time_point begun_{Clock::now()};
  int workers_;
  std::vector<Arm> arms_;
  std::unique_ptr<Material> material_{};
  std::string metric_{};
  External external_{};
  Partition partition_{};
  Plan plan_{};
  ProofFacts facts_{};
  std::vector<std::optional<Trial>> trials_{};
};

}  // namespace

Proof prove(const ProveOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch,
            const std::atomic<bool>& stop, const FindLearner& find_learner) {
  return Prover(options, learner, watch, stop, find_learner).run();
}

}  // namespace leaven::learn

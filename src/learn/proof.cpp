#include "learn/proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven::learn {

namespace {

std::vector<const Trial*> of_arm(const std::vector<Trial>& trials, const std::string& arm, Regime regime) {
  std::vector<const Trial*> found;
  for (const Trial& t : trials)
    if (t.arm == arm && t.regime == regime) found.push_back(&t);
  std::ranges::sort(found, {}, &Trial::seed);
  return found;
}

Summary summary_of(const std::vector<double>& values) { return {mean_of(values), deviation_of(values), values.size()}; }

/// Adds up what has the same place in each trial and divides by how many had it.
class Means {
 public:
  void add(const std::vector<double>& values) {
    if (sums_.size() < values.size()) sums_.resize(values.size()), counts_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      if (is_known(values[i])) sums_[i] += values[i], ++counts_[i];
  }
  std::vector<double> take() const {
    std::vector<double> means(sums_.size());
    for (std::size_t i = 0; i < means.size(); ++i) means[i] = counts_[i] > 0 ? sums_[i] / counts_[i] : kUnknown;
    return means;
  }

 private:
  std::vector<double> sums_{}, counts_{};
};

std::vector<CurvePoint> mean_curve(const std::vector<const Trial*>& trials) {
  std::map<std::uint32_t, std::pair<CurvePoint, double>> points;
  for (const Trial* t : trials)
    for (const CurvePoint& p : t->course.curve) {
      auto& [sum, count] = points[p.step];
      sum.loss += p.loss, sum.score += p.score, ++count;
    }
  std::vector<CurvePoint> curve;
  for (const auto& [step, point] : points) curve.push_back({step, point.first.loss / point.second, point.first.score / point.second});
  return curve;
}

std::vector<StrengthPoint> mean_strengths(const std::vector<const Trial*>& trials) {
  std::map<std::uint32_t, std::pair<StrengthPoint, double>> points;
  for (const Trial* t : trials)
    for (const StrengthPoint& p : t->course.strengths) {
      auto& [sum, count] = points[p.step];
      sum.mean += p.mean, sum.least += p.least, sum.most += p.most, ++count;
    }
  std::vector<StrengthPoint> curve;
  for (const auto& [step, point] : points)
    curve.push_back({step, point.first.mean / point.second, point.first.least / point.second, point.first.most / point.second});
  return curve;
}

ArmResult result_of(const std::string& arm, Regime regime, const std::vector<const Trial*>& trials) {
  ArmResult result{.arm = arm, .regime = regime};
  std::vector<const Trial*> whole;
  for (const Trial* t : trials) {
    result.cpu_seconds += t->cpu_seconds;
    if (t->failure.empty())
      whole.push_back(t);
    else
      result.failures.push_back(fmt::format("seed {}: {}", t->seed, t->failure));
  }
  result.whole = whole.size();
  for (const MetricInfo& info : metric_infos()) {
    std::vector<double> values;
    for (const Trial* t : whole)
      if (is_known(t->metrics.*info.value)) values.push_back(t->metrics.*info.value);
    result.metrics.emplace(info.name, summary_of(values));
  }
  Means classes;
  std::map<std::string, Means> robustness;
  for (const Trial* t : whole) {
    classes.add(t->metrics.class_accuracy);
    for (const auto& [corruption, accuracies] : t->robustness) robustness[corruption].add(accuracies);
    result.steps += static_cast<double>(t->course.chosen_step) / static_cast<double>(whole.size());
  }
  result.class_accuracy = classes.take();
  for (const auto& [corruption, means] : robustness) result.robustness[corruption] = means.take();
  result.curve = mean_curve(whole);
  result.strengths = mean_strengths(whole);
  if (!whole.empty()) {
    double sum = 0;  // divided at the end: the mean of ones is one
    for (const Trial* t : whole) sum += t->course.mean_strength;
    result.mean_strength = sum / static_cast<double>(whole.size());
  }
  return result;
}

double mean_robustness(const Trial& t) {
  std::vector<double> all;
  for (const auto& [corruption, accuracies] : t.robustness) all.insert(all.end(), accuracies.begin(), accuracies.end());
  return mean_of(all);
}

class Comparer {
 public:
  Comparer(const ProofFacts& facts, const std::vector<Trial>& trials) : facts_(facts), trials_(trials) {}

  Comparison compare(const std::string& arm, const std::string& against, Regime regime, std::string_view metric) const {
    Comparison c{.arm = arm, .against = against, .metric = std::string(metric), .regime = regime};
    const auto control = of_arm(trials_, against, regime);
    for (const Trial* t : of_arm(trials_, arm, regime)) {
      const auto other = std::ranges::find(control, t->seed, &Trial::seed);
      if (other == control.end() || !has(*t, metric) || !has(**other, metric)) continue;
      c.seeds.push_back(t->seed);
      c.differences.push_back(value(*t, metric) - value(**other, metric));
    }
    c.verdict = judge(c.differences, facts_.margin, resolution(metric));
    return c;
  }

 private:
  /// A program of the user's may leave metrics out.
  static bool has(const Trial& t, std::string_view metric) {
    return t.failure.empty() && (metric == kRobustness || is_known(t.metrics.*metric_named(metric).value));
  }
  static double value(const Trial& t, std::string_view metric) {
    if (metric == kRobustness) return mean_robustness(t);
    const MetricInfo& info = metric_named(metric);
    return (info.less_is_better ? -1 : 1) * t.metrics.*info.value;
  }

 public:
  /// One test item more or less.
  double resolution(std::string_view metric) const {
    const Metrics one = one_item_of(facts_.test_of_class, facts_.test_items);
    if (metric == kRobustness) return facts_.test_of_class.empty() ? one.r2 : one.accuracy;
    return one.*metric_named(metric).value;
  }
  /// Whether the control is better than what says the same of every item: by more than one item each time, or beyond chance.
  /// Calibration says nothing of that, so accuracy stands for it.
  bool control_learns() const {
    const std::string metric = facts_.metric == "ece" ? "accuracy" : facts_.metric;
    const MetricInfo& info = metric_named(metric);
    std::vector<double> gains;
    for (const Trial* t : of_arm(trials_, facts_.control, Regime::matched))
      if (has(*t, metric) && is_known(t->constant.*info.value)) gains.push_back((info.less_is_better ? -1 : 1) * (t->metrics.*info.value - t->constant.*info.value));
    const double item = resolution(metric);
    if (gains.size() < 2 || std::ranges::all_of(gains, [&](double gain) { return gain > item; })) return true;
    return t_interval(gains, 1 - 2 * kLevel, item).lo > 0;
  }

  static constexpr std::string_view kRobustness = "robustness";

 private:
  const ProofFacts& facts_;
  const std::vector<Trial>& trials_;
};

void adjust(std::vector<Comparison>& comparisons) {
  std::vector<double> p;
  for (const Comparison& c : comparisons)
    if (!c.primary) p.push_back(c.verdict.p);
  const std::vector<double> adjusted = adjusted_for_many(p);
  std::size_t next = 0;
  for (Comparison& c : comparisons) {
    c.p_adjusted = c.primary ? c.verdict.p : adjusted[next++];
    const bool differs = c.verdict.word == Word::helps || c.verdict.word == Word::harmful;
    if (!c.primary && differs && c.p_adjusted >= kLevel) c.verdict.word = Word::inconclusive;
  }
}

}  // namespace

const std::vector<MetricInfo>& metric_infos() {
  static const std::vector<MetricInfo> infos{{"accuracy", "accuracy", &Metrics::accuracy, false},
                                             {"macro_f1", "macro F1", &Metrics::macro_f1, false},
                                             {"auc", "AUC", &Metrics::auc, false},
                                             {"worst_class", "worst class", &Metrics::worst_class, false},
                                             {"ece", "calibration error", &Metrics::ece, true},
                                             {"r2", "R²", &Metrics::r2, false},
                                             {"mae", "mean error", &Metrics::mae, true}};
  return infos;
}

bool is_of_numbers(std::string_view metric) { return metric == "r2" || metric == "mae"; }

std::vector<MetricInfo> metrics_of(const ProofFacts& facts) {
  std::vector<MetricInfo> infos = metric_infos();
  std::erase_if(infos, [&](const MetricInfo& info) { return is_of_numbers(info.name) != facts.classes.empty(); });
  return infos;
}

const MetricInfo& metric_named(std::string_view name) {
  const auto found = std::ranges::find(metric_infos(), name, &MetricInfo::name);
  if (found != metric_infos().end()) return *found;
  std::vector<std::string_view> names;
  for (const MetricInfo& info : metric_infos()) names.push_back(info.name);
  throw usage_error("there is no metric " + std::string(name)).with_hint(did_you_mean(name, names));
}

Proof conclude(ProofFacts said, std::vector<Trial> trials) {
  Proof proof{.facts = std::move(said)};
  const ProofFacts& facts = proof.facts;
  proof.trials = std::move(trials);
  std::ranges::sort(proof.trials, {}, [](const Trial& t) { return std::tuple(t.regime, t.seed, t.arm); });
  const Comparer comparer(facts, proof.trials);
  proof.comparisons.push_back(comparer.compare(facts.primary_arm, facts.control, Regime::matched, facts.metric));
  proof.comparisons.front().primary = true;
  for (const Regime regime : {Regime::matched, Regime::converged})
    for (const std::string& arm : facts.arms) {
      const auto found = of_arm(proof.trials, arm, regime);
      if (found.empty()) continue;
      proof.arms.push_back(result_of(arm, regime, found));
      if (arm == facts.control) continue;
      std::vector<std::string_view> metrics;
      for (const MetricInfo& info : metrics_of(facts)) metrics.push_back(info.name);
      if (std::ranges::any_of(found, [](const Trial* t) { return !t->robustness.empty(); })) metrics.push_back(Comparer::kRobustness);
      for (const std::string_view metric : metrics) {
        if (arm == facts.primary_arm && regime == Regime::matched && metric == facts.metric) continue;
        Comparison c = comparer.compare(arm, facts.control, regime, metric);
        if (!c.seeds.empty()) proof.comparisons.push_back(std::move(c));
      }
      if (const auto own = facts.controls.find(arm); own != facts.controls.end()) {
        Comparison c = comparer.compare(arm, own->second, regime, facts.metric);
        if (!c.seeds.empty()) proof.comparisons.push_back(std::move(c));
      }
    }
  adjust(proof.comparisons);
  proof.verdict = proof.comparisons.front().verdict;
  Verdict& v = proof.verdict;
  proof.control_learns = comparer.control_learns();
  if (!proof.control_learns && v.word == Word::harmless) v.word = Word::inconclusive;
  if (facts.budget_ended && v.seeds < std::min(kLeastJudged, facts.seeds_asked)) v.word = Word::inconclusive;
  if (std::ranges::find(facts.arms, kNone) != facts.arms.end())
    if (const Comparison c = comparer.compare(kNone, facts.control, Regime::matched, facts.metric); c.verdict.seeds >= 2 && c.verdict.p < kLevel) proof.repetition = c.verdict;
  // A recipe with which trainings break down is not called good because the others went well.
  const auto broke = [&](const Trial& t) { return t.arm == facts.primary_arm && t.regime == Regime::matched && !t.failure.empty(); };
  if (std::ranges::any_of(proof.trials, broke) && exit_code(v.word) == 0) v.word = Word::inconclusive;
  proof.comparisons.front().verdict.word = v.word;
  for (const Trial& t : proof.trials)
    if (!t.labels.empty()) proof.labels = t.labels;
  return proof;
}

}  // namespace leaven::learn

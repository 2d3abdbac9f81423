#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flow/report_text.hpp"
#include "learn/proof.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint32_t kEnoughSeeds = 6;

std::string plural(std::size_t count, const char* one, const char* many) { return flow::count_text(count, one, many); }

std::string seeds_text(const Verdict& v) {
  return v.seeds < kEnoughSeeds ? plural(v.seeds, "pair of trainings", "pairs of trainings") + ", too few for more than a first impression"
                                : plural(v.seeds, "pair of trainings", "pairs of trainings");
}

/// Of the first column of all tables.
std::size_t name_width(const Proof& proof) {
  std::size_t width = std::max(length_text(proof, Regime::matched).size(), length_text(proof, Regime::converged).size()) + 1;
  for (const std::string& arm : proof.facts.arms) width = std::max(width, arm.size() + 2);
  for (const Comparison& c : proof.comparisons) width = std::max(width, compared_text(c, proof.facts).size() + 2);
  return width;
}

/// Columns are called as `--metric` calls them.
std::string arms_table(const Proof& proof, Regime regime) {
  const std::size_t width = name_width(proof);
  const bool counts_steps = proof.facts.steps > 0;
  std::string text = fmt::format("  {:<{}}", length_text(proof, regime), width);
  for (const MetricInfo& info : metrics_seen(proof)) text += fmt::format("{:>14}", info.name);
  text += counts_steps ? fmt::format("{:>7}\n", step_text(proof.facts)) : "\n";
  bool any = false;
  for (const ArmResult& r : proof.arms) {
    if (r.regime != regime) continue;
    any = true;
    text += fmt::format("  {:<{}}", r.arm, width);
    for (const MetricInfo& info : metrics_seen(proof)) {
      const Summary& s = r.metrics.at(std::string(info.name));
      text += fmt::format("{:>{}}", s.seeds ? fmt::format("{:.2f} ± {:.2f}", s.mean, s.deviation) : "-", 14);
    }
    text += counts_steps ? fmt::format("{:>7}\n", r.steps > 0 ? fmt::format("{:.0f}", r.steps) : "-") : "\n";
  }
  return any ? text + "\n" : "";
}

std::string comparison_line(const Comparison& c, const Proof& proof) {
  const Verdict& v = c.verdict;
  const std::string range = v.seeds >= 2 ? fmt::format("[{:+.2f}, {:+.2f}]", v.interval.lo, v.interval.hi) : "-";
  return fmt::format("  {:<{}}{:<12}{:<13}{:>+8.2f}  {:<18}{:>7.3f}  {}\n", compared_text(c, proof.facts), name_width(proof), name_of(c.regime), c.metric, v.mean, range,
                     c.primary ? v.p : c.p_adjusted, c.primary ? "decides" : name_of(v.word));
}

std::string gains_table(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  std::string text = fmt::format("  {:<{}}{:<12}{:<13}{:>8}  {:<18}{:>7}\n", fmt::format("gain over {}", f.control), name_width(proof), "training", "metric", "mean", "95 % interval", "p");
  for (const Comparison& c : proof.comparisons)
    if (c.primary || c.metric == f.metric || c.metric == "robustness" || c.metric == "worst_class" || c.metric == "mae") text += comparison_line(c, proof);
  return text + "\n";
}

std::string seeds_table(const Proof& proof) {
  const Comparison& c = proof.comparisons.front();
  std::string text = fmt::format("  {:<8}{:>18}\n", "seed", fmt::format("{} − {}", c.arm, c.against));
  for (std::size_t i = 0; i < c.seeds.size(); ++i) text += fmt::format("  {:<8}{:>+18.2f}\n", c.seeds[i], c.differences[i]);
  return text + "\n";
}

/// What a learner says that has learned nothing.
std::string_view constant_text(const ProofFacts& f) { return f.classes.empty() ? "the mean of the training numbers" : "the most frequent class"; }

std::string labels_text(const Proof& proof) {
  std::string text;
  for (const LabelCheck& check : suspicious(proof.labels)) {
    text += fmt::format("  warning: {}: a model trained without it recognises {:.0f} % of such {} ({:.0f} % unchanged)",
                        check.op == "recipe" ? "the recipe as a whole" : check.op, check.accuracy, proof.facts.many, proof.labels.front().accuracy);
    if (!check.from.empty()) text += fmt::format("; it is sure that {:.0f} % of {} are {}", check.confused, check.from, check.to);
    text += ": look whether labels stay true\n";
  }
  if (!proof.labels.empty() && !can_judge(proof.labels)) text += "  note: " + unjudged_labels_text(proof) + "\n";
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string compared_text(const Comparison& c, const ProofFacts& facts) {
  if (c.against == facts.control) return c.arm;
  // "mine@cuda static" is known by whose mean strength it has.
  return c.arm + " over " + (c.against == c.arm + " static" ? "static" : c.against);
}

std::vector<MetricInfo> metrics_seen(const Proof& proof) {
  std::vector<MetricInfo> seen = metrics_of(proof.facts);
  std::erase_if(seen, [&](const MetricInfo& info) {
    return info.name != proof.facts.metric && std::ranges::none_of(proof.arms, [&](const ArmResult& r) { return r.metrics.at(std::string(info.name)).seeds > 0; });
  });
  return seen;
}

std::string_view step_text(const ProofFacts& facts) { return facts.batch == 0 ? "rounds" : "steps"; }

std::string cost_text(const ProofFacts& f) {
  const std::string before = f.kept_trainings == 0 ? "" : fmt::format(" after {} kept from before", plural(f.kept_trainings, "training", "trainings"));
  return fmt::format("{} of computing, {} by the clock on {}{}", flow::duration_text(f.cpu_seconds), flow::duration_text(f.seconds), plural(static_cast<std::size_t>(f.threads), "thread", "threads"), before);
}

std::string length_text(const Proof& proof, Regime regime) {
  if (regime == Regime::converged) return "until no progress";
  if (proof.facts.steps == 0) return "by the program";
  std::vector<double> steps;
  for (const ArmResult& r : proof.arms)
    if (r.regime == regime && r.steps > 0) steps.push_back(r.steps);
  const bool equal = std::ranges::all_of(steps, [&](double s) { return s == steps.front(); });
  return fmt::format("{} {}", equal ? "equal" : "planned", step_text(proof.facts));
}

std::string unjudged_labels_text(const Proof& proof) {
  const LabelCheck& plain = proof.labels.front();
  return fmt::format("whether labels stay true cannot be judged: the model trained without the recipe recognises {:.0f} % of {} as they are, and guessing {:.0f} %", plain.accuracy,
                     flow::count_text(plain.items, proof.facts.one, proof.facts.many), plain.chance);
}

std::vector<std::string> warnings_of(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  std::vector<std::string> warnings;
  if (!proof.control_learns && proof.verdict.word != Word::inconclusive)
    warnings.push_back(fmt::format("without {} the learner does no better than saying {} of every {}", f.recipe, constant_text(f), f.one));
  if (const std::optional<Verdict>& r = proof.repetition)
    warnings.push_back(fmt::format("plain repetition ({}) alone changes {} by {:+.2f} points against the same {} shown once ({}; 95 % interval {:+.2f} to {:+.2f}), so part of what {} gains or loses over it may be that", f.control,
                                   metric_named(f.metric).title, -r->mean, f.many, kNone, -r->interval.hi, -r->interval.lo, f.recipe));
  return warnings;
}

Statement statement(const Proof& proof) {
  const Verdict& v = proof.verdict;
  const ProofFacts& f = proof.facts;
  const std::string range = fmt::format("95 % interval {:+.2f} to {:+.2f}, {}", v.interval.lo, v.interval.hi, seeds_text(v));
  const std::string what = std::string(metric_named(f.metric).title);
  std::size_t failed = 0;
  std::string why;
  for (const ArmResult& r : proof.arms) {
    if (r.arm == f.primary_arm && r.regime == Regime::matched) failed = r.failures.size();
    if (why.empty() && !r.failures.empty()) why = r.failures.front();
  }
  if (why.empty() && !f.budget_ended) why = fmt::format("{} cannot be told of these test {}", what, f.many);
  if (v.seeds == 0) return {fmt::format("Inconclusive: no pair of trainings with {} went through", f.recipe), "", why};
  if (v.seeds < 2) return {fmt::format("Inconclusive: {} went through, and two are the least that can be judged", plural(v.seeds, "pair of trainings", "pairs of trainings")), "", ""};
  if (failed > 0 && v.word != Word::harmful)
    return {fmt::format("Inconclusive: {} of the trainings with {} broke down; where both arms went through, it changes {} by {:+.2f} points", failed, f.recipe, what, v.mean), range, ""};
  if (f.budget_ended && v.seeds < std::min(kLeastJudged, f.seeds_asked))
    return {fmt::format("Inconclusive: the budget ended after {} of {}, and {} are the least that are judged", v.seeds, plural(f.seeds_asked, "pair of trainings", "pairs of trainings"), kLeastJudged), "", ""};
  if (!proof.control_learns && v.word == Word::inconclusive)
    return {fmt::format("Inconclusive: without {} the learner does no better on this data than saying {} of every {}, so that {} changes {} by {:+.2f} points says nothing of its worth", f.recipe, constant_text(f), f.one, f.recipe, what, v.mean),
            range, ""};
  if (v.word == Word::inconclusive && v.p_equal < kLevel)
    return {fmt::format("Inconclusive: {} changes {} by {:+.2f} points, and the test {} cannot tell whether that is harmless", f.recipe, what, v.mean, f.many), range,
            fmt::format("one of {} more or less counts {:.2f} points, and the margin is ±{:g}: more {} to test with would settle this", flow::count_text(f.test_items), v.resolution, f.margin, f.many)};
  switch (v.word) {
    case Word::helps: return {fmt::format("{} helps on this data: {:+.2f} points of {} over training equally long without it", f.recipe, v.mean, what), range, ""};
    case Word::harmful: return {fmt::format("{} is harmful on this data: {:+.2f} points of {} against training equally long without it", f.recipe, v.mean, what), range, ""};
    case Word::harmless: return {fmt::format("{} is harmless on this data, and {}: it changes {} by {:+.2f} points, within ±{:g}", f.recipe, v.interval.hi < 0 ? "loses less than the margin" : "no gain was seen", what, v.mean, f.margin), range, ""};
    case Word::inconclusive: break;
  }
  return {fmt::format("Inconclusive: {} changes {} by {:+.2f} points", f.recipe, what, v.mean), range,
          v.seeds_needed == 0 ? "no reasonable number of seeds would settle this" : fmt::format("about {} seeds would settle a difference of {:.2f} points", v.seeds_needed, std::max(std::abs(v.mean), f.margin))};
}

std::string sentence(const Proof& proof) {
  const Statement s = statement(proof);
  return s.claim + (s.evidence.empty() ? "" : " (" + s.evidence + ")") + (s.advice.empty() ? "" : (s.evidence.empty() ? ": " : "; ") + s.advice);
}

std::string proof_text(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  std::string text = sentence(proof) + "\n";
  for (const std::string& warning : warnings_of(proof)) text += "warning: " + warning + "\n";
  text += "\n";
  text += arms_table(proof, Regime::matched) + arms_table(proof, Regime::converged);
  if (proof.verdict.seeds > 0) text += gains_table(proof) + seeds_table(proof);
  if (proof.verdict.seeds > 1)
    text += fmt::format("  sign-flip p {:.3f}, bootstrap interval [{:+.2f}, {:+.2f}]; a difference of {:.2f} points would be found four times out of five\n\n", proof.verdict.p_signs,
                        proof.verdict.bootstrap.lo, proof.verdict.bootstrap.hi, proof.verdict.detectable);
  for (const ArmResult& r : proof.arms)
    if (r.mean_strength != 1) text += fmt::format("  strength of {} ({}): {:.2f} on average\n", r.arm, name_of(r.regime), r.mean_strength);
  text += labels_text(proof);
  for (const ArmResult& r : proof.arms)
    for (const std::string& failure : r.failures) text += fmt::format("  failed: {} ({}), {}\n", r.arm, name_of(r.regime), failure);
  for (const std::string& note : f.notes) text += "  note: " + note + "\n";
  const std::string length = f.steps == 0 ? f.learner : f.batch == 0 ? flow::count_text(f.steps, "round", "rounds") : fmt::format("{} steps of {}", flow::count_text(f.steps), f.batch);
  text += fmt::format("  {} train, {} validate, {} test; {}; {}\n", flow::count_text(f.train_items), flow::count_text(f.validation_items), flow::count_text(f.test_items), length, cost_text(f));
  return text;
}

}  // namespace leaven::learn

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
  std::size_t width = 24;
  for (const std::string& arm : proof.facts.arms) width = std::max(width, arm.size() + 2);
  for (const Comparison& c : proof.comparisons) width = std::max(width, compared_text(c, proof.facts).size() + 2);
  return width;
}

std::string arms_table(const Proof& proof, Regime regime) {
  const std::size_t width = name_width(proof);
  std::string text = fmt::format("  {:<{}}", regime == Regime::matched ? "equal steps" : "until it stops improving", width);
  for (const MetricInfo& info : metrics_of(proof.facts)) text += fmt::format("{:>18}", info.title);
  text += fmt::format("{:>8}\n", "steps");
  bool any = false;
  for (const ArmResult& r : proof.arms) {
    if (r.regime != regime) continue;
    any = true;
    text += fmt::format("  {:<{}}", r.arm, width);
    for (const MetricInfo& info : metrics_of(proof.facts)) {
      const Summary& s = r.metrics.at(std::string(info.name));
      text += fmt::format("{:>18}", s.seeds ? fmt::format("{:.2f} ± {:.2f}", s.mean, s.deviation) : "-");
    }
    text += fmt::format("{:>8.0f}\n", r.steps);
  }
  return any ? text + "\n" : "";
}

std::string comparison_line(const Comparison& c, const Proof& proof) {
  const Verdict& v = c.verdict;
  const std::string range = v.seeds >= 2 ? fmt::format("[{:+.2f}, {:+.2f}]", v.interval.lo, v.interval.hi) : "-";
  return fmt::format("  {:<{}}{:<12}{:<18}{:>+8.2f}  {:<18}{:>8.3f}  {}\n", compared_text(c, proof.facts), name_width(proof), name_of(c.regime), c.metric, v.mean, range,
                     c.primary ? v.p : c.p_adjusted, c.primary ? "the test that decides" : name_of(v.word));
}

std::string seeds_table(const Proof& proof) {
  const Comparison& c = proof.comparisons.front();
  std::string text = fmt::format("  {:<8}{:>18}\n", "seed", fmt::format("{} − {}", c.arm, c.against));
  for (std::size_t i = 0; i < c.seeds.size(); ++i) text += fmt::format("  {:<8}{:>+18.2f}\n", c.seeds[i], c.differences[i]);
  return text + "\n";
}

std::string labels_text(const Proof& proof) {
  std::string text;
  for (const LabelCheck& check : suspicious(proof.labels)) {
    text += fmt::format("  warning: {}: a model trained without it recognises {:.0f} % of such {} ({:.0f} % unchanged)",
                        check.op == "recipe" ? "the recipe as a whole" : check.op, check.accuracy, proof.facts.many, proof.labels.front().accuracy);
    if (!check.from.empty()) text += fmt::format("; it is sure that {:.0f} % of {} are {}", check.confused, check.from, check.to);
    text += ": look whether labels stay true\n";
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string compared_text(const Comparison& c, const ProofFacts& facts) {
  if (c.against == facts.control) return c.arm;
  // "mine@cuda static" is known by whose mean strength it has.
  return c.arm + " over " + (c.against == c.arm + " static" ? "static" : c.against);
}

std::string sentence(const Proof& proof) {
  const Verdict& v = proof.verdict;
  const ProofFacts& f = proof.facts;
  const std::string range = fmt::format("95 % interval {:+.2f} to {:+.2f}, {}", v.interval.lo, v.interval.hi, seeds_text(v));
  const std::string what = std::string(metric_named(f.metric).title);
  const bool failed = std::ranges::any_of(proof.arms, [&](const ArmResult& r) { return r.arm == f.primary_arm && r.regime == Regime::matched && !r.failures.empty(); });
  if (v.seeds == 0) {
    std::string why;
    for (const ArmResult& r : proof.arms)
      if (why.empty() && !r.failures.empty()) why = ": " + r.failures.front();
    return fmt::format("Inconclusive: no pair of trainings with {} went through{}", f.recipe, why);
  }
  if (failed && v.word != Word::harmful)
    return fmt::format("Inconclusive: {} of the trainings with {} broke down; where both arms went through, it changes {} by {:+.2f} points ({})",
                       [&] { std::size_t n = 0; for (const ArmResult& r : proof.arms) if (r.arm == f.primary_arm && r.regime == Regime::matched) n = r.failures.size(); return n; }(),
                       f.recipe, what, v.mean, range);
  switch (v.word) {
    case Word::helps: return fmt::format("{} helps on this data: {:+.2f} points of {} over training equally long without it ({})", f.recipe, v.mean, what, range);
    case Word::harmful: return fmt::format("{} is harmful on this data: {:+.2f} points of {} against training equally long without it ({})", f.recipe, v.mean, what, range);
    case Word::harmless:
      return fmt::format("{} is harmless on this data, and no gain was seen: it changes {} by {:+.2f} points, within ±{:g} ({})", f.recipe, what, v.mean, f.margin, range);
    case Word::inconclusive: break;
  }
  if (v.seeds < 2) return fmt::format("Inconclusive: {} pairs of trainings went through, and two are the least that can be judged", v.seeds);
  const std::string more = v.seeds_needed == 0 ? "no reasonable number of seeds would settle this" : fmt::format("about {} seeds would settle a difference of {:.2f} points", v.seeds_needed, std::max(std::abs(v.mean), f.margin));
  return fmt::format("Inconclusive: {} changes {} by {:+.2f} points ({}); {}", f.recipe, what, v.mean, range, more);
}

std::string proof_text(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  std::string text = fmt::format("{}\n\n", sentence(proof));
  text += arms_table(proof, Regime::matched) + arms_table(proof, Regime::converged);
  text += fmt::format("  {:<{}}{:<12}{:<18}{:>8}  {:<18}{:>8}\n", fmt::format("gain over {}", f.control), name_width(proof), "training", "metric", "mean", "95 % interval", "p");
  for (const Comparison& c : proof.comparisons)
    if (c.primary || c.metric == f.metric || c.metric == "robustness" || c.metric == "worst_class" || c.metric == "mae") text += comparison_line(c, proof);
  text += "\n" + seeds_table(proof);
  text += fmt::format("  sign-flip p {:.3f}, bootstrap interval [{:+.2f}, {:+.2f}]; so many seeds find {:.2f} points four times out of five\n\n", proof.verdict.p_signs,
                      proof.verdict.bootstrap.lo, proof.verdict.bootstrap.hi, proof.verdict.detectable);
  for (const ArmResult& r : proof.arms)
    if (r.mean_strength != 1) text += fmt::format("  strength of {} ({}): {:.2f} on average\n", r.arm, name_of(r.regime), r.mean_strength);
  text += labels_text(proof);
  for (const ArmResult& r : proof.arms)
    for (const std::string& failure : r.failures) text += fmt::format("  failed: {} ({}), {}\n", r.arm, name_of(r.regime), failure);
  for (const std::string& note : f.notes) text += "  note: " + note + "\n";
  const std::string length = f.steps == 0 ? f.learner : f.batch == 0 ? flow::count_text(f.steps, "round", "rounds") : fmt::format("{} steps of {}", flow::count_text(f.steps), f.batch);
  text += fmt::format("  {} train, {} validate, {} test; {}; {} of computing on {}, {} by the clock\n", flow::count_text(f.train_items),
                      flow::count_text(f.validation_items), flow::count_text(f.test_items), length,
                      flow::duration_text(f.cpu_seconds), plural(static_cast<std::size_t>(f.threads), "thread", "threads"), flow::duration_text(f.seconds));
  return text;
}

}  // namespace leaven::learn

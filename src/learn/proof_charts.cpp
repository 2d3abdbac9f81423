#include "learn/proof_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "flow/report_text.hpp"
#include "learn/charts.hpp"
#include "learn/corruptions.hpp"

namespace leaven::learn {

namespace {

using flow::HtmlWriter;

constexpr std::size_t kMostClasses = 40, kMostBars = 4;

std::size_t arm_index(const Proof& proof, const std::string& arm) {
  return static_cast<std::size_t>(std::ranges::find(proof.facts.arms, arm) - proof.facts.arms.begin());
}

std::vector<KeyEntry> key_of(const Proof& proof, const std::vector<Line>& lines) {
  std::vector<KeyEntry> entries;
  for (const Line& line : lines)
    if (!line.points.empty()) entries.push_back({line.arm, proof.facts.arms[line.arm]});
  return entries;
}

/// Each strength is held until the next one.
Line held(std::size_t arm, const std::vector<StrengthPoint>& strengths, double end) {
  Line line{arm, {}};
  for (const StrengthPoint& p : strengths) {
    if (!line.points.empty()) line.points.emplace_back(p.step, line.points.back().second);
    line.points.emplace_back(p.step, p.mean);
  }
  line.points.emplace_back(std::max(end, line.points.back().first), line.points.back().second);
  return line;
}

}  // namespace

const ArmResult* result_of(const Proof& proof, const std::string& arm, Regime regime) {
  for (const ArmResult& r : proof.arms)
    if (r.arm == arm && r.regime == regime) return &r;
  return nullptr;
}

void write_curves(HtmlWriter& page, const Proof& proof) {
  std::vector<Line> scores, losses;
  bool moves = false;
  for (const ArmResult& r : proof.arms) {
    if (r.regime != Regime::matched) continue;
    Line score{arm_index(proof, r.arm), {}}, loss = score;
    for (const CurvePoint& p : r.curve) {
      loss.points.emplace_back(p.step, p.loss);
      if (is_known(p.score)) score.points.emplace_back(p.step, p.score);
    }
    moves = moves || r.curve.size() > 1;
    scores.push_back(std::move(score)), losses.push_back(std::move(loss));
  }
  if (!moves) return;
  const std::string_view score = proof.facts.classes.empty() ? "R²" : "Accuracy";
  page.element("section", [&] {
    page.element("h2", fmt::format("While training, {}", length_text(proof, Regime::matched)));
    write_key(page, key_of(proof, losses));
    page.element("div", {{"class", "panels"}}, [&] {
      if (!key_of(proof, scores).empty())
        page.element("div", [&] {
          page.element("h3", fmt::format("{} on validation {}, %", score, proof.facts.many));
          write_lines(page, scores, step_text(proof.facts), score);
        });
      page.element("div", [&] {
        page.element("h3", fmt::format("Loss on training {}", proof.facts.many));
        write_lines(page, losses, step_text(proof.facts), "loss");
      });
    });
    page.element("p", {{"class", "soft"}}, fmt::format("Means over seeds. The loss is on {} as each arm shows them, so arms that change them more lie higher.", proof.facts.many));
  });
}

void write_strengths(HtmlWriter& page, const Proof& proof) {
  std::vector<Line> lines;
  std::string bounds;
  bool still = false;
  for (const ArmResult& r : proof.arms) {
    if (r.regime != Regime::matched || (r.strengths.empty() && r.mean_strength == 1)) continue;
    const std::size_t arm = arm_index(proof, r.arm);
    lines.push_back(r.strengths.empty() ? Line{arm, {{0, r.mean_strength}, {proof.facts.steps, r.mean_strength}}} : held(arm, r.strengths, std::max(r.steps, 1.0)));
    still = still || r.strengths.empty();
    if (!r.strengths.empty() && r.strengths.back().most > r.strengths.back().least)
      bounds += fmt::format(" At the end of {}, strengths of single {} go from {:.2f} to {:.2f}.", r.arm, proof.facts.many, r.strengths.back().least, r.strengths.back().most);
  }
  if (lines.empty()) return;
  page.element("section", [&] {
    page.element("h2", "How strongly the recipe changed");
    write_key(page, key_of(proof, lines));
    write_lines(page, lines, step_text(proof.facts), "strength", {0, 1});
    page.element("p", {{"class", "soft"}},
                 fmt::format("0 is no change, 1 the recipe as it is; means over training {} and seeds.{}{}", proof.facts.many,
                             still ? " Level lines (static) have the same mean all along: what an arm gains over its own is not gained by strength alone." : "", bounds));
  });
}

void write_classes(HtmlWriter& page, const Proof& proof) {
  std::vector<std::vector<double>> values;
  std::vector<KeyEntry> arms;
  bool more = false;
  for (const std::string& arm : proof.facts.arms)
    if (const ArmResult* r = result_of(proof, arm, Regime::matched); r && !r->class_accuracy.empty()) {
      more = arms.size() == kMostBars;
      if (more) break;
      arms.push_back({arms.size(), arm}), values.push_back(r->class_accuracy);
    }
  if (values.empty()) return;
  std::vector<std::string> names = proof.facts.classes;
  const std::size_t all = names.size();
  names.resize(std::min(names.size(), kMostClasses));
  page.element("section", [&] {
    page.element("h2", "Accuracy of each class, %");
    write_key(page, arms);
    write_bars(page, names, values);
    std::string text;
    if (more) text = fmt::format("The first {} arms. ", kMostBars);
    if (all > names.size()) text += fmt::format("The first {} of {} classes. ", names.size(), all);
    if (!text.empty()) page.element("p", {{"class", "soft"}}, text + "All are in leaven.proof.json.");
  });
}

void write_robustness(HtmlWriter& page, const Proof& proof) {
  const ArmResult* recipe = result_of(proof, proof.facts.primary_arm, Regime::matched);
  if (!recipe || recipe->robustness.empty()) return;
  std::map<std::string, std::vector<Line>> by_corruption;
  double least = 100, most = 0;
  for (std::size_t a = 0; a < proof.facts.arms.size(); ++a) {
    const ArmResult* r = result_of(proof, proof.facts.arms[a], Regime::matched);
    if (!r) continue;
    for (const auto& [name, scores] : r->robustness) {
      Line line{a, {}};
      // From 1 to 5, whether each of them was tried or every other.
      const double step = scores.size() > 1 ? static_cast<double>(kSeverities - 1) / static_cast<double>(scores.size() - 1) : 1;
      for (std::size_t s = 0; s < scores.size(); ++s) line.points.emplace_back(1 + step * static_cast<double>(s), scores[s]), least = std::min(least, scores[s]), most = std::max(most, scores[s]);
      by_corruption[name].push_back(std::move(line));
    }
  }
  const Range range{std::max(0.0, least - 0.05 * (most - least)), std::min(100.0, most + 0.05 * (most - least))};
  const std::string_view score = proof.facts.classes.empty() ? "R²" : "accuracy";
  page.element("section", [&] {
    page.element("h2", fmt::format("When {} get worse: {}, %", proof.facts.many, score));
    write_key(page, key_of(proof, by_corruption.begin()->second));
    page.element("div", {{"class", "panels small"}}, [&] {
      for (const auto& [name, lines] : by_corruption)
        page.element("div", [&, &title = name, &curves = lines] {
          std::string words = title;
          std::ranges::replace(words, '_', ' ');
          page.element("h3", words);
          write_lines(page, curves, "severity", words, range, 1);
        });
    });
    page.element("p", {{"class", "soft"}}, fmt::format("Models asked about test {} that were spoilt before: severity 1 is mild, 5 severe. All panels have one scale.", proof.facts.many));
  });
}

}  // namespace leaven::learn

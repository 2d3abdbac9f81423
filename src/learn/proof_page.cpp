#include <fmt/format.h>

#include <algorithm>

#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "learn/charts.hpp"
#include "learn/corruptions.hpp"
#include "learn/proof.hpp"

namespace leaven::learn {

namespace {

using flow::HtmlWriter;

constexpr std::size_t kMostClasses = 40;

std::string_view regime_text(Regime regime) { return regime == Regime::matched ? "equal steps" : "until it stops improving"; }

std::size_t arm_index(const Proof& proof, const std::string& arm) {
  return static_cast<std::size_t>(std::ranges::find(proof.facts.arms, arm) - proof.facts.arms.begin());
}

const ArmResult* result_of(const Proof& proof, const std::string& arm, Regime regime) {
  for (const ArmResult& r : proof.arms)
    if (r.arm == arm && r.regime == regime) return &r;
  return nullptr;
}

std::string p_text(double p) { return p < 0.0001 ? "p < 0.0001" : fmt::format("p = {:.4f}", p); }

void fact(HtmlWriter& page, const std::string& number, std::string_view what) {
  page.element("div", {{"class", "fact"}}, [&] { page.element("b", number).element("span", what); });
}

void write_headline(HtmlWriter& page, const Proof& proof) {
  const ProofFacts& f = proof.facts;
  const Verdict& v = proof.verdict;
  page.element("h1", sentence(proof));
  const std::string same = f.steps == 0   ? "with the same seed"
                           : f.batch == 0 ? fmt::format("from the same beginning, for {}", flow::count_text(f.steps, "round", "rounds"))
                                          : fmt::format("from the same weights, in the same order, for the same {} steps", flow::count_text(f.steps));
  page.element("p", {{"class", "lead"}},
               fmt::format("{} was trained {} times on {} of {}: each time once with {} and once on the same {} repeated, {}; then both were asked about {} that neither had seen.",
                           f.steps > 0 ? "The same small model" : "Your program", v.seeds, flow::count_text(f.train_items, f.one.c_str(), f.many.c_str()), f.data, f.recipe, f.many,
                           same, flow::count_text(f.test_items, f.one.c_str(), f.many.c_str())));
  page.element("div", {{"class", "facts"}}, [&] {
    fact(page, std::string(name_of(v.word)), "verdict");
    fact(page, fmt::format("{:+.2f}", v.mean), "points of " + std::string(metric_named(f.metric).title));
    fact(page, fmt::format("{:+.2f} … {:+.2f}", v.interval.lo, v.interval.hi), "95 % interval of that");
    fact(page, fmt::format("{:.2f}", v.detectable), "points: the least that so many seeds find 4 times in 5");
    fact(page, flow::duration_text(f.cpu_seconds), fmt::format("of computing, {} by the clock", flow::duration_text(f.seconds)));
  });
}

void write_warnings(HtmlWriter& page, const Proof& proof) {
  const std::vector<LabelCheck> found = suspicious(proof.labels);
  std::vector<std::string> failures;
  for (const ArmResult& r : proof.arms)
    for (const std::string& failure : r.failures) failures.push_back(fmt::format("{} ({}), {}", r.arm, regime_text(r.regime), failure));
  if (found.empty() && failures.empty()) return;
  page.element("section", [&] {
    page.element("h2", "Look at this");
    for (const LabelCheck& c : found) {
      std::string text = fmt::format("{}: a model trained without it recognises {:.0f} % of such {}, and {:.0f} % unchanged.",
                                     c.op == "recipe" ? "The recipe as a whole" : c.op, c.accuracy, proof.facts.many, proof.labels.front().accuracy);
      if (!c.from.empty()) text += fmt::format(" It is sure that {:.0f} % of {} are {}. Do labels stay true?", c.confused, c.from, c.to);
      page.element("p", {{"class", "warn"}}, text);
    }
    for (const std::string& failure : failures) page.element("p", {{"class", "warn"}}, "Failed training: " + failure);
  });
}

void write_differences(HtmlWriter& page, const Proof& proof) {
  std::vector<ForestRow> rows;
  for (const Comparison& c : proof.comparisons) {
    const Verdict& v = c.verdict;
    if (v.seeds < 2) continue;
    if (!c.primary && c.metric != proof.facts.metric && (c.arm != proof.facts.primary_arm || c.metric == "auc")) continue;
    const std::string_view metric = c.metric == "robustness" ? "robustness" : metric_named(c.metric).title;
    rows.push_back({fmt::format("{}, {}{}", compared_text(c, proof.facts), metric, c.regime == Regime::converged ? " (converged)" : ""), v.mean, v.interval.lo, v.interval.hi, c.primary,
                    fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", v.mean, v.interval.lo, v.interval.hi)});
  }
  page.element("section", [&] {
    page.element("h2", "Gain over plain repetition, in points");
    write_forest(page, rows, proof.facts.margin);
    std::string text = fmt::format("Right of 0 is better. Lines are 95 % intervals over seeds; the band is ±{:g} points, within which a recipe is called harmless. The bold line alone decides; the others describe.",
                                   proof.facts.margin);
    if (std::ranges::any_of(proof.comparisons, [](const Comparison& c) { return c.metric == "robustness"; }))
      text += " Robustness is what is left on test " + proof.facts.many + " that were spoilt before the model saw them.";
    page.element("p", {{"class", "soft"}}, text);
  });
}

void write_arms(HtmlWriter& page, const Proof& proof) {
  page.element("section", [&] {
    page.element("h2", "All ways of training");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.element("tr", [&] {
          page.element("th", "").element("th", "training");
          for (const MetricInfo& info : metrics_of(proof.facts)) page.element("th", {{"class", "n"}}, info.title);
          page.element("th", {{"class", "n"}}, "steps").element("th", {{"class", "n"}}, "computing");
        });
        for (const ArmResult& r : proof.arms)
          page.element("tr", [&] {
            page.element("td", r.arm).element("td", {{"class", "soft"}}, regime_text(r.regime));
            for (const MetricInfo& info : metrics_of(proof.facts)) {
              const Summary& s = r.metrics.at(std::string(info.name));
              page.element("td", {{"class", "n"}}, s.seeds ? fmt::format("{:.2f} ± {:.2f}", s.mean, s.deviation) : "–");
            }
            page.element("td", {{"class", "n"}}, fmt::format("{:.0f}", r.steps)).element("td", {{"class", "n"}}, flow::duration_text(r.cpu_seconds));
          });
      });
    });
    page.element("p", {{"class", "soft"}}, fmt::format("Means and deviations over seeds, in percent. dup: the {} repeated as often as the recipe's copies. {}", proof.facts.many,
                             proof.facts.classes.empty() ? "The mean error is in percent of the deviation of the training numbers; less is better." : "Less calibration error is better."));
  });
}

void write_curves(HtmlWriter& page, const Proof& proof) {
  page.element("section", [&] {
    page.element("h2", "While training");
    write_key(page, proof.facts.arms);
    page.element("div", {{"class", "step"}, {"style", "grid-template-columns:repeat(auto-fit,minmax(260px,1fr))"}}, [&] {
      for (const bool loss : {false, true})
        page.element("div", [&] {
          std::vector<Line> lines;
          for (const ArmResult& r : proof.arms) {
            if (r.regime != Regime::matched) continue;
            Line line{arm_index(proof, r.arm), {}};
            for (const CurvePoint& p : r.curve)
              if (loss || is_known(p.score)) line.points.emplace_back(p.step, loss ? p.loss : p.score);
            lines.push_back(std::move(line));
          }
          const std::string_view score = proof.facts.classes.empty() ? "R²" : "Accuracy";
          page.element("h3", loss ? fmt::format("Loss on training {}", proof.facts.many) : fmt::format("{} on validation {}, %", score, proof.facts.many));
          write_lines(page, lines, "steps", loss ? "loss" : score);
        });
    });
  });
}

/// Of arms whose strength follows the training, and of those that have its mean all along.
void write_strengths(HtmlWriter& page, const Proof& proof) {
  std::vector<Line> lines;
  std::string bounds;
  for (const ArmResult& r : proof.arms) {
    if (r.regime != Regime::matched || r.mean_strength == 1) continue;
    Line line{arm_index(proof, r.arm), {}};
    for (const StrengthPoint& p : r.strengths) line.points.emplace_back(p.step, p.mean);
    if (r.strengths.empty()) line.points = {{0, r.mean_strength}, {proof.facts.steps, r.mean_strength}};
    else bounds += fmt::format(" At the end of {}, the {} changed least had a strength of {:.2f}, the one changed most {:.2f}.", r.arm, proof.facts.one, r.strengths.back().least, r.strengths.back().most);
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  page.element("section", [&] {
    page.element("h2", "How strongly the recipe changed");
    write_key(page, proof.facts.arms);
    write_lines(page, lines, "steps", "strength");
    page.element("p", {{"class", "soft"}}, fmt::format("0 is no change, 1 the recipe as it is; the mean over training {} and seeds, fixed for each pass through them. The level line has the same mean all along: what is gained over it is not gained by strength alone.{}", proof.facts.many, bounds));
  });
}

void write_classes(HtmlWriter& page, const Proof& proof) {
  std::vector<std::vector<double>> values;
  std::vector<std::string> arms;
  for (const std::string& arm : proof.facts.arms)
    if (const ArmResult* r = result_of(proof, arm, Regime::matched); r && !r->class_accuracy.empty()) values.push_back(r->class_accuracy), arms.push_back(arm);
  if (values.empty()) return;
  std::vector<std::string> names = proof.facts.classes;
  const std::size_t all = names.size();
  names.resize(std::min(names.size(), kMostClasses));
  page.element("section", [&] {
    page.element("h2", "Accuracy of each class, %");
    write_key(page, arms);
    write_bars(page, names, values);
    if (all > names.size()) page.element("p", {{"class", "soft"}}, fmt::format("The first {} of {}; all are in leaven.proof.json.", names.size(), all));
  });
}

void write_robustness(HtmlWriter& page, const Proof& proof) {
  const ArmResult* recipe = result_of(proof, proof.facts.primary_arm, Regime::matched);
  if (!recipe || recipe->robustness.empty()) return;
  const std::string_view score = proof.facts.classes.empty() ? "R²" : "accuracy";
  page.element("section", [&] {
    page.element("h2", fmt::format("When {} get worse: {}, % (severity 1 is mild, 5 severe)", proof.facts.many, score));
    write_key(page, proof.facts.arms);
    page.element("div", {{"class", "grid"}}, [&] {
      for (const auto& [corruption, ignored] : recipe->robustness)
        page.element("div", [&, &name = corruption] {
          std::vector<Line> lines;
          for (std::size_t a = 0; a < proof.facts.arms.size(); ++a) {
            const ArmResult* r = result_of(proof, proof.facts.arms[a], Regime::matched);
            if (!r || !r->robustness.contains(name)) continue;
            Line line{a, {}};
            const std::vector<double>& scores = r->robustness.at(name);
            // From 1 to 5, whether each of them was tried or every other.
            const double step = scores.size() > 1 ? static_cast<double>(kSeverities - 1) / static_cast<double>(scores.size() - 1) : 1;
            for (std::size_t s = 0; s < scores.size(); ++s) line.points.emplace_back(1 + step * static_cast<double>(s), scores[s]);
            lines.push_back(std::move(line));
          }
          std::string title = name;
          std::ranges::replace(title, '_', ' ');
          page.element("h3", title);
          write_lines(page, lines, "severity", name);
        });
    });
  });
}

void write_seeds(HtmlWriter& page, const Proof& proof) {
  const Comparison& c = proof.comparisons.front();
  page.element("section", [&] {
    page.element("h2", "The pairs behind the verdict");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.element("tr", [&] {
          page.element("th", "seed");
          for (const std::uint32_t seed : c.seeds) page.element("th", {{"class", "n"}}, std::to_string(seed));
        });
        page.element("tr", [&] {
          page.element("td", fmt::format("{} − {}", c.arm, c.against));
          for (const double d : c.differences) page.element("td", {{"class", "n"}}, fmt::format("{:+.2f}", d));
        });
      });
    });
    const Verdict& v = c.verdict;
    page.element("p", {{"class", "soft"}}, fmt::format("Paired t test {}; equal within ±{:g} points (two one-sided tests) {}; sign flips {}; bootstrap (BCa) interval [{:+.2f}, {:+.2f}].",
                                                       p_text(v.p), proof.facts.margin, p_text(v.p_equal), p_text(v.p_signs), v.bootstrap.lo, v.bootstrap.hi));
  });
}

void write_repeat(HtmlWriter& page, const Proof& proof) {
  const ProofFacts& f = proof.facts;
  page.element("section", [&] {
    page.element("h2", "To repeat it");
    page.element("pre", f.command);
    page.element("p", fmt::format("{} ({}), {}×{}×{}; {} train, {} validate (other ones each seed), {} test (the same for all, used once a training).", f.data, f.description, f.shape.width, f.shape.height,
                                  f.shape.channels, flow::count_text(f.train_items), flow::count_text(f.validation_items), flow::count_text(f.test_items)));
    page.element("p", f.batch > 0 ? fmt::format("Learner: {}. Batches of {}.", f.learner, f.batch) : fmt::format("Learner: {}.", f.learner));
    page.element("p", fmt::format("The same numbers come out, bit for bit, wherever these are equal: Leaven {}, {}.", f.version, f.machinery));
    for (const std::string& note : f.notes) page.element("p", {{"class", "soft"}}, note + ".");
    page.element("details", [&] { page.element("summary", "The recipe").element("pre", f.recipe_yaml); });
  });
}

}  // namespace

std::string proof_page(const Proof& proof) {
  HtmlWriter page;
  write_headline(page, proof);
  write_warnings(page, proof);
  write_differences(page, proof);
  write_arms(page, proof);
  write_curves(page, proof);
  write_strengths(page, proof);
  write_classes(page, proof);
  write_robustness(page, proof);
  write_seeds(page, proof);
  write_repeat(page, proof);
  return flow::html_page(proof.facts.recipe + ": " + std::string(name_of(proof.verdict.word)), page.take());
}

}  // namespace leaven::learn

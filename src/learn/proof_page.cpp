#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "learn/charts.hpp"
#include "learn/proof.hpp"
#include "learn/proof_charts.hpp"

namespace leaven::learn {

namespace {

using flow::HtmlWriter;

constexpr std::size_t kMostFailures = 6;  ///< that are shown

std::string p_text(double p) { return p < 0.0001 ? "p < 0.0001" : fmt::format("p = {:.4f}", p); }

void fact(HtmlWriter& page, const std::string& number, std::string_view what) {
  page.element("div", {{"class", "fact"}}, [&] { page.element("b", number).element("span", what); });
}

/// As the beginning of a sentence.
std::string sentence_case(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

/// Signs of numbers as they are printed.
std::string with_minus(std::string text) {
  for (std::size_t at = 0; (at = text.find(" -", at)) != std::string::npos;) text.replace(at, 2, " −");
  return text;
}

/// What the word means for who has to decide.
std::string plain_words(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  switch (proof.verdict.word) {
    case Word::helps: return "Training with the recipe was better than training without it, by more than chance explains.";
    case Word::harmful: return "Training with the recipe was worse than training without it, by more than chance explains.";
    case Word::harmless: return fmt::format("Whatever the recipe changes is less than {:g} points either way.", f.margin);
    case Word::inconclusive: break;
  }
  return "These trainings do not tell whether the recipe makes models better or worse.";
}

/// How the two trainings of a pair were alike.
std::string alike_text(const Proof& proof) {
  const ProofFacts& f = proof.facts;
  if (f.steps == 0) return "with the same seed";
  const auto steps = [&](const std::string& arm) {
    const ArmResult* r = result_of(proof, arm, Regime::matched);
    return r && r->steps > 0 ? static_cast<std::uint64_t>(std::llround(r->steps)) : f.steps;
  };
  const std::uint64_t with = steps(f.primary_arm), without = steps(f.control);
  if (f.batch == 0) return f.steps == 1 ? "from the same beginning, all at once" : fmt::format("from the same beginning, for {} rounds", flow::count_text(with));
  if (with == without) return fmt::format("from the same weights, in the same order, for the same {} steps", flow::count_text(with));
  return fmt::format("from the same weights, {} steps with it and {} without, about as much computing,", flow::count_text(with), flow::count_text(without));
}

void write_headline(HtmlWriter& page, const Proof& proof) {
  const ProofFacts& f = proof.facts;
  const Verdict& v = proof.verdict;
  const Statement said = statement(proof);
  page.element("h1", with_minus(said.claim));
  const std::string early = v.seeds >= 2 && v.seeds < 6 && v.word != Word::inconclusive ? " With fewer than six pairs that is a first impression." : "";
  page.element("p", plain_words(proof) + early + (said.advice.empty() ? "" : " " + sentence_case(said.advice) + "."));
  std::set<std::uint32_t> seeds;
  for (const Trial& t : proof.trials)
    if (t.regime == Regime::matched && t.arm == f.primary_arm) seeds.insert(t.seed);
  const std::string pairs = f.steps > 0 ? flow::count_text(seeds.size(), "pair of models", "pairs of models") + " (" + f.learner.substr(0, f.learner.find(':')) + ")"
                                        : flow::count_text(seeds.size(), "pair of trainings", "pairs of trainings") + " by your program";
  page.element("p", {{"class", "lead"}},
               fmt::format("How that was found: {}, each on {} of {}: one of the two with {}, the other on the same {} repeated, {}. Then both were asked about {} that neither had seen.", pairs,
                           flow::count_text(f.train_items, f.one.c_str(), f.many.c_str()), f.data, f.recipe, f.many, alike_text(proof), flow::count_text(f.test_items, f.one.c_str(), f.many.c_str())));
  page.element("div", {{"class", "facts"}}, [&] {
    fact(page, std::string(name_of(v.word)), "verdict");
    if (v.seeds >= 2) fact(page, signed_text(v.mean), fmt::format("points of {}; 95 % interval {} to {}", metric_named(f.metric).title, signed_text(v.interval.lo), signed_text(v.interval.hi)));
    fact(page, flow::count_text(v.seeds, "pair", "pairs"), v.seeds < f.seeds_asked ? fmt::format("of trainings went through, of {} asked for", f.seeds_asked) : v.seeds < 6 ? "of trainings; six are the least that can be sure" : "of trainings");
    const std::string cost = cost_text(f), time = flow::duration_text(f.cpu_seconds);
    fact(page, time, cost.substr(time.size() + 1));
  });
}

void write_warnings(HtmlWriter& page, const Proof& proof) {
  const std::vector<LabelCheck> found = suspicious(proof.labels);
  std::vector<std::string> failures;
  for (const ArmResult& r : proof.arms)
    for (const std::string& failure : r.failures) failures.push_back(fmt::format("{} ({}), {}", r.arm, length_text(proof, r.regime), failure));
  const std::vector<std::string> warnings = warnings_of(proof);
  const bool unjudged = !proof.labels.empty() && !can_judge(proof.labels);
  if (found.empty() && failures.empty() && warnings.empty() && !unjudged) return;
  page.element("section", [&] {
    page.element("h2", "Look at this");
    for (const std::string& warning : warnings) page.element("p", {{"class", "warn"}}, warning + ".");
    if (unjudged) page.element("p", {{"class", "soft"}}, unjudged_labels_text(proof) + ".");
    for (const LabelCheck& c : found) {
      std::string text = fmt::format("{}: a model trained without it recognises {:.0f} % of such {}, and {:.0f} % unchanged.",
                                     c.op == "recipe" ? "The recipe as a whole" : c.op, c.accuracy, proof.facts.many, proof.labels.front().accuracy);
      if (!c.from.empty()) text += fmt::format(" It is sure that {:.0f} % of {} are {}. Do labels stay true?", c.confused, c.from, c.to);
      page.element("p", {{"class", "warn"}}, text);
    }
    for (std::size_t i = 0; i < std::min(failures.size(), kMostFailures); ++i) page.element("p", {{"class", "warn"}}, "Failed training: " + failures[i]);
    if (failures.size() > kMostFailures) page.element("p", {{"class", "soft"}}, fmt::format("{} more failed trainings are in leaven.proof.json.", failures.size() - kMostFailures));
  });
}

ForestRow forest_row(const Proof& proof, const Comparison& c) {
  const Verdict& v = c.verdict;
  const std::string_view metric = c.metric == "robustness" ? "robustness" : metric_named(c.metric).title;
  return {fmt::format("{}: {}", compared_text(c, proof.facts), metric), v.mean, v.interval.lo, v.interval.hi, c.primary,
          fmt::format("{} [{}, {}]", signed_text(v.mean), signed_text(v.interval.lo), signed_text(v.interval.hi)), v.word == Word::helps || v.word == Word::harmful};
}

void write_answer(HtmlWriter& page, const Proof& proof) {
  const Comparison& c = proof.comparisons.front();
  const ProofFacts& f = proof.facts;
  if (c.verdict.seeds < 2) return;
  page.element("section", [&] {
    page.element("h2", fmt::format("What decides: {} with the recipe less {} without it, in points", metric_named(f.metric).title, metric_named(f.metric).title));
    ForestRow row = forest_row(proof, c);
    row.points = c.differences;
    write_forest(page, {row}, f.margin);
    page.element("p", {{"class", "soft"}},
                 fmt::format("{}The dot is the mean, the thick line its 95 % interval, and each thin mark a pair of trainings. Right of the upright line, at 0, the recipe is better. The grey band is ±{:g} points, the margin: with that much either way it is called harmless.",
                             metric_named(f.metric).less_is_better ? "Less is better, so that less counts as a gain. " : "", f.margin));
  });
}

void write_others(HtmlWriter& page, const Proof& proof) {
  std::vector<ForestRow> rows;
  std::string heading;
  for (const bool own : {true, false})
    for (const Regime regime : {Regime::matched, Regime::converged})
      for (const Comparison& c : proof.comparisons) {
        if (c.primary || c.regime != regime || c.verdict.seeds < 2 || (c.arm == proof.facts.primary_arm) != own) continue;
        if (c.metric != proof.facts.metric && (!own || c.metric == "auc")) continue;
        rows.push_back(forest_row(proof, c));
        if (std::string group = fmt::format("{}, trained {}", own ? c.arm : "other arms", regime == Regime::converged ? "until no progress" : "as long as dup"); group != heading) rows.back().heading = heading = std::move(group);
      }
  if (rows.empty()) return;
  page.element("section", [&] {
    page.element("h2", "What else was seen: gains over plain repetition (dup), in points");
    write_forest(page, rows, proof.facts.margin);
    std::string text = "These describe, and decide nothing. A gain is to the right, also of errors, where less is better. Green and red is only what remains when the number of looks is allowed for (p values adjusted by Benjamini and Hochberg).";
    if (std::ranges::any_of(proof.comparisons, [](const Comparison& c) { return c.metric == "robustness"; }))
      text += " Robustness is what is left on test " + proof.facts.many + " that were spoilt before the model saw them.";
    page.element("p", {{"class", "soft"}}, text);
  });
}

void write_arm_row(HtmlWriter& page, const ArmResult& r, const std::vector<MetricInfo>& metrics, bool counts_steps) {
  page.element("tr", [&] {
    page.element("td", r.arm);
    for (const MetricInfo& info : metrics) {
      const Summary& s = r.metrics.at(std::string(info.name));
      page.element("td", {{"class", "n"}}, s.seeds ? fmt::format("{:.2f} ± {:.2f}", s.mean, s.deviation) : "–");
    }
    if (counts_steps) page.element("td", {{"class", "n"}}, r.steps > 0 ? fmt::format("{:.0f}", r.steps) : "–");
    page.element("td", {{"class", "n"}}, flow::duration_text(r.cpu_seconds));
  });
}

void write_arms(HtmlWriter& page, const Proof& proof) {
  const ProofFacts& f = proof.facts;
  const std::vector<MetricInfo> metrics = metrics_seen(proof);
  page.element("section", [&] {
    page.element("h2", "All arms: the ways of training that were compared");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        for (const Regime regime : {Regime::matched, Regime::converged}) {
          if (std::ranges::none_of(proof.arms, [&](const ArmResult& r) { return r.regime == regime; })) continue;
          page.element("tr", [&] {
            page.element("th", length_text(proof, regime));
            for (const MetricInfo& info : metrics) page.element("th", {{"class", "n"}}, info.title);
            if (f.steps > 0) page.element("th", {{"class", "n"}}, step_text(f));
            page.element("th", {{"class", "n"}}, "computing");
          });
          for (const ArmResult& r : proof.arms)
            if (r.regime == regime) write_arm_row(page, r, metrics, f.steps > 0);
        }
      });
    });
    std::string text = "Means over seeds ± their deviation from seed to seed, in percent; computing is the sum.";
    for (const MetricInfo& info : metrics) {
      if (info.name == "mae") text += " The mean error is in percent of the deviation of the training numbers; less is better.";
      if (info.name == "ece") text += " Less calibration error is better: how far a model's confidence lies from how often it is right.";
    }
    if (std::ranges::any_of(proof.arms, [](const ArmResult& r) { return r.regime == Regime::converged; })) text += " Until no progress: a training ends when validation " + f.many + " are recognised no better any more.";
    page.element("p", {{"class", "soft"}}, text);
    page.element("table", {{"class", "meanings"}}, [&] {
      for (const std::string& arm : f.arms)
        if (const auto found = f.meanings.find(arm); found != f.meanings.end()) page.element("tr", [&] { page.element("td", arm).element("td", {{"class", "soft"}}, found->second); });
    });
  });
}

/// What a training of the deciding test gave, or that it failed.
std::string seed_text(const Proof& proof, const std::string& arm, std::uint32_t seed) {
  for (const Trial& t : proof.trials)
    if (t.arm == arm && t.regime == Regime::matched && t.seed == seed) {
      const double value = t.metrics.*metric_named(proof.facts.metric).value;
      return !t.failure.empty() ? "failed" : is_known(value) ? fmt::format("{:.2f}", value) : "–";
    }
  return "–";
}

void write_seeds(HtmlWriter& page, const Proof& proof) {
  const Comparison& c = proof.comparisons.front();
  std::set<std::uint32_t> seeds;
  for (const Trial& t : proof.trials)
    if (t.regime == Regime::matched && (t.arm == c.arm || t.arm == c.against)) seeds.insert(t.seed);
  page.element("section", [&] {
    page.element("h2", fmt::format("The pairs behind the verdict: {}", metric_named(c.metric).title));
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.element("tr", [&] {
          page.element("th", "seed");
          for (const std::uint32_t seed : seeds) page.element("th", {{"class", "n"}}, std::to_string(seed));
        });
        for (const std::string& arm : {c.arm, c.against})
          page.element("tr", [&] {
            page.element("td", arm);
            for (const std::uint32_t seed : seeds) page.element("td", {{"class", "n"}}, seed_text(proof, arm, seed));
          });
        page.element("tr", [&] {
          page.element("td", "gain");
          for (const std::uint32_t seed : seeds) {
            const auto found = std::ranges::find(c.seeds, seed);
            page.element("td", {{"class", "n"}}, found == c.seeds.end() ? "–" : signed_text(c.differences[static_cast<std::size_t>(found - c.seeds.begin())]));
          }
        });
      });
    });
    const Verdict& v = c.verdict;
    if (v.seeds < 2) return;
    page.element("p", {{"class", "soft"}}, fmt::format("Is there a difference? Paired t test {}, sign flips {}. Is it within ±{:g} points? Two one-sided tests {}. Bootstrap interval (BCa) of the gain [{}, {}]. So many pairs find a difference of {:.2f} points four times out of five.",
                                                       p_text(v.p), p_text(v.p_signs), proof.facts.margin, p_text(v.p_equal), signed_text(v.bootstrap.lo), signed_text(v.bootstrap.hi), v.detectable));
  });
}

void write_tried(HtmlWriter& page, const Proof& proof) {
  const std::vector<Tried>& tried = proof.facts.tried;
  if (tried.empty()) return;
  const auto chosen = std::ranges::find_if(tried, [&](const Tried& t) { return t.name != proof.facts.control; });
  const std::string best = chosen == tried.end() ? "" : chosen->name;
  page.element("section", [&] {
    page.element("h2", "What was tried before, on held-out training data");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.element("tr", [&] { page.element("th", "recipe").element("th", {{"class", "n"}}, "last round").element("th", {{"class", "n"}}, "trainings in it").element("th", {{"class", "n"}}, metric_named(proof.facts.metric).title); });
        for (const Tried& t : tried)
          page.element("tr", [&] {
            page.element("td", t.name).element("td", {{"class", "n"}}, std::to_string(t.round)).element("td", {{"class", "n"}}, std::to_string(t.trainings)).element("td", {{"class", "n"}}, is_known(t.score) ? fmt::format("{:.2f}", (metric_named(proof.facts.metric).less_is_better ? -1 : 1) * t.score) : "broke down");
          });
      });
    });
    page.element("p", {{"class", "soft"}}, fmt::format("The best recipe, {}, is the one that is proved here. Rounds train longer and longer, and the better third goes on, so scores of different rounds do not compare. The test data of the proof was in none of it.", best));
  });
}

/// Each recipe once, with the arms that have it.
std::vector<std::pair<std::string, std::string>> recipes_of(const ProofFacts& f) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& arm : f.arms) {
    const auto own = f.recipes.find(arm);
    if (own == f.recipes.end()) continue;
    if (const auto same = std::ranges::find(found, own->second, &std::pair<std::string, std::string>::second); same != found.end())
      same->first += ", " + arm;
    else
      found.emplace_back(arm, own->second);
  }
  return found;
}

void write_repeat(HtmlWriter& page, const Proof& proof) {
  const ProofFacts& f = proof.facts;
  page.element("section", [&] {
    page.element("h2", "To repeat it");
    page.element("pre", {{"style", "white-space:pre-wrap"}}, f.command);
    const std::string size = f.many == "pictures" ? fmt::format(", seen at {}×{} px in {}", f.shape.width, f.shape.height, flow::count_text(static_cast<std::uint64_t>(f.shape.channels), "channel", "channels")) : "";
    page.element("p", fmt::format("Data: {} ({}){}; {} to train and {} to validate with, other ones for each seed, and {} to test with, the same for all and used once a training.{}", f.data, f.description, size,
                                  flow::count_text(f.train_items), flow::count_text(f.validation_items), flow::count_text(f.test_items), f.data_digest.empty() ? "" : " Digest " + f.data_digest + "."));
    if (f.steps == 0) {
      page.element("p", fmt::format("Program: {}. What it made of the {} is its own; it is given the same ones by Leaven {}.", f.learner, f.many, f.version));
    } else {
      page.element("p", f.batch > 0 ? fmt::format("Model: {}. Batches of {}.", f.learner, f.batch) : fmt::format("Model: {}.", f.learner));
      page.element("p", fmt::format("The same numbers come out, bit for bit, wherever these are equal: Leaven {}, {}.", f.version, f.machinery));
    }
    for (const std::string& note : f.notes) page.element("p", {{"class", "soft"}}, "Note: " + note + ".");
    for (const auto& [arms, text] : recipes_of(f)) page.element("details", [&, &who = arms, &yaml = text] { page.element("summary", "The recipe of " + who).element("pre", yaml); });
  });
}

}  // namespace

std::string proof_page(const Proof& proof) {
  HtmlWriter page;
  write_headline(page, proof);
  write_warnings(page, proof);
  write_answer(page, proof);
  write_others(page, proof);
  write_arms(page, proof);
  write_curves(page, proof);
  write_strengths(page, proof);
  write_classes(page, proof);
  write_robustness(page, proof);
  write_seeds(page, proof);
  write_tried(page, proof);
  write_repeat(page, proof);
  return flow::html_page(proof.facts.recipe + ": " + std::string(name_of(proof.verdict.word)), page.take());
}

}  // namespace leaven::learn

#include <nlohmann/json.hpp>

#include "learn/proof.hpp"

namespace leaven::learn {

namespace {

using Json = nlohmann::ordered_json;

Json known_if(bool known, Json value) { return known ? std::move(value) : Json(); }

/// What so few pairs do not tell is null.
Json json_of(const Verdict& v) {
  const bool some = v.seeds > 0, judged = v.seeds > 1;
  return {{"word", name_of(v.word)}, {"mean", known_if(some, v.mean)}, {"deviation", known_if(judged, v.deviation)}, {"interval", known_if(judged, Json::array({v.interval.lo, v.interval.hi}))},
          {"bootstrap", known_if(judged, Json::array({v.bootstrap.lo, v.bootstrap.hi}))}, {"p", known_if(judged, v.p)}, {"p_equal", known_if(judged, v.p_equal)},
          {"p_signs", known_if(judged, v.p_signs)}, {"resolution", v.resolution}, {"detectable", known_if(judged, v.detectable)}, {"seeds", v.seeds}, {"seeds_needed", v.seeds_needed}};
}

Json json_of(const Comparison& c) {
  return {{"arm", c.arm}, {"against", c.against}, {"regime", name_of(c.regime)}, {"metric", c.metric}, {"primary", c.primary},
          {"seeds", c.seeds}, {"differences", c.differences}, {"verdict", json_of(c.verdict)}, {"p_adjusted", known_if(c.verdict.seeds > 1, c.p_adjusted)}};
}

Json json_of(const ArmResult& r) {
  Json metrics = Json::object();
  for (const auto& [name, s] : r.metrics) metrics[name] = {{"mean", known_if(s.seeds > 0, s.mean)}, {"deviation", known_if(s.seeds > 1, s.deviation)}, {"seeds", s.seeds}};
  Json curve = Json::array();
  for (const CurvePoint& p : r.curve) curve.push_back({{"step", p.step}, {"loss", p.loss}, {"validation_score", p.score}});
  Json json{{"arm", r.arm}, {"regime", name_of(r.regime)}, {"metrics", std::move(metrics)}, {"class_accuracy", r.class_accuracy},
            {"robustness", r.robustness}, {"curve", std::move(curve)}, {"steps", known_if(r.whole > 0, r.steps)}, {"cpu_seconds", r.cpu_seconds}, {"failures", r.failures}};
  if (r.mean_strength != 1) json["mean_strength"] = r.mean_strength;
  for (const StrengthPoint& p : r.strengths) json["strengths"].push_back({{"step", p.step}, {"mean", p.mean}, {"least", p.least}, {"most", p.most}});
  return json;
}

Json json_of(const ProofFacts& f) {
  Json look_alikes = Json::array();
  for (const LookAlike& l : f.look_alikes) look_alikes.push_back({{"test", l.test}, {"train", l.train}, {"distance", l.distance}});
  Json tried = Json::array();
  for (const Tried& t : f.tried) tried.push_back({{"name", t.name}, {"round", t.round}, {"trainings", t.trainings}, {"score", known_if(is_known(t.score), t.score)}});
  return {{"recipe", f.recipe}, {"recipe_yaml", f.recipe_yaml}, {"data", f.data}, {"description", f.description}, {"arms", f.arms},
          {"primary_arm", f.primary_arm}, {"control", f.control}, {"metric", f.metric}, {"margin", f.margin}, {"learner", f.learner},
          {"machinery", f.machinery}, {"version", f.version}, {"command", f.command}, {"classes", f.classes}, {"seeds_asked", f.seeds_asked},
          {"steps", f.steps}, {"batch", f.batch}, {"train_items", f.train_items}, {"validation_items", f.validation_items},
          {"test_items", f.test_items}, {"shape", {f.shape.width, f.shape.height, f.shape.channels}}, {"items", f.many}, {"equal_items", f.equal_items},
          {"look_alike_count", f.look_alike_count}, {"look_alikes", std::move(look_alikes)}, {"threads", f.threads},
          {"seconds", f.seconds}, {"kept_trainings", f.kept_trainings}, {"cpu_seconds", f.cpu_seconds}, {"notes", f.notes}, {"controls", f.controls}, {"meanings", f.meanings},
          {"recipes", f.recipes}, {"data_digest", f.data_digest}, {"tried", std::move(tried)}};
}

}  // namespace

std::string proof_json(const Proof& proof) {
  Json comparisons = Json::array(), arms = Json::array(), trials = Json::array(), labels = Json::array();
  for (const Comparison& c : proof.comparisons) comparisons.push_back(json_of(c));
  for (const ArmResult& r : proof.arms) arms.push_back(json_of(r));
  for (const Trial& t : proof.trials) trials.push_back(Json::parse(to_json_line(t)));
  for (const LabelCheck& l : proof.labels)
    labels.push_back({{"op", l.op}, {"accuracy", l.accuracy}, {"from", l.from}, {"to", l.to}, {"confused", l.confused}, {"items", l.items}, {"chance", l.chance}});
  const Json json{{"leaven_proof", 1}, {"verdict", name_of(proof.verdict.word)}, {"sentence", sentence(proof)}, {"warnings", warnings_of(proof)}, {"primary", json_of(proof.verdict)},
                  {"facts", json_of(proof.facts)}, {"comparisons", std::move(comparisons)}, {"arms", std::move(arms)},
                  {"label_checks", std::move(labels)}, {"trials", std::move(trials)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace leaven::learn

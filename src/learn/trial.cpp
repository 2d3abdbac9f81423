#include "learn/trial.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven::learn {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Metrics& m) {
  return {{"accuracy", m.accuracy}, {"macro_f1", m.macro_f1}, {"auc", m.auc},
          {"worst_class", m.worst_class}, {"ece", m.ece}, {"r2", m.r2}, {"mae", m.mae}, {"class_accuracy", m.class_accuracy}};
}

/// JSON has no word for what is not known but null.
double number_or_unknown(const Json& json) { return json.is_null() ? kUnknown : json.get<double>(); }

Metrics metrics_from(const Json& json) {
  Metrics m;
  for (const auto& [name, value] : {std::pair{"accuracy", &m.accuracy}, {"macro_f1", &m.macro_f1}, {"auc", &m.auc}, {"worst_class", &m.worst_class},
                                    {"ece", &m.ece}, {"r2", &m.r2}, {"mae", &m.mae}})
    *value = number_or_unknown(json.at(name));
  for (const Json& of_class : json.at("class_accuracy")) m.class_accuracy.push_back(number_or_unknown(of_class));
  return m;
}

Json json_of(const std::vector<CurvePoint>& curve) {
  Json points = Json::array();
  for (const CurvePoint& p : curve) points.push_back({p.step, p.loss, p.score});
  return points;
}

Json json_of(const std::vector<StrengthPoint>& strengths) {
  Json points = Json::array();
  for (const StrengthPoint& p : strengths) points.push_back({p.step, p.mean, p.least, p.most});
  return points;
}

Json json_of(const std::vector<LabelCheck>& checks) {
  Json rows = Json::array();
  for (const LabelCheck& c : checks)
    rows.push_back({{"op", c.op}, {"accuracy", c.accuracy}, {"from", c.from}, {"to", c.to}, {"confused", c.confused}, {"items", c.items}, {"chance", c.chance}});
  return rows;
}

Trial trial_from(const Json& json) {
  Trial t;
  json.at("key").get_to(t.key);
  json.at("arm").get_to(t.arm);
  json.at("seed").get_to(t.seed);
  t.regime = json.at("regime") == name_of(Regime::matched) ? Regime::matched : Regime::converged;
  json.at("failure").get_to(t.failure);
  t.metrics = metrics_from(json.at("metrics"));
  if (json.contains("constant")) t.constant = metrics_from(json.at("constant"));
  json.at("robustness").get_to(t.robustness);
  json.at("steps").get_to(t.course.steps);
  json.at("chosen_step").get_to(t.course.chosen_step);
  for (const Json& p : json.at("curve")) t.course.curve.push_back({p.at(0), p.at(1), number_or_unknown(p.at(2))});
  t.course.mean_strength = json.value("mean_strength", 1.0);
  for (const Json& p : json.value("strengths", Json::array())) t.course.strengths.push_back({p.at(0), p.at(1), p.at(2), p.at(3)});
  for (const Json& c : json.at("labels")) t.labels.push_back({c.at("op"), c.at("accuracy"), c.at("from"), c.at("to"), c.at("confused"), c.at("items"), c.at("chance")});
  json.at("weights").get_to(t.weights);
  json.at("cpu_seconds").get_to(t.cpu_seconds);
  return t;
}

}  // namespace

std::string to_json_line(const Trial& t) {
  Json json{{"key", t.key}, {"arm", t.arm}, {"seed", t.seed}, {"regime", name_of(t.regime)}, {"failure", t.failure},
                  {"metrics", json_of(t.metrics)}, {"robustness", t.robustness}, {"steps", t.course.steps},
                  {"chosen_step", t.course.chosen_step}, {"curve", json_of(t.course.curve)}, {"labels", json_of(t.labels)},
                  {"weights", t.weights}, {"cpu_seconds", t.cpu_seconds}};
  if (!t.constant.class_accuracy.empty() || is_known(t.constant.r2)) json["constant"] = json_of(t.constant);
  if (t.course.mean_strength != 1) json["mean_strength"] = t.course.mean_strength;
  if (!t.course.strengths.empty()) json["strengths"] = json_of(t.course.strengths);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Trial> trial_from_json(std::string_view line) {
  try {
    return trial_from(Json::parse(line));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

TrialStore::TrialStore(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream in(file_);
  for (std::string line; std::getline(in, line);)
    if (auto trial = trial_from_json(line)) {
      std::string key = trial->key;
      trials_.insert_or_assign(std::move(key), *std::move(trial));
    }
}

std::optional<Trial> TrialStore::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = trials_.find(key);
  return found == trials_.end() ? std::nullopt : std::optional(found->second);
}

void TrialStore::add(const Trial& trial) {
  const std::lock_guard lock(mutex_);
  trials_.insert_or_assign(trial.key, trial);
  std::ofstream out(file_, std::ios::app);
  // A line end first: what a kill cut off stays a line of its own.
  out << (std::filesystem::file_size(file_) > 0 ? "\n" : "") << to_json_line(trial) << '\n' << std::flush;
  if (!out) throw environment_error("cannot be written: " + std::string(std::strerror(errno))).with_place(file_.string());
}

}  // namespace leaven::learn

#include "learn/generate/training_curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "learn/charts.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;
using Points = std::vector<std::pair<double, double>>;

namespace {

Json pairs_of(const std::vector<double>& steps, const std::vector<double>& values) {
  Json pairs = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) pairs.push_back({static_cast<std::uint32_t>(steps[i]), values[i]});
  return pairs;
}

Points points_of(const Json& card, const char* member) {
  Points points;
  for (const Json& point : card.value(member, Json::array()))
    if (point.is_array() && point.size() == 2 && point[0].is_number() && point[1].is_number()) points.emplace_back(point[0].get<double>(), point[1].get<double>());
  return points;
}

/// Where the least of the scores is: of equal ones the first, as BestLook keeps them.
std::size_t least_of(const std::vector<double>& scores) { return static_cast<std::size_t>(std::ranges::min_element(scores) - scores.begin()); }

}  // namespace

void TrainingCurve::add(const FitProgress& p) {
  steps_.push_back(p.step), losses_.push_back(p.loss);
  if (p.score && std::isfinite(*p.score)) scored_.push_back(p.step), scores_.push_back(*p.score);
}

void TrainingCurve::write(Json& card) const {
  if (!steps_.empty()) card["loss"] = pairs_of(steps_, losses_);
  if (scored_.empty()) return;
  card["validation"] = pairs_of(scored_, scores_);
  card["kept_step"] = static_cast<std::uint32_t>(scored_[least_of(scores_)]);
}

void TrainingCurve::carry(Carried& state) {
  state.values("curve.steps", steps_), state.values("curve.losses", losses_), state.values("curve.scored", scored_), state.values("curve.scores", scores_);
  const auto is_step = [](double v) { return v >= 0 && v <= 0xffffffff && v == std::floor(v); };
  if (steps_.size() != losses_.size() || scored_.size() != scores_.size() || !std::ranges::all_of(steps_, is_step) || !std::ranges::all_of(scored_, is_step)) throw data_error("its curve of losses is none");
}

TrainingRecord training_of(const Json& card) {
  TrainingRecord training{points_of(card, "loss"), points_of(card, "validation"), {}};
  for (const Json& note : card.value("notes", Json::array()))
    if (note.is_string()) training.notes.push_back(note.get<std::string>());
  return training;
}

void write_training(flow::HtmlWriter& page, const TrainingRecord& training) {
  const bool curves = training.loss.size() >= 2;
  if (!curves && training.notes.empty()) return;
  page.element("section", [&] {
    page.element("h2", "While the generator was trained");
    for (const std::string& note : training.notes) page.element("p", "Note: " + note + ".");
    if (!curves) return;
    page.element("div", {{"class", "panels"}}, [&] {
      page.element("div", [&] {
        page.element("h3", "Loss");
        write_lines(page, {{0, training.loss}}, "steps", "loss");
      });
      if (training.validation.size() < 2) return;
      std::vector<double> scores;
      for (const auto& point : training.validation) scores.push_back(point.second);
      const std::size_t kept = least_of(scores);
      page.element("div", [&] {
        page.element("h3", "Validation score");
        write_lines(page, {{3, training.validation, kept}}, "steps", "validation score");
        page.element("p", {{"class", "soft"}}, fmt::format("On samples that it was not shown; the less the better. Marked: step {:.0f}, whose weights were kept.", training.validation[kept].first));
      });
    });
  });
}

}  // namespace leaven::learn

#include "learn/generate/training_curve.hpp"

#include <algorithm>
#include <cmath>

#include "learn/charts.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

Json LossCurve::json() const {
  Json curve = Json::array();
  for (std::size_t i = 0; i < steps_.size(); ++i) curve.push_back({static_cast<std::uint32_t>(steps_[i]), losses_[i]});
  return curve;
}

void LossCurve::carry(Carried& state) {
  state.values("curve.steps", steps_), state.values("curve.losses", losses_);
  const auto is_step = [](double v) { return v >= 0 && v <= 0xffffffff && v == std::floor(v); };
  if (steps_.size() != losses_.size() || !std::ranges::all_of(steps_, is_step)) throw data_error("its curve of losses is none");
}

std::vector<std::pair<double, double>> loss_of(const Json& card) {
  std::vector<std::pair<double, double>> points;
  for (const Json& point : card.value("loss", Json::array()))
    if (point.is_array() && point.size() == 2 && point[0].is_number() && point[1].is_number()) points.emplace_back(point[0].get<double>(), point[1].get<double>());
  return points;
}

void write_training(flow::HtmlWriter& page, const std::vector<std::pair<double, double>>& loss) {
  if (loss.size() < 2) return;
  page.element("section", [&] {
    page.element("h2", "While the generator was trained");
    page.element("div", {{"style", "max-width:600px"}}, [&] { write_lines(page, {{0, loss}}, "steps", "loss"); });
  });
}

}  // namespace leaven::learn

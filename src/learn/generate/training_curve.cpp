#include "learn/generate/training_curve.hpp"

#include "learn/charts.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;

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

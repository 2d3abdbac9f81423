// The loss of a generator while it was trained: into its card, and from there onto its page.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "flow/html.hpp"
#include "learn/generate/carried.hpp"

namespace leaven::learn {

class LossCurve {
 public:
  void add(std::uint32_t step, double loss) { steps_.push_back(step), losses_.push_back(loss); }
  /// The card's member `loss`.
  nlohmann::ordered_json json() const;
  void carry(Carried& state);

 private:
  std::vector<double> steps_{}, losses_{};
};

/// Steps and losses of the card; what is no such pair is passed over.
std::vector<std::pair<double, double>> loss_of(const nlohmann::ordered_json& card);
/// Nothing for fewer than two points.
void write_training(flow::HtmlWriter& page, const std::vector<std::pair<double, double>>& loss);

}  // namespace leaven::learn

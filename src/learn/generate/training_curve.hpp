// How a generator did while it was trained: into its card, and from there onto its page.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "flow/html.hpp"
#include "learn/generate/carried.hpp"
#include "learn/generate/fit_progress.hpp"

namespace leaven::learn {

class TrainingCurve {
 public:
  void add(const FitProgress& progress);
  /// The card's members `loss` and `validation`, pairs of step and number, and `kept_step`; those that there are.
  void write(nlohmann::ordered_json& card) const;
  void carry(Carried& state);

 private:
  std::vector<double> steps_{}, losses_{}, scored_{}, scores_{};  ///< scored_: steps that have a score
};

/// What a card says of its training; empty where it says nothing.
struct TrainingRecord {
  std::vector<std::pair<double, double>> loss{};        ///< step, and mean loss up to there
  std::vector<std::pair<double, double>> validation{};  ///< step, and score on samples that were not shown; the least one's weights are kept
  std::vector<std::string> notes{};                     ///< of the fit
};
/// What is no pair of a step and a number is passed over.
TrainingRecord training_of(const nlohmann::ordered_json& card);
/// Nothing without notes and for fewer than two points.
void write_training(flow::HtmlWriter& page, const TrainingRecord& training);

}  // namespace leaven::learn

// The loss of a generator while it was trained, from its card to its page.
#pragma once

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "flow/html.hpp"

namespace leaven::learn {

/// Steps and losses of the card; what is no such pair is passed over.
std::vector<std::pair<double, double>> loss_of(const nlohmann::ordered_json& card);
/// Nothing for fewer than two points.
void write_training(flow::HtmlWriter& page, const std::vector<std::pair<double, double>>& loss);

}  // namespace leaven::learn

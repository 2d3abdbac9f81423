#include "flow/drawn_as.hpp"

#include <algorithm>
#include <optional>
#include <regex>

#include "core/error.hpp"

namespace leaven::flow {

namespace {

std::optional<std::string> group_of(const std::regex& expression, const std::string& id) {
  std::smatch match;
  if (!std::regex_search(id, match, expression) || !match[1].matched) return std::nullopt;
  return match[1].str();
}

}  // namespace

std::string drawn_as(const recipe::Augment& augment, const std::string& id) {
  if (augment.together.empty()) return id;
  return group_of(std::regex(augment.together_expression()), id).value_or(id);
}

void require_together(const recipe::Recipe& recipe, const io::DatasetIndex& index) {
  if (recipe.augment.together.empty() || index.entries.empty()) return;
  if (recipe.labels.require != AnnotationRules::Require::none)
    throw usage_error("augment: together gives samples one draw, and labels: require draws single ones anew").with_hint("leave one of them out");
  const std::regex expression(recipe.augment.together_expression());
  if (std::ranges::none_of(index.entries, [&](const io::Entry& entry) { return group_of(expression, entry.id).has_value(); }))
    throw usage_error("augment: together must match ids, \"" + recipe.augment.together + "\" matches none, e.g. not " + index.entries.front().id)
        .with_hint(recipe.augment.together == recipe::kFramesTogether ? "frames are samples with --input-format frames" : "");
}

}  // namespace leaven::flow

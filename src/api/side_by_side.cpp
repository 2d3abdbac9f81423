#include "api/side_by_side.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "recipe/mixing.hpp"

namespace leaven::api {

SideBySide::SideBySide(const std::vector<DrawKey>& keys, const recipe::Recipe& recipe) {
  std::vector<std::string> labels;
  for (const DrawKey& key : keys) labels.emplace_back(key.label);
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  item_of_.resize(keys.size());
  std::iota(item_of_.begin(), item_of_.end(), std::size_t{0});
  std::ranges::stable_sort(item_of_, {}, [&](std::size_t item) { return keys[item].key; });
  entry_of_.resize(keys.size());
  for (const std::size_t item : item_of_) {
    entry_of_[item] = static_cast<std::uint32_t>(index_.entries.size());
    io::Entry& entry = index_.entries.emplace_back();
    entry.id = keys[item].key;
    entry.label = static_cast<std::uint32_t>(std::ranges::lower_bound(labels, keys[item].label) - labels.begin());
  }
  const bool labelled = std::ranges::any_of(labels, [](const std::string& label) { return !label.empty(); });
  index_.label_kind = labelled ? io::LabelKind::category : io::LabelKind::none;
  index_.labels = std::move(labels);
  if (recipe::mixing_steps(recipe).empty()) return;
  std::vector<std::uint32_t> entries(index_.entries.size());
  std::iota(entries.begin(), entries.end(), 0U);
  pool_.emplace(index_, std::move(entries), recipe);
}

std::size_t SideBySide::partner(std::size_t item, std::string_view rule, Key draw) const {
  return item_of_[pool_->choose(entry_of_[item], rule, draw, 0)];
}

}  // namespace leaven::api

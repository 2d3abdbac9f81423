// Samples that are given side by side, without a dataset, and are each other's partners where the recipe mixes.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "flow/partners.hpp"
#include "leaven/leaven.hpp"
#include "recipe/recipe.hpp"

namespace leaven::api {

/// As of a dataset of these samples: partners are chosen by keys, not by the order in which they were given.
class SideBySide {
 public:
  SideBySide(const std::vector<DrawKey>& keys, const recipe::Recipe& recipe);
  SideBySide(const SideBySide&) = delete;
  SideBySide& operator=(const SideBySide&) = delete;

  bool mixes() const { return pool_.has_value(); }
  /// The place of the partner of the sample at `item`; see PartnerPool::choose().
  std::size_t partner(std::size_t item, std::string_view rule, Key draw) const;
  /// category where any has a label.
  io::LabelKind label_kind() const { return index_.label_kind; }

 private:
  io::DatasetIndex index_{};
  std::vector<std::size_t> item_of_{};      ///< by entry
  std::vector<std::uint32_t> entry_of_{};   ///< by item
  std::optional<flow::PartnerPool> pool_{};
};

}  // namespace leaven::api

// Which other samples are mixed into a copy: decided from the roster's data and the copy's own draws, by nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/key.hpp"
#include "flow/partner_cache.hpp"
#include "flow/roster.hpp"
#include "flow/sample_task.hpp"
#include "io/dataset.hpp"
#include "plan/draw_program.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// The samples that may be mixed in: those of train (all where there is no split) that are not set aside. 4 bytes each.
class PartnerPool {
 public:
  /// Empty when the recipe mixes nothing. Throws Error(usage) when a step asks for partners of a class and the dataset has
  /// none.
  PartnerPool(const io::DatasetIndex& index, const Roster& roster, const recipe::Recipe& recipe);
  /// Of these entries.
  PartnerPool(const io::DatasetIndex& index, std::vector<std::uint32_t> entries, const recipe::Recipe& recipe);

  /// The entry of a partner for `entry`, by the name of the rule in recipes: any, same_class or other_class. Never the
  /// sample itself where another fits; where all are of one class, other_class takes any. `attempt` asks for another one.
  std::uint32_t choose(std::uint32_t entry, std::string_view rule, Key key, std::uint64_t attempt) const;
  /// Of this pool's dataset.
  PartnerCache& cache() const { return *cache_; }

 private:
  struct Range {
    std::size_t begin{}, end{};
  };
  Range of_class(std::uint32_t entry) const;

  const io::DatasetIndex& index_;
  std::vector<std::uint32_t> entries_;  ///< by label, then by id
  static constexpr std::size_t kMostCached = std::size_t{128} << 20;
  std::shared_ptr<PartnerCache> cache_ = std::make_shared<PartnerCache>(kMostCached);
};

/// A source as a partner, decoded whole. Throws Error(data) when it cannot be read.
plan::Partner partner_of(const LoadedSource& source, std::string id, std::string label);

/// Chooses partners for one sample of a job and reads them. One that cannot be read is passed over: whether it can depends
/// on it alone. Throws Error(usage) when none can.
plan::ChoosePartner partner_chooser(const io::DatasetReader& reader, const PartnerPool& pool, std::uint32_t entry);

/// The entry of an id as lineage writes it; null when it is not there.
const io::Entry* find_entry(const io::DatasetIndex& index, const std::string& sought);
/// Throws Error(data) when the source's bytes are no longer those that the digest is of.
void require_digest(const LoadedSource& source, const std::string& id, const std::string& digest);
/// Finds the partners that lineage lines name. Throws Error(data) when one is gone or has changed since.
plan::FindPartner find_partner(const io::DatasetReader& reader);

/// What a copy is labelled with: its source's label, or how much each class counts by the pixels that are seen.
struct MixedLabel {
  std::string label{};                                    ///< of numbers the mean
  std::vector<std::pair<std::string, double>> weights{};  ///< of classes, in the order of their names; empty: `label` alone
};
/// Shares of one class a sample add up to 1; of several, each class counts by the pictures that have it. Unlabelled
/// pictures count for no class.
MixedLabel label_of_shares(const std::vector<std::pair<std::string, double>>& shares, const std::string& own, io::LabelKind kind);
MixedLabel mixed_label(const plan::DrawnProgram& drawn, const RasterShape& source, const std::string& own, io::LabelKind kind);

}  // namespace leaven::flow

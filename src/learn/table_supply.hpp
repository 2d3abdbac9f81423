// Rows for one training: what the recipe makes of the fold's training rows, epoch by epoch, as numbers.
#pragma once

#include <optional>

#include "learn/table_encoder.hpp"
#include "learn/table_material.hpp"
#include "learn/table_mill.hpp"

namespace leaven::learn {

class TableSupply final : public Supply {
 public:
  TableSupply(const TableMaterial& material, const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed);

  const InputShape& shape() const override { return shape_; }
  std::uint32_t classes() const override { return material_.classes(); }
  std::uint64_t epoch_size() const override { return order_size_; }
  Answer put(std::uint64_t position, std::span<float> out) override;
  Held hold(const Entries& entries) override;
  /// Copies of a row, and new rows that begin at it; originals stay.
  void show_at(std::vector<double> strengths) override;
  /// All training rows, in their order.
  Held shown(const Entries& entries, std::uint64_t number) override;

  /// All rows of an epoch, in no particular order.
  Block epoch_rows(std::uint64_t epoch);
  Block held_rows(const Entries& entries) const;
  /// Rows that are not the table's own, as the recipe prepares every row.
  Block prepared(const Block& rows) const { return mill_ ? mill_->prepared(rows) : rows; }
  /// Rows as a learner sees them.
  Held encoded(const Block& block) const;

 private:
  void begin(std::uint64_t epoch);
  /// `prepare:` may put columns before the target.
  std::size_t target_in(const Block& block) const;
  Answer answer(const Block& block, std::size_t target, std::size_t row) const;
  Block repeated();

  const TableMaterial& material_;
  const Entries& train_;
  std::uint64_t seed_;
  std::optional<TableMill> mill_{};
  Block plain_{};                        ///< training rows as they are, or after `prepare:`
  std::optional<TableEncoder> encoder_{};
  InputShape shape_{};
  double mean_{}, deviation_{1};         ///< of the number that is learned
  std::uint64_t repeats_{};              ///< rows of an epoch where there is no recipe
  std::vector<std::uint8_t> levels_{};   ///< of the strength of each training row; empty: the recipe as it is
  Block rows_{};                         ///< of this epoch
  std::vector<float> weights_{};         ///< of its rows, where rows are repeated; else all count alike
  static constexpr std::uint64_t kNoEpoch = ~std::uint64_t{0};
  std::uint64_t epoch_{kNoEpoch};
  std::uint64_t order_size_{};
  std::vector<std::uint32_t> order_{};
};

}  // namespace leaven::learn

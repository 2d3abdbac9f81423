// Rows of a table as the data of a proof.
#pragma once

#include <memory>
#include <mutex>

#include "learn/corruptions.hpp"
#include "learn/material.hpp"
#include "learn/table_rows.hpp"

namespace leaven::learn {

class TableMaterial final : public Material {
 public:
  /// Reads the table with the recipe's schema. Throws Error(usage) where no column says what to predict.
  explicit TableMaterial(const MaterialOptions& options);

  Domain domain() const override { return Domain::columns; }
  std::string_view one() const override { return "row"; }
  std::string_view many() const override { return "rows"; }
  const io::DatasetIndex& index() const override { return index_; }
  std::uint32_t classes() const override { return number_ ? 0 : static_cast<std::uint32_t>(index_.labels.size()); }
  std::vector<std::string> notes() const override { return notes_; }
  std::string group_expression(const std::string& said) const override;

  void take(const Entries& used) override;
  bool has(std::uint32_t) const override { return true; }
  const std::string& digest(std::uint32_t entry) const override { return digests_[entry]; }
  const std::map<std::string, std::string>& broken() const override { return broken_; }
  InputShape shape() const override { return shape_; }
  /// Equal rows, and those that are almost equal, are told and stay: in a table of few columns they are many people with equal answers.
  LookAlikes look_alikes(const Partition& partition) const override;

  std::unique_ptr<Supply> supply(const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed) const override;
  void prepare_robustness(const Entries& test, int threads) override;
  std::map<std::string, std::vector<double>> robustness(Learner& learner, Supply& supply) const override;
  const Entries& robustness_entries() const override { return corrupted_entries_; }
  /// Of the steps; rows that `prepare:` changes are not those that the teacher knows.
  HeldOut held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const override;
  void write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe* control, const Fold& fold, const Entries& test,
             std::uint64_t seed) const override;

  /// Numbers of the table's rows.
  std::vector<std::uint32_t> rows_of_entries(const Entries& entries) const;
  const io::TableReader& table() const { return *table_; }
  const Block& block() const { return block_; }
  std::size_t target() const { return target_; }
  const std::string& name() const { return name_; }
  /// How many rows an epoch of `recipe` has on this fold.
  std::uint64_t rows_made(const ArmRecipe& recipe, const Fold& fold, std::uint64_t seed) const;

 private:
  void open(const MaterialOptions& options);
  void make_index(const MaterialOptions& options);
  void tell_columns();

  std::string name_;
  std::unique_ptr<io::TableReader> table_{};
  Block block_{};
  io::DatasetIndex index_{};
  std::vector<std::uint32_t> rows_{};  ///< of each entry
  std::size_t target_{};
  bool number_{}, grouped_{};
  InputShape shape_{};
  std::vector<std::string> notes_{}, digests_{};
  std::map<std::string, std::string> broken_{};
  Entries corrupted_entries_{};
  std::vector<CorruptedRows> corrupted_{};
  mutable std::mutex mutex_{};
  mutable std::map<std::string, std::uint64_t> made_{};
};

}  // namespace leaven::learn

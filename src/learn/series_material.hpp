// Time series as the data of a proof.
#pragma once

#include <memory>
#include <optional>

#include "flow/series_task.hpp"
#include "learn/material.hpp"

namespace leaven::learn {

class SeriesMaterial final : public Material {
 public:
  explicit SeriesMaterial(const MaterialOptions& options);

  Domain domain() const override { return Domain::series; }
  std::string_view one() const override { return "series"; }
  std::string_view many() const override { return "series"; }
  const io::DatasetIndex& index() const override { return index_; }
  std::uint32_t classes() const override { return numbers_.empty() ? static_cast<std::uint32_t>(index_.labels.size()) : 0; }
  std::vector<std::string> notes() const override { return notes_; }
  std::string group_expression(const std::string& said) const override { return said; }

  /// Learners see all series in the length that most have, at most kMostLength; others are stretched or shrunk to it.
  void take(const Entries& used) override;
  bool has(std::uint32_t entry) const override { return loaded_[entry].has_value(); }
  const std::string& digest(std::uint32_t entry) const override { return loaded_[entry]->digest; }
  const std::map<std::string, std::string>& broken() const override { return broken_; }
  InputShape shape() const override { return shape_; }
  LookAlikes look_alikes(const Partition& partition) const override;

  std::unique_ptr<Supply> supply(const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed) const override;
  void prepare_robustness(const Entries& test, int threads) override;
  std::map<std::string, std::vector<double>> robustness(Learner& learner, Supply& supply) const override;
  const Entries& robustness_entries() const override { return corrupted_entries_; }
  HeldOut held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const override;
  void write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe* control, const Fold& fold, const Entries& test,
             std::uint64_t seed) const override;

  static constexpr int kMostLength = 1024;

  /// The series as a copy of it comes out; the original for copy 0. Partners are drawn from the pool.
  Series made(std::uint32_t entry, const ArmRecipe& recipe, const flow::PartnerPool& pool, std::uint64_t seed, std::uint64_t epoch, std::uint32_t copy) const;
  const Series& series(std::uint32_t entry) const { return *loaded_[entry]->series; }
  /// The numbers to be learned, by entry; empty where classes are.
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  std::unique_ptr<io::DatasetReader> reader_;
  io::DatasetIndex index_;
  int threads_;
  std::vector<double> numbers_{};
  std::vector<std::optional<flow::LoadedSeries>> loaded_{};
  std::map<std::string, std::string> broken_{};
  std::vector<std::string> notes_{};
  InputShape shape_{};
  struct CorruptedSeries {
    std::string corruption{};
    std::vector<Series> series{};  ///< of corrupted_entries_
  };
  Entries corrupted_entries_{};
  std::vector<CorruptedSeries> corrupted_{};
};

/// Mean and deviation of each channel.
struct SeriesStandard {
  std::vector<double> mean{}, deviation{};
};
/// Channel after channel in the shape's length, straight between samples and over missing ones; standardised.
void as_values(const Series& series, const SeriesStandard& standard, const InputShape& shape, std::span<float> out);

}  // namespace leaven::learn

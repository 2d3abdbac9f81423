// Pictures as the data of a proof.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "learn/corrupted.hpp"
#include "learn/material.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

class PictureMaterial final : public Material {
 public:
  explicit PictureMaterial(const MaterialOptions& options);

  Domain domain() const override { return Domain::raster; }
  std::string_view one() const override { return "picture"; }
  std::string_view many() const override { return "pictures"; }
  const io::DatasetIndex& index() const override { return reader_->index(); }
  std::uint32_t classes() const override { return static_cast<std::uint32_t>(index().labels.size()); }
  std::vector<std::string> notes() const override { return pictures_ ? pictures_->notes() : std::vector<std::string>{}; }
  std::string group_expression(const std::string& said) const override { return said; }

  void take(const Entries& used) override;
  bool has(std::uint32_t entry) const override { return pictures_->has(entry); }
  const std::string& digest(std::uint32_t entry) const override { return pictures_->digest(entry); }
  const std::map<std::string, std::string>& broken() const override { return pictures_->broken(); }
  InputShape shape() const override { return pictures_->shape(); }
  LookAlikes look_alikes(const Partition& partition) const override;
  std::vector<std::uint32_t> look_alike_groups(const Entries& used) const override;

  std::unique_ptr<Supply> supply(const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed) const override;
  void prepare_robustness(const Entries& test, int threads) override;
  std::map<std::string, std::vector<double>> robustness(Learner& learner, Supply& supply) const override;
  const Entries& robustness_entries() const override { return corrupted_.entries; }
  HeldOut held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const override;
  void write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe* control, const Fold& fold, const Entries& test,
             std::uint64_t seed) const override;

 private:
  std::unique_ptr<io::DatasetReader> reader_;
  int side_, threads_;
  std::optional<Pictures> pictures_{};
  CorruptedTest corrupted_{};
};

/// A folder for each class below another, whatever they are called: no two have the same, and none is hidden.
std::vector<std::string> class_folders(const std::vector<std::string>& labels);

}  // namespace leaven::learn

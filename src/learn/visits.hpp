// The order in which items are shown, and a supply of items that are shown one by one: pictures, series.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "learn/supply.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

/// One time that an item is shown.
struct Visit {
  std::uint32_t entry{};
  std::uint64_t epoch{};
  std::uint32_t copy{};  ///< from 1, which of the entry's times in this epoch
};

/// Training items without end: each epoch shows every item `times` times, all of them shuffled together.
class Order {
 public:
  Order(const Entries& train, std::uint32_t times, std::uint64_t seed) : train_(train), times_(times), seed_(seed) {}
  Visit at(std::uint64_t position);
  /// From here on items come as often as in proportion to their weights, one for each of `train`; an epoch is as long as before.
  void weigh(std::vector<double> weights);
  const Entries& items() const { return train_; }
  std::uint64_t epoch_size() const { return static_cast<std::uint64_t>(train_.size()) * times_; }

 private:
  void count_visits();

  const Entries& train_;
  std::uint32_t times_;
  std::uint64_t seed_;
  std::uint64_t epoch_{~std::uint64_t{0}};
  std::vector<std::uint32_t> order_{};  ///< of this epoch: places in visits_, or item · times + copy − 1
  std::vector<double> weights_{};       ///< empty: all alike
  std::vector<std::pair<std::uint32_t, std::uint32_t>> visits_{};  ///< where they differ, of this epoch: item and copy
};

/// Of a number that is learned, over the training items; as it is where none is.
struct TargetStandard {
  double mean{}, deviation{1};
  float of(double number) const { return static_cast<float>((number - mean) / deviation); }
};
/// `numbers` by entry.
TargetStandard target_standard(const std::vector<double>& numbers, const Entries& train);

class VisitSupply : public Supply {
 public:
  /// `train` lives longer. `numbers`: what is to be learned of each entry; empty: its class.
  VisitSupply(const io::DatasetIndex& index, const InputShape& shape, const Entries& train, std::uint32_t times, std::uint64_t seed,
              const std::vector<double>& numbers = {});
  const InputShape& shape() const override { return shape_; }
  std::uint32_t classes() const override { return targets_.empty() ? static_cast<std::uint32_t>(index_.labels.size()) : 0; }
  std::uint64_t epoch_size() const override { return order_.epoch_size(); }
  Answer put(std::uint64_t position, std::span<float> out) override;
  Answer put_view(std::uint64_t position, std::uint32_t view, std::span<float> out) override;
  Held hold(const Entries& entries) override;
  void show_often(const std::vector<double>& weights) override;
  void show_at(std::vector<double> strengths) override { strengths_ = std::move(strengths); }
  Held shown(const Entries& entries, std::uint64_t number) override;

 protected:
  /// As the arm shows it, at a strength of `level` / kLevels.
  virtual void show(const Visit& visit, std::size_t level, std::span<float> out) const = 0;
  /// As it is.
  virtual void show_plain(std::uint32_t entry, std::span<float> out) const = 0;

 private:
  void show(const Visit& visit, std::span<float> out) const;
  Answer answer(std::uint32_t entry) const;
  Held hold_all(const Entries& entries, const std::function<void(std::uint32_t, std::span<float>)>& put) const;

  const io::DatasetIndex& index_;
  InputShape shape_;
  Order order_;
  std::vector<float> targets_{};  ///< of each entry, standardised by the training items
  std::uint32_t times_;
  std::vector<double> strengths_{};  ///< by entry; empty: the recipe as it is
};

/// Strengths are rounded to so many, so that there is a recipe for each.
inline constexpr std::size_t kLevels = 20;
/// The recipe at strengths 0, 1 / kLevels, …, 1.
std::vector<recipe::Recipe> at_levels(const recipe::Recipe& recipe);

}  // namespace leaven::learn

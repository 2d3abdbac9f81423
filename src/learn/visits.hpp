// The order in which items are shown, and a supply of items that are shown one by one: pictures, series.
#pragma once

#include <cstdint>
#include <vector>

#include "learn/supply.hpp"

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
  std::uint64_t epoch_size() const { return static_cast<std::uint64_t>(train_.size()) * times_; }

 private:
  const Entries& train_;
  std::uint32_t times_;
  std::uint64_t seed_;
  std::uint64_t epoch_{~std::uint64_t{0}};
  std::vector<std::uint32_t> order_{};  ///< of this epoch: item · times + copy − 1
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
  Held hold(const Entries& entries) override;

 protected:
  /// As the arm shows it.
  virtual void show(const Visit& visit, std::span<float> out) const = 0;
  /// As it is.
  virtual void show_plain(std::uint32_t entry, std::span<float> out) const = 0;

 private:
  const io::DatasetIndex& index_;
  InputShape shape_;
  Order order_;
  std::vector<float> targets_{};  ///< of each entry, standardised by the training items
};

}  // namespace leaven::learn

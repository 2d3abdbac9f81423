#include "learn/visits.hpp"

#include <cmath>

#include "leaven/dataset.hpp"
#include "recipe/strength.hpp"

namespace leaven::learn {

Visit Order::at(std::uint64_t position) {
  const std::uint64_t epoch = position / epoch_size();
  if (epoch != epoch_) {
    epoch_ = epoch;
    order_ = shuffled(static_cast<std::uint32_t>(epoch_size()), seed_, epoch);
  }
  const std::uint32_t chosen = order_[position % epoch_size()];
  return {train_[chosen / times_], epoch, chosen % times_ + 1};
}

TargetStandard target_standard(const std::vector<double>& numbers, const Entries& train) {
  if (numbers.empty()) return {};
  double mean = 0, squares = 0;
  for (const std::uint32_t e : train) mean += numbers[e] / static_cast<double>(train.size());
  for (const std::uint32_t e : train) squares += (numbers[e] - mean) * (numbers[e] - mean) / static_cast<double>(train.size());
  return {mean, squares > 0 ? std::sqrt(squares) : 1};
}

VisitSupply::VisitSupply(const io::DatasetIndex& index, const InputShape& shape, const Entries& train, std::uint32_t times, std::uint64_t seed,
                         const std::vector<double>& numbers)
    : index_(index), shape_(shape), order_(train, times, seed), times_(times) {
  const TargetStandard standard = target_standard(numbers, train);
  for (const double number : numbers) targets_.push_back(standard.of(number));
}

Answer VisitSupply::put(std::uint64_t position, std::span<float> out) {
  const Visit visit = order_.at(position);
  show(visit, out);
  return {index_.entries[visit.entry].label, targets_.empty() ? 0 : targets_[visit.entry]};
}

void VisitSupply::show(const Visit& visit, std::span<float> out) const {
  const double strength = strengths_.empty() ? 1 : strengths_[visit.entry];
  show(visit, static_cast<std::size_t>(std::nearbyint(strength * kLevels)), out);
}

Held VisitSupply::hold(const Entries& entries) {
  return hold_all(entries, [&](std::uint32_t entry, std::span<float> out) { show_plain(entry, out); });
}

Held VisitSupply::shown(const Entries& entries, std::uint64_t number) {
  // A copy that no epoch shows.
  return hold_all(entries, [&](std::uint32_t entry, std::span<float> out) { show({entry, number, times_ + 1}, out); });
}

std::vector<recipe::Recipe> at_levels(const recipe::Recipe& recipe) {
  std::vector<recipe::Recipe> levels;
  for (std::size_t level = 0; level <= kLevels; ++level) levels.push_back(recipe::at_strength(recipe, static_cast<double>(level) / kLevels));
  return levels;
}

Held VisitSupply::hold_all(const Entries& entries, const std::function<void(std::uint32_t, std::span<float>)>& put) const {
  const std::size_t values = shape_.values();
  Held held{std::vector<float>(entries.size() * values), {}, classes(), {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    put(entries[i], std::span(held.values).subspan(i * values, values));
    if (targets_.empty())
      held.labels.push_back(index_.entries[entries[i]].label);
    else
      held.targets.push_back(targets_[entries[i]]);
  }
  return held;
}

}  // namespace leaven::learn

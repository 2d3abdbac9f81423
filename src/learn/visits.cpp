#include "learn/visits.hpp"

#include <cmath>

#include "leaven/dataset.hpp"
#include "recipe/strength.hpp"

namespace leaven::learn {

namespace {
/// More than an epoch shows of an item: copies that are shown beside each other are others, and none is the first.
constexpr std::uint32_t kCopiesBetween = 1U << 20;
}  // namespace

Visit Order::at(std::uint64_t position) {
  const std::uint64_t epoch = position / epoch_size();
  if (epoch != epoch_) {
    epoch_ = epoch;
    order_ = shuffled(static_cast<std::uint32_t>(epoch_size()), seed_, epoch);
    if (!weights_.empty()) count_visits();
  }
  const std::uint32_t chosen = order_[position % epoch_size()];
  if (!weights_.empty()) return {train_[visits_[chosen].first], epoch, visits_[chosen].second};
  return {train_[chosen / times_], epoch, chosen % times_ + 1};
}

void Order::weigh(std::vector<double> weights) {
  weights_ = std::move(weights);
  epoch_ = ~std::uint64_t{0};
}

/// Systematic sampling: an item comes as often as it should on average, rounded up or down, which of both is another each epoch.
void Order::count_visits() {
  const std::vector<std::uint32_t> items = shuffled(static_cast<std::uint32_t>(train_.size()), seed_ + 1, epoch_);
  double sum = 0;
  for (const double weight : weights_) sum += weight;
  const double step = sum / static_cast<double>(epoch_size());
  visits_.clear();
  double reached = 0;
  for (const std::uint32_t item : items) {
    reached += weights_[item];
    for (std::uint32_t copy = 1; visits_.size() < epoch_size() && (static_cast<double>(visits_.size()) + 0.5) * step < reached; ++copy) visits_.emplace_back(item, copy);
  }
  // Roundings of the sum may leave one out.
  while (visits_.size() < epoch_size()) visits_.emplace_back(items.back(), visits_.empty() ? 1 : visits_.back().second + 1);
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
  return answer(visit.entry);
}

Answer VisitSupply::answer(std::uint32_t entry) const { return {index_.entries[entry].label, targets_.empty() ? 0 : targets_[entry], entry}; }

Answer VisitSupply::put_view(std::uint64_t position, std::uint32_t view, std::span<float> out) {
  const Visit visit = order_.at(position);
  if (view == 0)
    show_plain(visit.entry, out);
  else
    show({visit.entry, visit.epoch, 1 + view * kCopiesBetween + visit.copy}, out);
  return answer(visit.entry);
}

void VisitSupply::show_often(const std::vector<double>& weights) {
  std::vector<double> of_items;
  for (const std::uint32_t entry : order_.items()) of_items.push_back(weights[entry]);
  order_.weigh(std::move(of_items));
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

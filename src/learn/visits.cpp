#include "learn/visits.hpp"

#include "leaven/dataset.hpp"

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

Answer VisitSupply::put(std::uint64_t position, std::span<float> out) {
  const Visit visit = order_.at(position);
  show(visit, out);
  return {index_.entries[visit.entry].label, 0};
}

Held VisitSupply::hold(const Entries& entries) {
  const std::size_t values = shape_.values();
  Held held{std::vector<float>(entries.size() * values), {}, classes(), {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    show_plain(entries[i], std::span(held.values).subspan(i * values, values));
    held.labels.push_back(index_.entries[entries[i]].label);
  }
  return held;
}

}  // namespace leaven::learn

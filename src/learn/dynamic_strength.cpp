#include "learn/dynamic_strength.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace leaven::learn {

DynamicStrength::DynamicStrength(StrengthRule rule, Supply& supply, const io::DatasetIndex& index, const Entries& train, const Held& validation)
    : supply_(supply), index_(&index), train_(train), validation_(&validation), table_(StrengthTable({.rule = rule, .classes = supply.classes()})), pass_(train.size()) {
  if (rule == StrengthRule::ada && validation.size() == 0) throw usage_error("ada compares with items that are held out, and there are too few to hold some out");
  apply(0);
}

DynamicStrength::DynamicStrength(std::vector<double> schedule, std::uint64_t visits, Supply& supply, const io::DatasetIndex& index, const Entries& train)
    : supply_(supply), index_(&index), train_(train), schedule_(std::move(schedule)), pass_(std::max<std::uint64_t>(1, (visits + schedule_.size() - 1) / schedule_.size())) {
  apply(0);
}

DynamicStrength::DynamicStrength(std::vector<double> strengths, Supply& supply, const Entries& train)
    : supply_(supply), train_(train), pass_(std::numeric_limits<std::uint64_t>::max()) {
  show(std::move(strengths), 0);
}

void DynamicStrength::apply(std::uint32_t step) {
  std::vector<double> strengths(index_->entries.size());
  for (const std::uint32_t e : train_)
    strengths[e] = table_ ? table_->of(std::to_string(e), index_->entries[e].label) : schedule_[std::min(points_.size(), schedule_.size() - 1)];
  show(std::move(strengths), step);
}

void DynamicStrength::show(std::vector<double> strengths, std::uint32_t step) {
  StrengthPoint point{.step = step, .mean = 0, .least = 1, .most = 0};
  for (const std::uint32_t e : train_) {
    point.mean += strengths[e];
    point.least = std::min(point.least, strengths[e]);
    point.most = std::max(point.most, strengths[e]);
  }
  point.mean /= static_cast<double>(train_.size());
  supply_.show_at(std::move(strengths));
  points_.push_back(point);
}

void DynamicStrength::next_pass(Learner& learner, std::uint32_t step) {
  if (!table_) return apply(step);
  const bool plain = table_->options().rule == StrengthRule::ada;
  const Predictions p = predict(learner, plain ? supply_.hold(train_) : supply_.shown(train_, points_.size()));
  // The training is about to be given up.
  if (!std::ranges::all_of(p.probability, [](float value) { return std::isfinite(value); })) return apply(step);
  const std::vector<double> losses = plain ? surprises(p) : std::vector<double>{};
  for (std::size_t i = 0; i < train_.size(); ++i) {
    const std::string key = std::to_string(train_[i]);
    const std::uint32_t label = index_->entries[train_[i]].label;
    plain ? table_->tell_loss(key, label, losses[i]) : table_->tell(key, label, p.of(i));
  }
  if (plain)
    for (const double loss : surprises(predict(learner, *validation_))) table_->tell_held_out(loss);
  table_->next_epoch();
  apply(step);
}

double DynamicStrength::mean(std::uint64_t visits) const {
  double sum = 0;
  std::uint64_t left = visits;
  for (const StrengthPoint& point : points_) {
    const std::uint64_t some = std::min(left, pass());
    sum += point.mean * static_cast<double>(some);
    left -= some;
  }
  return visits > 0 ? sum / static_cast<double>(visits) : 0;
}

}  // namespace leaven::learn

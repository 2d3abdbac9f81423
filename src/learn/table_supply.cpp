#include "learn/table_supply.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "leaven/dataset.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {

namespace {
/// For which rows are repeated once more than others, whatever the epoch.
constexpr std::uint64_t kRest = 1'000'003;

/// What is made of the target would be shown to learners, of test rows too.
void require_target_alone(const std::vector<recipe::Step>& prepare, const std::string& target) {
  for (const recipe::Step& step : prepare) {
    if (std::ranges::find(step.on, target) != step.on.end())
      throw usage_error("a step of prepare: works on the target " + target + ", which prove has to keep from learners").with_place(step.place.text()).with_hint("leave it out of on:");
    require_target_alone(step.steps, target);
  }
}
}  // namespace

TableSupply::TableSupply(const TableMaterial& material, const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed)
    : material_(material), train_(fold.train), seed_(seed) {
  std::vector<std::uint32_t> train = material.rows_of_entries(fold.train);
  if (arm.recipe) {
    require_target_alone(arm.recipe->recipe.prepare, material.block().columns[material.target()].name);
    mill_.emplace(material.table(), material.block(), train, arm.recipe->recipe, material.name(), seed);
    plain_ = mill_->originals();
  } else {
    plain_ = rows_of(material.block(), train);
    repeats_ = train.size();
    if (arm.times > 1 && control) repeats_ = std::max<std::uint64_t>(repeats_, material.rows_made(*control, fold, seed));
  }
  const std::size_t target_at = target_in(plain_);
  encoder_.emplace(plain_, target_at);
  shape_ = {static_cast<int>(encoder_->size()), 1, 1};
  if (classes() == 0) {
    double sum = 0, squares = 0;
    const Column& target = plain_.columns[target_at];
    const auto count = static_cast<double>(plain_.rows);
    for (std::size_t r = 0; r < plain_.rows; ++r) sum += number_in(target, r);
    mean_ = sum / count;
    for (std::size_t r = 0; r < plain_.rows; ++r) squares += std::pow(number_in(target, r) - mean_, 2);
    if (squares > 0) deviation_ = std::sqrt(squares / count);
  }
  begin(0);
}

Block TableSupply::repeated() {
  std::vector<std::uint32_t> rows(static_cast<std::size_t>(repeats_));
  const std::size_t whole = rows.size() / plain_.rows * plain_.rows;
  for (std::size_t i = 0; i < whole; ++i) rows[i] = static_cast<std::uint32_t>(i % plain_.rows);
  const std::vector<std::uint32_t> rest = shuffled(static_cast<std::uint32_t>(plain_.rows), seed_, kRest);
  for (std::size_t i = whole; i < rows.size(); ++i) rows[i] = rest[i - whole];
  std::vector<float> times(plain_.rows);
  for (const std::uint32_t r : rows) ++times[r];
  weights_.clear();
  for (const std::uint32_t r : rows) weights_.push_back(1 / times[r]);
  return rows_of(plain_, rows);
}

Block TableSupply::epoch_rows(std::uint64_t epoch) { return mill_ ? mill_->make(epoch, levels_) : repeated(); }

void TableSupply::begin(std::uint64_t epoch) {
  const bool first = rows_.rows == 0;
  if (first || (mill_ && mill_->draws())) {
    rows_ = epoch_rows(epoch);
    if (rows_.rows == 0) throw usage_error("the recipe leaves no row to train on").with_hint("clean: or constraints: may set all of them aside");
  }
  // Every epoch is taken to be as long as the first: constraints may leave a row more or less.
  if (first) order_size_ = rows_.rows;
  epoch_ = epoch;
  order_ = shuffled(static_cast<std::uint32_t>(order_size_), seed_, epoch);
}

std::size_t TableSupply::target_in(const Block& block) const {
  const std::string& name = material_.block().columns[material_.target()].name;
  const auto at = std::ranges::find(block.columns, name, &Column::name);
  if (at == block.columns.end() || (at->type == Column::Type::text) != (classes() > 0))
    throw usage_error("prepare: turns the target " + name + " into something else, and prove trains on what it was");
  return static_cast<std::size_t>(at - block.columns.begin());
}

Answer TableSupply::answer(const Block& block, std::size_t target_at, std::size_t row) const {
  const Column& target = block.columns[target_at];
  if (classes() == 0) {
    const double number = number_in(target, row);
    return {0, static_cast<float>(((std::isnan(number) ? mean_ : number) - mean_) / deviation_)};
  }
  const std::vector<std::string>& labels = material_.index().labels;
  const std::string word = class_in(target, row);
  const auto at = std::ranges::lower_bound(labels, word);
  if (at == labels.end() || *at != word) throw usage_error("a step changes the class to one that is not there: " + word);
  return {static_cast<std::uint32_t>(at - labels.begin()), 0};
}

Answer TableSupply::put(std::uint64_t position, std::span<float> out) {
  if (position / order_size_ != epoch_) begin(position / order_size_);
  const std::size_t row = order_[static_cast<std::size_t>(position % order_size_)] % rows_.rows;
  encoder_->encode(rows_, row, out);
  Answer told = answer(rows_, target_in(rows_), row);
  told.weight = weights_.empty() ? static_cast<float>(train_.size()) / static_cast<float>(order_size_) : weights_[row];
  return told;
}

void TableSupply::show_at(std::vector<double> strengths) {
  if (!mill_) return Supply::show_at(std::move(strengths));
  std::vector<std::uint8_t> levels;
  for (const std::uint32_t e : train_) levels.push_back(static_cast<std::uint8_t>(std::nearbyint(strengths[e] * kLevels)));
  if (levels == levels_) return;
  levels_ = std::move(levels);
  epoch_ = kNoEpoch;  // its rows are made anew, in the same order
}

Held TableSupply::shown(const Entries& entries, std::uint64_t number) { return levels_.empty() ? hold(entries) : encoded(mill_->shown(number, levels_)); }

Block TableSupply::held_rows(const Entries& entries) const {
  return prepared(rows_of(material_.block(), material_.rows_of_entries(entries)));
}

Held TableSupply::hold(const Entries& entries) { return encoded(held_rows(entries)); }

Held TableSupply::encoded(const Block& block) const {
  Held held{std::vector<float>(block.rows * shape_.values()), {}, classes(), {}};
  const std::size_t target_at = target_in(block);
  for (std::size_t r = 0; r < block.rows; ++r) {
    encoder_->encode(block, r, std::span(held.values).subspan(r * shape_.values(), shape_.values()));
    const Answer told = answer(block, target_at, r);
    if (held.classes > 0)
      held.labels.push_back(told.label);
    else
      held.targets.push_back(told.target);
  }
  return held;
}

}  // namespace leaven::learn

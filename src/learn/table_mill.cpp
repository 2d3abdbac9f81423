#include "learn/table_mill.hpp"

#include <numeric>

#include "flow/balance/row_maker.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {

namespace {

/// No epoch has as many copies of a row.
constexpr std::uint32_t kCopyAsked = 1U << 20;

/// What the proof decides by itself: the division of rows, the target, the seed.
recipe::Recipe for_training(recipe::Recipe recipe, std::uint64_t seed) {
  recipe.seed = seed;
  recipe.epoch = 0;
  recipe.has_split = false;
  recipe.split = {};
  recipe.source.label_column.clear();
  recipe.source.split_column.clear();
  return recipe;
}

}  // namespace

TableMill::TableMill(const io::TableReader& table, const Block& block, std::vector<std::uint32_t> train, const recipe::Recipe& recipe, std::string name,
                     std::uint64_t seed)
    : source_(table),
      block_(block),
      name_(std::move(name)),
      recipe_(for_training(recipe, seed)),
      table_(std::make_unique<RowView>(table, block, std::move(train)), recipe_, name_),
      roster_(table_.raw(), recipe_, name_) {
  table_.fit(roster_.train());
  roster_.leave_out(table_.left_out());
  constraints_.emplace(recipe_, table_, roster_.train());
  roster_.set_aside_violations(constraints_->violations(table_, [this](std::uint64_t row) { return roster_.rows()[static_cast<std::size_t>(row)].is_written(); }));
  roster_.decide(table_, pool_);
  fits_ = plan::fit_columns(recipe_, [&] { return std::make_unique<flow::TableScan>(table_, &roster_.train()); });
  for (const auto& [path, fit] : table_.fits()) fits_.emplace(path, fit);
  if (roster_.method() != recipe::BalanceMethod::none)
    if (Fitted balance = flow::fit_balance(roster_.matrix(), roster_.method(), recipe_.balance.scale); !balance.empty())
      fits_.emplace(flow::kBalanceFit, std::move(balance));
}

flow::StepsOfRow TableMill::steps_at(std::span<const std::uint8_t> levels) {
  if (levels.empty()) return {};
  if (levels_.empty()) levels_ = at_levels(recipe_);
  return [this, levels](std::uint64_t row) -> const recipe::Recipe& { return levels_[levels[static_cast<std::size_t>(row)]]; };
}

Block TableMill::make(std::uint64_t epoch, std::span<const std::uint8_t> levels) {
  recipe_.epoch = epoch;
  const flow::TableMaker maker(recipe_, name_, table_, roster_, *constraints_, fits_, steps_at(levels));
  Block all;
  for (std::size_t part = 0; part < maker.parts(); ++part)
    for (const auto& [split, rows] : maker.make(part).tables) append_rows(all, rows);
  return all;
}

Block TableMill::shown(std::uint64_t number, std::span<const std::uint8_t> levels) {
  Block rows = table_.read(0, static_cast<std::size_t>(table_.rows()));
  std::vector<std::uint64_t> places(rows.rows);
  std::iota(places.begin(), places.end(), std::uint64_t{0});
  std::vector<std::string> ids, labels;
  for (const std::uint64_t r : places) {
    ids.push_back(name_ + "#" + std::to_string(r));
    labels.push_back(roster_.labels()[roster_.rows()[static_cast<std::size_t>(r)].label]);
  }
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.seed = recipe_.seed, .epoch = number, .sample = id, .copy = kCopyAsked});
  flow::run_steps(recipe_, steps_at(levels), places, contexts, labels, fits_, rows);
  return rows;
}

Block TableMill::originals() const {
  const Block all = table_.read(0, static_cast<std::size_t>(table_.rows()));
  std::vector<std::uint32_t> kept;
  for (std::uint32_t r = 0; r < all.rows; ++r)
    if (!roster_.rows()[r].aside) kept.push_back(r);
  return rows_of(all, kept);
}

Block TableMill::changed(const std::vector<std::uint32_t>& rows, std::size_t target, std::uint32_t copy) const {
  Block block = rows_of(block_, rows);
  std::vector<std::string> ids, labels;
  for (std::size_t r = 0; r < block.rows; ++r) {
    ids.push_back(name_ + "#" + std::to_string(rows[r]));
    labels.push_back(io::cell_text(block.columns[target], r));
  }
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.seed = recipe_.seed, .sample = id, .copy = copy});
  plan::run_columns(recipe_, contexts, labels, fits_, block);
  return block;
}

Block TableMill::prepared(std::span<const std::uint32_t> rows) const { return prepared(rows_of(block_, rows)); }

Block TableMill::prepared(const Block& rows) const {
  if (recipe_.prepare.empty()) return rows;
  std::vector<std::uint32_t> all(rows.rows);
  std::iota(all.begin(), all.end(), 0U);
  flow::PreparedTable table(std::make_unique<RowView>(source_, rows, std::move(all)), recipe_, name_);
  table.use_elsewhere(fits_);
  return table.read(0, rows.rows);
}

}  // namespace leaven::learn

#include "flow/table_source.hpp"

#include <algorithm>

namespace leaven::flow {

namespace {

constexpr const char* kPrefix = "prepare/";

Block picked_rows(const Block& block, const RowMask& mask) {
  Block part{.first = block.first};
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < block.rows; ++r)
    if (mask[static_cast<std::size_t>(block.first) + r]) rows.push_back(r);
  part.rows = rows.size();
  const auto pick = [&](auto& to, const auto& from) {
    for (const std::size_t r : rows)
      if (!from.empty()) to.push_back(from[r]);
  };
  for (const Column& column : block.columns) {
    Column& to = part.columns.emplace_back(without_cells(column));
    pick(to.text, column.text), pick(to.number, column.number), pick(to.null, column.null);
    pick(to.changed, column.changed), pick(to.quoted, column.quoted);
  }
  return part;
}

}  // namespace

std::unique_ptr<io::TableReader> open_source(const recipe::Source& source) {
  TableRules rules = source.schema;
  if (rules.target.empty()) rules.target = source.label_column;
  return io::open_table(source.path, rules);
}

const Block* TableScan::next() {
  if (at_ >= reader_.rows()) return nullptr;
  block_ = reader_.read(at_, kBlockRows);
  at_ += block_.rows;
  if (mask_ && !mask_->empty()) block_ = picked_rows(block_, *mask_);
  return &block_;
}

/// For fits: what step number `steps` would see.
class PreparedTable::Before : public Scan {
 public:
  Before(const PreparedTable& table, std::size_t steps, const RowMask& mask) : table_(table), steps_(steps), mask_(mask) {}
  const Block* next() override {
    if (at_ >= table_.rows()) return nullptr;
    block_ = table_.read_after(at_, kBlockRows, steps_);
    at_ += block_.rows;
    if (!mask_.empty()) block_ = picked_rows(block_, mask_);
    return &block_;
  }

 private:
  const PreparedTable& table_;
  std::size_t steps_;
  const RowMask& mask_;
  std::uint64_t at_{};
  Block block_{};
};

PreparedTable::PreparedTable(std::unique_ptr<io::TableReader> table, const recipe::Recipe& recipe, std::string name)
    : table_(std::move(table)), name_(std::move(name)), seed_(recipe.seed), epoch_(recipe.epoch), steps_(recipe.prepare), shape_(table_->shape()) {}

recipe::Recipe PreparedTable::first_steps(std::size_t steps) const {
  recipe::Recipe recipe;
  recipe.steps.assign(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(steps));
  return recipe;
}

Block PreparedTable::read_after(std::uint64_t first, std::size_t most, std::size_t steps) const {
  Block block = table_->read(first, most);
  if (steps == 0 || block.rows == 0) return block;
  std::vector<std::string> ids;
  for (std::size_t r = 0; r < block.rows; ++r) ids.push_back(name_ + "#" + std::to_string(first + r));
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.seed = seed_, .epoch = epoch_, .sample = id});
  plan::FittedOps fits;
  for (const auto& [path, fit] : fits_)
    if (path.starts_with(kPrefix)) fits[path.substr(std::string_view(kPrefix).size())] = fit;
  plan::run_columns(first_steps(steps), contexts, {}, fits, block);
  return block;
}

void PreparedTable::fit(const RowMask& train) {
  for (std::size_t s = 0; s < steps_.size(); ++s) {
    plan::FittedOps known;
    for (const auto& [path, fit] : fits_) known[path.substr(std::string_view(kPrefix).size())] = fit;
    const auto found = plan::fit_columns(first_steps(s + 1), [&] { return std::make_unique<Before>(*this, s, train); }, known);
    for (const auto& [path, fit] : found) fits_.try_emplace(kPrefix + path, fit);
  }
  look_at_shape();
}

void PreparedTable::use(plan::FittedOps fits) {
  fits_.clear();
  for (auto& [path, fit] : fits)
    if (path.starts_with(kPrefix)) fits_.emplace(path, std::move(fit));
  look_at_shape();
}

void PreparedTable::look_at_shape() {
  if (steps_.empty()) return;
  const Block row = read(0, 1);
  for (std::size_t c = 0; c < row.columns.size(); ++c) shape_.columns[c].type = row.columns[c].type;
}

}  // namespace leaven::flow

#include "flow/table_source.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"
#include "io/split_tables.hpp"
#include "ops/families.hpp"

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

bool is_table(const recipe::Source& source) {
  std::error_code error;
  if (source.format == "table") return true;
  if (!source.format.empty()) return false;
  if (std::filesystem::is_directory(source.path, error)) return !io::split_tables(source.path).parts.empty();
  return std::filesystem::is_regular_file(source.path, error) && !io::looks_like_series(source.path) && io::looks_like_table(source.path);
}

std::unique_ptr<io::TableReader> open_source(const recipe::Source& source) {
  TableRules rules = source.schema;
  if (rules.target.empty()) rules.target = source.label_column;
  std::error_code error;
  if (std::filesystem::is_directory(source.path, error)) return io::open_split_tables(source.path, {source.append.begin(), source.append.end()}, rules);
  std::vector<std::filesystem::path> files{source.path};
  files.insert(files.end(), source.append.begin(), source.append.end());
  return io::open_tables(files, rules);
}

void require_rows(const io::TableReader& table, const std::filesystem::path& file) {
  if (table.rows() > 0) return;
  const std::string name = io::printable(file.native());
  if (table.bad_rows().empty()) throw usage_error(name + ": holds no rows");
  const io::BadRow& first = table.bad_rows().front();
  throw data_error(name + ":" + std::to_string(first.line) + ": " + first.reason).with_hint("and no other row can be used either");
}

void add_soft_labels(recipe::Recipe& recipe, const BlockShape& shape) {
  constexpr std::string_view kOp = "table_one_hot";
  const auto method = recipe.balance.method;
  const auto target = std::ranges::find(shape.columns, true, &BlockShape::ColumnShape::target);
  if ((method != recipe::BalanceMethod::mixup && method != recipe::BalanceMethod::cutmix) || target == shape.columns.end()) return;
  if (target->type != Column::Type::text) return;
  for (const recipe::Step& step : recipe.prepare)
    if (step.op && step.op->name == kOp && std::ranges::find(step.on, target->name) != step.on.end()) return;
  recipe::Step step;
  step.op = &ops::op_table().at(kOp);
  step.settings.emplace_back(&step.op->at("places"), Setting{.fixed = std::int64_t{4}});
  step.on = {target->name};
  recipe.prepare.push_back(std::move(step));
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
    : table_(std::move(table)), name_(std::move(name)), seed_(recipe.seed), epoch_(recipe.epoch), steps_(recipe.prepare), shape_(table_->shape()), profiles_(table_->profiles()) {}

recipe::Recipe PreparedTable::first_steps(std::size_t steps) const {
  recipe::Recipe recipe;
  recipe.steps.assign(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(steps));
  return recipe;
}

plan::FittedOps PreparedTable::own_fits() const {
  plan::FittedOps fits;
  for (const auto& [path, fit] : fits_) fits[path.substr(std::string_view(kPrefix).size())] = fit;
  return fits;
}

Block PreparedTable::read_after(std::uint64_t first, std::size_t most, std::size_t steps, plan::WholeTable* whole) const {
  Block block = table_->read(first, most);
  if (steps == 0 || block.rows == 0) return block;
  std::vector<std::string> ids;
  for (std::size_t r = 0; r < block.rows; ++r) ids.push_back(name_ + "#" + std::to_string(first + r));
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.seed = seed_, .epoch = epoch_, .sample = id});
  plan::WholeTable around;
  around.along = [&](const std::string& path, const ops::WholeTableStep& step, std::span<const std::size_t> columns, Block& rows) {
    if (const auto at = along_.find(path); at != along_.end()) at->second.fill(rows);
    else if (whole && whole->along) whole->along(path, step, columns, rows);
    else throw usage_error("works on the whole table, so it can have no p, no when and no drawn words");
  };
  plan::run_columns(first_steps(steps), contexts, {}, own_fits(), block, &around);
  if (whole) whole->left_out = std::move(around.left_out);
  return block;
}

void PreparedTable::fit(const RowMask& train) {
  RowMask mask = train;
  for (std::size_t s = 0; s < steps_.size(); ++s) learn(s, mask, false);
  look_at_shape();
}

void PreparedTable::take(plan::FittedOps fits) {
  fits_.clear();
  for (auto& [path, fit] : fits)
    if (path.starts_with(kPrefix)) fits_.emplace(path, std::move(fit));
}

void PreparedTable::use(plan::FittedOps fits, const RowMask& train) {
  take(std::move(fits));
  fit(train);
}

void PreparedTable::use_elsewhere(plan::FittedOps fits) {
  take(std::move(fits));
  RowMask all;
  for (std::size_t s = 0; s < steps_.size(); ++s) learn(s, all, true);
  look_at_shape();
}

void PreparedTable::learn(std::size_t step, RowMask& train, bool elsewhere) {
  const auto found = plan::fit_columns(first_steps(step + 1), [&] { return std::make_unique<Before>(*this, step, train); }, own_fits());
  for (const auto& [path, fit] : found) fits_.try_emplace(kPrefix + path, fit);
  fill_along(step, train, elsewhere);
  if (!elsewhere) find_left_out(step, train);
}

void PreparedTable::fill_along(std::size_t step, const RowMask& train, bool elsewhere) {
  struct Found {
    std::string path{};
    ops::WholeTableStep step{};
    std::vector<std::size_t> columns{};
  };
  std::vector<Found> found;
  plan::WholeTable look, pass;
  look.along = [&](const std::string& path, const ops::WholeTableStep& at, std::span<const std::size_t> columns, Block&) {
    found.push_back({path, at, {columns.begin(), columns.end()}});
  };
  pass.along = [](const std::string&, const ops::WholeTableStep&, std::span<const std::size_t>, Block&) {};
  read_after(0, 1, step + 1, &look);
  for (const Found& at : found) {
    // After the steps before, and those of the same container that have been gone through already.
    const auto read = [&](std::uint64_t first) { return read_after(first, kBlockRows, step + 1, &pass); };
    const auto saved = fits_.find(kPrefix + at.path);
    try {
      CellsAlong cells(at.step, at.columns, read, train, elsewhere && saved != fits_.end() ? &saved->second : nullptr);
      if (!elsewhere && !cells.last_cells().empty()) fits_.try_emplace(kPrefix + at.path, cells.last_cells());
      along_.emplace(at.path, std::move(cells));
    } catch (Error& error) {
      throw error.with_op(steps_[step].op ? steps_[step].op->name : std::string_view(at.path)).with_step(at.path).with_place(steps_[step].place.text());
    }
  }
}

void PreparedTable::find_left_out(std::size_t step, RowMask& train) {
  plan::WholeTable whole;
  read_after(0, 1, step + 1, &whole);
  if (whole.left_out.empty()) return;
  for (std::uint64_t first = 0; first < rows(); first += kBlockRows) {
    read_after(first, kBlockRows, step + 1, &whole);
    for (std::size_t r = 0; r < whole.left_out.size(); ++r) {
      const auto row = static_cast<std::size_t>(first) + r;
      if (whole.left_out[r].empty() || (!train.empty() && !train[row])) continue;
      if (train.empty()) train.assign(static_cast<std::size_t>(rows()), true);
      train[row] = false;
      left_out_.emplace_back(row, whole.left_out[r]);
    }
  }
  std::ranges::sort(left_out_);
}

void PreparedTable::look_at_shape() {
  if (steps_.empty()) return;
  const Block row = read(0, 1);
  for (std::size_t c = 0; c < row.columns.size(); ++c) {
    const Column& column = row.columns[c];
    if (c < shape_.columns.size()) {
      shape_.columns[c].type = column.type;
      continue;
    }
    shape_.columns.push_back({column.name, column.type, column.kind, column.target});
    profiles_.push_back({.name = column.name, .kind = column.kind, .cells = rows()});
  }
}

}  // namespace leaven::flow

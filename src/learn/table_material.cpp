#include "learn/table_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "flow/table_row.hpp"
#include "flow/table_source.hpp"
#include "learn/near_rows.hpp"
#include "learn/proof.hpp"
#include "learn/table_encoder.hpp"
#include "learn/table_mill.hpp"
#include "learn/table_supply.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint64_t kMostCells = 400'000'000;
constexpr std::size_t kShown = 5;
constexpr std::uint64_t kMostTaken = 50;  ///< different numbers that --metric makes classes of
constexpr std::size_t kCorruptedItems = 1000;

std::size_t column_named(const io::TableReader& table, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& column : table.shape().columns) names.push_back(column.name);
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) throw usage_error("there is no column " + name).with_hint(did_you_mean(name, names));
  return static_cast<std::size_t>(at - names.begin());
}

}  // namespace

TableMaterial::TableMaterial(const MaterialOptions& options) : name_(options.data.filename().string()) {
  open(options);
  make_index(options);
  if (number_) {
    std::vector<double> numbers;
    for (const std::uint32_t r : rows_) numbers.push_back(number_in(block_.columns[target_], r));
    if (numbers.empty()) throw usage_error(name_ + ": the column " + block_.columns[target_].name + " holds no number");
    label_by_size(index_, numbers);
  }
  tell_columns();
}

void TableMaterial::open(const MaterialOptions& options) {
  recipe::Source source;
  if (options.recipe) source = options.recipe->source;
  source.path = options.data.string();
  TableRules& rules = source.schema;
  if (rules.target.empty()) rules.target = source.label_column;
  if (!options.target.empty()) rules.target = options.target;
  table_ = flow::open_source(source);
  const auto is_target = [](const auto& column) { return column.target; };
  const auto find = [&] { return static_cast<std::size_t>(std::ranges::find_if(table_->shape().columns, is_target) - table_->shape().columns.begin()); };
  target_ = find();
  if (target_ == table_->shape().columns.size())
    throw usage_error(name_ + ": no column says what is to be predicted").with_hint("name it: --target COLUMN; leaven profile shows what there is");
  const io::ColumnProfile profile = table_->profiles()[target_];
  number_ = profile.type() != Column::Type::text;
  if (!options.metric.empty() && is_of_numbers(options.metric) != number_) {
    number_ = !number_;
    if (!number_ && (profile.more_distinct || profile.distinct > kMostTaken))
      throw usage_error(fmt::format("--metric {} is of classes, and {} holds {}{} different numbers", options.metric, profile.name, profile.more_distinct ? "more than " : "", flow::count_text(profile.distinct)))
          .with_hint("--metric r2 or mae predicts a number; schema: {columns: {" + profile.name + ": category}} in the recipe takes them for classes all the same");
    rules.kinds[profile.name] = number_ ? ColumnKind::decimal : ColumnKind::category;
    table_ = flow::open_source(source);
    notes_.push_back(fmt::format("{} is taken for {}, as --metric {} says", profile.name, number_ ? "a number" : "a class", options.metric));
  }
  if (!table_->bad_rows().empty())
    notes_.push_back(fmt::format("{} cannot be read and {} left out (line {}: {})", flow::count_text(table_->bad_rows().size(), "row", "rows"),
                                 table_->bad_rows().size() == 1 ? "is" : "are", table_->bad_rows().front().line, table_->bad_rows().front().reason));
}

void TableMaterial::make_index(const MaterialOptions& options) {
  if (table_->rows() * table_->shape().columns.size() > kMostCells)
    throw usage_error(fmt::format("{}: a table of {} cells is more than prove holds in memory", name_, flow::count_text(table_->rows() * table_->shape().columns.size())));
  block_ = table_->read(0, static_cast<std::size_t>(table_->rows()));
  constexpr std::size_t kNo = static_cast<std::size_t>(-1);
  const std::string split_name = options.recipe ? options.recipe->source.split_column : "";
  std::string group_name = options.group;
  if (group_name.empty() && options.recipe && options.recipe->has_split) group_name = options.recipe->split.column;
  const std::size_t split = split_name.empty() ? kNo : column_named(*table_, split_name), group = group_name.empty() ? kNo : column_named(*table_, group_name);
  grouped_ = group != kNo;
  std::map<std::string, std::uint32_t> labels;
  const Column& target = block_.columns[target_];
  for (std::size_t r = 0; r < block_.rows; ++r)
    if (!target.null[r] && !number_) labels.emplace(class_in(target, r), 0);
  for (auto& [label, number] : labels) number = static_cast<std::uint32_t>(index_.labels.size()), index_.labels.push_back(label);
  const std::vector<io::TablePart> parts = table_->parts();
  std::size_t without = 0, part = 0;
  for (std::uint32_t r = 0; r < block_.rows; ++r) {
    if (target.null[r] || (number_ && std::isnan(number_in(target, r)))) {
      ++without;
      continue;
    }
    // The group's cell stands before the row's number, for group_expression().
    io::Entry entry{.id = (grouped_ ? io::cell_text(block_.columns[group], r) : name_) + "#" + std::to_string(r)};
    if (!number_) entry.label = labels.at(class_in(target, r));
    while (part < parts.size() && r >= parts[part].end) ++part;
    if (part < parts.size()) entry.split = parts[part].split;
    if (split != kNo) entry.split = io::split_from(io::cell_text(block_.columns[split], r)).value_or(io::Split::none);
    index_.entries.push_back(std::move(entry));
    rows_.push_back(r);
  }
  const auto number_of = [&](std::uint32_t r) { return number_in(target, r); };
  if (number_ && !rows_.empty() && std::ranges::all_of(rows_, [&](std::uint32_t r) { return number_of(r) == number_of(rows_.front()); }))
    throw usage_error(target.name + " is the same in all rows: there is nothing to predict");
  if (labels.size() > 2 && 2 * labels.size() > rows_.size())
    throw usage_error(fmt::format("{} holds {} different values in {}: it names rows, and no classes that several rows share", target.name, flow::count_text(labels.size()), flow::count_text(rows_.size(), "row", "rows")))
        .with_hint("--target names another column");
  if (without > 0) notes_.push_back(fmt::format("{} without {} left out", flow::count_text(without, "row", "rows"), target.name));
  index_.format = "table";
  index_.label_kind = io::LabelKind::category;
  index_.description = fmt::format("table, {} columns, {}, {}", block_.columns.size(), flow::count_text(index_.entries.size(), "row", "rows"),
                                   number_ ? "the number " + target.name : flow::count_text(index_.labels.size(), "class", "classes") + " of " + target.name);
}

void TableMaterial::tell_columns() {
  std::string hidden;
  int shown = 0;
  for (std::size_t c = 0; c < block_.columns.size(); ++c) {
    if (c == target_) continue;
    const Column& column = block_.columns[c];
    if (is_shown(column.kind))
      ++shown;
    else
      hidden += fmt::format("{}{} ({})", hidden.empty() ? "" : ", ", column.name, name_of(column.kind));
  }
  if (shown == 0) throw usage_error(name_ + ": there is no column of numbers or categories to learn from");
  if (!hidden.empty()) notes_.push_back("columns that no learner is shown: " + hidden);
  shape_ = {shown, 1, 1};
}

std::string TableMaterial::group_expression(const std::string&) const { return grouped_ ? R"(([\s\S]*)#[0-9]+$)" : ""; }

std::vector<std::uint32_t> TableMaterial::rows_of_entries(const Entries& entries) const {
  std::vector<std::uint32_t> rows;
  rows.reserve(entries.size());
  for (const std::uint32_t e : entries) rows.push_back(rows_[e]);
  return rows;
}

void TableMaterial::take(const Entries& used) {
  digests_.assign(rows_.size(), "");
  // What columns are taken for decides what learners see of equal cells.
  std::string said = block_.columns[target_].name + '\x1f' + (number_ ? "number" : "class");
  for (const Column& column : block_.columns) said += '\x1f' + std::string(name_of(column.kind));
  for (const std::uint32_t e : used) {
    const std::string all = flow::row_digest(block_, rows_[e]) + said;
    digests_[e] = digest_of(all.data(), all.size());
  }
}

LookAlikes TableMaterial::look_alikes(const Partition& partition) const {
  LookAlikes found;
  std::unordered_map<std::string_view, std::uint32_t> training;
  std::set<std::uint32_t> train;
  for (const Fold& fold : partition.folds)
    for (const std::uint32_t e : fold.train) training.emplace(digests_[e], e), train.insert(rows_[e]);
  const auto add = [&](const std::string& test, const std::string& other, double distance) {
    ++found.count;
    if (found.first.size() < kShown) found.first.push_back({test, other, distance});
  };
  std::vector<std::uint32_t> others;
  for (const std::uint32_t e : partition.test) {
    const auto same = training.find(digests_[e]);
    if (same != training.end())
      add(index_.entries[e].id, index_.entries[same->second].id, 0);
    else
      others.push_back(rows_[e]);
  }
  if (found.count > 0) found.note = fmt::format("{} a training row again", flow::count_text(found.count, "test row is", "test rows are"));
  const NearRows near = near_rows(block_, target_, others, std::vector<std::uint32_t>(train.begin(), train.end()));
  if (near.found.empty()) return found;
  const auto id = [&](std::uint32_t row) { return index_.entries[static_cast<std::size_t>(std::ranges::lower_bound(rows_, row) - rows_.begin())].id; };
  for (const NearRow& row : near.found) add(id(row.test), id(row.train), row.distance);
  found.note += fmt::format("{}{} almost a training row (such as {} and {}){}: what was copied and changed a little is easy to predict", found.note.empty() ? "" : ", and ",
                            flow::count_text(near.found.size(), "test row is", "test rows are"), id(near.found.front().test), id(near.found.front().train),
                            near.of_test < others.size() ? fmt::format(", of {} that were looked at", flow::count_text(near.of_test)) : "");
  return found;
}

std::uint64_t TableMaterial::rows_made(const ArmRecipe& recipe, const Fold& fold, std::uint64_t seed) const {
  const std::string key = fmt::format("{} {} {}", recipe.digest, seed, fold.train.size());
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = made_.find(key); known != made_.end()) return known->second;
  }
  const std::uint64_t rows = TableMill(*table_, block_, rows_of_entries(fold.train), recipe.recipe, name_, seed).promised();
  const std::lock_guard lock(mutex_);
  return made_[key] = rows;
}

std::unique_ptr<Supply> TableMaterial::supply(const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed) const {
  return std::make_unique<TableSupply>(*this, arm, control, fold, seed);
}

void TableMaterial::prepare_robustness(const Entries& test, int) {
  corrupted_entries_ = evenly(test, index_, kCorruptedItems);
  std::vector<std::string> ids;
  for (const std::uint32_t e : corrupted_entries_) ids.push_back(index_.entries[e].id);
  corrupted_ = corrupt_rows(rows_of(block_, rows_of_entries(corrupted_entries_)), ids);
}

std::map<std::string, std::vector<double>> TableMaterial::robustness(Learner& learner, Supply& supply) const {
  std::map<std::string, std::vector<double>> found;
  const auto& rows = dynamic_cast<const TableSupply&>(supply);
  for (const CorruptedRows& set : corrupted_)
    found[set.corruption].push_back(score_under_corruption(predict(learner, rows.encoded(rows.prepared(set.rows)))));
  return found;
}

HeldOut TableMaterial::held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const {
  const auto plain = std::make_shared<const TableSupply>(*this, Arm{kNone, 1, {}}, nullptr, fold, seed);
  const std::vector<std::uint32_t> rows = rows_of_entries(entries);
  return [this, plain, rows, &fold, seed](const ArmRecipe* change, std::uint32_t copy) {
    Held held = plain->encoded(rows_of(block_, rows));
    if (!change) return held;
    recipe::Recipe steps;
    steps.steps = change->recipe.steps;
    // The answers of before: what a step makes of them is what is asked.
    held.values = plain->encoded(TableMill(*table_, block_, rows_of_entries(fold.train), steps, name_, seed).changed(rows, target_, copy)).values;
    return held;
  };
}

void TableMaterial::write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe* control, const Fold& fold, const Entries& test,
                          std::uint64_t seed) const {
  TableSupply supply(*this, arm, control, fold, seed);
  const std::string extension = std::filesystem::path(name_).extension().string();
  std::filesystem::create_directories(folder);
  const auto put = [&](const std::string& split, const Block& rows) {
    const auto writer = table_->create(folder / (split + extension));
    writer->write(rows);
    writer->finish();
  };
  put("train", supply.epoch_rows(0));
  put("val", supply.held_rows(fold.validation));
  put("test", supply.held_rows(test));
}

}  // namespace leaven::learn

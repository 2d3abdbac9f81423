#include "flow/table_roster.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "flow/split.hpp"
#include "flow/table_row.hpp"
#include "io/file.hpp"

namespace leaven::flow {

using recipe::BalanceMethod;

TableRoster::TableRoster(const io::TableReader& raw, const recipe::Recipe& recipe, std::string name, GeneratedTable generated)
    : recipe_(recipe), name_(std::move(name)), generated_(std::move(generated)) {
  for (const io::BadRow& row : raw.bad_rows()) aside_.push_back({name_ + ":" + std::to_string(row.line), row.reason, kBroken, {}});
  find_columns(raw);
  rows_.resize(static_cast<std::size_t>(raw.rows()));
  std::size_t at = 0;
  for (const io::TablePart& part : raw.parts()) {
    for (; at < part.end; ++at) rows_[at].split = part.split;
    if (!part.lacking.empty()) lacking_[part.split] = part.lacking;
  }
  look_at_rows(raw);
  for (std::size_t r = rows_.size() - static_cast<std::size_t>(generated_.rows()); r < rows_.size(); ++r) rows_[r].generated = true;
  if (recipe.has_split || split_column_ != npos) assign_splits(raw);
  std::set<io::Split> seen;
  for (Row& row : rows_) {
    if (row.aside) continue;
    seen.insert(row.split);
    row.original = !row.grows() || recipe.augment.originals != recipe::Originals::none;
  }
  splits_.assign(seen.begin(), seen.end());
  has_splits_ = std::ranges::any_of(splits_, [](io::Split s) { return s != io::Split::none; });
  if (std::ranges::all_of(rows_, &Row::grows)) return;
  for (const Row& row : rows_) train_.push_back(row.grows());
}

void TableRoster::find_columns(const io::TableReader& raw) {
  const auto& columns = raw.shape().columns;
  std::vector<std::string_view> names;
  for (const auto& column : columns) names.push_back(column.name);
  const auto find = [&](const std::string& wanted) {
    if (wanted.empty()) return npos;
    const auto at = std::ranges::find(names, wanted);
    if (at == names.end()) throw usage_error(name_ + " has no column " + wanted).with_hint(did_you_mean(wanted, names));
    return static_cast<std::size_t>(at - names.begin());
  };
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].target) target_ = c;
  if (const std::size_t told = find(recipe_.source.label_column); told != npos) target_ = told;
  target_is_number_ = target_ != npos && columns[target_].type != Column::Type::text;
  split_column_ = find(recipe_.source.split_column);
  if (recipe_.has_split && recipe_.split.method == recipe::SplitStage::Method::group) {
    if (recipe_.split.column.empty()) throw usage_error("split: method group of a table needs column: rows with the same cell there stay together");
    group_column_ = find(recipe_.split.column);
  }
}

void TableRoster::leave_out(std::uint64_t row, const char* kind, std::string reason) {
  rows_[static_cast<std::size_t>(row)].aside = true;
  aside_.push_back({name_ + "#" + std::to_string(row), std::move(reason), kind, {}});
}

void TableRoster::leave_out(const std::vector<std::pair<std::uint64_t, std::string>>& rows) {
  if (!rows.empty() && train_.empty()) train_.assign(rows_.size(), true);
  for (const auto& [row, reason] : rows) {
    leave_out(row, kOutlier, reason);
    train_[static_cast<std::size_t>(row)] = false;
  }
}

void TableRoster::set_aside_violations(const std::vector<std::pair<std::uint64_t, std::string>>& rows) {
  for (const auto& [number, reason] : rows) {
    Row& row = rows_[static_cast<std::size_t>(number)];
    if (row.aside || !row.original) continue;
    row.original = false;
    row.violates = true;
    aside_.push_back({name_ + "#" + std::to_string(number), reason, kViolates, {}});
  }
}

void TableRoster::look_at_rows(const io::TableReader& raw) {
  labels_ = {""};
  // A target that is a number may have as many values as rows; it makes no classes, unless there are few of them.
  const bool classes = target_ != npos && (!target_is_number_ || !raw.profiles()[target_].more_distinct);
  const bool looks = classes || recipe_.clean.duplicates || recipe_.clean.missing || split_column_ != npos;
  if (!looks) return;
  std::map<std::string, std::uint32_t> known{{"", 0}};
  std::map<std::string, std::string> first_of;  // digest → row
  for (std::uint64_t first = 0; first < raw.rows(); first += kBlockRows) {
    const Block block = raw.read(first, kBlockRows);
    for (std::size_t r = 0; r < block.rows; ++r) {
      Row& row = rows_[static_cast<std::size_t>(first) + r];
      if (classes && block.columns[target_].null[r] == 0) {
        const std::string label = io::cell_text(block.columns[target_], r);
        const auto [at, added] = known.try_emplace(label, static_cast<std::uint32_t>(labels_.size()));
        if (added) labels_.push_back(label);
        row.label = at->second;
      }
      if (split_column_ != npos)
        if (const auto split = io::split_from(io::cell_text(block.columns[split_column_], r))) row.split = *split;
      const auto missing = [r](const Column& column) { return column.null[r] != 0; };
      if (recipe_.clean.missing) {
        if (const auto at = std::ranges::find_if(block.columns, missing); at != block.columns.end()) {
          leave_out(first + r, kMissingCell, at->name + " is missing");
          continue;
        }
      }
      if (!recipe_.clean.duplicates) continue;
      const auto [at, added] = first_of.try_emplace(row_digest(block, r), name_ + "#" + std::to_string(first + r));
      if (!added) leave_out(first + r, kDuplicate, "the same cells as " + at->second);
    }
  }
}

void TableRoster::assign_splits(const io::TableReader& raw) {
  io::DatasetIndex index;
  index.label_kind = labels_.size() > 1 && !target_is_number_ ? io::LabelKind::category : io::LabelKind::none;
  index.labels = labels_;
  std::vector<bool> aside;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    index.entries.push_back({.id = name_ + "#" + std::to_string(r), .label = rows_[r].label, .split = rows_[r].split});
    aside.push_back(rows_[r].aside || rows_[r].generated);
  }
  recipe::Recipe recipe = recipe_;
  if (group_column_ != npos) {
    recipe.split.group = "([\\s\\S]*)";  // the whole id, which is the cell
    for (std::uint64_t first = 0; first < raw.rows(); first += kBlockRows) {
      const Block block = raw.read(first, kBlockRows);
      for (std::size_t r = 0; r < block.rows; ++r) index.entries[static_cast<std::size_t>(first) + r].id = "=" + io::cell_text(block.columns[group_column_], r);
    }
  }
  const std::vector<io::Split> splits = flow::assign_splits(index, recipe, aside);
  for (std::size_t r = 0; r < rows_.size(); ++r) rows_[r].split = rows_[r].generated ? io::Split::train : splits[r];
}

void TableRoster::decide(const io::TableReader& table, Pool& pool) {
  for (const Row& row : rows_)
    if (row.grows() && labels_.size() > 1) ++classes_[labels_[row.label]];
  if (recipe_.balance.method == BalanceMethod::none) share_copies();
  else balance(table, pool);
  count();
}

void TableRoster::share_copies() {
  const recipe::Augment& a = recipe_.augment;
  if (a.per_class && labels_.size() < 2)
    throw usage_error("per_class needs classes, and no column of " + name_ + " says which").with_hint("name it: --target COLUMN");
  if (!a.per_class && !a.total) {
    for (Row& row : rows_)
      if (row.grows()) row.copies = a.times.value_or(1);
    return;
  }
  std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::size_t>>> groups;
  std::map<std::uint32_t, std::uint64_t> generated;
  for (const Row& row : rows_) generated[a.per_class ? row.label : 0] += row.generated && !row.aside ? 1 : 0;
  for (std::size_t r = 0; r < rows_.size(); ++r)
    if (rows_[r].grows()) groups[a.per_class ? rows_[r].label : 0].emplace_back(shuffled_rank(recipe_.seed, name_ + "#" + std::to_string(r), "left over"), r);
  for (auto& [label, members] : groups) {
    const auto originals = static_cast<std::uint64_t>(std::ranges::count_if(members, [&](const auto& member) { return rows_[member.second].original; }));
    const std::uint64_t kept = generated[label] + originals;
    const std::uint64_t wanted = a.per_class ? *a.per_class : *a.total;
    if (wanted <= kept) continue;
    std::ranges::sort(members);
    const std::uint64_t copies = wanted - kept;
    for (std::size_t i = 0; i < members.size(); ++i)
      rows_[members[i].second].copies = static_cast<std::uint32_t>(copies / members.size() + (i < copies % members.size() ? 1 : 0));
  }
}

std::vector<std::uint64_t> TableRoster::wanted_of(const RowMatrix& matrix, std::vector<std::uint64_t>& keep) const {
  const recipe::Augment& a = recipe_.augment;
  std::vector<std::uint64_t> have(matrix.labels.size());
  for (const std::uint32_t label : matrix.label) ++have[label];
  const std::uint64_t largest = *std::ranges::max_element(have), smallest = *std::ranges::min_element(have);
  std::vector<std::uint64_t> wanted;
  for (const std::uint64_t count : have) {
    const bool under = method_ == BalanceMethod::random_under;
    const std::uint64_t kept = recipe_.augment.originals == recipe::Originals::none ? 0 : count;
    std::uint64_t goal = a.per_class ? *a.per_class : a.total ? *a.total / have.size() : under ? smallest : largest;
    if (a.times || (target_is_number_ && !a.per_class && !a.total)) goal = kept + count * a.times.value_or(1);
    wanted.push_back(goal > kept ? goal - kept : 0);
    keep.push_back(std::min(goal, count));
  }
  return wanted;
}

void TableRoster::balance(const io::TableReader& table, Pool& pool) {
  if (target_ == npos && !recipe_.augment.times && !recipe_.augment.total)
    throw usage_error("balance needs classes, and no column of " + name_ + " says which").with_hint("name it: --target COLUMN");
  MatrixBuilder builder(table.shape(), target_, target_is_number_, recipe_.split.column);
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) {
    const Block block = table.read(first, kBlockRows);
    for (std::size_t r = 0; r < block.rows; ++r) {
      const Row& row = rows_[static_cast<std::size_t>(first) + r];
      const bool named = target_ == npos || block.columns[target_].null[r] == 0;
      if (row.grows() && named && !row.violates) builder.add(block, r, target_is_number_ ? "" : labels_[row.label]);
    }
  }
  matrix_ = builder.take();
  if (matrix_.rows() == 0) throw usage_error("balance needs rows to begin with, and none of " + name_ + " is for training").with_hint(recipe_.constraints.empty() ? "" : "rows that break a constraint are no parents");
  const recipe::Augment& a = recipe_.augment;
  if (target_ != npos && !target_is_number_ && matrix_.labels.size() == 1 && !a.per_class && !a.total && !a.times)
    throw usage_error("balance needs two classes, and column " + table.shape().columns[target_].name + " has " + io::printable(matrix_.labels.front()) + " in every row for training")
        .with_hint("--per-class N makes more rows of it");
  method_ = recipe_.balance.method;
  if (method_ == BalanceMethod::automatic) method_ = chosen_method(matrix_, target_is_number_);
  if (method_ == BalanceMethod::smote_regression && !target_is_number_)
    throw usage_error("balance: smote_regression needs a target that is a number").with_hint("method: auto takes the one that fits");
  const bool for_numbers = method_ == BalanceMethod::smote_regression || method_ == BalanceMethod::random_over || method_ == BalanceMethod::mixup ||
                           method_ == BalanceMethod::cutmix;
  if (target_is_number_ && !for_numbers)
    throw usage_error("balance: " + std::string(recipe::name_of(method_)) + " needs classes, and " + table.shape().columns[target_].name + " is a number")
        .with_hint("method: smote_regression, or schema: {columns: {" + table.shape().columns[target_].name + ": category}}");
  std::vector<std::uint64_t> keep;
  const std::vector<std::uint64_t> wanted = wanted_of(matrix_, keep);
  sampled_ = sample_rows(matrix_, method_, recipe_.balance, wanted, keep, recipe_.seed, pool);
  for (const std::uint32_t row : sampled_.removed)
    leave_out(matrix_.source[row], kBalanced, "left out by " + std::string(recipe::name_of(method_)) + ", to balance the classes");
}

std::vector<std::string> TableRoster::notes() const {
  std::vector<std::string> notes = sampled_.notes;
  std::map<std::uint32_t, std::uint64_t> kept;
  std::uint64_t all = 0;
  for (const Row& row : rows_)
    if (!row.aside && row.original && (row.split == io::Split::none || row.split == io::Split::train)) ++kept[row.label], ++all;
  const recipe::Augment& a = recipe_.augment;
  const auto larger = a.per_class ? std::ranges::count_if(kept, [&](const auto& one) { return one.second > *a.per_class; }) : 0;
  if (a.total && all > *a.total) notes.push_back("train has " + count_text(all, "original", "originals") + ", more than the " + count_text(*a.total) + " rows asked for, and all of them stay");
  if (larger > 0) notes.push_back(count_text(static_cast<std::uint64_t>(larger), "class", "classes") + " with more rows than asked, left as " + (larger == 1 ? "it is" : "they are"));
  return notes;
}

std::string TableRoster::record_of_generated(std::uint64_t row) const {
  const std::uint64_t first = rows_.size() - generated_.rows();
  return row < first ? std::string() : generated_.record(row - first);
}

std::span<const std::uint32_t> TableRoster::voters(const Synthetic& row) const {
  if (row.voters == kernels::kNoRow) return {};
  return std::span(sampled_.voters).subspan(row.voters, sampled_.voters_each);
}

void TableRoster::count() {
  for (const Row& row : rows_) {
    if (row.aside) continue;
    originals_ += row.original ? 1 : 0;
    copies_ += row.copies;
  }
  copies_ += sampled_.rows.size();
}

}  // namespace leaven::flow

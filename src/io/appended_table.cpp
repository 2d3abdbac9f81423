// Several tables as one, rows behind rows: their columns are reconciled by name and kind.
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "io/csv_table.hpp"
#include "io/split_tables.hpp"
#include "io/table_file.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool is_number(ColumnKind kind) { return storage_of(kind) != Column::Type::text; }

/// The narrowest kind that holds both.
ColumnKind kind_of_both(const ColumnProfile& a, const ColumnProfile& b) {
  if (a.kind == b.kind || b.cells == b.missing) return a.kind;
  if (a.cells == a.missing) return b.kind;
  if (is_number(a.kind) && is_number(b.kind)) return ColumnKind::decimal;
  const auto either = [&](ColumnKind kind) { return a.kind == kind || b.kind == kind; };
  if (either(ColumnKind::text) || either(ColumnKind::date_time)) return ColumnKind::text;
  if (either(ColumnKind::id)) return either(ColumnKind::category) || either(ColumnKind::boolean) ? ColumnKind::text : ColumnKind::id;
  return ColumnKind::category;
}

void merge_words(std::vector<std::pair<std::string, std::uint64_t>>& to, const std::vector<std::pair<std::string, std::uint64_t>>& from) {
  for (const auto& [word, count] : from) {
    const auto at = std::ranges::find(to, word, &std::pair<std::string, std::uint64_t>::first);
    if (at == to.end()) to.emplace_back(word, count);
    else at->second += count;
  }
  std::ranges::sort(to, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  if (to.size() > ColumnProfile::kWordsShown) to.resize(ColumnProfile::kWordsShown);
}

/// Of two parts of one column. How many different cells there are is at least the larger of both counts.
void merge(ColumnProfile& to, const ColumnProfile& from) {
  const double a = static_cast<double>(to.cells - to.missing), b = static_cast<double>(from.cells - from.missing);
  if (is_number(to.kind) && is_number(from.kind) && a + b > 0) {
    const double mean = (a * to.mean + b * from.mean) / (a + b);
    const auto squares = [&](const ColumnProfile& p, double n) { return n * (p.std * p.std + (p.mean - mean) * (p.mean - mean)); };
    to.std = std::sqrt((squares(to, a) + squares(from, b)) / (a + b));
    to.mean = mean;
    to.lowest = a > 0 && (b == 0 || to.lowest < from.lowest) ? to.lowest : from.lowest;
    to.highest = a > 0 && (b == 0 || to.highest > from.highest) ? to.highest : from.highest;
  }
  to.kind = kind_of_both(to, from);
  to.places = std::max(to.places, from.places);
  to.cells += from.cells;
  to.missing += from.missing;
  to.more_distinct |= from.more_distinct || to.distinct != from.distinct;
  to.distinct = std::max(to.distinct, from.distinct);
  to.not_finite += from.not_finite;
  merge_words(to.words, from.words);
}

class AppendedTable final : public TableReader {
 public:
  /// `own`: as many of the files are parts of a split table, of these splits.
  AppendedTable(const std::vector<fs::path>& files, const TableRules& rules, const std::vector<Split>& own = {}) {
    TableRules plain = rules;
    plain.kinds.clear();
    plain.target.clear();
    for (const fs::path& file : files) {
      const std::size_t p = parts_.size();
      parts_.push_back({file, open_table(file, plain), {}, rows_, p < own.size() ? own[p] : own.empty() ? Split::none : Split::train, p < own.size()});
      rows_ += parts_.back().table->rows();
    }
    for (const Part& part : parts_) take_profiles(part);
    write_as_the_first();
    for (const ColumnProfile& profile : profiles_) shape_.columns.push_back({profile.name, profile.type(), profile.kind, false});
    require_known_columns(printable(files[0].native()), shape_, rules);
    for (ColumnProfile& profile : profiles_)
      if (const auto told = rules.kinds.find(profile.name); told != rules.kinds.end()) profile.kind = told->second, profile.told = true;
    mark_target(profiles_, rules);
    rows_ = 0;
    for (Part& part : parts_) open_again(part, plain);
    for (std::size_t c = 0; c < profiles_.size(); ++c)
      shape_.columns[c] = {profiles_[c].name, profiles_[c].type(), profiles_[c].kind, profiles_[c].target};
  }

  const BlockShape& shape() const override { return shape_; }
  std::uint64_t rows() const override { return rows_; }
  const std::vector<ColumnProfile>& profiles() const override { return profiles_; }
  const std::vector<BadRow>& bad_rows() const override { return bad_; }
  std::vector<TablePart> parts() const override {
    std::vector<TablePart> all;
    for (const Part& part : parts_) {
      TablePart& one = all.emplace_back(TablePart{part.first + part.table->rows(), part.split, {}});
      for (std::size_t c = 0; c < profiles_.size(); ++c)
        if (part.own && part.from[c] == kNone) one.lacking.push_back(profiles_[c].name);
    }
    return all;
  }
  std::string description() const override {
    std::string splits;
    for (const Part& part : parts_)
      if (part.own) splits += (splits.empty() ? ", parts " : ", ") + std::string(name_of(part.split)) + " (" + std::to_string(part.table->rows()) + (part.table->rows() == 1 ? " row)" : " rows)");
    if (!splits.empty()) return parts_[0].table->description() + splits;
    return parts_[0].table->description() + " and " + std::to_string(parts_.size() - 1) + (parts_.size() == 2 ? " table behind it" : " tables behind it");
  }
  std::unique_ptr<TableWriter> create(const fs::path& file) const override { return parts_[0].table->create(file); }

  Block read(std::uint64_t first, std::size_t most) const override {
    Block block{.first = first};
    block.rows = first >= rows_ ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(most, rows_ - first));
    for (const ColumnProfile& profile : profiles_) {
      Column& column = block.columns.emplace_back(empty_column(profile, block.rows));
      std::ranges::fill(column.null, std::uint8_t{1});
    }
    for (const Part& part : parts_) {
      const std::uint64_t end = part.first + part.table->rows(), from = std::max(first, part.first), to = std::min(first + block.rows, end);
      if (from >= to) continue;
      copy_rows(part, part.table->read(from - part.first, static_cast<std::size_t>(to - from)), static_cast<std::size_t>(from - first), block);
    }
    return block;
  }

 private:
  struct Part {
    fs::path file{};
    std::unique_ptr<TableReader> table{};
    std::vector<std::size_t> from{};  ///< for each column of all: the part's, or none
    std::uint64_t first{};            ///< row
    Split split{};
    bool own{};  ///< of the table itself, not one that was put behind it
  };

  void take_profiles(const Part& part) {
    for (const ColumnProfile& profile : part.table->profiles()) {
      const auto at = std::ranges::find(profiles_, profile.name, &ColumnProfile::name);
      if (at != profiles_.end()) merge(*at, profile);
      else if (&part == parts_.data()) profiles_.push_back(profile);
      else profiles_.push_back(profile), profiles_.back().cells += part.first, profiles_.back().missing += part.first;
    }
    for (ColumnProfile& profile : profiles_) {
      const std::uint64_t behind = part.first + part.table->rows();
      if (profile.cells < behind) profile.missing += behind - profile.cells, profile.cells = behind;
    }
  }

  /// Columns that only other files have get the first one's decimal mark.
  void write_as_the_first() {
    const auto& own = parts_[0].table->profiles();
    const bool comma = std::ranges::any_of(own, [](const ColumnProfile& p) { return is_number(p.kind) && p.mark == ','; });
    for (ColumnProfile& profile : profiles_)
      if (std::ranges::find(own, profile.name, &ColumnProfile::name) == own.end()) profile.mark = comma ? ',' : '.';
  }

  /// With the kinds that hold for all.
  void open_again(Part& part, const TableRules& plain) {
    TableRules rules = plain;
    for (const ColumnProfile& column : profiles_) {
      const auto& own = part.table->profiles();
      const auto at = std::ranges::find(own, column.name, &ColumnProfile::name);
      if (at != own.end() && at->kind != column.kind && storage_of(at->kind) != column.type()) rules.kinds[column.name] = column.kind;
    }
    if (!rules.kinds.empty()) part.table = open_table(part.file, rules);
    for (const ColumnProfile& column : profiles_) {
      const auto& own = part.table->profiles();
      const auto at = std::ranges::find(own, column.name, &ColumnProfile::name);
      part.from.push_back(at == own.end() ? kNone : static_cast<std::size_t>(at - own.begin()));
    }
    part.first = rows_;
    rows_ += part.table->rows();
    for (const BadRow& row : part.table->bad_rows())
      bad_.push_back({row.line, (&part == parts_.data() ? "" : "of " + part.file.filename().string() + ": ") + row.reason});
  }

  void copy_rows(const Part& part, const Block& rows, std::size_t at, Block& to) const {
    for (std::size_t c = 0; c < to.columns.size(); ++c) {
      if (part.from[c] == kNone) {
        for (std::size_t r = 0; r < rows.rows; ++r) to.columns[c].changed[at + r] = 1;  // as the first table writes a missing cell
        continue;
      }
      const Column& from = rows.columns[part.from[c]];
      Column& column = to.columns[c];
      // Another file may have other decimals, marks and quotes: its cells are written as the first table's are.
      const bool anew = &part != parts_.data() && !(part.own && from.mark == column.mark);
      for (std::size_t r = 0; r < rows.rows; ++r) {
        column.text[at + r] = from.text[r];
        if (!column.number.empty() && !from.number.empty()) column.number[at + r] = from.number[r];
        column.null[at + r] = from.null[r];
        column.changed[at + r] = anew ? 1 : from.changed[r];
        column.quoted[at + r] = anew || from.quoted.empty() ? std::uint8_t{0} : from.quoted[r];
      }
    }
  }

  std::vector<Part> parts_{};
  std::uint64_t rows_{};
  BlockShape shape_{};
  std::vector<ColumnProfile> profiles_{};
  std::vector<BadRow> bad_{};
};

}  // namespace

std::unique_ptr<TableReader> open_tables(const std::vector<fs::path>& files, const TableRules& rules) {
  if (files.size() == 1) return open_table(files[0], rules);
  return std::make_unique<AppendedTable>(files, rules);
}

std::unique_ptr<TableReader> open_split_tables(const fs::path& folder, const std::vector<fs::path>& more, const TableRules& rules) {
  const SplitTables tables = split_tables(folder);
  if (tables.parts.empty())
    throw usage_error(printable(folder.native()) + ": is a folder, and holds no table in parts").with_hint("train.csv beside test.csv or val.csv would be one; else name the file");
  std::vector<fs::path> files;
  std::vector<Split> splits;
  for (const SplitTables::Part& part : tables.parts) files.push_back(folder / part.file), splits.push_back(part.split);
  files.insert(files.end(), more.begin(), more.end());
  auto table = std::make_unique<AppendedTable>(files, rules, splits);
  if (const std::vector<std::string> lacking = table->parts().front().lacking; !lacking.empty())
    throw data_error(printable(files[0].native()) + ": lacks the column " + lacking[0] + ", which other parts have").with_hint("what is measured must be there to learn from");
  return table;
}

}  // namespace leaven::io

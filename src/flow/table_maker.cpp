#include "flow/table_maker.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "flow/table_row.hpp"

namespace leaven::flow {

namespace {

void append_row(Block& to, const Block& from, std::size_t row) {
  if (to.columns.empty())
    for (const Column& column : from.columns) to.columns.push_back(without_cells(column));
  for (std::size_t c = 0; c < from.columns.size(); ++c) {
    const Column& source = from.columns[c];
    Column& target = to.columns[c];
    // A step may have made decimals of whole numbers; the column is then written with as many places as any row needs.
    if (source.type == Column::Type::decimal) target.type = source.type;
    target.places = std::max(target.places, source.places);
    target.text.push_back(source.text[row]);
    if (!source.number.empty()) target.number.push_back(source.number[row]);
    target.null.push_back(source.null[row]);
    target.changed.push_back(source.changed[row]);
    target.quoted.push_back(source.quoted.empty() ? std::uint8_t{0} : source.quoted[row]);
  }
  ++to.rows;
}

void replace_row(Block& to, std::size_t row, const Block& from, std::size_t from_row) {
  for (std::size_t c = 0; c < to.columns.size(); ++c) {
    to.columns[c].text[row] = from.columns[c].text[from_row];
    if (!to.columns[c].number.empty()) to.columns[c].number[row] = from.columns[c].number[from_row];
    to.columns[c].null[row] = from.columns[c].null[from_row];
    to.columns[c].changed[row] = from.columns[c].changed[from_row];
  }
}

std::vector<Column> columns_of(const io::TableReader& table) {
  std::vector<Column> columns;
  for (const Column& column : table.read(0, 1).columns) columns.push_back(without_cells(column));
  return columns;
}

}  // namespace

std::vector<Program> run_steps(const recipe::Recipe& recipe, const StepsOfRow& of_row, std::span<const std::uint64_t> rows,
                               std::span<const DrawContext> contexts, std::span<const std::string> labels, const plan::FittedOps& fits, Block& block) {
  if (!of_row) return plan::run_columns(recipe, contexts, labels, fits, block);
  struct Alike {
    const recipe::Recipe* recipe{};
    Block block{};
    std::vector<DrawContext> contexts{};
    std::vector<std::string> labels{};
    std::vector<Program> programs{};
  };
  std::vector<Alike> groups;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // the group of each row, and where it stands there
  for (std::size_t r = 0; r < block.rows; ++r) {
    const recipe::Recipe* const own = &of_row(rows[r]);
    auto group = std::ranges::find(groups, own, &Alike::recipe);
    if (group == groups.end()) group = groups.insert(groups.end(), {.recipe = own});
    places.emplace_back(group - groups.begin(), group->block.rows);
    append_row(group->block, block, r);
    group->contexts.push_back(contexts[r]);
    if (!labels.empty()) group->labels.push_back(labels[r]);
  }
  for (Alike& group : groups) group.programs = plan::run_columns(*group.recipe, group.contexts, group.labels, fits, group.block);
  Block all{.first = block.first};
  std::vector<Program> programs;
  for (const auto& [group, at] : places) {
    append_row(all, groups[group].block, at);
    programs.push_back(std::move(groups[group].programs[at]));
  }
  if (all.rows > 0) block = std::move(all);
  return programs;
}

TableMaker::TableMaker(const recipe::Recipe& recipe, const std::string& name, const io::TableReader& table, const TableRoster& roster,
                       const TableConstraints& constraints, const plan::FittedOps& fits, StepsOfRow steps)
    : recipe_(recipe), name_(name), table_(table), roster_(roster), constraints_(constraints), fits_(fits), steps_(std::move(steps)) {
  source_parts_ = static_cast<std::size_t>((table.rows() + kBlockRows - 1) / kBlockRows);
  new_parts_ = (roster.sampled().rows.size() + kBlockRows - 1) / kBlockRows;
  if (new_parts_ == 0) return;
  const auto fit = fits.find(kBalanceFit);
  maker_.emplace(roster.matrix(), columns_of(table), roster.method(), recipe.balance, fit == fits.end() ? Fitted() : fit->second);
}

MadeRows TableMaker::make(std::size_t part) const { return part < source_parts_ ? make_from_source(part) : make_new(part - source_parts_); }

void TableMaker::put(MadeRows& to, const Block& from, std::size_t row, io::Split split, std::uint32_t label, LineageRecord record) const {
  Block& block = to.tables[split];
  append_row(block, from, row);
  record.split = io::name_of(split);
  record.label = roster_.labels()[label];
  record.encoding.format = kRowFormat;
  record.digest = row_digest(from, row, roster_.lacking(split));
  to.rows.push_back({split, block.rows - 1, label, std::move(record)});
}

TableMaker::Drawn TableMaker::draw(const Block& before, const std::vector<std::uint64_t>& sources, const std::vector<std::string>& ids,
                                   const std::vector<std::string>& labels, std::uint32_t copy, const Block& base,
                                   const std::vector<std::uint8_t>& wanted) const {
  Drawn drawn{before, {}, std::vector<std::vector<std::string>>(before.rows), std::vector<std::uint32_t>(before.rows), std::vector<std::string>(before.rows)};
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.seed = recipe_.seed, .epoch = recipe_.epoch, .sample = id, .copy = copy});
  drawn.programs.resize(before.rows);
  if (!recipe_.steps.empty()) drawn.programs = run_steps(recipe_, steps_, sources, contexts, labels, fits_, drawn.block);
  if (constraints_.empty()) return drawn;
  for (std::size_t r = 0; r < before.rows; ++r) {
    if (!wanted[r]) continue;
    bool holds = constraints_.repair(drawn.block, r, base, r, drawn.repairs[r], drawn.broken[r]);
    for (std::uint32_t attempt = 1; !holds && attempt < recipe_.augment.attempts && !recipe_.steps.empty(); ++attempt) {
      Block again;
      append_row(again, before, r);
      contexts[r].attempt = attempt;
      auto programs = run_steps(recipe_, steps_, {&sources[r], 1}, {&contexts[r], 1}, labels.empty() ? std::span<const std::string>() : std::span(&labels[r], 1), fits_, again);
      replace_row(drawn.block, r, again, 0);
      drawn.programs[r] = std::move(programs[0]);
      drawn.attempts[r] = attempt;
      drawn.repairs[r].clear();
      holds = constraints_.repair(drawn.block, r, base, r, drawn.repairs[r], drawn.broken[r]);
    }
    if (holds) drawn.broken[r].clear();
  }
  return drawn;
}

MadeRows TableMaker::make_from_source(std::size_t part) const {
  const Block source = table_.read(part * kBlockRows, kBlockRows);
  const auto row_of = [&](std::size_t r) -> const TableRoster::Row& { return roster_.rows()[static_cast<std::size_t>(source.first) + r]; };
  std::vector<std::uint64_t> sources;
  std::vector<std::string> ids, labels;
  std::uint32_t most = 0;
  for (std::size_t r = 0; r < source.rows; ++r) {
    sources.push_back(source.first + r);
    ids.push_back(name_ + "#" + std::to_string(source.first + r));
    labels.push_back(roster_.labels()[row_of(r).label]);
    if (!row_of(r).aside) most = std::max(most, row_of(r).copies);
  }
  std::vector<Drawn> copies;
  for (std::uint32_t copy = 1; copy <= most; ++copy) {
    std::vector<std::uint8_t> wanted;
    for (std::size_t r = 0; r < source.rows; ++r) wanted.push_back(!row_of(r).aside && row_of(r).copies >= copy);
    copies.push_back(draw(source, sources, ids, labels, copy, source, wanted));
  }
  MadeRows made;
  for (std::size_t r = 0; r < source.rows; ++r) {
    const TableRoster::Row& row = row_of(r);
    if (row.aside) continue;
    LineageRecord record;
    record.source = ids[r];
    record.source_digest = row_digest(source, r);
    if (row.generated) record.generated = roster_.record_of_generated(source.first + r);
    if (row.original) put(made, source, r, row.split, row.label, record);
    for (std::uint32_t copy = 1; copy <= row.copies; ++copy) {
      Drawn& drawn = copies[copy - 1];
      if (!drawn.broken[r].empty()) {
        made.aside.push_back({ids[r] + " copy " + std::to_string(copy), "no draw holds the constraint " + drawn.broken[r], kViolates, ids[r]});
        ++made.unmet;
        continue;
      }
      LineageRecord of_copy = record;
      of_copy.copy = copy;
      of_copy.attempt = drawn.attempts[r];
      of_copy.repairs = std::move(drawn.repairs[r]);
      of_copy.program = std::move(drawn.programs[r]);
      put(made, drawn.block, r, row.split, row.label, std::move(of_copy));
    }
  }
  return made;
}

MadeRows TableMaker::make_new(std::size_t part) const {
  const auto& all = roster_.sampled().rows;
  const std::size_t first = part * kBlockRows, last = std::min(first + kBlockRows, all.size());
  const bool several = roster_.rows().size() > 0 && roster_.classes().size() > 0;
  Block fresh = maker_->empty(), base = maker_->empty();
  std::vector<Synthetic> rows(all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(last));
  std::vector<std::uint64_t> sources;
  std::vector<std::string> ids, labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sources.push_back(roster_.matrix().source[rows[i].base]);
    maker_->append(rows[i], roster_.voters(rows[i]), fresh);
    maker_->append({.label = rows[i].label, .base = rows[i].base}, {}, base);
    ids.push_back(name_ + "+" + std::to_string(first + i));
    labels.push_back(several ? roster_.labels()[roster_.rows()[static_cast<std::size_t>(roster_.matrix().source[rows[i].base])].label] : "");
  }
  Drawn drawn = draw(fresh, sources, ids, labels, 1, base, std::vector<std::uint8_t>(rows.size(), 1));
  MadeRows made;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RowMatrix& matrix = roster_.matrix();
    const std::uint64_t source = matrix.source[rows[i].base];
    const TableRoster::Row& parent = roster_.rows()[static_cast<std::size_t>(source)];
    LineageRecord record;
    record.source = name_ + "#" + std::to_string(source);
    record.source_digest = to_hex(matrix.digest[rows[i].base]);
    record.copy = 1;
    if (!drawn.broken[i].empty()) {
      made.aside.push_back({ids[i], "no draw holds the constraint " + drawn.broken[i], kViolates, record.source});
      ++made.unmet;
      continue;
    }
    record.synthesis = maker_->record(rows[i], roster_.voters(rows[i]), name_);
    record.attempt = drawn.attempts[i];
    record.repairs = std::move(drawn.repairs[i]);
    record.program = std::move(drawn.programs[i]);
    put(made, drawn.block, i, parent.split, parent.label, std::move(record));
  }
  return made;
}

}  // namespace leaven::flow

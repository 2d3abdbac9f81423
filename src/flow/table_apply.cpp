#include "flow/table_apply.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "flow/fitted_file.hpp"
#include "flow/job.hpp"
#include "flow/report_text.hpp"
#include "flow/table_source.hpp"
#include "io/csv_table.hpp"
#include "io/file.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

/// Columns are of the kinds that they had in the run: a few rows alone may look like something else, and a column whose cells
/// are all missing like nothing. Columns that this table has not, the target above all, are not asked for.
std::unique_ptr<io::TableReader> open_like_train(recipe::Source& source, const plan::FittedOps& learnt) {
  recipe::Source plain = source;
  plain.label_column.clear();
  plain.schema.target.clear();
  plain.schema.kinds.clear();
  const BlockShape shape = open_source(plain)->shape();
  const auto find = [&](const std::string& name) { return std::ranges::find(shape.columns, name, &BlockShape::ColumnShape::name); };
  const auto here = [&](const std::string& name) { return find(name) != shape.columns.end(); };
  if (const auto kinds = learnt.find(kKindsFit); kinds != learnt.end()) {
    const FittedValues& of_train = kinds->second.at("kinds");
    for (std::size_t c = 0; c < of_train.words.size(); ++c) {
      const auto column = find(of_train.words[c]);
      const auto kind = static_cast<ColumnKind>(of_train[c]);
      const bool more_places = column != shape.columns.end() && column->kind == ColumnKind::decimal && kind == ColumnKind::integer;
      if (!more_places) source.schema.kinds.try_emplace(of_train.words[c], kind);
    }
  }
  std::erase_if(source.schema.kinds, [&](const auto& kind) { return !here(kind.first); });
  if (!here(source.schema.target)) source.schema.target.clear();
  if (!here(source.label_column)) source.label_column.clear();
  return open_source(source);
}

/// Columns that steps added stay: they are the table's now.
Applied take_back(const io::TableReader& table, recipe::Recipe recipe, const plan::FittedOps& learnt, const fs::path& file) {
  constexpr std::string_view kPrefix = "prepare/";
  plan::FittedOps fits;
  for (const auto& [path, fit] : learnt)
    if (path.starts_with(kPrefix)) fits[path.substr(kPrefix.size())] = fit;
  recipe.steps = recipe.prepare;
  const auto writer = table.create(file);
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) {
    Block block = table.read(first, kBlockRows);
    plan::take_back_columns(recipe, fits, block);
    writer->write(block);
  }
  writer->finish();
  return {table.rows(), table.bad_rows(), {}};
}

/// Columns that the run had and this table has not, but for the target: what steps make of them is not there either.
std::vector<std::string> notes_on_columns(const BlockShape& shape, const recipe::Source& source, const plan::FittedOps& learnt) {
  std::vector<std::string> notes;
  const auto kinds = learnt.find(kKindsFit);
  if (kinds == learnt.end()) return notes;
  for (const std::string& name : kinds->second.at("kinds").words) {
    const bool here = std::ranges::find(shape.columns, name, &BlockShape::ColumnShape::name) != shape.columns.end();
    const bool target = name == source.schema.target || name == source.label_column || io::is_usual_target(name);
    if (!here && !target) notes.push_back("column " + io::printable(name) + " of the run is not there, nor what its steps make of it");
  }
  return notes;
}

/// A table that has none of them is another one, or its first line names no columns.
void require_any_column(const BlockShape& shape, const plan::FittedOps& learnt, const std::string& name) {
  const auto kinds = learnt.find(kKindsFit);
  if (kinds == learnt.end()) return;
  const std::vector<std::string>& of_run = kinds->second.at("kinds").words;
  const auto here = [&](const std::string& column) { return std::ranges::find(shape.columns, column, &BlockShape::ColumnShape::name) != shape.columns.end(); };
  if (std::ranges::any_of(of_run, here)) return;
  throw usage_error(io::printable(name) + ": has no column of the run, whose first is " + io::printable(of_run.front())).with_hint("the first line must name the columns");
}

/// Words that have no column of their own, since train did not have them: their row has zeros in all.
std::vector<std::string> notes_on_words(const io::TableReader& table, const recipe::Recipe& recipe, const plan::FittedOps& learnt) {
  constexpr std::string_view kWordsOf = "words of ";
  const auto spread = [&](const std::string& column) {
    return std::ranges::any_of(recipe.prepare, [&](const recipe::Step& step) {
      return step.op && step.op->name == "table_one_hot" && (step.on.empty() || std::ranges::find(step.on, column) != step.on.end());
    });
  };
  std::map<std::string, std::set<std::string>> known;
  for (const auto& [path, fit] : learnt)
    if (path.find("table_one_hot") != std::string::npos)
      for (const auto& [name, values] : fit)
        if (name.starts_with(kWordsOf) && spread(name.substr(kWordsOf.size()))) known[name.substr(kWordsOf.size())].insert(values.words.begin(), values.words.end());
  std::map<std::string, std::pair<std::uint64_t, std::string>> unknown;  // by column: cells, the first
  for (std::uint64_t first = 0; !known.empty() && first < table.rows(); first += kBlockRows) {
    const Block block = table.read(first, kBlockRows);
    for (const Column& column : block.columns) {
      const auto words = known.find(column.name);
      if (words == known.end() || column.type != Column::Type::text) continue;
      for (std::size_t row = 0; row < block.rows; ++row)
        if (column.null[row] == 0 && !words->second.contains(column.text[row]) && ++unknown[column.name].first == 1) unknown[column.name].second = column.text[row];
    }
  }
  std::vector<std::string> notes;
  for (const auto& [column, cells] : unknown)
    notes.push_back(column + ": " + count_text(cells.first, "cell holds a word", "cells hold words") + " that the run did not have, the first " + io::printable(cells.second) + ": zeros in all columns of " + column);
  return notes;
}

}  // namespace

Fitted kinds_of(const BlockShape& shape) {
  Fitted fitted;
  FittedValues& kinds = fitted["kinds"];
  for (const auto& column : shape.columns) {
    kinds.push_back(static_cast<double>(column.kind));
    kinds.words.push_back(column.name);
  }
  return fitted;
}

Applied apply_prepared(const fs::path& run, const fs::path& in, const fs::path& file, bool back) {
  std::error_code error;
  if (!fs::exists(run / kRecipeFile, error)) throw usage_error(run.string() + ": holds no run of Leaven's").with_hint("name the OUT of a run whose recipe has prepare:");
  recipe::Recipe recipe = recipe::load(run / kRecipeFile, ops::op_table());
  if (recipe.prepare.empty()) throw usage_error(run.string() + ": its recipe prepares nothing").with_hint("steps under prepare: are what can be applied to other tables");
  if (fs::exists(file, error)) throw usage_error(file.string() + ": is there already");
  recipe.source.path = in;
  const std::string name = in.filename().string();
  const plan::FittedOps learnt = read_fits(run / kFittedFile);
  const recipe::Source of_run = recipe.source;
  auto raw = open_like_train(recipe.source, learnt);
  if (back) return take_back(*raw, recipe, learnt, file);
  require_any_column(raw->shape(), learnt, name);
  std::vector<std::string> notes = notes_on_columns(raw->shape(), of_run, learnt);
  for (std::string& note : notes_on_words(*raw, recipe, learnt)) notes.push_back(std::move(note));
  PreparedTable table(std::move(raw), recipe, name);
  table.use_elsewhere(learnt);
  const auto writer = table.create(file);
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) writer->write(table.read(first, kBlockRows));
  writer->finish();
  return {table.rows(), table.bad_rows(), std::move(notes)};
}

}  // namespace leaven::flow

#include "flow/table_row.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "flow/balance/row_maker.hpp"
#include "flow/fitted_file.hpp"
#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "flow/table_constraints.hpp"
#include "flow/table_roster.hpp"
#include "io/table_file.hpp"
#include "ops/families.hpp"
#include "plan/columns/columns.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostProblems = 20;

/// "adult.csv#17" → 17.
std::uint64_t row_number(const std::string& id) {
  const std::string_view digits = std::string_view(id).substr(id.rfind('#') + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || id.find('#') == std::string::npos)
    throw data_error("a row's id must end in # and its number, got " + id);
  return number;
}

struct RowRun {
  Block before{}, after{};
  std::vector<Block> stages{};         ///< as the steps began with it, and where they are asked for after each of them
  std::vector<std::string> lacking{};  ///< columns that the row's file has not
};

bool contains(std::span<const std::string> names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

/// All that making a row again needs besides its line.
class RowSource {
 public:
  /// `out` empty: the source as it is, nothing prepared.
  RowSource(const recipe::Source& source, const fs::path& out) : out_(out) {
    if (!out.empty()) recipe_ = recipe::load(out / kRecipeFile, ops::op_table());
    recipe_.source = source;
    name_ = fs::path(source.path).filename().string();
    table_ = std::make_unique<PreparedTable>(open_source(source), recipe_, name_);
    if (out.empty()) return;
    fits_ = read_fits(out / kFittedFile);
    if (!recipe_.prepare.empty()) table_->use(fits_, TableRoster(table_->raw(), recipe_, name_).train());
  }

  /// Throws Error(data) when the row is no longer what it was.
  Block row(const std::string& id, const std::string& digest) const {
    const std::uint64_t number = row_number(id);
    if (number >= table_->rows()) throw data_error("the source has no such row any more").with_sample(id);
    Block row = table_->read(number, 1);
    if (!digest.empty() && row_digest(row, 0) != digest)
      throw data_error("the source's row has changed since this one was made").with_sample(id);
    return row;
  }

  const plan::FittedOps& fits(const Program& program) {
    if (out_.empty())
      for (const ProgramStep& step : program.steps) {
        if (!step.op.info().fit) continue;
        TableScan train(*table_);
        fits_[step.path] = step.op.info().fit(step.op.data(), train);
      }
    return fits_;
  }

  /// The row that the parents give, before any step, and below it the first parent's alone.
  Block synthesized(const SynthesisRecord& made, const std::string& label) const {
    const auto& columns = table_->shape().columns;
    std::size_t target = MatrixBuilder::npos;
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].target) target = c;
    const bool number = target != MatrixBuilder::npos && columns[target].type != Column::Type::text;
    MatrixBuilder builder(table_->shape(), target, number, recipe_.split.column);
    std::vector<Column> shape;
    const auto add = [&](const std::string& id, const std::string& digest) {
      const Block block = row(id, digest);
      if (shape.empty())
        for (const Column& column : block.columns) shape.push_back(without_cells(column));
      builder.add(block, 0, number ? "" : label);
    };
    for (std::size_t i = 0; i < made.parents.size(); ++i) add(made.parents[i], made.parent_digests.at(i));
    std::vector<std::uint32_t> voters;
    for (const std::string& voter : made.voters) {
      add(voter, {});
      voters.push_back(static_cast<std::uint32_t>(made.parents.size() + voters.size()));
    }
    const RowMatrix matrix = builder.take();
    const auto fit = fits_.find(kBalanceFit);
    const RowMaker maker(matrix, shape, recipe::balance_method(made.method), recipe_.balance, fit == fits_.end() ? Fitted() : fit->second);
    Synthetic synthetic{.label = number ? matrix.label[0] : 0, .base = 0, .key = made.key};
    if (made.parents.size() > 1) synthetic.partner = 1;
    if (!made.lambda.empty()) synthetic.lambda = made.lambda[0];
    Block rows = maker.empty();
    maker.append(synthetic, voters, rows);
    maker.append({.base = 0}, {}, rows);
    return rows;
  }

  std::vector<std::string> lacking(const std::string& split) const {
    for (io::TablePart& part : table_->raw().parts())
      if (io::name_of(part.split) == split) return std::move(part.lacking);
    return {};
  }

  void repair(Block& row, const Block& base, std::size_t base_row) const {
    TableRoster roster(table_->raw(), recipe_, name_);
    roster.leave_out(table_->left_out());
    std::vector<std::string> repairs;
    std::string why;
    TableConstraints(recipe_, *table_, roster.train()).repair(row, 0, base, base_row, repairs, why);
  }

 private:
  fs::path out_;
  recipe::Recipe recipe_;
  std::string name_;
  std::unique_ptr<PreparedTable> table_;
  plan::FittedOps fits_;
};

Block only_first_row(Block block) {
  block.rows = 1;
  for (Column& column : block.columns) {
    column.text.resize(1), column.null.resize(1), column.changed.resize(1);
    if (!column.number.empty()) column.number.resize(1);
    if (!column.quoted.empty()) column.quoted.resize(1);
  }
  return block;
}

RowRun run_row(const LineageRecord& record, const recipe::Source& source, const fs::path& out, bool each_step = false) {
  RowSource rows(source, out);
  RowRun run;
  Block base = run.before = rows.row(record.source, record.source_digest);
  std::size_t base_row = 0;
  run.after = run.before;
  if (record.synthesis) {
    base = rows.synthesized(*record.synthesis, record.label);
    run.after = only_first_row(base);
    base_row = 1;
  }
  run.stages.push_back(run.after);
  const plan::FittedOps fits = rows.fits(record.program);
  for (std::size_t steps = 1; each_step && steps <= record.program.steps.size(); ++steps) {
    Program first = record.program;
    first.steps.resize(steps);
    plan::run_columns_reference(first, fits, run.stages.emplace_back(run.after));
  }
  plan::run_columns_reference(record.program, fits, run.after);
  const auto is_constraint = [](const std::string& repair) { return std::ranges::find(recipe::kConstraintNames, repair) != recipe::kConstraintNames.end(); };
  if (std::ranges::any_of(record.repairs, is_constraint)) rows.repair(run.after, base, base_row);
  TableConstraints::apply_unique(run.after, 0, record.repairs);
  run.lacking = rows.lacking(record.split);
  return run;
}

std::string origin_text(const LineageRecord& record) {
  if (record.copy == 0) return "The row itself, " + record.source;
  if (!record.synthesis) return "Copy " + std::to_string(record.copy) + " of row " + record.source;
  const SynthesisRecord& made = *record.synthesis;
  std::string text = "Made by " + made.method + " from";
  for (const std::string& parent : made.parents) text += " " + parent;
  if (!made.lambda.empty()) text += ", lambda " + to_text(made.lambda[0]);
  if (!made.voters.empty()) text += "; its categories are the most frequent ones of " + std::to_string(made.voters.size()) + " rows";
  return text;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// A line for each cell that differs.
std::string changes_text(const Block& before, const Block& after) {
  std::string text;
  for (std::size_t c = 0; c < std::min(before.columns.size(), after.columns.size()); ++c) {
    const auto shown = [c](const Block& block) { return block.columns[c].null[0] != 0 ? std::string("missing") : io::cell_text(block.columns[c], 0); };
    if (shown(before) != shown(after)) text += "   " + after.columns[c].name + ": " + shown(before) + " → " + shown(after) + "\n";
  }
  return text;
}

std::string step_text(const ProgramStep& step) {
  std::string text = std::string(step.op.info().name) + "  " + std::string(step.op.info().summary) + ".";
  for (const FieldInfo& field : step.op.info().fields)
    text += "  " + std::string(field.name) + " " + to_text(field.get(step.op.data()));
  return text;
}

}  // namespace

std::string row_digest(const Block& block, std::size_t row, std::span<const std::string> lacking) {
  std::string text;
  for (const Column& column : block.columns)
    if (!contains(lacking, column.name)) {
      // A cell that went missing is "" until JSON Lines write it as null, and is read again as that.
      const std::string cell = io::cell_text(column, row);
      text += (column.null[row] != 0 && cell == "null" ? std::string() : cell) + '\x1f';
    }
  return digest_of(text.data(), text.size());
}

Replayed replay_row(const LineageRecord& record, const recipe::Source& source, const fs::path& out) {
  const RowRun run = run_row(record, source, out);
  std::string line;
  for (const Column& column : run.after.columns)
    if (!contains(run.lacking, column.name)) line += (line.empty() ? "" : ",") + csv_cell(io::cell_text(column, 0));
  line += "\n";
  Replayed again;
  const auto bytes = std::as_bytes(std::span(line));
  again.file.assign(bytes.begin(), bytes.end());
  again.same_digest = row_digest(run.after, 0, run.lacking) == record.digest;
  return again;
}

Explanation explain_row(const FoundLineage& found) {
  const LineageRecord& record = found.record;
  const RowRun run = run_row(record, found.recipe.source, found.out, true);
  const std::string origin = origin_text(record);
  std::string text = record.id + "\n" + origin + "\n" + changes_text(run.before, run.stages.front()) + "\n";
  HtmlWriter body;
  body.element("h1", record.id).element("p", origin);
  body.element("section", [&] {
    body.element("h2", "Steps").element("ol", [&] {
      for (std::size_t i = 0; i < record.program.steps.size(); ++i) {
        const std::string step = step_text(record.program.steps[i]), changes = changes_text(run.stages[i], run.stages[i + 1]);
        text += std::to_string(i + 1) + ". " + step + "\n" + changes;
        body.element("li", [&] { body.text(step).element("div", {{"class", "soft"}}, changes); });
      }
    });
  });
  if (const std::string repaired = changes_text(run.stages.back(), run.after); !repaired.empty()) {
    text += "repaired for the constraints\n" + repaired;
    body.element("section", [&] { body.element("h2", "Repaired for the constraints").element("p", repaired); });
  }
  const std::string verdict = row_digest(run.after, 0) == record.digest ? "Made again just now: the same cells."
                                                                        : "Made again just now: other cells than the lineage line says.";
  body.element("section", [&] {
    body.element("h2", "Cells").element("table", [&] {
      body.element("tr", [&] { body.element("th", "column").element("th", "before").element("th", "after"); });
      for (std::size_t c = 0; c < run.after.columns.size(); ++c) {
        const std::string before = io::cell_text(run.before.columns[c], 0), after = io::cell_text(run.after.columns[c], 0);
        body.element("tr", [&] {
          body.element("td", run.after.columns[c].name).element("td", before).element("td", [&] {
            if (before == after) body.text(after);
            else body.element("strong", after);
          });
        });
      }
    });
    body.element("p", verdict);
  });
  return {html_page(record.id, body.take()), text + verdict + "\n"};
}

namespace {

/// A table that may lack columns which the rules name, as other parts have them.
std::unique_ptr<io::TableReader> open_part(const fs::path& file, TableRules rules) {
  TableRules plain = rules;
  plain.kinds.clear(), plain.target.clear();
  auto table = io::open_table(file, plain);
  if (rules == plain) return table;
  const auto& columns = table->shape().columns;
  const auto here = [&](const std::string& name) { return std::ranges::find(columns, name, &BlockShape::ColumnShape::name) != columns.end(); };
  std::erase_if(rules.kinds, [&](const auto& kind) { return !here(kind.first); });
  if (!here(rules.target)) rules.target.clear();
  return io::open_table(file, rules);
}

}  // namespace

Verification verify_rows(const fs::path& out, const std::vector<std::string>& tables, const TableRules& rules) {
  Verification found;
  const auto tell = [&](const std::string& problem) {
    if (found.problems.size() < kMostProblems) found.problems.push_back(problem);
  };
  struct Table {
    std::unique_ptr<io::TableReader> reader{};
    Block block{};
    std::uint64_t rows{};  ///< that lineage named so far
  };
  std::map<std::string, Table> open;
  std::error_code error;
  for (const std::string& table : tables)
    open[table].reader = fs::exists(out / table, error) ? open_part(out / table, rules) : nullptr;
  std::ifstream lineage(out / kLineageFile, std::ios::binary);
  for (std::string line; std::getline(lineage, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("id") || !json.contains("digest"))
      throw data_error((out / kLineageFile).string() + ": holds a line that is no lineage: " + line.substr(0, 80));
    const std::string id = json.at("id"), digest = json.at("digest");
    ++found.checked;
    Table& table = open[id.substr(0, id.rfind('#'))];
    const std::uint64_t row = table.rows++;
    if (!table.reader || row >= table.reader->rows()) {
      ++found.missing;
      tell(id + ": is missing");
      continue;
    }
    if (row >= table.block.first + table.block.rows) table.block = table.reader->read(row, kBlockRows);
    if (row_digest(table.block, static_cast<std::size_t>(row - table.block.first)) == digest) continue;
    ++found.changed;
    tell(id + ": has changed");
  }
  for (const auto& [name, table] : open) {
    if (!table.reader || table.reader->rows() <= table.rows) continue;
    found.unlisted += table.reader->rows() - table.rows;
    tell(name + ": " + std::to_string(table.reader->rows() - table.rows) + " rows at the end that no lineage line names");
  }
  return found;
}

}  // namespace leaven::flow

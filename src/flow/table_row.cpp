#include "flow/table_row.hpp"

#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "flow/fitted_file.hpp"
#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "io/table_file.hpp"
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
};

RowRun run_row(const LineageRecord& record, const recipe::Source& source, const fs::path& out) {
  const auto reader = open_source(source);
  const std::uint64_t number = row_number(record.source);
  if (number >= reader->rows()) throw data_error("the source has no such row any more").with_sample(record.source);
  RowRun run;
  run.before = reader->read(number, 1);
  if (row_digest(run.before, 0) != record.source_digest)
    throw data_error("the source's row has changed since this one was made").with_sample(record.source);
  plan::FittedOps fitted = out.empty() ? plan::FittedOps() : read_fits(out / kFittedFile);
  for (const ProgramStep& step : record.program.steps)
    if (step.op.info().fit && out.empty()) {
      TableScan train(*reader);
      fitted[step.path] = step.op.info().fit(step.op.data(), train);
    }
  run.after = run.before;
  plan::run_columns_reference(record.program, fitted, run.after);
  return run;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string step_text(const ProgramStep& step) {
  std::string text = std::string(step.op.info().name) + "  " + std::string(step.op.info().summary) + ".";
  for (const FieldInfo& field : step.op.info().fields)
    text += "  " + std::string(field.name) + " " + to_text(field.get(step.op.data()));
  return text;
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
  return &block_;
}

std::string row_digest(const Block& block, std::size_t row) {
  std::string text;
  for (const Column& column : block.columns) text += io::cell_text(column, row) + '\x1f';
  return digest_of(text.data(), text.size());
}

Replayed replay_row(const LineageRecord& record, const recipe::Source& source, const fs::path& out) {
  const RowRun run = run_row(record, source, out);
  std::string line;
  for (const Column& column : run.after.columns) line += (line.empty() ? "" : ",") + csv_cell(io::cell_text(column, 0));
  line += "\n";
  Replayed again;
  const auto bytes = std::as_bytes(std::span(line));
  again.file.assign(bytes.begin(), bytes.end());
  again.same_digest = row_digest(run.after, 0) == record.digest;
  return again;
}

Explanation explain_row(const FoundLineage& found) {
  const LineageRecord& record = found.record;
  const RowRun run = run_row(record, found.recipe.source, found.out);
  const std::string origin = record.copy == 0 ? "The row itself, " + record.source : "Copy " + std::to_string(record.copy) + " of row " + record.source;
  std::string text = record.id + "\n" + origin + "\n\n";
  HtmlWriter body;
  body.element("h1", record.id).element("p", origin);
  body.element("section", [&] {
    body.element("h2", "Steps").element("ol", [&] {
      for (std::size_t i = 0; i < record.program.steps.size(); ++i) {
        const std::string step = step_text(record.program.steps[i]);
        text += std::to_string(i + 1) + ". " + step + "\n";
        body.element("li", step);
      }
    });
  });
  const std::string verdict = row_digest(run.after, 0) == record.digest ? "Made again just now: the same cells."
                                                                        : "Made again just now: other cells than the lineage line says.";
  body.element("section", [&] {
    body.element("h2", "Cells").element("table", [&] {
      body.element("tr", [&] { body.element("th", "column").element("th", "before").element("th", "after"); });
      for (std::size_t c = 0; c < run.after.columns.size(); ++c) {
        const std::string before = io::cell_text(run.before.columns[c], 0), after = io::cell_text(run.after.columns[c], 0);
        if (before != after) text += "   " + run.after.columns[c].name + ": " + before + " → " + after + "\n";
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

Verification verify_rows(const fs::path& out, const std::string& table_name, const TableRules& rules) {
  Verification found;
  const auto tell = [&](const std::string& problem) {
    if (found.problems.size() < kMostProblems) found.problems.push_back(problem);
  };
  std::ifstream lineage(out / kLineageFile, std::ios::binary);
  std::error_code error;
  const auto reader = fs::exists(out / table_name, error) ? io::open_table(out / table_name, rules) : nullptr;
  Block block;
  std::uint64_t row = 0;
  for (std::string line; std::getline(lineage, line); ++row) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("id") || !json.contains("digest"))
      throw data_error((out / kLineageFile).string() + ": holds a line that is no lineage: " + line.substr(0, 80));
    const std::string id = json.at("id"), digest = json.at("digest");
    ++found.checked;
    if (!reader || row >= reader->rows()) {
      ++found.missing;
      tell(id + ": is missing");
      continue;
    }
    if (row >= block.first + block.rows) block = reader->read(row, kBlockRows);
    if (row_digest(block, static_cast<std::size_t>(row - block.first)) == digest) continue;
    ++found.changed;
    tell(id + ": has changed");
  }
  if (reader && reader->rows() > row) {
    found.unlisted = reader->rows() - row;
    tell(table_name + ": " + std::to_string(found.unlisted) + " rows at the end that no lineage line names");
  }
  return found;
}

}  // namespace leaven::flow

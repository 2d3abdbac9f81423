#include "flow/table_job.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/fitted_file.hpp"
#include "flow/job_file.hpp"
#include "flow/out_folder.hpp"
#include "flow/pool.hpp"
#include "flow/progress_board.hpp"
#include "flow/table_row.hpp"
#include "io/atomic_file.hpp"
#include "io/table_file.hpp"
#include "plan/columns/columns.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

/// One block with its copies, as they will stand in OUT, and their lineage lines.
struct MadeBlock {
  Block rows{};
  std::string lineage{};
};

void append_row(Block& to, const Block& from, std::size_t row) {
  for (std::size_t c = 0; c < from.columns.size(); ++c) {
    const Column& source = from.columns[c];
    Column& target = to.columns[c];
    target.text.push_back(source.text[row]);
    if (!source.number.empty()) target.number.push_back(source.number[row]);
    if (!source.null.empty()) target.null.push_back(source.null[row]);
    if (!source.changed.empty()) target.changed.push_back(source.changed[row]);
  }
  ++to.rows;
}

void refuse_image_steps(const std::vector<recipe::Step>& steps) {
  for (const recipe::Step& step : steps) {
    if (step.op && step.op->domain != Domain::columns)
      throw usage_error(std::string(step.op->name) + " works on images, and this is a table")
          .with_place(step.place.text())
          .with_hint("give a recipe of table ops: --recipe FILE; leaven ops lists them");
    refuse_image_steps(step.steps);
  }
}

void refuse_what_is_for_images(const JobOptions& options) {
  refuse_image_steps(options.recipe.steps);
  const recipe::Recipe& r = options.recipe;
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw usage_error("a table cannot be made with " + what).with_hint(hint);
  };
  if (options.shards > 1) refuse("shards", "one process makes millions of rows a minute");
  if (r.sink.layout != "same") refuse("layout " + r.sink.layout, "its layout is that of the source, a CSV file");
  if (r.augment.total || r.augment.per_class) refuse("total or per_class", "say times: copies of each row");
  if (r.has_split) refuse("split", "split the file first");
  if (r.clean.duplicates || r.clean.perceptual || r.clean.min_width || r.clean.min_height) refuse("clean", "that stage looks at pictures");
  if (r.augment.originals == recipe::Originals::link) refuse("originals: link", "copy or none");
}

class TableJob {
 public:
  TableJob(const JobOptions& options, const std::function<void(const Progress&)>& watch, const std::atomic<bool>& stop)
      : options_(options),
        recipe_(options.recipe),
        stop_(stop),
        out_(recipe_.sink.path, "", options.resume, options.overwrite),
        pool_(options.threads > 0 ? options.threads : available_threads()),
        board_(watch) {
    recipe_.source.path = fs::absolute(recipe_.source.path).lexically_normal();
    times_ = recipe_.augment.times.value_or(4);
    originals_ = recipe_.augment.originals != recipe::Originals::none;
  }

  JobSummary run() {
    board_.stage("index", 0);
    reader_ = open_source(recipe_.source);
    name_ = fs::path(recipe_.source.path).filename().string();
    find_label();
    JobRecord record = describe();
    if (!options_.dry_run) out_.lock();
    const Start start = out_.start(record);
    promise(record.input);
    if (options_.dry_run) return summary_;
    fit();
    try_first_row();
    if (start == Start::replace) out_.remove_earlier_run();
    begin(record);
    make();
    complete(record);
    return summary_;
  }

 private:
  // The column that `when:` and the class counts look at.
  void find_label() {
    static constexpr std::array<std::string_view, 4> kUsual{"label", "class", "target", "y"};
    const auto& columns = reader_->shape().columns;
    const std::string& wanted = recipe_.source.label_column;
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (wanted.empty() ? std::find(kUsual.begin(), kUsual.end(), columns[i].name) != kUsual.end() : columns[i].name == wanted)
        label_ = i;
    if (wanted.empty() || label_ != kNone) return;
    std::vector<std::string_view> names;
    for (const auto& column : columns) names.push_back(column.name);
    throw usage_error(name_ + " has no column " + wanted).with_hint(did_you_mean(wanted, names));
  }

  JobRecord describe() const {
    io::DatasetIndex index;
    index.format = "table";
    index.description = "table, " + std::to_string(reader_->shape().columns.size()) + " columns, " + std::to_string(reader_->rows()) + " rows";
    JobRecord record = describe_job(recipe_, index, 1, 1, options_.command);
    std::string columns;
    for (const auto& column : reader_->shape().columns) columns += column.name + '\x1f' + std::to_string(static_cast<int>(column.type)) + '\x1f';
    columns += std::to_string(reader_->rows());
    record.input_digest = digest_of(columns.data(), columns.size());
    record.samples = reader_->rows() + reader_->bad_rows().size();
    return record;
  }

  void promise(const std::string& description) {
    summary_.input_description = description;
    const std::uint64_t bad = reader_->bad_rows().size();
    summary_.sources = reader_->rows() + bad;
    summary_.broken = bad;
    if (bad > 0) summary_.set_aside[kBroken] = bad;
    summary_.too_many_broken = static_cast<double>(bad) > recipe_.max_bad * static_cast<double>(summary_.sources);
    summary_.originals = originals_ ? reader_->rows() : 0;
    summary_.copies = reader_->rows() * times_;
    summary_.outputs = summary_.originals + summary_.copies;
    summary_.out = out_.path();
  }

  void begin(const JobRecord& record) {
    std::error_code error;
    fs::create_directories(out_.path(), error);
    if (error) throw environment_error(out_.path().string() + ": cannot be made: " + error.message());
    out_.lock();
    write_job_file(out_.files().job, record);
    io::write_file_atomically(out_.path() / kRecipeFile, recipe::to_yaml(recipe_));
    save_fits();
  }

  void fit() {
    board_.stage("fit", 0);
    fitted_ = plan::fit_columns(recipe_, [&] { return std::make_unique<TableScan>(*reader_); });
  }

  // A column that is not there, or steps that rows cannot run, must show before anything is written.
  void try_first_row() const {
    Block row = reader_->read(0, 1);
    const std::string id = name_ + "#0";
    const std::vector<DrawContext> context(row.rows, DrawContext{.seed = recipe_.seed, .sample = id, .copy = 1});
    recipe::Recipe always = recipe_;
    run_always(always.steps);
    plan::run_columns(always, context, {}, fitted_, row);
  }

  static void run_always(std::vector<recipe::Step>& steps) {
    for (recipe::Step& step : steps) {
      step.p = 1;
      step.when = {};
      if (step.container == recipe::Container::one_of || step.container == recipe::Container::some_of)
        step.container = recipe::Container::sequence;
      run_always(step.steps);
    }
  }

  void save_fits() const {
    if (!fitted_.empty()) write_fits(out_.path() / kFittedFile, fitted_);
  }

  MadeBlock make_block(std::size_t number) const {
    const Block source = reader_->read(number * kBlockRows, kBlockRows);
    std::vector<std::string> ids, labels;
    for (std::size_t row = 0; row < source.rows; ++row) {
      ids.push_back(name_ + "#" + std::to_string(source.first + row));
      if (label_ != kNone) labels.push_back(io::cell_text(source.columns[label_], row));
    }
    std::vector<Block> copies;
    std::vector<std::vector<Program>> programs;
    for (std::uint32_t copy = 1; copy <= times_; ++copy) {
      std::vector<DrawContext> contexts;
      for (const std::string& id : ids) contexts.push_back({.seed = recipe_.seed, .epoch = recipe_.epoch, .sample = id, .copy = copy});
      copies.push_back(source);
      programs.push_back(plan::run_columns(recipe_, contexts, labels, fitted_, copies.back()));
    }
    MadeBlock made;
    for (const Column& column : source.columns) made.rows.columns.push_back(without_cells(column));
    const std::uint64_t per_row = times_ + (originals_ ? 1U : 0U);
    for (std::size_t row = 0; row < source.rows; ++row) {
      LineageRecord record;
      record.source = ids[row];
      record.source_digest = row_digest(source, row);
      if (label_ != kNone) record.label = labels[row];
      record.encoding.format = kRowFormat;
      std::uint64_t at = (source.first + row) * per_row;
      const auto put = [&](const Block& from, std::uint32_t copy) {
        append_row(made.rows, from, row);
        record.id = name_ + "#" + std::to_string(at++);
        record.copy = copy;
        record.digest = row_digest(from, row);
        made.lineage += to_json_line(record) + "\n";
      };
      if (originals_) put(source, 0);
      for (std::uint32_t copy = 1; copy <= times_; ++copy) {
        record.program = std::move(programs[copy - 1][row]);
        put(copies[copy - 1], copy);
      }
    }
    return made;
  }

  void make() {
    board_.stage("augment", summary_.outputs);
    const auto table = reader_->create(out_.path() / name_);
    io::GrowingFile lineage(out_.files().lineage), set_aside(out_.files().set_aside);
    lineage.cut(0);
    set_aside.cut(0);
    set_aside.append(set_aside_lines());
    const std::size_t blocks = (reader_->rows() + kBlockRows - 1) / kBlockRows;
    const std::size_t done = pool_.run_ordered(
        blocks, [&](std::size_t i) -> std::shared_ptr<void> { return std::make_shared<MadeBlock>(make_block(i)); },
        [&](std::size_t i, const std::shared_ptr<void>& result) {
          const auto& made = *std::static_pointer_cast<MadeBlock>(result);
          table->write(made.rows);
          lineage.append(made.lineage);
          count_classes(made.rows);
          board_.done += made.rows.rows;
          board_.sources = std::min<std::uint64_t>((i + 1) * kBlockRows, reader_->rows());
        },
        [&] { return !stop_; });
    if (done < blocks) throw Error(Fault::interrupted, "interrupted; --resume makes the table anew");
    table->finish();
    lineage.publish();
    set_aside.publish();
  }

  std::string set_aside_lines() const {
    std::string lines;
    for (const io::BadRow& row : reader_->bad_rows())
      lines += to_json_line(SetAside{name_ + ":" + std::to_string(row.line), row.reason, kBroken, {}}) + "\n";
    return lines;
  }

  void count_classes(const Block& rows) {
    if (label_ == kNone) return;
    const std::uint64_t per_row = times_ + (originals_ ? 1U : 0U);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      auto& [before, after] = summary_.classes[io::cell_text(rows.columns[label_], row)];
      before += row % per_row == 0;
      ++after;
    }
  }

  void complete(JobRecord& record) {
    std::error_code error;
    summary_.bytes_written = fs::file_size(out_.path() / name_, error);
    summary_.seconds = board_.seconds();
    record.complete = true;
    record.made = {name_};
    if (!fitted_.empty()) record.made.emplace_back(kFittedFile);
    record.seconds = summary_.seconds;
    record.bytes_written = summary_.bytes_written;
    record.classes = summary_.classes;
    write_job_file(out_.files().job, record);
    if (!options_.report) return;
    board_.stage("report", 0);
    write_report(out_.path(), recipe_, summary_, options_.command, pool_);
    summary_.report = out_.path() / kReportFile;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  const JobOptions& options_;
  recipe::Recipe recipe_;
  const std::atomic<bool>& stop_;
  OutFolder out_;
  Pool pool_;
  ProgressBoard board_;
  std::unique_ptr<io::TableReader> reader_;
  std::string name_;
  std::size_t label_{kNone};
  std::uint32_t times_{};
  bool originals_{};
  plan::FittedOps fitted_;
  JobSummary summary_;
};

}  // namespace

bool is_table(const recipe::Source& source) {
  std::error_code error;
  if (source.format == "table") return true;
  return source.format.empty() && fs::is_regular_file(source.path, error) && io::looks_like_table(source.path);
}

JobSummary run_table_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                         const std::atomic<bool>& stop) {
  refuse_what_is_for_images(options);
  require_apart(options.recipe.source.path, options.recipe.sink.path);
  return TableJob(options, watch, stop).run();
}

}  // namespace leaven::flow

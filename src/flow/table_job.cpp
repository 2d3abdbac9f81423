#include "flow/table_job.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/fitted_file.hpp"
#include "flow/job_file.hpp"
#include "flow/out_folder.hpp"
#include "flow/pool.hpp"
#include "flow/progress_board.hpp"
#include "flow/table_apply.hpp"
#include "flow/table_maker.hpp"
#include "flow/table_report.hpp"
#include "flow/table_row.hpp"
#include "io/atomic_file.hpp"
#include "io/series_file.hpp"
#include "io/table_file.hpp"
#include "plan/columns/columns.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

void refuse_image_steps(const std::vector<recipe::Step>& steps) {
  for (const recipe::Step& step : steps) {
    if (step.op && step.op->domain != Domain::columns)
      throw usage_error(std::string(step.op->name) + " works on " + std::string(samples_of(step.op->domain)) + ", and this is a table")
          .with_place(step.place.text())
          .with_hint("give a recipe of table ops: --recipe FILE; leaven ops lists them");
    refuse_image_steps(step.steps);
  }
}

void refuse_what_is_for_images(const JobOptions& options) {
  const recipe::Recipe& r = options.recipe;
  refuse_image_steps(r.steps);
  refuse_image_steps(r.prepare);
  const auto refuse = [](const std::string& what, const std::string& hint) {
    throw usage_error("a table cannot be made with " + what).with_hint(hint);
  };
  if (options.shards > 1) refuse("shards", "one process makes millions of rows a minute");
  if (r.sink.layout != "same") refuse("layout " + r.sink.layout, "its layout is that of the source");
  if (r.clean.perceptual || r.clean.min_width || r.clean.min_height) refuse("clean: perceptual, min_width or min_height", "they look at pictures; duplicates and missing look at rows");
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
  }

  JobSummary run() {
    board_.stage("index", 0);
    name_ = fs::path(recipe_.source.path).filename().string();
    table_ = std::make_unique<PreparedTable>(open_source(recipe_.source), recipe_, name_);
    roster_ = std::make_unique<TableRoster>(table_->raw(), recipe_, name_);
    JobRecord record = describe();
    if (!options_.dry_run) out_.lock();
    const Start start = out_.start(record);
    board_.stage("fit", 0);
    table_->fit(roster_->train());
    roster_->leave_out(table_->left_out());
    roster_->decide(*table_, pool_);
    promise(record.input);
    if (options_.dry_run) return summary_;
    fit();
    try_first_row();
    constraints_ = std::make_unique<TableConstraints>(recipe_, *table_, roster_->train());
    if (start == Start::replace) out_.remove_earlier_run();
    begin(record);
    make();
    complete(record);
    return summary_;
  }

 private:
  JobRecord describe() const {
    const auto& columns = table_->raw().shape().columns;
    const std::uint64_t all = table_->rows() + table_->bad_rows().size();
    io::DatasetIndex index;
    index.format = "table";
    index.description = "table, " + std::to_string(columns.size()) + " columns, " + std::to_string(all) + " rows";
    JobRecord record = describe_job(recipe_, index, 1, 1, options_.command);
    std::string text;
    for (const auto& column : columns) text += column.name + '\x1f' + std::to_string(static_cast<int>(column.type)) + '\x1f';
    text += std::to_string(all);
    record.input_digest = digest_of(text.data(), text.size());
    record.samples = all;
    return record;
  }

  void promise(const std::string& description) {
    summary_.input_description = description;
    summary_.sources = table_->rows() + table_->bad_rows().size();
    summary_.originals = roster_->originals();
    summary_.copies = roster_->copies();
    summary_.outputs = summary_.originals + summary_.copies;
    summary_.out = out_.path();
    summary_.notes = roster_->sampled().notes;
    summary_.broken = table_->bad_rows().size();
    for (const SetAside& line : roster_->set_aside()) ++summary_.set_aside[line.kind];
    summary_.too_many_broken = static_cast<double>(summary_.broken) > recipe_.max_bad * static_cast<double>(summary_.sources);
    for (const auto& [label, count] : roster_->classes()) summary_.classes[label].first = count;
  }

  void begin(const JobRecord& record) {
    std::error_code error;
    fs::create_directories(out_.path(), error);
    if (error) throw environment_error(out_.path().string() + ": cannot be made: " + error.message());
    out_.lock();
    write_job_file(out_.files().job, record);
    io::write_file_atomically(out_.path() / kRecipeFile, recipe::to_yaml(recipe_));
    if (!fitted_.empty()) write_fits(out_.path() / kFittedFile, fitted_);
  }

  void fit() {
    fitted_ = plan::fit_columns(recipe_, [&] { return std::make_unique<TableScan>(*table_, &roster_->train()); });
    for (const auto& [path, fit] : table_->fits()) fitted_.emplace(path, fit);
    if (!recipe_.prepare.empty()) fitted_.emplace(kKindsFit, kinds_of(table_->raw().shape()));
    if (roster_->method() == recipe::BalanceMethod::none) return;
    Fitted balance = fit_balance(roster_->matrix(), roster_->method(), recipe_.balance.scale);
    if (!balance.empty()) fitted_.emplace(kBalanceFit, std::move(balance));
  }

  // A column that is not there, or steps that rows cannot run, must show before anything is written.
  void try_first_row() const {
    Block row = table_->read(0, 1);
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

  /// "adult.csv", or with splits "train/adult.csv".
  std::string file_of(io::Split split) const {
    return roster_->has_splits() && split != io::Split::none ? std::string(io::name_of(split)) + "/" + name_ : name_;
  }

  /// For the report: rows of train as they came in.
  TableSample sample_of_source() const {
    TableSample sample(table_->shape().columns.size());
    TableScan train(*table_, &roster_->train());
    while (const Block* block = train.next())
      for (std::size_t r = 0; r < block->rows; ++r) sample.add(*block, r);
    return sample;
  }

  void make() {
    board_.stage("augment", summary_.outputs);
    summary_.originals = summary_.copies = summary_.outputs = 0;  // counted as they are written
    struct File {
      std::unique_ptr<io::TableWriter> writer{};
      std::uint64_t rows{};
    };
    std::map<io::Split, File> files;
    for (const io::Split split : roster_->splits()) {
      fs::create_directories((out_.path() / file_of(split)).parent_path());
      files[split].writer = table_->create(out_.path() / file_of(split));
    }
    io::GrowingFile lineage(out_.files().lineage), set_aside(out_.files().set_aside);
    lineage.cut(0);
    set_aside.cut(0);
    std::string lines;
    for (const SetAside& line : roster_->set_aside()) lines += to_json_line(line) + "\n";
    set_aside.append(lines);
    new_rows_.emplace(table_->shape().columns.size());
    const TableMaker maker(recipe_, name_, *table_, *roster_, *constraints_, fitted_);
    const auto commit = [&](std::size_t part, const std::shared_ptr<void>& result) {
      auto& made = *std::static_pointer_cast<MadeRows>(result);
      lines.clear();
      for (MadeRows::Row& row : made.rows) {
        File& file = files[row.split];
        const std::size_t repairs = row.record.repairs.size();
        constraints_->make_unique(made.tables[row.split], row.at, row.record.repairs);
        if (row.record.repairs.size() > repairs) row.record.digest = row_digest(made.tables[row.split], row.at);
        row.record.id = file_of(row.split) + "#" + std::to_string(file.rows++);
        lines += to_json_line(row.record) + "\n";
        count(row);
        if (options_.report && row.record.copy > 0) new_rows_->add(made.tables[row.split], row.at);
      }
      lineage.append(lines);
      lines.clear();
      for (const SetAside& line : made.aside) {
        lines += to_json_line(line) + "\n";
        ++summary_.set_aside[line.kind];
      }
      set_aside.append(lines);
      summary_.unmet += made.unmet;
      for (const auto& [split, block] : made.tables) files[split].writer->write(block);
      board_.done += made.rows.size();
      board_.sources = std::min<std::uint64_t>((std::min(part + 1, maker.source_parts())) * kBlockRows, table_->rows());
    };
    const std::size_t done = pool_.run_ordered(
        maker.parts(), [&](std::size_t i) -> std::shared_ptr<void> { return std::make_shared<MadeRows>(maker.make(i)); }, commit, [&] { return !stop_; });
    if (done < maker.parts()) throw Error(Fault::interrupted, "interrupted; --resume makes the table anew");
    for (auto& [split, file] : files) {
      file.writer->finish();
      made_.push_back(file_of(split));
    }
    lineage.publish();
    set_aside.publish();
  }

  void count(const MadeRows::Row& row) {
    const bool original = row.record.copy == 0;
    ++(original ? summary_.originals : summary_.copies);
    ++summary_.outputs;
    const std::string& label = roster_->labels()[row.label];
    if ((row.split == io::Split::none || row.split == io::Split::train) && summary_.classes.contains(label)) ++summary_.classes[label].second;
  }

  void complete(JobRecord& record) {
    std::error_code error;
    for (const std::string& file : made_) summary_.bytes_written += fs::file_size(out_.path() / file, error);
    summary_.seconds = board_.seconds();
    record.complete = true;
    record.made = made_;
    if (!fitted_.empty()) record.made.emplace_back(kFittedFile);
    record.seconds = summary_.seconds;
    record.bytes_written = summary_.bytes_written;
    record.originals = summary_.originals;
    record.copies = summary_.copies;
    record.classes = summary_.classes;
    write_job_file(out_.files().job, record);
    if (!options_.report) return;
    board_.stage("report", 0);
    const std::string cards = table_cards(*table_, sample_of_source(), *new_rows_, pool_);
    write_report(out_.path(), recipe_, summary_, options_.command, pool_, cards);
    summary_.report = out_.path() / kReportFile;
  }

  const JobOptions& options_;
  recipe::Recipe recipe_;
  const std::atomic<bool>& stop_;
  OutFolder out_;
  Pool pool_;
  ProgressBoard board_;
  std::string name_;
  std::unique_ptr<PreparedTable> table_;
  std::unique_ptr<TableRoster> roster_;
  std::unique_ptr<TableConstraints> constraints_;
  plan::FittedOps fitted_;
  std::vector<std::string> made_;
  std::optional<TableSample> new_rows_;
  JobSummary summary_;
};

}  // namespace

bool is_table(const recipe::Source& source) {
  std::error_code error;
  if (source.format == "table") return true;
  return source.format.empty() && fs::is_regular_file(source.path, error) && io::looks_like_table(source.path) &&
         !io::looks_like_series(source.path);
}

JobSummary run_table_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                         const std::atomic<bool>& stop) {
  refuse_what_is_for_images(options);
  require_apart(options.recipe.source.path, options.recipe.sink.path);
  return TableJob(options, watch, stop).run();
}

}  // namespace leaven::flow

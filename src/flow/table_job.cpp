#include "flow/table_job.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/fitted_file.hpp"
#include "flow/generated.hpp"
#include "flow/job_file.hpp"
#include "flow/made_rows_file.hpp"
#include "flow/out_folder.hpp"
#include "flow/pool.hpp"
#include "flow/progress_board.hpp"
#include "flow/report_text.hpp"
#include "flow/table_apply.hpp"
#include "flow/table_maker.hpp"
#include "flow/table_profile.hpp"
#include "flow/table_report.hpp"
#include "flow/table_row.hpp"
#include "io/atomic_file.hpp"
#include "io/split_tables.hpp"
#include "io/table_file.hpp"
#include "ops/families.hpp"
#include "plan/columns/columns.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

void refuse_image_steps(const std::vector<recipe::Step>& steps) {
  for (const recipe::Step& step : steps) {
    if (step.op && step.op->domain != Domain::columns)
      throw usage_error(std::string(step.op->name) + " works on " + std::string(samples_of(step.op->domain)) + ", and this is a table")
          .with_place(step.place.text())
          .with_hint("give a recipe of table ops, which leaven ops lists; of a table of series say --input-format series_wide or series_long");
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
  if (r.generate && r.balance.method != recipe::BalanceMethod::none) refuse("generate and balance together", "both fill the classes that have few rows; take one");
  if (r.source.limit > 0) refuse("limit", "it takes whole samples of a folder; give a file of fewer rows");
  if (r.sink.layout != "same") refuse("layout " + r.sink.layout, "its layout is that of the source");
  if (r.clean.perceptual || r.clean.min_width || r.clean.min_height) refuse("clean: perceptual, min_width or min_height", "they look at pictures; duplicates and missing look at rows");
  if (!r.augment.together.empty()) refuse("augment: together", "it is for pictures and series that belong together");
  if (r.augment.originals == recipe::Originals::link) refuse("originals: link", "copy or none");
}

class TableJob {
 public:
  TableJob(const JobOptions& options, const std::function<void(const Progress&)>& watch, const std::atomic<bool>& stop)
      : options_(options),
        recipe_(options.recipe), stop_(stop),
        files_(own_files(recipe_.sink.path, shard_tag(options.shard, options.shards))),
        pool_(options.threads > 0 ? options.threads : available_threads()),
        board_(watch) {
    recipe_.source.path = fs::absolute(recipe_.source.path).lexically_normal();
    for (std::string& file : recipe_.source.append) file = beside_recipe(file);
    for (recipe::Constraint& rule : recipe_.constraints)
      if (rule.kind == recipe::Constraint::Kind::references) rule.text = beside_recipe(rule.text);
  }

  /// The whole job, or the parts of a shard.
  JobSummary run() {
    OutFolder out(recipe_.sink.path, shard_tag(options_.shard, options_.shards), options_.resume, options_.overwrite);
    open();
    JobRecord record = describe();
    if (!options_.dry_run) out.lock();
    const Start start = out.start(record);
    decide(record);
    if (options_.dry_run) return summary_;
    if (start == Start::replace) out.remove_earlier_run();
    begin(record, out);
    if (options_.shards > 1) return make_shard(record);
    make();
    complete(record);
    return summary_;
  }

  /// Joins shards: the whole job, but that parts come from their files. `record`: of one of the shards.
  JobSummary merge(JobRecord record, const std::vector<fs::path>& shards) {
    open();
    if (describe().input_digest != record.input_digest)
      throw usage_error(io::printable(recipe_.source.path) + ": has changed since the shards were made").with_hint("run them anew");
    decide(record);
    for (const fs::path& shard : shards) shards_.emplace_back(shard);
    make();
    record.shard = record.shards = 1;
    complete(record);
    return summary_;
  }

 private:
  void open() {
    board_.stage("index", 0);
    name_ = fs::path(recipe_.source.path).filename().string();
    recipe::Source with_generated = recipe_.source;
    GeneratedTable generated;
    if (recipe_.generate) generated = read_generated_table(generated_folder(recipe_));
    if (generated.rows() > 0) with_generated.append.push_back(generated.file.string());
    generated_ = generated.rows();
    auto source = open_source(with_generated);
    split_ = io::split_tables(recipe_.source.path);
    add_soft_labels(recipe_, source->shape());
    table_ = std::make_unique<PreparedTable>(std::move(source), recipe_, name_);
    require_rows(*table_, recipe_.source.path);
    roster_ = std::make_unique<TableRoster>(table_->raw(), recipe_, name_, std::move(generated));
  }

  void decide(const JobRecord& record) {
    board_.stage("fit", 0);
    table_->fit(roster_->train());
    roster_->leave_out(table_->left_out());
    constraints_ = std::make_unique<TableConstraints>(recipe_, *table_, roster_->train());
    roster_->set_aside_violations(constraints_->violations(*table_, [this](std::uint64_t row) { return roster_->rows()[static_cast<std::size_t>(row)].is_written(); }));
    roster_->decide(*table_, pool_);
    promise(record.input);
    if (options_.dry_run) return;
    fit();
    try_first_row();
  }

  /// A file that a recipe names may lie beside it.
  std::string beside_recipe(const std::string& file) const {
    const fs::path beside = fs::path(recipe_.file).parent_path() / file;
    std::error_code error;
    return fs::absolute(fs::exists(beside, error) ? beside : fs::path(file)).lexically_normal().string();
  }

  JobRecord describe() const {
    const auto& columns = table_->raw().shape().columns;
    const std::uint64_t all = table_->rows() - generated_ + table_->bad_rows().size();
    io::DatasetIndex index;
    index.format = kTableFormat;
    index.description = "table, " + table_->description() + ", " + count_text(columns.size(), "column", "columns") + ", " + std::to_string(all) + (all == 1 ? " row" : " rows");
    JobRecord record = describe_job(recipe_, index, options_.shard, options_.shards, options_.command);
    std::string text;
    for (const auto& column : columns) text += column.name + '\x1f' + std::to_string(static_cast<int>(column.type)) + '\x1f';
    text += std::to_string(all);
    if (generated_ > 0) text += '\x1f' + std::to_string(generated_);
    record.input_digest = digest_of(text.data(), text.size());
    record.samples = all;
    return record;
  }

  void promise(const std::string& description) {
    summary_.input_description = description;
    summary_.sources = table_->rows() - generated_ + table_->bad_rows().size();
    summary_.originals = roster_->originals();
    summary_.copies = roster_->copies();
    summary_.outputs = summary_.originals + summary_.copies;
    summary_.out = recipe_.sink.path;
    summary_.notes = roster_->notes();
    if (!split_.parts.empty() && recipe_.has_split) summary_.notes.emplace_back("the input is split already and stays so; split: of the recipe was not used");
    for (const std::string& other : split_.others) summary_.notes.push_back(other + " is neither train, val nor test, and stays where it is");
    if (generated_ > 0) summary_.notes.push_back(note_on_generated(generated_, roster_->record_of_generated(table_->rows() - 1)));
    if (std::string note = note_on_sampled_input(recipe_.source.path); !note.empty()) summary_.notes.push_back(std::move(note));
    for (std::string& doubt : column_doubts(table_->raw())) summary_.notes.push_back(std::move(doubt));
    if (recipe_.source.format.empty() && recipe_.source.schema.target.empty())
      if (std::string hint = series_note(recipe_.source.path, table_->raw()); !hint.empty()) summary_.notes.push_back(std::move(hint));
    summary_.broken = table_->bad_rows().size();
    for (const SetAside& line : roster_->set_aside()) ++summary_.set_aside[line.kind];
    summary_.too_many_broken = static_cast<double>(summary_.broken) > recipe_.max_bad * static_cast<double>(summary_.sources);
    for (const auto& [label, count] : roster_->classes()) summary_.classes[label].first = count;
  }

  void begin(const JobRecord& record, OutFolder& out) {
    std::error_code error;
    fs::create_directories(path(), error);
    if (error) throw environment_error(path().string() + ": cannot be made: " + error.message());
    out.lock();
    write_job_file(files_.job, record);
    io::write_file_atomically(path() / kRecipeFile, recipe::to_yaml(recipe_));
    if (!fitted_.empty()) write_fits(path() / kFittedFile, fitted_);
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

  /// "adult.csv", or with splits "train/adult.csv"; a part that came as a file of its own keeps its place.
  std::string file_of(io::Split split) const {
    for (const io::SplitTables::Part& part : split_.parts)
      if (part.split == split) return part.file.generic_string();
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

  fs::path path() const { return recipe_.sink.path; }

  /// Every `shards`-th part of the roster, kept as it is made: how rows are numbered is known when all parts are there.
  JobSummary make_shard(JobRecord& record) {
    const TableMaker maker(recipe_, name_, *table_, *roster_, *constraints_, fitted_);
    const std::size_t step = options_.shards, first = options_.shard - 1;
    const std::size_t parts = maker.parts() > first ? (maker.parts() - first + step - 1) / step : 0;
    board_.stage("augment", 0);
    summary_.originals = summary_.copies = summary_.outputs = 0;
    MadeRowsWriter file(files_.journal);
    const auto commit = [&](std::size_t i, const std::shared_ptr<void>& result) {
      const auto& made = *std::static_pointer_cast<MadeRows>(result);
      file.write(first + i * step, made);
      for (const MadeRows::Row& row : made.rows) count(row);
      for (const SetAside& line : made.aside) ++summary_.set_aside[line.kind];
      summary_.unmet += made.unmet;
      board_.done += made.rows.size();
    };
    const auto make_part = [&](std::size_t i) -> std::shared_ptr<void> { return std::make_shared<MadeRows>(maker.make(first + i * step)); };
    if (pool_.run_ordered(parts, make_part, commit, [&] { return !stop_; }) < parts) throw Error(Fault::interrupted, "interrupted; --resume makes the shard anew");
    file.publish();
    finish(record);
    std::error_code ignored;
    fs::remove(io::GrowingFile::growing_name(files_.started), ignored);  // the shard's lock
    return summary_;
  }

  /// Where rows go as they are made, in order.
  struct Sink {
    struct File {
      std::unique_ptr<io::TableWriter> writer{};
      std::uint64_t rows{};
    };
    std::map<io::Split, File> files{};
    io::GrowingFile lineage, set_aside;
  };

  void make() {
    board_.stage("augment", summary_.outputs);
    summary_.originals = summary_.copies = summary_.outputs = 0;  // counted as they are written
    Sink sink{{}, io::GrowingFile(files_.lineage), io::GrowingFile(files_.set_aside)};
    for (const io::Split split : roster_->splits()) {
      fs::create_directories((path() / file_of(split)).parent_path());
      sink.files[split].writer = table_->create(path() / file_of(split));
    }
    sink.lineage.cut(0);
    sink.set_aside.cut(0);
    std::string lines;
    for (const SetAside& line : roster_->set_aside()) lines += to_json_line(line) + "\n";
    sink.set_aside.append(lines);
    new_rows_.emplace(table_->shape().columns.size());
    const TableMaker maker(recipe_, name_, *table_, *roster_, *constraints_, fitted_);
    const auto commit = [&](std::size_t part, const std::shared_ptr<void>& result) {
      put(*std::static_pointer_cast<MadeRows>(result), sink);
      board_.sources = std::min<std::uint64_t>((std::min(part + 1, maker.source_parts())) * kBlockRows, table_->rows());
    };
    std::size_t done = 0;
    if (shards_.empty()) {
      const auto make_part = [&](std::size_t i) -> std::shared_ptr<void> { return std::make_shared<MadeRows>(maker.make(i)); };
      done = pool_.run_ordered(maker.parts(), make_part, commit, [&] { return !stop_; });
    } else {
      for (; done < maker.parts() && !stop_; ++done) commit(done, std::make_shared<MadeRows>(shards_[done % shards_.size()].next(done)));
    }
    if (done < maker.parts()) throw Error(Fault::interrupted, "interrupted; --resume makes the table anew");
    for (auto& [split, file] : sink.files) {
      file.writer->finish();
      made_.push_back(file_of(split));
    }
    sink.lineage.publish();
    sink.set_aside.publish();
  }

  void put(MadeRows& made, Sink& sink) {
    std::string lines;
    for (MadeRows::Row& row : made.rows) {
      Sink::File& file = sink.files[row.split];
      const std::size_t repairs = row.record.repairs.size();
      if (row.record.copy > 0 || !row.record.generated.empty()) constraints_->make_unique(made.tables[row.split], row.at, row.record.repairs);
      if (row.record.repairs.size() > repairs) row.record.digest = row_digest(made.tables[row.split], row.at, roster_->lacking(row.split));
      row.record.id = file_of(row.split) + "#" + std::to_string(file.rows++);
      lines += to_json_line(row.record) + "\n";
      count(row);
      if (options_.report && (row.record.copy > 0 || !row.record.generated.empty())) new_rows_->add(made.tables[row.split], row.at);
    }
    sink.lineage.append(lines);
    lines.clear();
    for (const SetAside& line : made.aside) {
      lines += to_json_line(line) + "\n";
      ++summary_.set_aside[line.kind];
    }
    sink.set_aside.append(lines);
    summary_.unmet += made.unmet;
    for (auto& [split, block] : made.tables) {
      for (const std::string& column : roster_->lacking(split)) std::erase_if(block.columns, [&](const Column& one) { return one.name == column; });
      sink.files[split].writer->write(block);
    }
    board_.done += made.rows.size();
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
    for (const std::string& file : made_) summary_.bytes_written += fs::file_size(path() / file, error);
    record.made = made_;
    if (!fitted_.empty()) record.made.emplace_back(kFittedFile);
    finish(record);
    if (!options_.report) return;
    board_.stage("report", 0);
    const std::string cards = table_cards(*table_, sample_of_source(), *new_rows_, pool_);
    write_report(path(), recipe_, summary_, options_.command, pool_, cards);
    summary_.report = path() / kReportFile;
  }

  void finish(JobRecord& record) {
    summary_.seconds = board_.seconds();
    record.complete = true;
    record.seconds = summary_.seconds;
    record.bytes_written = summary_.bytes_written;
    record.originals = summary_.originals;
    record.copies = summary_.copies;
    record.classes = summary_.classes;
    write_job_file(files_.job, record);
  }

  const JobOptions& options_;
  recipe::Recipe recipe_;
  const std::atomic<bool>& stop_;
  OwnFiles files_;
  Pool pool_;
  ProgressBoard board_;
  std::string name_;
  io::SplitTables split_;       ///< where the source is a folder
  std::uint64_t generated_{};  ///< rows that a learned model made, the last of the table
  std::unique_ptr<PreparedTable> table_;
  std::unique_ptr<TableRoster> roster_;
  std::unique_ptr<TableConstraints> constraints_;
  plan::FittedOps fitted_;
  std::vector<MadeRowsReader> shards_;  ///< of a merge
  std::vector<std::string> made_;
  std::optional<TableSample> new_rows_;
  JobSummary summary_;
};

}  // namespace

JobSummary run_table_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                         const std::atomic<bool>& stop) {
  refuse_what_is_for_images(options);
  require_apart(options.recipe.source.path, options.recipe.sink.path);
  return TableJob(options, watch, stop).run();
}

JobSummary merge_table_shards(const JobRecord& record, const std::vector<fs::path>& shards, const fs::path& out, const std::function<void(const Progress&)>& watch) {
  JobOptions options;
  options.recipe = recipe::load(out / kRecipeFile, ops::op_table());
  options.recipe.sink.path = out.string();
  options.command = record.command;
  const std::atomic<bool> stop{false};
  return TableJob(options, watch, stop).merge(record, shards);
}

}  // namespace leaven::flow

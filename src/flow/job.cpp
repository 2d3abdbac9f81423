#include "flow/job.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "flow/clean.hpp"
#include "flow/earlier_lines.hpp"
#include "flow/generated.hpp"
#include "flow/job_file.hpp"
#include "flow/job_summary.hpp"
#include "flow/journal.hpp"
#include "flow/out_folder.hpp"
#include "flow/output_maker.hpp"
#include "flow/pool.hpp"
#include "flow/drawn_as.hpp"
#include "flow/preflight.hpp"
#include "flow/recipe_files.hpp"
#include "flow/progress_board.hpp"
#include "flow/report_text.hpp"
#include "flow/series_maker.hpp"
#include "flow/table_job.hpp"
#include "flow/table_source.hpp"
#include "flow/sink.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "io/layout_fit.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

/// The state of a writer to which nothing was committed.
constexpr const char* kNoState = "null";

recipe::Recipe with_whole_paths(recipe::Recipe recipe) {
  // leaven.recipe.yaml must find IN again from anywhere.
  if (recipe.source.path.empty()) throw usage_error("no input is named").with_hint("leaven augment IN -o OUT");
  require_apart(recipe.source.path, recipe.sink.path);
  recipe.source.path = fs::absolute(recipe.source.path).lexically_normal();
  return recipe;
}

class Job {
 public:
  Job(const JobOptions& options, const std::function<void(const Progress&)>& watch, const std::atomic<bool>& stop)
      : options_(options),
        recipe_(with_whole_paths(options.recipe)),
        stop_(stop),
        tag_(shard_tag(options.shard, options.shards)),
        share_{options.shard - 1U, options.shards},
        out_(recipe_.sink.path, tag_, options.resume, options.overwrite),
        pool_(options.threads > 0 ? options.threads : available_threads()),
        board_(watch) {}

  JobSummary run() {
    look_at_input();
    if (!options_.dry_run) out_.lock();
    const Start start = out_.start(record_);
    summary_ = promised(reader_->index(), *roster_, cleaned_, share_);
    summary_.out = out_.path();
    if (const auto made = std::ranges::find_if(index().entries, is_generated); made != index().entries.end())
      summary_.notes.push_back(note_on_generated(count_generated(index()), record_of_generated(*reader_, *made)));
    if (std::string note = note_on_sampled_input(recipe_.source.path); !note.empty()) summary_.notes.push_back(std::move(note));
    if (recipe_.augment.originals == recipe::Originals::link && !reader_->stores_pixels() && writes_files())
      summary_.notes.emplace_back("linked originals are the source's own files, with the EXIF and GPS that they hold");
    for (std::string& note : doubts(reader_->index(), *roster_, recipe_)) summary_.notes.push_back(std::move(note));
    if (options_.dry_run && !must_scan(recipe_)) summary_.notes.emplace_back("no sample was decoded: those that turn out to be broken will be set aside");
    if (reader_->index().has_splits && recipe_.has_split)
      summary_.notes.emplace_back("the input is split already and stays so; split: of the recipe was not used");
    if (options_.dry_run) return summary_;
    if (index().series) array_length_ = require_series_possible(*reader_, *roster_, *partners_, recipe_, writes_pixels());
    else array_ = require_possible(*reader_, *roster_, *partners_, recipe_, writes_pixels(), cleaned_.channels);
    if (start == Start::grow) look_at_what_grows();
    begin(start);
    try {
      Journal journal(out_.files(), record_.counts, start == Start::resume);
      if (!journal.finished()) {
        make_all(journal);
        writer_->finish();
        journal.mark_finished();
      }
      complete();
    } catch (Error& error) {
      if (error.fault() == Fault::environment && error.hint().empty())  // a full disk, a drive that went away
        error.with_hint("what is finished is kept; " + how_to_go_on());
      throw;
    }
    return summary_;
  }

 private:
  const io::DatasetIndex& index() const { return reader_->index(); }
  std::uint64_t tail() const { return roster_->sources().size(); }  ///< the number behind the last source
  bool writes_files() const { return io::writes_files(layout_); }
  bool writes_pixels() const { return flow::writes_pixels(layout_); }

  void look_at_input();
  void refuse_what_is_for_tables() const;
  void refuse_what_has_no_effect() const;
  void look_at_what_grows();
  void begin(Start start);
  void make_all(Journal& journal);
  void repair(const Journal& journal, const SourceMaker& maker);
  void commit(Journal& journal, std::uint64_t source, MadeSource made);
  void note_on_named_pictures();
  void complete();

  std::unique_ptr<const SourceMaker> maker();
  EarlierLines lines_to_keep() const;
  std::string lines_before(std::uint64_t source) const;
  std::string how_to_go_on() const;
  Error interrupted() const;

  const JobOptions& options_;
  recipe::Recipe recipe_;
  const std::atomic<bool>& stop_;
  std::string tag_;
  Share share_;
  OutFolder out_;
  Pool pool_;
  ProgressBoard board_;
  std::unique_ptr<io::DatasetReader> reader_;
  CleanResult cleaned_;
  std::optional<RasterShape> array_;  ///< of every row, where the sink stores pixels
  std::size_t array_length_{};        ///< of every series, where the sink stores arrays
  std::vector<std::uint64_t> place_;  ///< of each line of cleaned_: before which source it stands
  std::optional<Roster> roster_;
  std::optional<PartnerPool> partners_;
  io::WriterOptions layout_;
  JobRecord record_;
  JobSummary summary_;
  std::unique_ptr<io::DatasetWriter> writer_;
  std::unique_ptr<io::GrowingFile> started_;
  std::mutex started_mutex_;
  std::string state_{kNoState};
  std::uint64_t has_more_{};          ///< sources with more pictures than the one that was read
};

void Job::look_at_input() {
  require_named_files(recipe_);
  board_.stage("index", 0);
  reader_ = open_input(recipe_);
  refuse_what_is_for_tables();
  require_together(recipe_, index());
  board_.stage("clean", index().entries.size());
  cleaned_ = clean(*reader_, recipe_, pool_, [&](std::uint64_t done) { board_.done = done; }, [&] { return !stop_; });
  roster_.emplace(index(), recipe_, cleaned_.aside);
  partners_.emplace(index(), *roster_, recipe_);
  std::uint64_t source = 0;
  for (const SetAside& line : cleaned_.lines) {
    while (source < tail() && io::printable(index().entries[roster_->sources()[source].entry].id) <= line.id) ++source;
    place_.push_back(source);
  }
  layout_ = writer_options(index(), recipe_, tag_);
  io::require_layout_fits(layout_);
  refuse_what_has_no_effect();
  record_ = describe_job(recipe_, index(), options_.shard, options_.shards, options_.command);
}

void Job::refuse_what_is_for_tables() const {
  const auto refuse = [&](const std::string& what, const char* hint) { throw usage_error(what + ", and this is: " + index().description).with_hint(hint); };
  if (recipe_.balance.method != recipe::BalanceMethod::none) refuse("balance makes rows of tables", "--per-class gives every class as many copies as it lacks");
  if (!recipe_.source.schema.target.empty() && !index().manifest && !index().series) refuse("target names a column of a table", "leave it out");
}

void Job::refuse_what_has_no_effect() const {
  const recipe::Sink& sink = recipe_.sink;
  if (writes_pixels() && (sink.image_format != "same" || sink.quality > 0))
    throw usage_error("arrays hold pixels: image_format and quality say nothing there").with_hint("leave --image-format and --quality out");
  if (sink.quality > 0 && (sink.image_format == "png" || sink.image_format == "tiff"))
    throw usage_error("image_format " + sink.image_format + " has no quality").with_hint("leave --quality out");
  if (recipe_.augment.originals == recipe::Originals::link && !writes_files())
    throw usage_error("originals can be linked only where they are files of their own").with_hint("--originals copy or none");
}

/// Lines of a finished run that this one takes over.
EarlierLines Job::lines_to_keep() const {
  const fs::path& file = out_.files().lineage;
  if (!writes_files() || !fs::exists(file)) return {};
  return EarlierLines(file, index(), *roster_);
}

void Job::look_at_what_grows() {
  const auto before = read_job_file(out_.files().job);
  if (writes_files()) {
    lines_to_keep();  // refuses what this run would not make, before anything is touched
  } else if (before && before->counts != record_.counts) {
    throw usage_error("layout " + recipe_.sink.layout + " cannot grow: its samples are packed, and " +
                      io::printable(out_.path().native()) + " was made with " + before->counts)
        .with_hint("--overwrite starts anew");
  }
}

void Job::begin(Start start) {
  if (start == Start::replace) out_.remove_earlier_run();
  std::error_code error;
  fs::create_directories(out_.path(), error);
  if (error)
    throw environment_error(io::printable(out_.path().native()) + ": cannot be made: " + io::reason_of(error.value()));
  out_.lock();
  write_job_file(out_.files().job, record_);
  const std::string yaml = recipe::to_yaml(recipe_);
  io::AtomicTree(out_.path(), tag_).write(kRecipeFile, std::as_bytes(std::span(yaml)));
  writer_ = io::open_writer(out_.path(), layout_);
  started_ = std::make_unique<io::GrowingFile>(out_.files().started);
}

std::unique_ptr<const SourceMaker> Job::maker() {
  if (index().series) return std::make_unique<SeriesMaker>(SeriesMaker::Parts{*reader_, *roster_, recipe_, *writer_, *partners_, writes_pixels(), array_length_});
  OutputMaker::Parts parts{*reader_, *roster_, recipe_, *writer_, *partners_};
  parts.out = out_.path();
  parts.files = writes_files();
  parts.pixels = writes_pixels();
  parts.channels = cleaned_.channels;
  parts.array = array_;
  parts.checked = recipe_.clean.perceptual || recipe_.augment.total || recipe_.augment.per_class;
  parts.announce = [this](const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids) text.append(id).push_back('\0');
    const std::lock_guard lock(started_mutex_);
    started_->append(text);
  };
  return std::make_unique<OutputMaker>(std::move(parts));
}

void Job::make_all(Journal& journal) {
  board_.stage("augment", summary_.outputs);
  const std::unique_ptr<const SourceMaker> making = maker();
  const EarlierLines keep = lines_to_keep();
  if (journal.last()) {
    if (writes_files()) repair(journal, *making);
    state_ = journal.last()->state;
    if (state_ != kNoState) writer_->resume(state_);
  }
  const std::uint64_t begin = journal.entries();
  const auto source_at = [&](std::uint64_t k) { return share_.first + (begin + k) * share_.step; };
  for (std::uint64_t k = 0; k < begin; ++k)
    if (const std::uint64_t s = share_.first + k * share_.step; s < tail()) {
      const RosterSource& source = roster_->sources()[s];
      board_.done += source.copies + (source.original ? 1U : 0U);
      ++board_.sources;
    }
  const std::uint64_t all = share_.first > tail() ? 0 : (tail() - share_.first) / share_.step + 1;
  const std::uint64_t count = all - begin;
  const std::uint64_t done = pool_.run_ordered(
      count,
      [&](std::size_t k) -> std::shared_ptr<void> {
        const std::uint64_t s = source_at(k);
        return std::make_shared<MadeSource>(s == tail() ? MadeSource{} : making->make(s, keep.of(s)));
      },
      [&](std::size_t k, const std::shared_ptr<void>& made) {
        commit(journal, source_at(k), std::move(*std::static_pointer_cast<MadeSource>(made)));
      },
      [&] { return !stop_; });
  if (done < count) throw interrupted();
}

/// Files that the journal knows and somebody deleted since are made again; sources that were written since are looked at again.
void Job::repair(const Journal& journal, const SourceMaker& maker) {
  const EarlierLines known(growing(out_.files().lineage), index(), *roster_, journal.last()->lineage);
  std::vector<std::uint64_t> lacking;
  for (std::uint64_t s = share_.first; s < tail(); s += share_.step)
    if (known.any_of(s) && maker.must_repair(s, known.of(s))) lacking.push_back(s);
  const std::uint64_t done = pool_.run_ordered(
      lacking.size(),
      [&](std::size_t i) -> std::shared_ptr<void> {
        const std::vector<EarlierLine> lines = known.of(lacking[i]);
        const MadeSource made = maker.make(lacking[i], lines);
        std::string before;
        for (const EarlierLine& line : lines) before += line.text + "\n";
        if (made.broken || made.lineage != before)
          throw data_error("has changed since the interrupted run read it")
              .with_sample(io::printable(index().entries[roster_->sources()[lacking[i]].entry].id))
              .with_hint("--overwrite starts anew");
        return nullptr;
      },
      [](std::size_t, const std::shared_ptr<void>&) {}, [&] { return !stop_; });
  if (done < lacking.size()) throw interrupted();
}

std::string Job::lines_before(std::uint64_t source) const {
  const auto [begin, end] = std::equal_range(place_.begin(), place_.end(), source);
  std::string text;
  for (auto at = begin; at != end; ++at)
    text += to_json_line(cleaned_.lines[static_cast<std::size_t>(at - place_.begin())]) + "\n";
  return text;
}

void Job::commit(Journal& journal, std::uint64_t source, MadeSource made) {
  if (made.broken && recipe_.stop_on_error) throw *made.broken;
  for (io::OutputItem& item : made.items) state_ = writer_->commit(std::move(item));
  journal.append(source, made.lineage, lines_before(source) + made.set_aside, state_);
  board_.done += made.outputs + made.reused;
  board_.bytes += made.bytes;
  board_.set_aside += made.lines_aside;
  summary_.reused += made.reused;
  for (const auto& [kind, count] : made.mended) summary_.mended[kind] += count;
  has_more_ += made.has_more ? 1U : 0U;
  if (source < tail()) ++board_.sources;
}

void Job::note_on_named_pictures() {
  const std::vector<std::string> unreadable = unreadable_pictures(recipe_, /*look=*/false);
  if (unreadable.empty()) return;
  summary_.notes.push_back(count_text(unreadable.size(), "picture", "pictures") + " of folders that steps draw from could not be read, and " +
                           (unreadable.size() == 1 ? "another was" : "others were") + " drawn: " + listed(unreadable));
}

void Job::complete() {
  const OwnFiles& files = out_.files();
  Journal::publish(files, /*keep_journal=*/!tag_.empty());
  settle(summary_, index(), *roster_, cleaned_, files.set_aside, recipe_, share_);
  if (has_more_ > 0)
    summary_.notes.push_back(count_text(has_more_, "file holds", "files hold") +
                             " several frames or pages, of which the first was taken");
  note_on_named_pictures();
  summary_.bytes_written = board_.bytes;
  summary_.seconds = board_.seconds();
  record_.complete = true;
  record_.made = files_without_lineage(out_.path(), layout_);
  record_.digests = digests_of(out_.path(), record_.made);
  record_.seconds = summary_.seconds;
  record_.bytes_written = summary_.bytes_written;
  record_.originals = summary_.originals;
  record_.copies = summary_.copies;
  record_.classes = summary_.classes;
  write_job_file(files.job, record_);
  std::error_code ignored;
  if (tag_.empty()) fs::remove(growing(files.journal), ignored);
  started_.reset();
  fs::remove(growing(files.started), ignored);
  if (!options_.report || !tag_.empty()) return;
  board_.stage("report", 0);
  write_report(out_.path(), recipe_, summary_, options_.command, pool_);
  summary_.report = out_.path() / kReportFile;
}

std::string Job::how_to_go_on() const {
  const std::string& command = options_.command;
  const bool says_so = command.find("--resume") != std::string::npos;
  return command.empty() ? "--resume goes on" : "go on with: " + command + (says_so ? "" : " --resume");
}

Error Job::interrupted() const {
  return Error(Fault::interrupted, "interrupted; what is finished is kept").with_hint(how_to_go_on());
}

}  // namespace

JobSummary run_job(const JobOptions& options, const std::function<void(const Progress&)>& watch,
                   const std::atomic<bool>& stop) {
  if (options.shards < 1 || options.shard < 1 || options.shard > options.shards)
    throw usage_error("shard must be I/N with 1 ≤ I ≤ N, got " + std::to_string(options.shard) + "/" +
                      std::to_string(options.shards));
  if (is_table(options.recipe.source)) return run_table_job(options, watch, stop);
  return Job(options, watch, stop).run();
}

}  // namespace leaven::flow

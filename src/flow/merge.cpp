// leaven merge: the parts of a sharded run become the files of an unsharded one.
#include <algorithm>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "flow/folder_lock.hpp"
#include "flow/generated.hpp"
#include "flow/job.hpp"
#include "flow/job_file.hpp"
#include "flow/job_summary.hpp"
#include "flow/journal.hpp"
#include "flow/progress_board.hpp"
#include "flow/sink.hpp"
#include "flow/table_job.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

struct Shard {
  OwnFiles files{};
  JobRecord record{};
  JournalContents journal{};
};

/// Shards in order. Throws Error(usage) naming what is missing, unfinished or of another run.
std::vector<Shard> find_shards(const fs::path& out) {
  std::uint32_t count = 0;
  for (const std::string& tag : job_tags(out))
    if (!tag.empty())
      if (const auto record = read_job_file(own_files(out, tag).job)) count = std::max(count, record->shards);
  const std::string name = io::printable(out.native());
  if (count == 0) throw usage_error(name + ": holds no shards of a run").with_hint("--shard I/N makes them");
  std::vector<Shard> shards;
  std::string missing;
  for (std::uint32_t i = 1; i <= count; ++i) {
    Shard shard;
    shard.files = own_files(out, shard_tag(i, count));
    const auto record = read_job_file(shard.files.job);
    if (record && record->complete) shard.record = *record;
    else missing += (missing.empty() ? "" : ", ") + std::to_string(i) + "/" + std::to_string(count) + (record ? " (unfinished)" : "");
    shards.push_back(std::move(shard));
  }
  if (!missing.empty()) throw usage_error(name + ": shards are missing: " + missing).with_hint("run them, then merge");
  for (Shard& shard : shards) {
    std::string different = differences(shards.front().record, shard.record, true);
    if (different.empty() && shard.record.counts != shards.front().record.counts)
      different = "copies asked were " + shards.front().record.counts + ", are " + shard.record.counts;
    if (!different.empty())
      throw usage_error(name + ": shards 1 and " + std::to_string(shard.record.shard) + " are of different runs: " + different);
    if (shard.record.input_format != kTableFormat) shard.journal = read_journal(shard.files.journal);
  }
  return shards;
}

/// The command that makes the whole dataset at once.
std::string without_shard(const std::string& command) { return std::regex_replace(command, std::regex(R"( --shard[ =]\S+)"), ""); }

/// Bytes of one file of one shard that belong to one source.
std::string piece(const io::InputFile& file, std::uint64_t begin, std::uint64_t end) {
  return begin == end ? std::string() : file.read_text(begin, end - begin);
}

class Merge {
 public:
  Merge(fs::path out, ProgressBoard& board)
      : out_(std::move(out)), files_(own_files(out_, "")), board_(board), shards_(find_shards(out_)) {
    for (const Shard& shard : shards_) sources_ += shard.journal.entries.size();
  }

  /// What the whole run's job file says when all is joined.
  JobRecord run(const recipe::Recipe& recipe) {
    board_.stage("merge", sources_);
    join_lines();
    join_containers(recipe);
    Journal::publish(files_, /*keep_journal=*/false);
    const JobRecord record = joined_record();
    write_job_file(files_.job, record);
    return record;
  }

 private:
  /// Calls visit(shard, entry, entry before it in that shard or null) for each source in roster order.
  template <class Visit>
  void each_source(const Visit& visit) const {
    for (std::uint64_t s = 0; s < sources_; ++s) {
      const std::size_t i = s % shards_.size(), k = s / shards_.size();
      const std::vector<JournalEntry>& entries = shards_[i].journal.entries;
      if (k >= entries.size() || entries[k].source != s)
        throw data_error(shards_[i].files.journal.string() + ": does not fit the other shards' journals")
            .with_hint("run the shards anew");
      visit(i, entries[k], k == 0 ? nullptr : &entries[k - 1]);
    }
  }

  void join_lines() {
    io::GrowingFile lineage(files_.lineage), set_aside(files_.set_aside);
    lineage.cut(0);
    set_aside.cut(0);
    std::vector<io::InputFile> lineages, set_asides;
    for (const Shard& shard : shards_) {
      lineages.emplace_back(shard.files.lineage);
      set_asides.emplace_back(shard.files.set_aside);
    }
    each_source([&](std::size_t i, const JournalEntry& entry, const JournalEntry* before) {
      lineage.append(piece(lineages[i], before ? before->lineage : 0, entry.lineage));
      set_aside.append(piece(set_asides[i], before ? before->set_aside : 0, entry.set_aside));
      ++board_.done;
    });
  }

  /// Containers and manifests hold one item a line of lineage, in the same order.
  void join_containers(const recipe::Recipe& recipe) {
    const JobRecord& record = shards_.front().record;
    io::WriterOptions options;
    options.layout = output_layout(record.layout);
    options.input_format = record.input_format;
    if (io::writes_files(options) && record.input_format != "csv" && !io::is_annotated(options)) return;
    const auto reader = open_input(recipe);
    options = writer_options(reader->index(), recipe, "");
    std::vector<std::uint32_t> parts;  // of each line
    std::vector<io::InputFile> lineages;
    for (const Shard& shard : shards_) lineages.emplace_back(shard.files.lineage);
    each_source([&](std::size_t i, const JournalEntry& entry, const JournalEntry* before) {
      const std::string lines = piece(lineages[i], before ? before->lineage : 0, entry.lineage);
      parts.insert(parts.end(), static_cast<std::size_t>(std::ranges::count(lines, '\n')), static_cast<std::uint32_t>(i + 1));
    });
    std::size_t next = 0;
    io::merge_parts(out_, options, static_cast<std::uint32_t>(shards_.size()), [&]() -> std::optional<std::uint32_t> {
      return next == parts.size() ? std::nullopt : std::optional(parts[next++]);
    });
    made_ = files_without_lineage(out_, options);
  }

  JobRecord joined_record() const {
    JobRecord record = shards_.front().record;
    record.shard = record.shards = 1;
    record.command = without_shard(record.command);
    record.made = made_;
    record.digests = digests_of(out_, made_);
    record.seconds = 0;
    record.bytes_written = record.originals = record.copies = 0;
    for (auto& [label, counts] : record.classes) counts.second = 0;
    for (const Shard& shard : shards_) {
      record.seconds = std::max(record.seconds, shard.record.seconds);
      record.bytes_written += shard.record.bytes_written;
      record.originals += shard.record.originals;
      record.copies += shard.record.copies;
      for (const auto& [label, counts] : shard.record.classes) record.classes[label].second += counts.second;
    }
    return record;
  }

  fs::path out_;
  OwnFiles files_;
  ProgressBoard& board_;
  std::vector<Shard> shards_;
  std::uint64_t sources_{};
  std::vector<std::string> made_;
};

JobSummary summary_of(const JobRecord& record, const fs::path& out, double max_bad) {
  JobSummary summary;
  summary.input_description = record.input;
  summary.sources = record.samples;
  summary.originals = record.originals;
  summary.copies = record.copies;
  summary.outputs = record.originals + record.copies;
  summary.classes = record.classes;
  summary.strays = record.strays;
  summary.seconds = record.seconds;
  summary.bytes_written = record.bytes_written;
  summary.out = out;
  count_set_aside(own_files(out, "").set_aside, summary);
  summary.too_many_broken = too_many_broken(summary.broken, record.samples, max_bad);
  return summary;
}

bool is_of_table(const fs::path& job) {
  const auto record = read_job_file(job);
  return record && record->input_format == kTableFormat;
}

/// A shard's job file goes last: while it is there, so may be the others.
void remove_shards(const fs::path& out) {
  std::error_code ignored;
  for (const std::string& tag : job_tags(out)) {
    if (tag.empty()) continue;
    const OwnFiles files = own_files(out, tag);
    io::remove_part(out, tag);
    for (const fs::path& file : {files.lineage, files.set_aside, files.journal, files.job}) fs::remove(file, ignored);
  }
}

}  // namespace

JobSummary merge_shards(const fs::path& out, const std::function<void(const Progress&)>& watch) {
  std::error_code error;
  if (!fs::is_directory(out, error)) throw usage_error(io::printable(out.native()) + ": is no folder");
  const FolderLock lock(out, "");
  // The whole run's job file beside shards is that of a merge that was killed when all was joined.
  const std::vector<std::string> tags = job_tags(out);
  const bool joined = tags.size() > 1 && tags.front().empty();
  if (!joined && std::ranges::any_of(tags, [&](const std::string& tag) { return is_of_table(own_files(out, tag).job); })) {
    const std::vector<Shard> shards = find_shards(out);
    std::vector<fs::path> files;
    for (const Shard& shard : shards) files.push_back(shard.files.journal);
    JobSummary summary = merge_table_shards(shards.front().record, files, out, watch);
    remove_shards(out);
    return summary;
  }
  ProgressBoard board(watch);
  std::optional<Merge> merge;
  if (!joined) merge.emplace(out, board);  // says what is missing
  recipe::Recipe recipe = recipe::load(out / kRecipeFile, ops::op_table());
  recipe.sink.path = out.string();
  const JobRecord record = joined ? read_job_file(own_files(out, "").job).value() : merge->run(recipe);
  JobSummary summary = summary_of(record, out, recipe.max_bad);
  board.stage("report", 0);
  Pool pool(available_threads());
  write_report(out, recipe, summary, record.command, pool);
  summary.report = out / kReportFile;
  remove_shards(out);
  return summary;
}

}  // namespace leaven::flow

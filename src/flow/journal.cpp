#include "flow/journal.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "io/atomic_file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFinished = R"({"finished":true})";

std::optional<JournalEntry> entry_from(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    return JournalEntry{json.at("source"), json.at("lineage"), json.at("set_aside"), json.at("state").dump()};
  } catch (const Json::exception&) {
    return std::nullopt;  // half a line, or blocks that a power failure left empty
  }
}

std::string line_of(const JournalEntry& entry) {
  return Json{{"source", entry.source}, {"lineage", entry.lineage}, {"set_aside", entry.set_aside},
              {"state", Json::parse(entry.state)}}
             .dump() +
         "\n";
}

void rename_into_place(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(growing(file), error)) return;
  fs::rename(growing(file), file, error);
  if (error) throw environment_error(file.string() + ": cannot be written: " + error.message());
}

}  // namespace

fs::path growing(const fs::path& file) { return fs::path(file) += io::kGrowingSuffix; }

JournalContents read_journal(const fs::path& file) {
  JournalContents journal;
  std::ifstream in(file, std::ios::binary);
  std::uint64_t end = 0;
  for (std::string line; std::getline(in, line) && !in.eof();) {
    end += line.size() + 1;
    if (journal.ends.empty()) {
      const Json header = Json::parse(line, nullptr, false);
      if (!header.is_object() || !header.contains("counts")) break;
      journal.counts = header.at("counts");
    } else if (line == kFinished) {
      journal.finished = true;
      break;
    } else {
      auto entry = entry_from(line);
      if (!entry) break;
      journal.entries.push_back(std::move(*entry));
    }
    journal.ends.push_back(end);
  }
  return journal;
}

Journal::Journal(const OwnFiles& files, const std::string& counts, bool resume) {
  JournalContents known;
  if (resume) {
    // A shard keeps its journal under the final name, one of an earlier and smaller run too.
    known = read_journal(fs::exists(growing(files.journal)) ? growing(files.journal) : files.journal);
    if (known.counts != counts) known = {};
  }
  finished_ = known.finished;
  if (finished_) {
    entries_ = known.entries.size();
    return;  // the files may be in their places already
  }
  open(files, std::move(known), counts);
}

void Journal::open(const OwnFiles& files, JournalContents known, const std::string& counts) {
  lineage_ = std::make_unique<io::GrowingFile>(files.lineage);
  set_aside_ = std::make_unique<io::GrowingFile>(files.set_aside);
  journal_ = std::make_unique<io::GrowingFile>(files.journal);
  std::vector<JournalEntry>& entries = known.entries;
  // Written in this order, a file is shorter than the journal says only after a power failure.
  while (!entries.empty() &&
         (entries.back().lineage > lineage_->size() || entries.back().set_aside > set_aside_->size()))
    entries.pop_back();
  entries_ = entries.size();
  if (!entries.empty()) last_ = std::move(entries.back());
  lineage_->cut(last_ ? last_->lineage : 0);
  set_aside_->cut(last_ ? last_->set_aside : 0);
  journal_->cut(known.ends.empty() ? 0 : known.ends[entries_]);
  if (known.ends.empty()) journal_->append(Json{{"counts", counts}}.dump() + "\n");
}

Journal::~Journal() = default;

void Journal::append(std::uint64_t source, std::string_view lineage, std::string_view set_aside,
                     const std::string& state) {
  if (!lineage.empty()) lineage_->append(lineage);
  if (!set_aside.empty()) set_aside_->append(set_aside);
  journal_->append(line_of({source, lineage_->size(), set_aside_->size(), state}));
}

void Journal::mark_finished() {
  journal_->append(std::string(kFinished) + "\n");
  finished_ = true;
}

void Journal::publish(const OwnFiles& files, bool keep_journal) {
  rename_into_place(files.lineage);
  rename_into_place(files.set_aside);
  if (keep_journal) rename_into_place(files.journal);
}

}  // namespace leaven::flow

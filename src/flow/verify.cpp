// leaven verify: is every output still what its lineage line says?
#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/job_file.hpp"
#include "flow/own_files.hpp"
#include "flow/packed_items.hpp"
#include "flow/pool.hpp"
#include "flow/replay.hpp"
#include "flow/table_row.hpp"
#include "io/file.hpp"
#include "io/tree_walk.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLinesPerTask = 64;
constexpr std::size_t kMostProblems = 20;

std::uint64_t hash_of(const std::string& id) { return XXH3_64bits(id.data(), id.size()); }

/// Some lines of one lineage file.
struct Stretch {
  const io::InputFile* file{};
  std::uint64_t begin{}, size{};
  std::size_t first_line{};  ///< counted over all files
};

struct Checked {
  std::vector<std::uint64_t> ids{};
  std::uint64_t missing{}, changed{};
  std::vector<std::string> problems{};
};

class Verify {
 public:
  Verify(fs::path out, int threads) : out_(std::move(out)), pool_(threads > 0 ? threads : available_threads()) {
    const std::vector<fs::path> files = lineage_files(out_);
    if (files.empty())
      throw usage_error(io::printable(out_.native()) + ": holds no lineage")
          .with_hint("only a folder that a finished run of Leaven made can be verified");
    const auto record = read_job_file(own_files(out_, "").job);
    if (!record) look_at_shards();
    if (record && PackedItems::packs(*record)) packed_.emplace(out_, *record);
    if (record) {
      for (const std::string& id : record->made) beside_.push_back(hash_of(id));
      digests_ = record->digests;
    }
    for (const fs::path& file : files) add(file);
  }

  Verification run() {
    std::vector<std::uint64_t> listed;
    pool_.run_ordered(
        stretches_.size(),
        [&](std::size_t i) -> std::shared_ptr<void> { return std::make_shared<Checked>(check(stretches_[i])); },
        [&](std::size_t, const std::shared_ptr<void>& result) {
          const Checked& checked = *std::static_pointer_cast<Checked>(result);
          listed.insert(listed.end(), checked.ids.begin(), checked.ids.end());
          found_.missing += checked.missing;
          found_.changed += checked.changed;
          for (const std::string& problem : checked.problems) tell(problem);
        });
    found_.checked = listed.size();
    check_beside();
    listed.insert(listed.end(), beside_.begin(), beside_.end());
    std::ranges::sort(listed);
    if (packed_) count_unlisted_items();
    else find_unlisted(listed);
    return std::move(found_);
  }

 private:
  /// Samples of packed layouts lie in no container yet; files of those that are there can be looked at.
  void look_at_shards() {
    std::vector<bool> there;
    for (const std::string& tag : job_tags(out_)) {
      const auto shard = read_job_file(own_files(out_, tag).job);
      if (!shard) continue;
      if (PackedItems::packs(*shard))
        throw usage_error(io::printable(out_.native()) + ": holds shards of a run, and they are not joined")
            .with_hint("leaven merge " + io::printable(out_.native()));
      there.resize(std::max<std::size_t>(there.size(), shard->shards));
      if (shard->shard >= 1 && shard->shard <= there.size()) there[shard->shard - 1] = shard->complete;
    }
    for (std::size_t i = 0; i < there.size(); ++i) {
      if (there[i]) continue;
      ++found_.missing;
      tell("shard " + std::to_string(i + 1) + "/" + std::to_string(there.size()) + ": is missing or unfinished");
    }
  }

  void add(const fs::path& path) {
    files_.push_back(std::make_unique<io::InputFile>(path));
    std::ifstream in(path, std::ios::binary);
    std::uint64_t at = 0;
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line); ++lines, ++lines_, at += line.size() + 1) {
      if (lines % kLinesPerTask == 0) stretches_.push_back({files_.back().get(), at, 0, lines_});
      stretches_.back().size += line.size() + (in.eof() ? 0 : 1);
      if (packed_) packed_->add_line(line);
    }
  }

  Checked check(const Stretch& stretch) const {
    Checked checked;
    std::istringstream text(stretch.file->read_text(stretch.begin, stretch.size));
    std::size_t number = stretch.first_line;
    for (std::string line; std::getline(text, line); ++number) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object() || !json.contains("id") || !json.contains("digest"))
        throw data_error(stretch.file->path().string() + ": holds a line that is no lineage: " + line.substr(0, 80));
      const std::string id = json.at("id"), digest = json.at("digest");
      checked.ids.push_back(hash_of(id));
      try {
        const std::string found = packed_ ? packed_->digest_of_item(number) : digest_of_file(id);
        if (found == digest) continue;
        ++(found.empty() ? checked.missing : checked.changed);
        checked.problems.push_back(id + (found.empty() ? ": is missing" : ": has changed"));
      } catch (const Error& error) {
        ++checked.changed;
        checked.problems.push_back(id + ": " + error.message());
      }
    }
    return checked;
  }

  /// Empty when there is none.
  std::string digest_of_file(const std::string& id) const {
    std::error_code error;
    if (!fs::exists(out_ / id, error)) return {};
    const io::Bytes bytes = io::read_file(out_ / id);
    return digest_of(bytes.data(), bytes.size());
  }

  /// Labels lie in lists, arrays and members of tars, which no line holds a digest of.
  void check_beside() {
    for (const auto& [name, digest] : digests_) {
      std::error_code error;
      const bool there = fs::exists(out_ / name, error);
      if (there && digests_of(out_, {name}).at(name) == digest) continue;
      ++(there ? found_.changed : found_.missing);
      tell(name + (there ? ": has changed" : ": is missing"));
    }
  }

  void count_unlisted_items() {
    found_.unlisted = packed_->unlisted();
    if (found_.unlisted > 0) tell(std::to_string(found_.unlisted) + " items in containers: no lineage line names them");
  }

  void find_unlisted(const std::vector<std::uint64_t>& listed) {
    for (const fs::directory_entry& entry :
         fs::recursive_directory_iterator(out_, fs::directory_options::skip_permission_denied)) {
      const std::string id = io::printable(entry.path().lexically_relative(out_).native());
      if (entry.is_directory() || !io::has_image_extension(id) || std::ranges::binary_search(listed, hash_of(id))) continue;
      ++found_.unlisted;
      tell(id + ": no lineage line names it");
    }
  }

  void tell(const std::string& problem) {
    if (found_.problems.size() < kMostProblems) found_.problems.push_back(problem);
  }

  fs::path out_;
  Pool pool_;
  std::vector<std::unique_ptr<io::InputFile>> files_;
  std::vector<Stretch> stretches_;
  std::size_t lines_{};
  std::optional<PackedItems> packed_;
  std::map<std::string, std::string> digests_;  ///< of those that a finished run left
  std::vector<std::uint64_t> beside_;  ///< hashes of files that the writer made beside the outputs
  Verification found_;
};

}  // namespace

Verification verify(const fs::path& out, int threads) {
  const auto job = read_job_file(out / kJobFile);
  if (job && job->input_format == "table") {
    std::vector<std::string> tables = job->made;
    std::erase(tables, kFittedFile);
    return verify_rows(out, tables, recipe::load(out / kRecipeFile, ops::op_table()).source.schema);
  }
  return Verify(out, threads).run();
}

}  // namespace leaven::flow

#include "flow/out_folder.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "flow/earlier_files.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

std::string shown(const fs::path& path) { return io::printable(path.native()); }

/// Whether `path`, or a folder above it that exists, is `folder` itself, whatever it is called.
bool lies_in(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  for (fs::path p = fs::weakly_canonical(path); !p.empty(); p = p.parent_path()) {
    if (fs::exists(p, error) && fs::equivalent(p, folder, error)) return true;
    if (p == p.root_path()) break;
  }
  return false;
}

/// What a run leaves that was killed before it had a job file.
bool is_leftover(const fs::path& file) {
  const std::string name = file.filename();
  return name.ends_with(io::kTemporarySuffix) || (name.starts_with("leaven.started.") && name.ends_with(io::kGrowingSuffix));
}

bool holds_nothing(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return true;
  fs::directory_iterator entries(folder, error);
  if (error) throw environment_error(shown(folder) + ": cannot be read: " + io::reason_of(error.value()));
  return std::all_of(begin(entries), end(entries), [](const fs::directory_entry& e) { return is_leftover(e.path()); });
}

}  // namespace

void require_apart(const fs::path& in, const fs::path& out) {
  std::error_code error;
  if (!fs::exists(in, error)) return;  // said better by whoever opens it
  const bool out_there = fs::exists(out, error);
  if (out_there && fs::equivalent(in, out, error))
    throw usage_error("the output must not be the input itself, and both are " + shown(fs::canonical(in)))
        .with_hint("name a new folder with -o");
  if (fs::is_directory(in, error) && lies_in(out, in))
    throw usage_error("the output must lie outside the input, and " + shown(out) + " lies inside " + shown(in))
        .with_hint("name a folder beside it with -o");
  if (out_there && lies_in(in, out))
    throw usage_error("the input must lie outside the output, and " + shown(in) + " lies inside " + shown(out))
        .with_hint("name a folder beside it with -o");
}

OutFolder::OutFolder(fs::path out, std::string tag, bool resume, bool overwrite)
    : out_(std::move(out)), tag_(std::move(tag)), files_(own_files(out_, tag_)), overwrite_(overwrite) {
  std::error_code error;
  const std::string name = shown(out_);
  if (out_.empty()) throw usage_error("no output folder is named").with_hint("name a new folder with -o");
  if (resume && overwrite) throw usage_error("--resume and --overwrite exclude each other");
  if (fs::exists(out_, error) && !fs::is_directory(out_, error))
    throw usage_error("the output must be a folder, and " + name + " is a file");
  empty_ = holds_nothing(out_);
  if (empty_) return;
  const std::vector<std::string> known = job_tags(out_);
  const auto there = [&](const std::string& t) { return std::ranges::find(known, t) != known.end(); };
  if (known.empty())
    throw usage_error(name + ": is not empty, and Leaven did not make what is in it").with_hint("name a new folder with -o");
  if (!tag_.empty() && overwrite)
    throw usage_error("--overwrite and --shard exclude each other: it would delete the other shards' work");
  if (!tag_.empty() && there("")) throw usage_error(name + ": holds a whole run, not shards of one");
  if (overwrite) return;
  if (tag_.empty() && !known.back().empty())  // beside a whole run they are what a killed merge left
    throw usage_error(name + ": holds shards of a run")
        .with_hint("leaven merge " + name + " joins them, --overwrite starts anew");
  if (there(tag_) && !resume) {
    const auto record = read_job_file(files_.job);
    const bool complete = record && record->complete;
    throw usage_error(name + ": holds " + (complete ? "a finished run" : "an unfinished run"))
        .with_hint(std::string(complete ? "--resume makes it larger" : "--resume goes on with it") +
                   (tag_.empty() ? ", --overwrite starts anew" : ""));
  }
}

void OutFolder::lock() {
  std::error_code error;
  if (!lock_ && fs::is_directory(out_, error)) lock_ = FolderLock(out_, tag_);
}

Start OutFolder::start(const JobRecord& now) const {
  try {
    return compared(now);
  } catch (const Error&) {
    lock_.withdraw();
    throw;
  }
}

Start OutFolder::compared(const JobRecord& now) const {
  if (empty_) return Start::fresh;
  if (overwrite_) return Start::replace;
  const std::string anew = tag_.empty() ? "--overwrite starts anew" : "start anew in a new folder";
  std::optional<JobRecord> own;
  for (const std::string& tag : job_tags(out_)) {
    const auto record = read_job_file(own_files(out_, tag).job);
    if (!record) continue;
    const bool other = tag != tag_;
    std::string different = differences(*record, now, other);
    if (other && different.empty() && record->counts != now.counts)
      different = "copies asked were " + record->counts + ", are now " + now.counts;
    if (record->recipe_digest != now.recipe_digest) different += "; leaven.recipe.yaml there holds what it was made with, originals, image format and quality too";
    if (!different.empty())
      throw usage_error(shown(out_) + ": " + (other ? "holds shard " + tag + " of another run" : "holds another run") +
                        ": " + different)
          .with_hint(anew);
    if (!other) own = record;
  }
  if (!own) return Start::fresh;
  if (own->complete) return Start::grow;
  if (own->counts != now.counts)
    throw usage_error(shown(out_) + ": holds an unfinished run that was asked for " + own->counts + ", not " + now.counts)
        .with_hint("finish it first, then it can grow; " + anew);
  return Start::resume;
}

void OutFolder::remove_earlier_run() const {
  EarlierFiles earlier(out_);
  for (const std::string& tag : job_tags(out_)) earlier.remove_outputs(own_files(out_, tag));
  earlier.remove_own_files();
}

}  // namespace leaven::flow

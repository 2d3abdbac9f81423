#include "flow/earlier_files.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "flow/job_file.hpp"
#include "flow/journal.hpp"
#include "io/atomic_file.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

bool lies_below(const fs::path& path, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) throw environment_error(io::printable(file.native()) + ": cannot be deleted: " + io::reason_of(error.value()));
}

}  // namespace

EarlierFiles::EarlierFiles(fs::path out) : out_(std::move(out)), real_out_(fs::canonical(out_)) {}

void EarlierFiles::remove(std::string_view id) {
  const fs::path file = out_ / fs::path(id).relative_path();
  if (const std::string folder = file.parent_path(); folder != folder_) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    folder_ = folder;
    folder_inside_ = !error && lies_below(real, real_out_);
    if (folder_inside_) folders_.insert(folder);
  }
  std::error_code error;
  if (folder_inside_ && !fs::is_directory(fs::symlink_status(file, error))) remove_file(file);
}

void EarlierFiles::remove_outputs(const OwnFiles& files) {
  for (const fs::path& lineage : {files.lineage, growing(files.lineage)}) {
    std::ifstream in(lineage, std::ios::binary);
    for (std::string line; std::getline(in, line);) {
      const auto json = nlohmann::json::parse(line, nullptr, false);  // the last line may be half
      if (json.is_object() && json.contains("id") && json["id"].is_string()) remove(json["id"].get<std::string>());
    }
  }
  std::ifstream started(growing(files.started), std::ios::binary);
  for (std::string id; std::getline(started, id, '\0') && !started.eof();) remove(id);
  if (const auto record = read_job_file(files.job))
    for (const std::string& id : record->made) remove(id);
}

void EarlierFiles::remove_own_files() {
  std::vector<fs::path> now, last;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(out_)) {
    if (entry.is_directory() && !entry.is_symlink()) continue;
    const std::string name = entry.path().filename();
    const bool temporary = name.ends_with(io::kTemporarySuffix) || name.ends_with(io::kGrowingSuffix);
    const bool own = entry.path().parent_path() == out_ && name.starts_with("leaven.");
    if (!temporary && !own) continue;
    folders_.insert(entry.path().parent_path());
    (own && name.starts_with("leaven.job.") && !temporary ? last : now).push_back(entry.path());
  }
  for (const fs::path& file : now) remove_file(file);
  remove_empty_folders();
  for (const fs::path& file : last) remove_file(file);
}

void EarlierFiles::remove_empty_folders() {
  for (const fs::path& folder : folders_)
    for (fs::path f = folder; f != out_ && lies_below(f, out_); f = f.parent_path()) {
      std::error_code error;
      if (!fs::remove(f, error)) break;  // not empty: somebody else's files are in it
    }
}

}  // namespace leaven::flow

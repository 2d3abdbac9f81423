#include "learn/generate/sampled_folder.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/error.hpp"
#include "io/atomic_file.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kPart = ".leaven-part";

/// What an earlier sample says that it wrote.
std::set<std::string> written_in(const fs::path& folder) {
  std::set<std::string> files{SampledFolder::kLineage, SampledFolder::kSummary};
  const auto add = [&](const Json& record, const char* member) {
    if (record.is_object() && record.contains(member) && record[member].is_string()) files.insert(record[member].get<std::string>());
  };
  std::ifstream summary(folder / SampledFolder::kSummary), lineage(folder / SampledFolder::kLineage);
  add(Json::parse(summary, nullptr, false), "file");
  for (std::string line; std::getline(lineage, line);) add(Json::parse(line, nullptr, false), "id");
  return files;
}

/// Throws Error(usage) where the folder holds a file that no earlier sample wrote.
void require_own(const fs::path& folder) {
  std::error_code error;
  const std::set<std::string> own = fs::exists(folder / SampledFolder::kSummary, error) ? written_in(folder) : std::set<std::string>{};
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator(); ++it) {
    if (it.depth() == 0 && it->path().filename() == kPart) {  // a killed run's, or this one's
      it.disable_recursion_pending();
      continue;
    }
    const std::string name = it->path().lexically_relative(folder).generic_string();
    if ((it->is_symlink() || !it->is_directory()) && !own.contains(name))
      throw usage_error("holds " + name + ", which no generate sample wrote").with_place(folder.string()).with_hint("-o names a folder of their own, a new one or an empty one");
  }
}

std::vector<fs::path> names_in(const fs::path& folder) {
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

}  // namespace

SampledFolder::SampledFolder(fs::path folder, bool overwrite) : folder_(std::move(folder)), part_(folder_ / kPart) {
  std::error_code error;
  if (fs::exists(folder_, error) && !fs::is_directory(folder_, error)) throw usage_error("is no folder").with_place(folder_.string());
  const bool before = fs::exists(folder_ / kSummary, error);
  if (before && !overwrite) throw usage_error("holds generated samples already").with_place(folder_.string()).with_hint("--overwrite writes them anew");
  if (fs::exists(folder_, error)) require_own(folder_);
  made_ = !fs::exists(folder_, error);
  fs::remove_all(part_, error);
  fs::create_directories(part_, error);
  if (error) throw environment_error("cannot be made: " + error.message()).with_place(part_.string());
}

SampledFolder::~SampledFolder() {
  std::error_code error;
  fs::remove_all(part_, error);
  if (made_ && !published_) fs::remove(folder_, error);  // where nothing else is in it
}

void SampledFolder::publish(const std::string& lineage, const std::string& summary) {
  io::write_file_atomically(part_ / kLineage, lineage);
  io::write_file_atomically(part_ / kSummary, summary);
  require_own(folder_);  // anything may have come in the meantime
  try {
    // The summary goes first and comes last: where it is, all is.
    fs::remove(folder_ / kSummary);
    for (const fs::path& name : names_in(folder_))
      if (name != kPart) fs::remove_all(folder_ / name);
    for (const fs::path& name : names_in(part_))
      if (name != kSummary) fs::rename(part_ / name, folder_ / name);
    fs::rename(part_ / kSummary, folder_ / kSummary);
  } catch (const fs::filesystem_error& failed) {
    throw environment_error("cannot be written: " + failed.code().message()).with_place(folder_.string());
  }
  published_ = true;
}

}  // namespace leaven::learn

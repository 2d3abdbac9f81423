// The folder a job writes into: what is in it already, and what that means for the run.
#pragma once

#include <filesystem>
#include <string>

#include "flow/folder_lock.hpp"
#include "flow/job_file.hpp"
#include "flow/own_files.hpp"

namespace leaven::flow {

/// Throws Error(usage) when one lies inside the other or they are the same, through links and mounts too.
void require_apart(const std::filesystem::path& in, const std::filesystem::path& out);

/// What a run does with what it finds.
enum class Start {
  fresh,    ///< nothing of this run is there
  resume,   ///< an unfinished run of the same work
  grow,     ///< a finished one, of as many copies or fewer
  replace,  ///< --overwrite: an earlier run's files go first
};

class OutFolder {
 public:
  /// `tag` is the shard's. Refuses with Error(usage) what can be refused before the dataset is read: OUT is a file, or
  /// holds what Leaven did not make, or an earlier run that nobody said what to do with.
  OutFolder(std::filesystem::path out, std::string tag, bool resume, bool overwrite);

  /// Keeps other runs out, once the folder is there; before that it does nothing. Throws Error(usage) when one is at work.
  void lock();
  /// Compares with what earlier runs here were asked for. Throws Error(usage) that says what differs.
  Start start(const JobRecord& now) const;

  const std::filesystem::path& path() const { return out_; }
  const OwnFiles& files() const { return files_; }

  /// Deletes what earlier runs made, and nothing else: what their lineage names, what their job files list, and Leaven's
  /// own files. Folders that become empty go too; their job files last, so that it can be done again when interrupted.
  void remove_earlier_run() const;

 private:
  Start compared(const JobRecord& now) const;

  std::filesystem::path out_;
  std::string tag_;
  OwnFiles files_;
  FolderLock lock_;
  bool empty_{}, overwrite_{};
};

}  // namespace leaven::flow

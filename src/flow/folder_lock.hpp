// One run at a time in one folder.
#pragma once

#include <filesystem>
#include <string>

#include "io/file.hpp"

namespace leaven::flow {

/// A whole run (and a merge) has its folder alone, shards have it beside other shards. Let go when this object goes or
/// the process ends, however it ends; nothing of it stays on disk but the shard's file, which its run uses anyway.
class FolderLock {
 public:
  FolderLock() = default;
  /// Throws Error(usage) when somebody else is at work. Locks nothing where the file system knows no locks.
  FolderLock(const std::filesystem::path& out, const std::string& tag);

  /// Leaves no trace of a shard whose run was refused before it wrote anything.
  void withdraw() const;

  explicit operator bool() const { return static_cast<bool>(folder_); }

 private:
  io::Descriptor folder_, shard_;
  std::filesystem::path shard_file_{};
};

}  // namespace leaven::flow

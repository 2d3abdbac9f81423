#include "flow/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/error.hpp"
#include "flow/journal.hpp"
#include "flow/own_files.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

void take(const io::Descriptor& file, int how, const fs::path& out, const std::string& who) {
  if (!file || ::flock(file.get(), how | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  throw usage_error(io::printable(out.native()) + ": " + who + " is at work in it")
      .with_hint("wait until it is done, or name another folder with -o");
}

}  // namespace

FolderLock::FolderLock(const fs::path& out, const std::string& tag)
    : folder_(::open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  take(folder_, tag.empty() ? LOCK_EX : LOCK_SH, out, "another run");
  if (tag.empty()) return;
  shard_file_ = growing(own_files(out, tag).started);
  shard_ = io::Descriptor(::open(shard_file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  take(shard_, LOCK_EX, out, "another run of shard " + tag);
}

void FolderLock::withdraw() const {
  std::error_code ignored;
  if (!shard_file_.empty() && fs::file_size(shard_file_, ignored) == 0) fs::remove(shard_file_, ignored);
}

}  // namespace leaven::flow

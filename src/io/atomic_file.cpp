#include "io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

#include "core/error.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

Error cannot_write(const fs::path& path, const std::string& why) {
  return environment_error(printable(path.native()) + ": cannot be written: " + why);
}

/// Returns the errno, 0 when all is written.
int write_all(int fd, const std::byte* data, std::size_t size, off_t offset) {
  while (size > 0) {
    const ssize_t put = ::pwrite(fd, data, size, offset);
    if (put < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    data += put;
    offset += put;
    size -= static_cast<std::size_t>(put);
  }
  return 0;
}

void write_and_rename(const std::string& temporary, const std::string& final_path, BytesView bytes) {
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) throw cannot_write(final_path, reason_of(errno));
  int error = write_all(fd, bytes.data(), bytes.size(), 0);
  if (::close(fd) != 0 && error == 0) error = errno;  // NFS and quotas report a full disk here
  if (error == 0 && ::rename(temporary.c_str(), final_path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    throw cannot_write(final_path, reason_of(error));
  }
}

bool stays_inside(std::string_view relative) {
  if (relative.empty() || relative.front() == '/' || relative.back() == '/') return false;
  for (std::size_t start = 0; start <= relative.size();) {
    const std::size_t end = std::min(relative.find('/', start), relative.size());
    const std::string_view part = relative.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return relative.find('\0') == std::string_view::npos;
}

}  // namespace

void write_file_atomically(const fs::path& path, BytesView bytes) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) throw cannot_write(path, reason_of(error.value()));
  write_and_rename(path.native() + std::string(kTemporarySuffix), path.native(), bytes);
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

AtomicTree::AtomicTree(fs::path root, std::string_view tag)
    : root_(std::move(root)), prefix_(".leaven-" + (tag.empty() ? std::string("whole") : std::string(tag)) + "-") {}

std::string AtomicTree::temporary_beside(const std::string& file) {
  // A short name of its own: the file's name may already be as long as names can be.
  return file.substr(0, file.rfind('/') + 1) + prefix_ + std::to_string(counter_.fetch_add(1)) +
         std::string(kTemporarySuffix);
}

void AtomicTree::make_folder_of(const std::string& file) {
  const std::string_view folder = std::string_view(file).substr(0, file.rfind('/'));
  const std::scoped_lock lock(mutex_);
  if (folders_.contains(folder)) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw cannot_write(folder, reason_of(error.value()));
  folders_.emplace(folder);
}

void AtomicTree::write(std::string_view relative, BytesView bytes) {
  if (!stays_inside(relative)) throw bug("an output would leave its folder: " + printable(relative));
  const std::string file = root_.native() + "/" + std::string(relative);
  make_folder_of(file);
  write_and_rename(temporary_beside(file), file, bytes);
}

void AtomicTree::link(std::string_view relative, const fs::path& target) {
  if (!stays_inside(relative)) throw bug("an output would leave its folder: " + printable(relative));
  const std::string file = root_.native() + "/" + std::string(relative);
  make_folder_of(file);
  std::error_code error;
  const fs::path real = fs::canonical(target, error);  // a link to a link would break when the first one goes
  if (error) throw cannot_write(file, "there is nothing to link to at " + printable(target.native()));
  const std::string temporary = temporary_beside(file);
  ::unlink(temporary.c_str());
  if (::link(real.c_str(), temporary.c_str()) != 0 && ::symlink(real.c_str(), temporary.c_str()) != 0)
    throw cannot_write(file, reason_of(errno));
  const int failed = ::rename(temporary.c_str(), file.c_str()) == 0 ? 0 : errno;
  ::unlink(temporary.c_str());  // rename() leaves it when both names already are the same file
  if (failed != 0) throw cannot_write(file, reason_of(failed));
}

void AtomicTree::remove_leftovers() {
  std::error_code error;
  fs::recursive_directory_iterator at(root_, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().native();
    if (!name.starts_with(prefix_) || !name.ends_with(kTemporarySuffix)) continue;
    std::error_code ignored;
    fs::remove(at->path(), ignored);
  }
}

GrowingFile::GrowingFile(fs::path final_path) : final_(std::move(final_path)), growing_(growing_name(final_)) {
  std::error_code error;
  if (final_.has_parent_path()) fs::create_directories(final_.parent_path(), error);
  if (error) throw failure(reason_of(error.value()));
  descriptor_ = Descriptor{::open(growing_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
  if (!descriptor_) throw failure(reason_of(errno));
  struct stat facts {};
  if (::fstat(descriptor_.get(), &facts) != 0) throw failure(reason_of(errno));
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

Error GrowingFile::failure(const std::string& what) const { return cannot_write(final_, what); }

void GrowingFile::put(const void* data, std::size_t size, std::uint64_t offset) {
  if (const int error =
          write_all(descriptor_.get(), static_cast<const std::byte*>(data), size, static_cast<off_t>(offset));
      error != 0)
    throw failure(reason_of(error));
}

void GrowingFile::append(BytesView bytes) {
  put(bytes.data(), bytes.size(), size_);
  size_ += bytes.size();
}

void GrowingFile::append(std::string_view text) { append(std::as_bytes(std::span(text))); }

void GrowingFile::patch(std::uint64_t offset, BytesView bytes) {
  if (offset > size_ || bytes.size() > size_ - offset) throw bug("a container is patched beyond its end");
  put(bytes.data(), bytes.size(), offset);
}

void GrowingFile::cut(std::uint64_t size) {
  if (size > size_)
    throw data_error(printable(growing_.native()) + ": has " + std::to_string(size_) +
                     " bytes, the interrupted run had written " + std::to_string(size))
        .with_hint("it was changed since; start anew with --overwrite");
  if (::ftruncate(descriptor_.get(), static_cast<off_t>(size)) != 0) throw failure(reason_of(errno));
  size_ = size;
}

void GrowingFile::publish() {
  if (::close(descriptor_.release()) != 0) throw failure(reason_of(errno));
  publish(final_);
}

void GrowingFile::publish(const fs::path& final_path) {
  if (::rename(growing_name(final_path).c_str(), final_path.c_str()) != 0)
    throw cannot_write(final_path, reason_of(errno));
}

void GrowingFile::take_back(const fs::path& final_path) {
  const fs::path growing = growing_name(final_path);
  std::error_code error;
  if (fs::exists(growing, error) || !fs::exists(final_path, error)) return;
  if (::rename(final_path.c_str(), growing.c_str()) != 0) throw cannot_write(final_path, reason_of(errno));
}

void GrowingFile::discard() {
  descriptor_ = Descriptor{};
  ::unlink(growing_.c_str());
}

InputFile GrowingFile::reopen() const { return InputFile(growing_); }

}  // namespace leaven::io

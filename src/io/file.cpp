#include "io/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"

namespace leaven::io {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

namespace {

Error cannot_read(const std::filesystem::path& path, const std::string& why) {
  return data_error(printable(path.native()) + ": cannot be read: " + why);
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path)
    : InputFile(Descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}, path) {}

InputFile::InputFile(Descriptor descriptor, std::filesystem::path path)
    : descriptor_(std::move(descriptor)), path_(std::move(path)) {
  if (!descriptor_) throw cannot_read(path_, reason_of(errno));
  struct stat facts {};
  if (::fstat(descriptor_.get(), &facts) != 0) throw cannot_read(path_, reason_of(errno));
  if (S_ISDIR(facts.st_mode)) throw cannot_read(path_, "it is a folder");
  size_ = static_cast<std::uint64_t>(facts.st_size);
}

std::size_t InputFile::read_some(std::uint64_t offset, std::span<std::byte> into) const {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        ::pread(descriptor_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      throw cannot_read(path_, reason_of(errno));
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void InputFile::read(std::uint64_t offset, std::span<std::byte> into) const {
  const std::size_t got = read_some(offset, into);
  if (got != into.size())
    throw cannot_read(path_, "it ends after " + std::to_string(offset + got) + " bytes where " +
                                 std::to_string(offset + into.size()) + " are needed");
}

Bytes InputFile::read_bytes(std::uint64_t offset, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset)
    throw cannot_read(path_, "it has " + std::to_string(size_) + " bytes where " + std::to_string(offset) + " + " +
                                 std::to_string(size) + " are needed");
  Bytes bytes(size);
  read(offset, bytes);
  return bytes;
}

std::string InputFile::read_text(std::uint64_t offset, std::uint64_t size) const {
  const Bytes bytes = read_bytes(offset, size);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes read_file(const std::filesystem::path& path) {
  const InputFile file(path);
  return file.read_bytes(0, file.size());
}

std::string reason_of(int error_number) {
  switch (error_number) {
    case ENOSPC: return "the disk is full";
    case EDQUOT: return "the disk quota is used up";
    case EACCES:
    case EPERM: return "permission denied";
    case ENOENT: return "it does not exist";
    case EROFS: return "the disk is read-only";
    case ENAMETOOLONG: return "the name is too long";
    case ELOOP: return "a link leads back to itself";
    case EMFILE:
    case ENFILE: return "too many open files";
    case EFBIG: return "the file would be larger than allowed here";
    default: return std::generic_category().message(error_number);
  }
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string printable(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length > 0) {
      text += bytes.substr(0, length);
    } else {
      const auto byte = static_cast<unsigned char>(bytes[0]);
      text += "\\x";
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15];
    }
    bytes.remove_prefix(length > 0 ? length : 1);
  }
  return text;
}

}  // namespace leaven::io

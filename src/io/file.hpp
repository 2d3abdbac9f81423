// Files read by position, from any thread, and what operating-system errors are called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "io/codec.hpp"

namespace leaven::io {

/// A descriptor that closes itself. Move only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();

 private:
  int fd_{-1};
};

/// A file open for reading. read() is thread-safe: nothing shares a position.
class InputFile {
 public:
  /// Throws Error(data) that says why it cannot be opened.
  explicit InputFile(const std::filesystem::path& path);
  /// Takes an open descriptor (a temporary file); `path` is for messages.
  InputFile(Descriptor descriptor, std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  /// Fills `into`, or throws Error(data) that says that the file ends too early.
  void read(std::uint64_t offset, std::span<std::byte> into) const;
  /// Reads up to into.size() bytes; fewer only at the file's end.
  std::size_t read_some(std::uint64_t offset, std::span<std::byte> into) const;
  /// Checks the file's size before it takes memory.
  Bytes read_bytes(std::uint64_t offset, std::uint64_t size) const;
  std::string read_text(std::uint64_t offset, std::uint64_t size) const;

 private:
  Descriptor descriptor_;
  std::filesystem::path path_;
  std::uint64_t size_{};
};

/// A whole file. Throws Error(data).
Bytes read_file(const std::filesystem::path& path);

/// gzip by its magic, not by its name.
bool is_gzip(const InputFile& file);
/// Up to `count` bytes from the start, unpacked when it is gzip; fewer when the file ends or its packed data are
/// broken.
Bytes first_bytes(const InputFile& file, std::size_t count);
/// Unpacks a gzip file into a temporary file without a name, so that it can be read by position while memory stays
/// flat. Throws Error(data) when the stream is broken, Error(environment) when the temporary folder is full.
InputFile unpack_gzip(const InputFile& file);
/// The same for a raw deflate stream (zip members) of known sizes.
InputFile unpack_deflate(const InputFile& file, std::uint64_t offset, std::uint64_t packed, std::uint64_t unpacked);

/// What an errno means to a person: "permission denied", "the disk is full".
std::string reason_of(int error_number);
/// Text that is safe in UTF-8 files: bytes that are no UTF-8 become \xNN.
std::string printable(std::string_view bytes);
/// ASCII letters only, whatever the locale.
std::string lower_case(std::string_view text);

}  // namespace leaven::io

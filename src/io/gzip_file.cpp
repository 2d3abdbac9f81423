// Packed containers become temporary files without a name: random access to samples, flat memory, nothing to clean up.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace {

namespace fs = std::filesystem;

constexpr std::array kGzipMagic{std::byte{0x1F}, std::byte{0x8B}};
constexpr std::size_t kChunk = 1 << 18;  // bytes read and written at a time

Descriptor nameless_file() {
  std::error_code ignored;
  fs::path folder = fs::temp_directory_path(ignored);
  if (folder.empty()) folder = "/tmp";
  Descriptor file{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (file) return file;
  std::string name = (folder / "leaven-XXXXXX").native();  // file systems without O_TMPFILE
  Descriptor named{::mkostemp(name.data(), O_CLOEXEC)};
  if (!named)
    throw environment_error(printable(folder.native()) + ": cannot hold temporary files: " + reason_of(errno));
  ::unlink(name.c_str());
  return named;
}

void write_all(const Descriptor& to, const unsigned char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t put = ::write(to.get(), data, size);
    if (put < 0) {
      if (errno == EINTR) continue;
      throw environment_error("temporary folder: cannot unpack: " + reason_of(errno))
          .with_hint("set TMPDIR to a folder with more room");
    }
    data += put;
    size -= static_cast<std::size_t>(put);
  }
}

/// One zlib stream or, for gzip, several one after another (as `cat a.gz b.gz` makes).
class Inflater {
 public:
  Inflater(const InputFile& file, int window_bits) : file_(file) {
    if (inflateInit2(&stream_, window_bits) != Z_OK) throw environment_error("out of memory for unpacking");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks [offset, end); `most`: more output than that is refused.
  InputFile run(std::uint64_t offset, std::uint64_t end, std::uint64_t most, bool several) {
    Descriptor target = nameless_file();
    std::uint64_t written = 0;
    bool finished = false;
    while (!finished) {
      if (stream_.avail_in == 0) offset += refill(offset, end);
      if (stream_.avail_in == 0) throw broken("the packed data end too early");
      stream_.next_out = out_.data();
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      const std::size_t made = out_.size() - stream_.avail_out;
      written += made;
      if (written > most) throw broken("it unpacks to more than the " + std::to_string(most) + " bytes it claims");
      write_all(target, out_.data(), made);
      if (status == Z_STREAM_END) {
        finished = !several || !starts_gzip(offset - stream_.avail_in);
        if (!finished) inflateReset(&stream_);
      } else if (status != Z_OK) {
        throw broken("the packed data are damaged");
      }
    }
    return {std::move(target), file_.path()};
  }

  Bytes head(std::size_t count) {
    Bytes bytes(count);
    stream_.next_out = reinterpret_cast<unsigned char*>(bytes.data());
    stream_.avail_out = static_cast<uInt>(count);
    std::uint64_t offset = 0;
    while (stream_.avail_out > 0) {
      if (stream_.avail_in == 0) offset += refill(offset, file_.size());
      if (stream_.avail_in == 0 || ::inflate(&stream_, Z_NO_FLUSH) != Z_OK) break;
    }
    bytes.resize(count - stream_.avail_out);
    return bytes;
  }

 private:
  std::size_t refill(std::uint64_t offset, std::uint64_t end) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(in_.size(), end - offset));
    const std::size_t got = file_.read_some(offset, std::as_writable_bytes(std::span(in_.data(), want)));
    stream_.next_in = in_.data();
    stream_.avail_in = static_cast<uInt>(got);
    return got;
  }
  bool starts_gzip(std::uint64_t offset) const {
    std::array<std::byte, 2> magic{};
    return file_.read_some(offset, magic) == 2 && magic == kGzipMagic;
  }
  Error broken(const std::string& why) const { return data_error(printable(file_.path().native()) + ": " + why); }

  const InputFile& file_;
  z_stream stream_{};
  std::vector<unsigned char> in_ = std::vector<unsigned char>(kChunk), out_ = std::vector<unsigned char>(kChunk);
};

constexpr int kGzipOnly = 15 + 16;  // inflateInit2: largest window, gzip wrapper

}  // namespace

bool is_gzip(const InputFile& file) {
  std::array<std::byte, 2> magic{};
  return file.read_some(0, magic) == 2 && magic == kGzipMagic;
}

Bytes first_bytes(const InputFile& file, std::size_t count) {
  if (!is_gzip(file)) {
    Bytes bytes(count);
    bytes.resize(file.read_some(0, bytes));
    return bytes;
  }
  return Inflater(file, kGzipOnly).head(count);
}

InputFile unpack_gzip(const InputFile& file) { return Inflater(file, kGzipOnly).run(0, file.size(), UINT64_MAX, true); }

InputFile unpack_deflate(const InputFile& file, std::uint64_t offset, std::uint64_t packed, std::uint64_t unpacked) {
  if (offset > file.size() || packed > file.size() - offset)
    throw data_error(printable(file.path().native()) + ": a member reaches beyond the file's end");
  InputFile result = Inflater(file, -15).run(offset, offset + packed, unpacked, false);
  if (result.size() != unpacked)
    throw data_error(printable(file.path().native()) + ": a member unpacks to " + std::to_string(result.size()) +
                     " bytes, not the " + std::to_string(unpacked) + " it claims");
  return result;
}

}  // namespace leaven::io

#include "tests/io/container_bytes.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <memory>
#include <stdexcept>

namespace leaven::io {

namespace {

void require(bool fine, archive* a) {
  if (!fine)
    throw std::runtime_error(std::string("libarchive: ") + (archive_error_string(a) ? archive_error_string(a) : "?"));
}

}  // namespace

std::string archive_of(const Members& members, const std::string& format, const std::string& options) {
  std::string bytes(1 << 20, '\0');
  std::size_t total = bytes.size(), used = 0;
  for (const auto& member : members) total += 2 * member.second.size() + 16384;
  bytes.resize(total);
  const std::unique_ptr<archive, int (*)(archive*)> a(archive_write_new(), archive_write_free);
  require(archive_write_set_format_by_name(a.get(), format.c_str()) == ARCHIVE_OK, a.get());
  if (!options.empty()) require(archive_write_set_options(a.get(), options.c_str()) == ARCHIVE_OK, a.get());
  require(archive_write_open_memory(a.get(), bytes.data(), bytes.size(), &used) == ARCHIVE_OK, a.get());
  for (const auto& [name, content] : members) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), name.ends_with('/') ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    require(archive_write_header(a.get(), entry.get()) == ARCHIVE_OK, a.get());
    require(archive_write_data(a.get(), content.data(), content.size()) == static_cast<la_ssize_t>(content.size()),
            a.get());
  }
  require(archive_write_close(a.get()) == ARCHIVE_OK, a.get());
  bytes.resize(used);
  return bytes;
}

Members members_of(const std::string& bytes) {
  Members members;
  const std::unique_ptr<archive, int (*)(archive*)> a(archive_read_new(), archive_read_free);
  archive_read_support_format_all(a.get());
  archive_read_support_filter_all(a.get());
  require(archive_read_open_memory(a.get(), bytes.data(), bytes.size()) == ARCHIVE_OK, a.get());
  archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = archive_read_next_header(a.get(), &entry)) == ARCHIVE_OK) {
    std::string content(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    require(archive_read_data(a.get(), content.data(), content.size()) == static_cast<la_ssize_t>(content.size()),
            a.get());
    members.emplace_back(archive_entry_pathname(entry), std::move(content));
  }
  require(status == ARCHIVE_EOF, a.get());
  return members;
}

std::string gzip_of(std::string_view bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string idx_of(int type, const std::vector<std::uint32_t>& dimensions, std::string_view data) {
  std::string bytes{'\0', '\0', static_cast<char>(type), static_cast<char>(dimensions.size())};
  for (const std::uint32_t d : dimensions)
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(d >> shift & 255);
  return bytes + std::string(data);
}

std::string npy_of(std::string_view descr, std::string_view shape, std::string_view data, bool fortran) {
  std::string text = "{'descr': '" + std::string(descr) + "', 'fortran_order': " + (fortran ? "True" : "False") +
                     ", 'shape': " + std::string(shape) + ", }";
  while ((10 + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += {'\1', '\0', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return bytes + text + std::string(data);
}

std::string counting(std::size_t size, int first) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i + static_cast<std::size_t>(first)) % 251);
  return bytes;
}

}  // namespace leaven::io

#include "io/unknown_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace leaven::io {

namespace {

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kMagics{
    Magic{0, "GIF87a", "a GIF image"},
    Magic{0, "GIF89a", "a GIF image"},
    Magic{0, "BM", "a BMP image"},
    Magic{0, "8BPS", "a Photoshop document"},
    Magic{0, {"\xFF\x0A", 2}, "a JPEG XL image"},
    Magic{4, {"JXL \r\n\x87\n", 8}, "a JPEG XL image"},
    Magic{4, {"jP  \r\n\x87\n", 8}, "a JPEG 2000 image"},
    Magic{0, {"\xFF\x4F\xFF\x51", 4}, "a JPEG 2000 image"},
    Magic{4, "ftypavif", "an AVIF image"},
    Magic{4, "ftypavis", "an AVIF image"},
    Magic{4, "ftyphei", "a HEIC image"},
    Magic{4, "ftyphev", "a HEIC image"},
    Magic{4, "ftypmif1", "a HEIF image"},
    Magic{4, "ftyp", "an MP4 or QuickTime video"},
    Magic{0, {"\0\0\1\0", 4}, "a Windows icon"},
    Magic{0, "RIFF", "a RIFF file (sound or video)"},
    Magic{0, "OggS", "an Ogg file"},
    Magic{0, "fLaC", "a FLAC sound"},
    Magic{0, "ID3", "an MP3 sound"},
    Magic{0, {"\x1A\x45\xDF\xA3", 4}, "a Matroska or WebM video"},
    Magic{0, "%PDF", "a PDF document"},
    Magic{0, "%!PS", "a PostScript document"},
    Magic{0, {"PK\3\4", 4}, "a ZIP archive"},
    Magic{0, {"PK\5\6", 4}, "a ZIP archive"},
    Magic{0, {"\x1F\x8B", 2}, "a gzip file"},
    Magic{0, {"\x28\xB5\x2F\xFD", 4}, "a zstd file"},
    Magic{0, {"\3757zXZ\0", 6}, "an xz file"},
    Magic{0, "BZh", "a bzip2 file"},
    Magic{0, {"7z\xBC\xAF\x27\x1C", 6}, "a 7-Zip archive"},
    Magic{0, "Rar!", "a RAR archive"},
    Magic{257, "ustar", "a tar archive"},
    Magic{0, {"\x93NUMPY", 6}, "a NumPy array"},
    Magic{0, {"\x89HDF", 4}, "an HDF5 file"},
    Magic{0, "\177ELF", "a program"},
    Magic{0, "MZ", "a program"},
    Magic{0, "SQLite format 3", "an SQLite database"},
    Magic{0, {"\0\5\x16\7", 4}, "an AppleDouble file (the macOS companion \"._name\")"},
    Magic{0, "version https://git-lfs", "a Git LFS pointer (fetch the real file with git lfs pull)"},
    Magic{0, "P4\n", "a PBM image"},
    Magic{0, "P5\n", "a PGM image"},
    Magic{0, "P6\n", "a PPM image"},
};

constexpr std::size_t kLook = 512;  // bytes that are looked at

/// What a text starts with once spaces and a byte order mark are gone, in lower case.
std::string_view name_of_text(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (text.starts_with("<!doctype html") || text.starts_with("<html") || text.starts_with("<head")) return "HTML text";
  if (text.starts_with("<svg") || (text.starts_with("<?xml") && text.find("<svg") != text.npos))
    return "an SVG drawing";
  if (text.starts_with("<")) return "XML text";
  if (text.starts_with("{") || text.starts_with("[")) return "JSON text";
  return "text";
}

/// No control characters, and mostly ASCII: names and prose in any of the usual encodings.
bool is_text(std::string_view bytes) {
  const auto control = [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7F;
  };
  const auto foreign = std::count_if(bytes.begin(), bytes.end(), [](unsigned char c) { return c >= 0x80; });
  return std::none_of(bytes.begin(), bytes.end(), control) && 2 * static_cast<std::size_t>(foreign) < bytes.size();
}

}  // namespace

std::string looks_like(BytesView file) {
  const std::string_view head(reinterpret_cast<const char*>(file.data()), std::min(file.size(), kLook));
  const bool text = is_text(head);
  for (const Magic& magic : kMagics) {
    if (text && magic.bytes.size() <= 2) continue;  // "BM" may begin any sentence
    if (head.size() >= magic.at && head.substr(magic.at).starts_with(magic.bytes)) return std::string(magic.name);
  }
  if (std::all_of(head.begin(), head.end(), [](char c) { return c == '\0'; })) return "only zero bytes";
  if (text) return std::string(name_of_text(std::string(head)));
  std::string bytes;
  for (const char c : head.substr(0, 8)) bytes += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return "no known format, first bytes" + bytes;
}

}  // namespace leaven::io

// Which libraries made the bytes.
#include <archive.h>
#include <fmt/format.h>
// jpeglib.h needs FILE and size_t declared before it.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

#include <string>

#include "flow/report_text.hpp"

namespace leaven::flow {

namespace {

// "LIBTIFF, Version 4.5.0" and a copyright on further lines.
std::string tiff_version() {
  const std::string text = TIFFGetVersion();
  const std::string line = text.substr(0, text.find('\n'));
  return line.substr(line.rfind(' ') + 1);
}

std::string webp_version() {
  const int version = WebPGetDecoderVersion();
  return fmt::format("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff);
}

// LIBJPEG_TURBO_VERSION_NUMBER is 2001005 for 2.1.5; the library itself does not tell it.
std::string jpeg_version() {
  constexpr int kVersion = LIBJPEG_TURBO_VERSION_NUMBER;
  return fmt::format("{}.{}.{}", kVersion / 1'000'000, kVersion / 1000 % 1000, kVersion % 1000);
}

}  // namespace

std::string library_versions() {
  return fmt::format("libjpeg-turbo {}, libpng {}, libwebp {}, libtiff {}, libarchive {}, zlib {}", jpeg_version(),
                     png_get_libpng_ver(nullptr), webp_version(), tiff_version(), ARCHIVE_VERSION_ONLY_STRING,
                     zlibVersion());
}

}  // namespace leaven::flow

#include "io/png_icc.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "io/png_chunks.hpp"

namespace leaven::io::png {

namespace {

constexpr std::size_t kMaxProfile = std::size_t{16} << 20;  // real ones have up to about 3 MB
constexpr std::size_t kLongestName = 79;
constexpr int kLevel = 6;

Bytes inflated(BytesView data) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw environment_error("out of memory while reading a PNG's colour profile");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  Bytes out;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= kMaxProfile) {
    std::array<std::byte, 16384> part;
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = static_cast<uInt>(part.size());
    state = inflate(&stream, Z_NO_FLUSH);
    out.insert(out.end(), part.begin(), part.end() - stream.avail_out);
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END ? out : Bytes();
}

}  // namespace

Bytes read_icc(BytesView file) {
  // A name of 1…79 bytes, 0, the method (0: deflate), the profile.
  const BytesView chunk = find_chunk(file, "iCCP");
  const auto longest = std::min(chunk.size(), kLongestName + 1);
  const auto name_end = std::find(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(longest), std::byte{0});
  const auto data = static_cast<std::size_t>(name_end - chunk.begin()) + 2;
  if (data >= chunk.size() || chunk[data - 2] != std::byte{0} || chunk[data - 1] != std::byte{0}) return {};
  return inflated(chunk.subspan(data));
}

Bytes icc_chunk(BytesView icc) {
  constexpr std::string_view kNameAndMethod{"icc\0\0", 5};
  uLongf size = compressBound(static_cast<uLong>(icc.size()));
  Bytes chunk(kNameAndMethod.size() + size);
  std::transform(kNameAndMethod.begin(), kNameAndMethod.end(), chunk.begin(), [](char c) { return std::byte(c); });
  const int state = compress2(reinterpret_cast<Bytef*>(chunk.data() + kNameAndMethod.size()), &size,
                              reinterpret_cast<const Bytef*>(icc.data()), static_cast<uLong>(icc.size()), kLevel);
  if (state != Z_OK) throw environment_error("out of memory while writing a PNG's colour profile");
  chunk.resize(kNameAndMethod.size() + size);
  return chunk;
}

}  // namespace leaven::io::png

// Containers built byte by byte, or by libraries other than ours, as oracles for the readers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leaven::io {

/// Name and content, in order.
using Members = std::vector<std::pair<std::string, std::string>>;

/// Through libarchive; format: "ustar", "gnutar", "pax", "v7tar", "zip"; options as libarchive takes them.
std::string archive_of(const Members& members, const std::string& format, const std::string& options = "");
/// Members of any archive, through libarchive.
Members members_of(const std::string& archive);

/// gzip, through zlib.
std::string gzip_of(std::string_view bytes);

/// An IDX file. `type`: 0x08 bytes, 0x0D floats.
std::string idx_of(int type, const std::vector<std::uint32_t>& dimensions, std::string_view data);

/// An .npy of format version 1; `shape` as Python writes it: "(2, 3)", "(5,)".
std::string npy_of(std::string_view descr, std::string_view shape, std::string_view data, bool fortran = false);

/// Bytes 0, 1, 2, … modulo 251.
std::string counting(std::size_t size, int first = 0);
/// The numbers' own bytes, little-endian.
template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace leaven::io

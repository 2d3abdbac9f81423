// Where the members of a zip lie. libarchive reads zips as streams and does not say; arrays are read by position.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/file.hpp"

namespace leaven::io {

struct ZipMember {
  std::string name{};
  int method{};  ///< 0 stored, 8 deflated
  bool encrypted{};
  std::uint64_t header{}, packed{}, size{};
  std::uint32_t checksum{};  ///< CRC-32 of the bytes, unpacked
};

/// Throws Error(data) when it is no zip or a damaged one.
std::vector<ZipMember> zip_members(const InputFile& file);
/// Where the member's bytes start, checked to lie inside the file. Throws Error(data).
std::uint64_t zip_data_offset(const InputFile& file, const ZipMember& member);

}  // namespace leaven::io

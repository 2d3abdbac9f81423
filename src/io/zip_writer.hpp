// The records of a zip around bytes that are stored as they are. libarchive writes members whose size it knows before;
// an array that grows over a whole run is written first, and its record patched at the end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace leaven::io {

/// A member that is written or being written.
struct StoredMember {
  std::string name{};
  std::uint64_t offset{};  ///< of its local record
  std::uint64_t size{};
  std::uint32_t crc{};  ///< CRC-32 of its bytes
};

/// The record before the member's bytes, always with room for 64-bit sizes, so that its length depends on the name
/// only.
std::string zip_local_record(const StoredMember& member);
/// All that follows the last member. `at`: the offset where it will stand.
std::string zip_directory(const std::vector<StoredMember>& members, std::uint64_t at);

}  // namespace leaven::io

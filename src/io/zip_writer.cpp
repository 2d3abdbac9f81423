// Layout: APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
#include "io/zip_writer.hpp"

namespace leaven::io {

namespace {

constexpr std::uint64_t kInExtra = 0xFFFFFFFF;  // "look into the extra field"
constexpr std::uint64_t kVersion = 45;          // the first with 64-bit sizes
constexpr std::uint64_t kUtf8Names = 1 << 11;   // general purpose flag
constexpr std::uint64_t kDate = 33;             // 1 January 1980, so that the same data give the same bytes

void put(std::string& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i) & 255);
}

/// From the version to the length of the name, alike in both records of a member.
void put_facts(std::string& to, const StoredMember& member) {
  put(to, kVersion, 2);
  put(to, kUtf8Names, 2);
  put(to, 0, 2);  // stored
  put(to, 0, 2);  // midnight
  put(to, kDate, 2);
  put(to, member.crc, 4);
  put(to, kInExtra, 4);
  put(to, kInExtra, 4);
  put(to, member.name.size(), 2);
}

}  // namespace

std::string zip_local_record(const StoredMember& member) {
  std::string record;
  put(record, 0x04034B50, 4);
  put_facts(record, member);
  put(record, 20, 2);  // length of the extra field
  record += member.name;
  put(record, 1, 2);  // 64-bit sizes
  put(record, 16, 2);
  put(record, member.size, 8);
  put(record, member.size, 8);
  return record;
}

std::string zip_directory(const std::vector<StoredMember>& members, std::uint64_t at) {
  std::string directory;
  for (const StoredMember& member : members) {
    put(directory, 0x02014B50, 4);
    put(directory, kVersion, 2);
    put_facts(directory, member);
    put(directory, 28, 2);  // length of the extra field
    put(directory, 0, 2);   // comment
    put(directory, 0, 2);   // disk
    put(directory, 0, 2);   // internal attributes
    put(directory, 0, 4);   // external attributes
    put(directory, kInExtra, 4);
    directory += member.name;
    put(directory, 1, 2);
    put(directory, 24, 2);
    put(directory, member.size, 8);
    put(directory, member.size, 8);
    put(directory, member.offset, 8);
  }
  const std::uint64_t size = directory.size();
  put(directory, 0x06064B50, 4);  // end, 64 bit
  put(directory, 44, 8);          // what remains of this record
  put(directory, kVersion, 2);
  put(directory, kVersion, 2);
  put(directory, 0, 4);
  put(directory, 0, 4);
  put(directory, members.size(), 8);
  put(directory, members.size(), 8);
  put(directory, size, 8);
  put(directory, at, 8);
  put(directory, 0x07064B50, 4);  // where that end stands
  put(directory, 0, 4);
  put(directory, at + size, 8);
  put(directory, 1, 4);
  put(directory, 0x06054B50, 4);  // end
  put(directory, 0, 2);
  put(directory, 0, 2);
  put(directory, 0xFFFF, 2);
  put(directory, 0xFFFF, 2);
  put(directory, kInExtra, 4);
  put(directory, kInExtra, 4);
  put(directory, 0, 2);  // comment
  return directory;
}

}  // namespace leaven::io

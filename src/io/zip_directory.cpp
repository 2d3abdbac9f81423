// Layout: APPNOTE.TXT of PKWARE, sections 4.3 and 4.5.3.
#include "io/zip_directory.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace leaven::io {

namespace {

constexpr std::uint64_t kNone = UINT64_MAX;

Error broken(const InputFile& file, const std::string& why) {
  return data_error(printable(file.path().native()) + ": damaged zip: " + why);
}

/// Little-endian numbers out of bytes that were read whole.
class Fields {
 public:
  explicit Fields(BytesView bytes) : bytes_(bytes) {}
  std::uint64_t number(std::size_t at, std::size_t size) const {
    if (at + size > bytes_.size()) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value |= std::to_integer<std::uint64_t>(bytes_[at + i]) << (8 * i);
    return value;
  }
  std::string text(std::size_t at, std::size_t size) const {
    if (at + size > bytes_.size()) return {};
    return {reinterpret_cast<const char*>(bytes_.data()) + at, size};
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  BytesView bytes_;
};

struct Directory {
  std::uint64_t offset{}, size{}, members{};
};

/// From the end-of-directory record, which lies before a comment of unknown length, or from its 64-bit sister.
Directory find_directory(const InputFile& file) {
  constexpr std::uint64_t kRecord = 22, kLongestComment = 65535, kLocator = 20, kRecord64 = 56;
  const std::uint64_t tail = std::min(file.size(), kRecord + kLongestComment);
  const std::uint64_t start = file.size() - tail;
  const Bytes bytes = file.read_bytes(start, tail);
  const Fields fields(bytes);
  std::uint64_t at = kNone;
  for (std::uint64_t i = tail < kRecord ? 0 : tail - kRecord + 1; i-- > 0;)
    if (fields.number(i, 4) == 0x06054B50) {
      at = i;
      break;
    }
  if (at == kNone || tail < kRecord) throw broken(file, "it has no directory at its end; is it cut off?");
  Directory found{fields.number(at + 16, 4), fields.number(at + 12, 4), fields.number(at + 10, 2)};
  const bool large = found.offset == 0xFFFFFFFF || found.size == 0xFFFFFFFF || found.members == 0xFFFF;
  if (large && start + at >= kLocator) {
    const Bytes locator = file.read_bytes(start + at - kLocator, kLocator);
    if (Fields(locator).number(0, 4) == 0x07064B50) {
      const Bytes record = file.read_bytes(Fields(locator).number(8, 8), kRecord64);
      const Fields wide(record);
      if (wide.number(0, 4) != 0x06064B50) throw broken(file, "its directory is not where it should be");
      found = {wide.number(48, 8), wide.number(40, 8), wide.number(32, 8)};
    }
  }
  if (found.offset > file.size() || found.size > file.size() - found.offset)
    throw broken(file, "its directory lies outside the file");
  return found;
}

/// Sizes and offset that do not fit 32 bits stand in an extra field, in this order, only those that do not fit.
void widen(ZipMember& member, const Fields& extra) {
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::uint64_t id = extra.number(at, 2), size = extra.number(at + 2, 2);
    at += 4;
    if (id == 1) {
      std::size_t field = at;
      for (std::uint64_t* value : {&member.size, &member.packed, &member.header}) {
        if (*value != 0xFFFFFFFF || field + 8 > at + size) continue;
        *value = extra.number(field, 8);
        field += 8;
      }
      return;
    }
    at += size;
  }
}

}  // namespace

std::vector<ZipMember> zip_members(const InputFile& file) {
  constexpr std::size_t kFixed = 46;
  const Directory directory = find_directory(file);
  const Bytes bytes = file.read_bytes(directory.offset, directory.size);
  const Fields fields(bytes);
  std::vector<ZipMember> members;
  for (std::size_t at = 0; members.size() < directory.members;) {
    if (at + kFixed > bytes.size() || fields.number(at, 4) != 0x02014B50)
      throw broken(file, "its directory is cut off");
    const std::size_t name = fields.number(at + 28, 2), extra = fields.number(at + 30, 2),
                      comment = fields.number(at + 32, 2);
    if (at + kFixed + name + extra + comment > bytes.size()) throw broken(file, "its directory is cut off");
    ZipMember member;
    member.encrypted = (fields.number(at + 8, 2) & 1) != 0;
    member.method = static_cast<int>(fields.number(at + 10, 2));
    member.checksum = static_cast<std::uint32_t>(fields.number(at + 16, 4));
    member.packed = fields.number(at + 20, 4);
    member.size = fields.number(at + 24, 4);
    member.header = fields.number(at + 42, 4);
    member.name = fields.text(at + kFixed, name);
    widen(member, Fields(BytesView(bytes).subspan(at + kFixed + name, extra)));
    members.push_back(std::move(member));
    at += kFixed + name + extra + comment;
  }
  return members;
}

std::uint64_t zip_data_offset(const InputFile& file, const ZipMember& member) {
  constexpr std::uint64_t kLocal = 30;
  const Bytes local = file.read_bytes(member.header, kLocal);
  const Fields fields(local);
  if (fields.number(0, 4) != 0x04034B50)
    throw broken(file, "member " + printable(member.name) + " is not where it should be");
  const std::uint64_t data = member.header + kLocal + fields.number(26, 2) + fields.number(28, 2);
  if (data > file.size() || member.packed > file.size() - data)
    throw broken(file, "member " + printable(member.name) + " reaches beyond the file's end");
  return data;
}

}  // namespace leaven::io

#include "io/tar_index.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "core/error.hpp"

namespace leaven::io {

namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kLongestNote = 1 << 20;  // bytes of a pax header or a GNU long name

using Block = std::array<std::byte, kBlock>;

// The header's fields: offset and length in bytes.
struct Field {
  std::size_t at, length;
};
constexpr Field kName{0, 100}, kSize{124, 12}, kChecksum{148, 8}, kType{156, 1}, kMagic{257, 6}, kPrefix{345, 155};

std::string_view text_of(const Block& block, Field field) {
  const std::string_view text(reinterpret_cast<const char*>(block.data()) + field.at, field.length);
  return text.substr(0, text.find('\0'));
}

/// Octal text; or, when the first bit is set, a big-endian number (GNU, for sizes from 8 GiB).
std::optional<std::uint64_t> number_of(const Block& block, Field field) {
  std::uint64_t value = 0;
  if (std::to_integer<int>(block[field.at] & std::byte{0x80}) != 0) {
    for (std::size_t i = 1; i < field.length; ++i) {
      if (value >> 54 != 0) return std::nullopt;
      value = value << 8 | std::to_integer<std::uint64_t>(block[field.at + i]);
    }
    return value;
  }
  std::string_view digits(reinterpret_cast<const char*>(block.data()) + field.at, field.length);
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  for (const char c : digits) {
    if (c == ' ' || c == '\0') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The sum of the header's bytes, the checksum's own counted as blanks. Old programs summed signed bytes.
bool has_checksum(const Block& block) {
  const auto stored = number_of(block, kChecksum);
  std::int64_t sum = 0, signed_sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.length;
    const int byte = own ? ' ' : std::to_integer<int>(block[i]);
    sum += byte;
    signed_sum += byte > 127 ? byte - 256 : byte;
  }
  return stored && (static_cast<std::int64_t>(*stored) == sum || static_cast<std::int64_t>(*stored) == signed_sum);
}

bool is_zero(const Block& block) {
  return std::ranges::all_of(block, [](std::byte b) { return b == std::byte{0}; });
}

/// What pax and GNU headers say about the member that follows.
struct Notes {
  std::optional<std::string> name{};
  std::optional<std::uint64_t> size{};
  bool sparse{};
};

/// Records "LENGTH KEY=VALUE\n". False when they are not well formed.
bool read_pax(std::string_view text, Notes& notes) {
  while (!text.empty() && text.front() != '\0') {
    const std::size_t blank = text.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank > 10) return false;
    std::size_t length = 0;
    for (const char c : text.substr(0, blank)) {
      if (c < '0' || c > '9') return false;
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    if (length <= blank + 1 || length > text.size() || text[length - 1] != '\n') return false;
    const std::string_view record = text.substr(blank + 1, length - blank - 2);
    text.remove_prefix(length);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") notes.name = std::string(value);
    if (key.starts_with("GNU.sparse")) notes.sparse = true;
    if (key == "size") {
      std::uint64_t size = 0;
      for (const char c : value) {
        if (c < '0' || c > '9' || size >> 54 != 0) return false;
        size = size * 10 + static_cast<std::uint64_t>(c - '0');
      }
      notes.size = size;
    }
  }
  return true;
}

std::string name_in(const Block& header) {
  const std::string_view magic(reinterpret_cast<const char*>(header.data()) + kMagic.at, kMagic.length);
  std::string name(text_of(header, kName));
  // GNU's own layout ("ustar  ") has other things where ustar has the prefix.
  if (magic == std::string_view("ustar\0", 6))
    if (const std::string_view prefix = text_of(header, kPrefix); !prefix.empty())
      name.insert(0, std::string(prefix) + "/");
  return name;
}

class Indexer {
 public:
  explicit Indexer(const InputFile& file) : file_(file) {}

  TarIndex run() {
    while (found_.damage.empty() && next()) {
    }
    return std::move(found_);
  }

 private:
  bool damaged(const std::string& what) {
    found_.damage = what + " at byte " + std::to_string(at_);
    return false;
  }

  bool next() {
    Block header{};
    const std::size_t got = file_.read_some(at_, header);
    if (got == 0) return damaged(at_ == 0 ? "no header" : "no end mark, it may be cut off");
    if (got < kBlock) return damaged("a cut-off header");
    if (is_zero(header)) return false;
    if (!has_checksum(header)) return damaged("a header with a wrong checksum");
    const std::uint64_t data = at_ + kBlock;
    const auto claimed = number_of(header, kSize);
    if (!claimed) return damaged("a header with a wrong size");
    const char type = static_cast<char>(header[kType.at]);
    const bool is_note = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    const std::uint64_t size = is_note ? *claimed : notes_.size.value_or(*claimed);
    const bool has_data = type != '1' && type != '2' && type != '3' && type != '4' && type != '5' && type != '6';
    const std::uint64_t stored = has_data ? size : 0;
    if (data > file_.size() || stored > file_.size() - data) return damaged("a member that the file ends in");
    if (is_note) {
      if (!take_note(type, data, size)) return damaged("a pax header that is not well formed");
    } else {
      add_member(header, type, data, size);
    }
    at_ = data + (stored + kBlock - 1) / kBlock * kBlock;
    return true;
  }

  bool take_note(char type, std::uint64_t data, std::uint64_t size) {
    if (type == 'g' || type == 'K') return true;  // defaults and link targets: nothing that samples need
    if (size > kLongestNote) return false;
    const std::string text = file_.read_text(data, size);
    if (type == 'x') return read_pax(text, notes_);
    notes_.name = text.substr(0, text.find('\0'));
    return true;
  }

  void add_member(const Block& header, char type, std::uint64_t data, std::uint64_t size) {
    const bool regular = type == '0' || type == '\0' || type == '7';
    std::string name = notes_.name ? *notes_.name : name_in(header);
    const bool keep = regular && !notes_.sparse && !name.ends_with('/');
    notes_ = {};
    if (!keep) return;
    while (name.starts_with("./")) name.erase(0, 2);
    found_.members.push_back({std::move(name), data, size});
  }

  const InputFile& file_;
  std::uint64_t at_{};
  Notes notes_{};
  TarIndex found_{};
};

}  // namespace

TarIndex index_tar(const InputFile& file) { return Indexer(file).run(); }

bool is_tar(const InputFile& file) {
  const Bytes head = first_bytes(file, kBlock);
  if (head.size() < kBlock) return false;
  Block header{};
  std::ranges::copy(head, header.begin());
  return !is_zero(header) && has_checksum(header);
}

}  // namespace leaven::io

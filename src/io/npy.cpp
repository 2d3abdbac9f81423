#include "io/npy.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "io/zip_directory.hpp"

namespace leaven::io {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kLongestHeader = 1 << 16;
constexpr std::size_t kAlignment = 64;  // of data in a file, as NumPy lays it out

Error broken(const std::string& why) { return data_error("NPY header: " + why); }

/// The header is a Python dictionary of three known keys, whose values are a string, True or False, and a tuple.
class HeaderText {
 public:
  explicit HeaderText(std::string_view text) : rest_(text) {}

  void into(NpyHeader& header) {
    bool has_descr = false, has_shape = false;
    expect('{');
    while (!next_is('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        descr(header);
        has_descr = true;
      } else if (key == "fortran_order") {
        header.fortran = truth();
      } else if (key == "shape") {
        shape(header);
        has_shape = true;
      } else {
        throw broken("unknown key " + printable(key));
      }
      if (!next_is(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_shape) throw broken("type or shape is missing");
  }

 private:
  void blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size())); }
  bool next_is(char c) {
    blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!next_is(c)) throw broken(std::string("a '") + c + "' is missing");
  }
  std::string_view quoted() {
    blanks();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const std::size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
    if (end == std::string_view::npos) throw broken("a quoted name is missing");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool truth() {
    blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    throw broken("fortran_order is neither True nor False");
  }
  std::uint64_t number() {
    blanks();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) throw broken("a number is missing or too large");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (rest_.starts_with('L')) rest_.remove_prefix(1);  // written by Python 2
    return value;
  }
  void shape(NpyHeader& header) {
    constexpr std::size_t kMostDimensions = 32;
    expect('(');
    while (!next_is(')')) {
      if (header.shape.size() == kMostDimensions) throw broken("more than 32 dimensions");
      header.shape.push_back(number());
      if (!next_is(',')) {
        expect(')');
        break;
      }
    }
  }
  void descr(NpyHeader& header) {
    if (next_is('[')) throw broken("its elements are records, not plain numbers");
    std::string_view text = quoted();
    if (text.starts_with('<') || text.starts_with('>') || text.starts_with('|') || text.starts_with('=')) {
      header.big_endian = text.front() == '>';
      text.remove_prefix(1);
    }
    if (text.starts_with('O')) throw broken("its elements are Python objects, which are not read");
    if (text.empty() || std::string_view("uifbUSc").find(text.front()) == std::string_view::npos)
      throw broken("unknown type " + printable(text));
    header.kind = text.front();
    const auto digits = text.substr(1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), header.item_bytes);
    if (error != std::errc{} || end != digits.data() + digits.size() || header.item_bytes > (1U << 20))
      throw broken("unknown type " + printable(text));
    if (header.kind == 'U') header.item_bytes *= 4;
  }

  std::string_view rest_;
};

template <class T>
T load(const std::byte* from, bool big_endian) {
  std::array<std::byte, sizeof(T)> bytes{};
  std::copy_n(from, sizeof(T), bytes.begin());
  if (big_endian) std::ranges::reverse(bytes);
  return std::bit_cast<T>(bytes);
}

std::int64_t signed_value(const std::byte* at, const NpyHeader& h) {
  switch (h.item_bytes) {
    case 1: return load<std::int8_t>(at, false);
    case 2: return load<std::int16_t>(at, h.big_endian);
    case 4: return load<std::int32_t>(at, h.big_endian);
    default: return load<std::int64_t>(at, h.big_endian);
  }
}

std::uint64_t unsigned_value(const std::byte* at, const NpyHeader& h) {
  switch (h.item_bytes) {
    case 1: return load<std::uint8_t>(at, false);
    case 2: return load<std::uint16_t>(at, h.big_endian);
    case 4: return load<std::uint32_t>(at, h.big_endian);
    default: return load<std::uint64_t>(at, h.big_endian);
  }
}

template <class T>
std::string shortest(T value) {
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

void append_utf8(std::string& text, std::uint32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 63));
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  }
}

std::string text_at(const std::byte* at, const NpyHeader& h) {
  switch (h.kind) {
    case 'b': return std::to_integer<int>(*at) != 0 ? "1" : "0";
    case 'u': return std::to_string(unsigned_value(at, h));
    case 'i': return std::to_string(signed_value(at, h));
    case 'f':
      return h.item_bytes == 4 ? shortest(load<float>(at, h.big_endian)) : shortest(load<double>(at, h.big_endian));
    default: break;
  }
  std::string text;
  if (h.kind == 'S') {
    text.assign(reinterpret_cast<const char*>(at), h.item_bytes);
    text.resize(std::min(text.find('\0'), text.size()));
    return printable(text);
  }
  for (std::uint64_t i = 0; i < h.item_bytes; i += 4) {
    const auto code = load<std::uint32_t>(at + i, h.big_endian);
    if (code == 0) break;
    append_utf8(text, code);
  }
  return text;
}

bool starts_as_npy(const InputFile& file) {
  std::array<char, kMagic.size()> head{};
  const std::size_t got = file.read_some(0, std::as_writable_bytes(std::span(head)));
  return std::string_view(head.data(), got) == kMagic;
}

}  // namespace

std::uint64_t NpyHeader::items() const {
  std::uint64_t n = 1;
  for (const std::uint64_t side : shape) n *= side;
  return n;
}

NpyHeader parse_npy_header(BytesView head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (!text.starts_with(kMagic) || text.size() < 10) throw broken("it does not start as NPY files do");
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint64_t>(head[i]); };
  const std::uint64_t version = byte(6);
  if (version < 1 || version > 3) throw broken("unknown version " + std::to_string(version));
  const std::size_t start = version == 1 ? 10 : 12;
  if (text.size() < start) throw broken("it is cut off");
  const std::uint64_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > kLongestHeader || text.size() - start < length) throw broken("it is cut off");
  NpyHeader header;
  header.data_offset = start + length;
  HeaderText(text.substr(start, length)).into(header);
  const bool sound = (header.kind == 'u' || header.kind == 'i')
                         ? std::has_single_bit(header.item_bytes) && header.item_bytes <= 8
                     : header.kind == 'f' ? header.item_bytes == 2 || header.item_bytes == 4 || header.item_bytes == 8
                     : header.kind == 'b' ? header.item_bytes == 1
                                          : header.kind != 'c' && header.item_bytes > 0;
  if (!sound) throw broken("elements of this type are not read");
  std::uint64_t bytes = header.item_bytes;
  for (const std::uint64_t side : header.shape)
    if (__builtin_mul_overflow(bytes, side, &bytes) || bytes > (1ULL << 62))
      throw broken("the array is impossibly large");
  return header;
}

NpyHeader read_npy_header(const InputFile& file, std::uint64_t offset, std::uint64_t size) {
  Bytes head(std::min<std::uint64_t>(size, kLongestHeader + 12));
  head.resize(file.read_some(offset, head));
  return parse_npy_header(head);
}

std::string npy_header(const std::string& descr, std::uint64_t rows, const std::vector<std::uint64_t>& behind_first) {
  std::string shape = std::to_string(rows) + ",";
  for (const std::uint64_t side : behind_first) shape += " " + std::to_string(side) + ",";
  if (!behind_first.empty()) shape.pop_back();
  const std::string text = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // Room for a number of rows of any length, so that it can be patched in without moving the data.
  const std::size_t room = 20 - std::to_string(rows).size();
  const std::size_t length = (10 + text.size() + room + 1 + kAlignment - 1) / kAlignment * kAlignment - 10;
  std::string header(kMagic);
  header += {'\1', '\0', static_cast<char>(length & 255), static_cast<char>(length >> 8)};
  header += text;
  header.append(length - text.size() - 1, ' ');
  return header + '\n';
}

namespace {

/// Arrays are read by position, so that nothing else would notice a changed byte.
void require_checksum(const InputFile& file, std::uint64_t at, std::uint64_t size, const ZipMember& member, const std::string& path) {
  constexpr std::uint64_t kAtOnce = 1 << 20;
  uLong sum = crc32(0, nullptr, 0);
  Bytes bytes;
  for (std::uint64_t done = 0; done < size; done += bytes.size()) {
    bytes.resize(std::min(kAtOnce, size - done));
    file.read(at + done, bytes);
    sum = crc32(sum, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  }
  if (sum != member.checksum) throw data_error(path + ": member " + printable(member.name) + " is damaged: its checksum is another");
}

}  // namespace

std::vector<NpyArray> npy_arrays(const std::filesystem::path& path) {
  auto file = std::make_shared<const InputFile>(path);
  std::vector<NpyArray> arrays;
  const auto add = [&](std::string name, const std::shared_ptr<const InputFile>& in, std::uint64_t at,
                       std::uint64_t size) {
    try {
      NpyHeader header = read_npy_header(*in, at, size);
      const std::uint64_t data = at + header.data_offset;
      arrays.push_back({std::move(name), in, data, std::move(header)});
    } catch (Error& error) {
      throw error.with_place(printable(path.native()) + (name.empty() ? "" : ": " + printable(name)));
    }
  };
  if (starts_as_npy(*file)) {
    add(path.stem().native(), file, 0, file->size());
    return arrays;
  }
  constexpr int kStored = 0, kDeflated = 8;
  for (const ZipMember& member : zip_members(*file)) {
    if (!member.name.ends_with(".npy")) continue;
    const std::string name = member.name.substr(0, member.name.size() - 4);
    if (member.encrypted || (member.method != kStored && member.method != kDeflated))
      throw data_error(printable(path.native()) + ": member " + printable(member.name) +
                       " is packed in a way that NumPy does not write");
    const std::uint64_t data = zip_data_offset(*file, member);
    if (member.method == kStored) {
      require_checksum(*file, data, member.packed, member, printable(path.native()));
      add(name, file, data, member.packed);
    } else {
      auto unpacked = std::make_shared<const InputFile>(unpack_deflate(*file, data, member.packed, member.size));
      require_checksum(*unpacked, 0, unpacked->size(), member, printable(path.native()));
      add(name, unpacked, 0, unpacked->size());
    }
  }
  return arrays;
}

std::vector<std::string> npy_texts(const NpyArray& array, std::uint64_t first, std::uint64_t count) {
  const NpyHeader& h = array.header;
  const Bytes raw = array.file->read_bytes(array.data + first * h.item_bytes, count * h.item_bytes);
  std::vector<std::string> texts(count);
  for (std::uint64_t i = 0; i < count; ++i) texts[i] = text_at(raw.data() + i * h.item_bytes, h);
  return texts;
}

}  // namespace leaven::io

// ISO/IEC 14496-12, sections 8.11.3 (iloc), 8.11.6 (iinf), 8.11.11 (idat): where the items of a HEIF file lie. Those of EXIF and
// XMP are overwritten in place, so that no offset in the file moves.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "core/error.hpp"
#include "io/metadata.hpp"

namespace leaven::io {

namespace {

Error out_of_order() { return data_error("HEIF whose boxes are in disorder"); }

/// A piece of a file, read from its front.
class Reader {
 public:
  Reader(BytesView file, std::size_t begin, std::size_t end) : file_(file), at_(begin), end_(end) {}

  std::uint64_t number(std::size_t bytes) {
    if (end_ - at_ < bytes) throw out_of_order();
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | std::to_integer<std::uint64_t>(file_[at_++]);
    return value;
  }
  std::string_view text(std::size_t bytes) {
    if (end_ - at_ < bytes) throw out_of_order();
    const std::string_view word(reinterpret_cast<const char*>(file_.data()) + at_, bytes);
    at_ += bytes;
    return word;
  }
  /// Up to the next zero, which is passed over.
  std::string_view word() {
    const std::string_view rest(reinterpret_cast<const char*>(file_.data()) + at_, end_ - at_);
    const std::string_view found = rest.substr(0, rest.find('\0'));
    at_ += std::min(found.size() + 1, rest.size());
    return found;
  }
  bool done() const { return at_ >= end_; }
  std::size_t at() const { return at_; }
  std::size_t end() const { return end_; }
  BytesView file() const { return file_; }
  void skip_to(std::size_t place) { at_ = place; }

 private:
  BytesView file_;
  std::size_t at_{}, end_{};
};

/// Calls `visit(name, content)` for each box.
template <class Visit>
void each_box(Reader reader, const Visit& visit) {
  while (!reader.done()) {
    const std::size_t begin = reader.at();
    std::uint64_t size = reader.number(4);
    const std::string_view name = reader.text(4);
    if (size == 1) size = reader.number(8);
    if (size == 0) size = reader.end() - begin;
    if (size < reader.at() - begin || size > reader.end() - begin) throw out_of_order();
    visit(name, Reader(reader.file(), reader.at(), begin + size));
    reader.skip_to(begin + size);
  }
}

struct Extent {
  std::uint64_t offset{}, length{};
  bool in_data{};  ///< counted from the content of idat, not from the file's begin
};

/// What the boxes of `meta` tell.
struct Items {
  std::set<std::uint64_t> telling{};             ///< numbers of the items of EXIF and XMP
  std::multimap<std::uint64_t, Extent> extents{};
  std::optional<Reader> data{};
};

void read_item_info(Reader r, Items& items) {
  const std::uint64_t version = r.number(1);
  r.number(3);
  r.number(version == 0 ? 2 : 4);
  each_box(r, [&](std::string_view name, Reader entry) {
    if (name != "infe") return;
    const std::uint64_t kind = entry.number(1);
    entry.number(3);
    if (kind < 2) return;
    const std::uint64_t item = entry.number(kind == 2 ? 2 : 4);
    entry.number(2);
    const std::string_view type = entry.text(4);
    entry.word();
    if (type == "Exif" || (type == "mime" && entry.word().find("xml") != std::string_view::npos)) items.telling.insert(item);
  });
}

void read_locations(Reader r, Items& items) {
  const std::uint64_t version = r.number(1);
  r.number(3);
  if (version > 2) throw out_of_order();
  const std::uint64_t sizes = r.number(2);
  const std::size_t offset_bytes = sizes >> 12 & 15, length_bytes = sizes >> 8 & 15, base_bytes = sizes >> 4 & 15;
  const std::size_t index_bytes = version > 0 ? sizes & 15 : 0;
  for (std::uint64_t count = r.number(version < 2 ? 2 : 4); count > 0; --count) {
    const std::uint64_t item = r.number(version < 2 ? 2 : 4);
    const std::uint64_t method = version > 0 ? r.number(2) & 15 : 0;
    r.number(2);
    const std::uint64_t base = r.number(base_bytes);
    for (std::uint64_t extents = r.number(2); extents > 0; --extents) {
      r.number(index_bytes);
      const std::uint64_t offset = r.number(offset_bytes), length = r.number(length_bytes);
      if (method > 1 && items.telling.contains(item)) throw out_of_order();  // made of other items: nobody writes that
      items.extents.emplace(item, Extent{base + offset, length, method == 1});
    }
  }
}

/// Whether what is to go lies over what is to stay: then blanking one spoils the other.
bool shares_bytes(const Items& items) {
  const auto meet = [](const Extent& a, const Extent& b) {
    const auto end = [](const Extent& e) { return e.length > 0 ? e.offset + e.length : UINT64_MAX; };
    return a.in_data == b.in_data && a.offset < end(b) && b.offset < end(a);
  };
  for (const std::uint64_t item : items.telling)
    for (auto [at, last] = items.extents.equal_range(item); at != last; ++at)
      for (const auto& [other, extent] : items.extents)
        if (!items.telling.contains(other) && meet(at->second, extent)) return true;
  return false;
}

}  // namespace

Bytes heif_without_metadata(BytesView file) {
  Bytes out(file.begin(), file.end());
  each_box(Reader(file, 0, file.size()), [&](std::string_view name, Reader meta) {
    if (name != "meta") return;
    Items items;
    meta.number(4);  // version and flags
    std::optional<Reader> locations;
    each_box(meta, [&](std::string_view box, const Reader& content) {
      if (box == "iinf") read_item_info(content, items);
      if (box == "iloc") locations = content;
      if (box == "idat") items.data = content;
    });
    if (locations) read_locations(*locations, items);
    if (shares_bytes(items)) throw out_of_order();
    for (const auto& [item, extent] : items.extents) {
      if (!items.telling.contains(item)) continue;
      if (extent.in_data && !items.data) throw out_of_order();
      const std::uint64_t from = extent.in_data ? items.data->at() : 0, end = extent.in_data ? items.data->end() : file.size();
      if (extent.offset > end - from || extent.length > end - from - extent.offset) throw out_of_order();
      // A length of 0 means all that there is.
      const std::uint64_t length = extent.length > 0 ? extent.length : end - from - extent.offset;
      std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(from + extent.offset), length, std::byte{0});
    }
  });
  return out;
}

}  // namespace leaven::io

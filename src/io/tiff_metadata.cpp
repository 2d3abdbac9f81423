// TIFF 6.0, section 2, and BigTIFF: directories are blanked in place, so that no offset in the file moves.
#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "core/error.hpp"
#include "io/metadata.hpp"

namespace leaven::io {

namespace {

// Directories of their own: EXIF, GPS, interoperability.
constexpr std::array<std::uint64_t, 3> kTellingDirectories{34665, 34853, 40965};
// DocumentName, Make, Model, PageName, Software, DateTime, Artist, HostComputer, XMP, IPTC, Photoshop, what Windows adds (XPTitle …
// XPSubject), Photoshop's layers and annotations.
constexpr std::array<std::uint64_t, 18> kTellingTags{269, 271,   272,   285,   305,   306,   315,   316,   700,
                                                     33723, 34377, 37724, 40091, 40092, 40093, 40094, 40095, 50255};
// ImageDescription: a comment, but where programs of science keep there what the pages and channels are.
constexpr std::uint64_t kDescription = 270;
constexpr std::array<std::string_view, 4> kDescribesPages{"ImageJ=", "<OME", "axes", "\"shape\""};
constexpr std::size_t kMostDirectories = 4096;

/// Bytes of one value by field type 0…18 (TIFF 6.0 and BigTIFF); 0: no such type.
constexpr std::array<std::size_t, 19> kTypeBytes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

class Directories {
 public:
  explicit Directories(BytesView file) : bytes_(file.begin(), file.end()) {
    big_endian_ = bytes_.size() > 2 && bytes_[0] == std::byte{'M'};
    big_ = integer(2, 2) == 43;
  }

  Bytes clean() {
    for (std::uint64_t at = integer(big_ ? 8 : 4, width()); at != 0 && first_visit(at);) at = clean_directory(at);
    return std::move(bytes_);
  }

 private:
  std::size_t width() const { return big_ ? 8 : 4; }
  std::size_t entry_bytes() const { return big_ ? 20 : 12; }
  std::size_t count_bytes() const { return big_ ? 8 : 2; }

  bool first_visit(std::uint64_t at) { return seen_.size() < kMostDirectories && seen_.insert(at).second; }

  void require(std::uint64_t at, std::uint64_t length) const {
    if (at > bytes_.size() || bytes_.size() - at < length)
      throw data_error("TIFF: a directory lies beyond the file's end");
  }
  std::uint64_t integer(std::uint64_t at, std::size_t width) const {
    require(at, width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
      value = value << 8U | std::to_integer<std::uint64_t>(bytes_[at + (big_endian_ ? i : width - 1 - i)]);
    return value;
  }
  void put(std::uint64_t at, std::size_t width, std::uint64_t value) {
    for (std::size_t i = 0; i < width; ++i)
      bytes_[at + (big_endian_ ? width - 1 - i : i)] = std::byte(value >> (8U * i) & 0xFFU);
  }
  void blank(std::uint64_t at, std::uint64_t length) {
    require(at, length);
    std::fill_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), length, std::byte{0});
  }

  /// Number of entries, all of which lie inside the file. The offset of the next directory is added where a file that ends in
  /// the middle of it lacks it, as readers take that for none.
  std::uint64_t entries(std::uint64_t at) {
    const std::uint64_t count = integer(at, count_bytes());
    if (count > bytes_.size() / entry_bytes()) throw data_error("TIFF: a directory lies beyond the file's end");
    const std::uint64_t end = count_bytes() + count * entry_bytes();
    require(at, end);
    if (bytes_.size() < at + end + width()) bytes_.resize(at + end), bytes_.resize(at + end + width());
    return count;
  }

  /// Blanks what an entry's values take outside the entry.
  void blank_values(std::uint64_t entry) {
    const std::uint64_t type = integer(entry + 2, 2), count = integer(entry + 4, width());
    const std::uint64_t each = type < kTypeBytes.size() ? kTypeBytes[type] : 0;
    if (each == 0 || count > bytes_.size() / each || count * each <= width()) return;
    blank(integer(entry + 4 + width(), width()), count * each);
  }

  void blank_directory(std::uint64_t at) {
    const std::uint64_t count = entries(at);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t entry = at + count_bytes() + i * entry_bytes();
      if (leads_on(integer(entry, 2))) follow(entry);
      blank_values(entry);
    }
    blank(at, count_bytes() + count * entry_bytes() + width());
  }

  static bool leads_on(std::uint64_t tag) {
    return std::ranges::find(kTellingDirectories, tag) != kTellingDirectories.end();
  }
  void follow(std::uint64_t entry) {
    const std::uint64_t inner = integer(entry + 4 + width(), integer(entry + 2, 2) == 3 ? 2 : width());
    if (inner != 0 && first_visit(inner)) blank_directory(inner);
  }

  bool tells(std::uint64_t entry) const {
    const std::uint64_t tag = integer(entry, 2);
    if (tag != kDescription) return std::ranges::find(kTellingTags, tag) != kTellingTags.end();
    const std::uint64_t length = integer(entry + 4, width());
    const std::uint64_t at = length <= width() ? entry + 4 + width() : integer(entry + 4 + width(), width());
    require(at, length);
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + at, length);
    return std::ranges::none_of(kDescribesPages, [&](std::string_view word) { return text.find(word) != text.npos; });
  }

  /// Takes the telling entries out, the rest moves up. Answers with the next directory's offset.
  std::uint64_t clean_directory(std::uint64_t at) {
    const std::uint64_t count = entries(at), first = at + count_bytes(),
                        next = integer(first + count * entry_bytes(), width());
    std::uint64_t kept = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t entry = first + i * entry_bytes(), tag = integer(entry, 2);
      if (leads_on(tag)) {
        follow(entry);
      } else if (tells(entry)) {
        blank_values(entry);
      } else {
        const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(entry);
        std::copy_n(from, entry_bytes(), bytes_.begin() + static_cast<std::ptrdiff_t>(first + kept++ * entry_bytes()));
      }
    }
    if (kept == count) return next;
    put(at, count_bytes(), kept);
    put(first + kept * entry_bytes(), width(), next);
    blank(first + kept * entry_bytes() + width(), (count - kept) * entry_bytes());
    return next;
  }

  Bytes bytes_;
  bool big_endian_{}, big_{};
  std::set<std::uint64_t> seen_;
};

}  // namespace

Bytes tiff_without_metadata(BytesView file) { return Directories(file).clean(); }

}  // namespace leaven::io

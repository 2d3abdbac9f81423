#include "io/frames.hpp"

#include <algorithm>
#include <charconv>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "io/file.hpp"
#include "io/several_pictures.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

/// What a file with several pictures is called, and how many it has.
using Counts = std::map<std::string, std::size_t, std::less<>>;

/// The pictures of the files that were read last: a frame can only be drawn after those before it.
class PictureCache {
 public:
  explicit PictureCache(fs::path root) : root_(std::move(root)) {}

  Bytes picture(const std::string& file, std::size_t number) {
    const std::lock_guard lock(reading_);
    auto found = std::ranges::find(files_, file, &File::name);
    if (found == files_.end()) {
      File read{file, {}, 0};
      const Bytes whole = read_file(root_ / file);
      std::size_t count = 0;
      each_picture(whole, [&](std::size_t, Bytes picture) {
        read.bytes += picture.size();
        ++count;
        if (read.bytes <= kMostBytes) read.pictures.push_back(std::move(picture));
        return read.bytes <= kMostBytes;
      });
      files_.push_front(std::move(read));
      found = files_.begin();
      if (files_.size() > kMostFiles) files_.pop_back();
    } else {
      files_.splice(files_.begin(), files_, found);
    }
    return number < found->pictures.size() ? found->pictures[number] : picture_of(read_file(root_ / file), number);
  }

 private:
  static constexpr std::size_t kMostFiles = 4, kMostBytes = std::size_t{128} << 20;
  struct File {
    std::string name{};
    std::vector<Bytes> pictures{};  ///< the first ones, where all are too many
    std::size_t bytes{};
  };
  fs::path root_;
  std::mutex reading_;
  std::list<File> files_;
};

class FramesReader final : public DatasetReader {
 public:
  FramesReader(fs::path root, DatasetIndex index, Counts several)
      : root_(std::move(root)), index_(std::move(index)), several_(std::move(several)), cache_(root_) {}

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    try {
      if (const auto [file, number] = place_of(entry.id); !file.empty()) return image_file(cache_.picture(file, number));
      return image_file(read_file(root_ / entry.id));
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry& entry) const override {
    if (!place_of(entry.id).first.empty()) return std::nullopt;
    return root_ / entry.id;
  }
  bool stores_pixels() const override { return false; }

 private:
  /// "a.gif", 2 of "a.gif.0003.png"; no name for a file of one picture.
  std::pair<std::string, std::size_t> place_of(const std::string& id) const {
    const std::size_t extension = id.rfind('.'), point = extension == std::string::npos || extension == 0 ? std::string::npos : id.rfind('.', extension - 1);
    if (point == std::string::npos) return {};
    std::string file = id.substr(0, point);
    std::size_t number = 0;
    std::from_chars(id.data() + point + 1, id.data() + extension, number);
    const auto several = several_.find(file);
    if (several == several_.end() || number < 1 || number > several->second) return {};
    return {std::move(file), number - 1};
  }

  fs::path root_;
  DatasetIndex index_;
  Counts several_;
  mutable PictureCache cache_;
};

/// Whether the file itself says so, of formats whose files are mostly stills: these are not read whole to be counted.
bool says_animated(const InputFile& file, ImageFormat format) {
  const auto text = [&](std::uint64_t at, std::size_t size) {
    std::string read(size, '\0');
    read.resize(file.read_some(at, std::as_writable_bytes(std::span(read))));
    return read;
  };
  if (format == ImageFormat::webp) {
    const std::string head = text(12, 9);  // the extended header's name, length and flags
    return head.size() == 9 && head.starts_with("VP8X") && (head[8] & 2) != 0;
  }
  for (std::uint64_t at = 8;;) {  // PNG: acTL stands before the pixels
    const std::string head = text(at, 8);
    if (head.size() < 8 || head.ends_with("IDAT") || head.ends_with("IEND")) return false;
    if (head.ends_with("acTL")) return true;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(head[i]);
    at += length + 12;
  }
}

/// A file that cannot be counted is one sample, and set aside when it is read.
std::pair<std::size_t, ImageFormat> counted_pictures(const fs::path& file) {
  try {
    const InputFile opened(file);
    constexpr std::size_t kMagic = 16;
    const auto format = sniff(opened.read_bytes(0, std::min<std::uint64_t>(kMagic, opened.size())));
    const bool both = format == ImageFormat::png || format == ImageFormat::webp;
    const bool several = both ? says_animated(opened, *format) : format == ImageFormat::gif || format == ImageFormat::tiff;
    if (!several) return {1, ImageFormat::png};
    return {picture_count(opened.read_bytes(0, opened.size())), *format};
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return {1, ImageFormat::png};
  }
}

}  // namespace

std::unique_ptr<DatasetReader> open_frames(const fs::path& in, TreeListing listing, const OpenOptions& options) {
  Counts several;
  std::vector<std::string> pictures;
  for (std::string& file : listing.images) {
    const auto [count, format] = counted_pictures(in / file);
    for (std::size_t i = 0; count > 1 && i < count; ++i) pictures.push_back(file + picture_suffix(format, i));
    if (count > 1) several.emplace(std::move(file), count);
    else pictures.push_back(std::move(file));
  }
  DatasetIndex index = index_of_paths(std::move(pictures), PathMeaning::by_looking, listing.strays);
  const bool flat = index.format == "flat";
  index.broken = std::move(listing.broken);
  index.strays = listing.strays.take();
  finish_index(index, options);
  index.description = std::string(flat ? "flat folder" : "class folders") + ", " + counted(index.entries.size(), "image", "images") + ", frames and pages of " +
                      counted(several.size(), "file", "files") + " among them";
  if (index.has_splits) index.description += ", " + describe_splits(index);
  else if (!several.empty())
    index.notes.push_back(R"(frames of one file are samples of their own; where the dataset is divided, split: {group: '(.*)\.[0-9]+\.(png|tif)$'} keeps them together)");
  return std::make_unique<FramesReader>(in, std::move(index), std::move(several));
}

}  // namespace leaven::io

// IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist/): two zero bytes, element type, number of dimensions,
// the dimensions (32 bit, big-endian), the elements. Packed with gzip or not.
#include "io/idx.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"
#include "io/pixel_block.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

std::optional<IdxHeader> parse_idx_header(BytesView head) {
  constexpr std::size_t kMostDimensions = 4;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(head[i]); };
  if (head.size() < 4 || at(0) != 0 || at(1) != 0) return std::nullopt;
  IdxHeader header;
  switch (at(2)) {
    case 0x08: header.element = Element::u8; break;
    case 0x0D: header.element = Element::f32; break;
    case 0x0E: header.element = Element::f64; break;
    default: return std::nullopt;
  }
  const std::size_t dimensions = at(3);
  header.data_offset = 4 + 4 * dimensions;
  if (dimensions == 0 || dimensions > kMostDimensions || head.size() < header.data_offset) return std::nullopt;
  for (std::size_t d = 0; d < dimensions; ++d) {
    const std::size_t i = 4 + 4 * d;
    header.dimensions.push_back(at(i) << 24 | at(i + 1) << 16 | at(i + 2) << 8 | at(i + 3));
  }
  return header;
}

namespace {

constexpr std::size_t kHeadBytes = 20;  // the longest header

std::optional<IdxHeader> header_of(const InputFile& file) { return parse_idx_header(first_bytes(file, kHeadBytes)); }

std::string without_gz(const std::string& name) {
  return name.ends_with(".gz") ? name.substr(0, name.size() - 3) : name;
}

/// "train-images-idx3-ubyte" → "train-labels-idx1-ubyte".
std::string labels_name(std::string name) {
  const auto replace = [&](std::string_view what, std::string_view with) {
    if (const std::size_t at = name.rfind(what); at != std::string::npos) name.replace(at, what.size(), with);
  };
  replace("image", "label");
  replace("idx3", "idx1");
  replace("idx4", "idx1");
  return name;
}

class IdxReader final : public DatasetReader {
 public:
  IdxReader(const Candidates& candidates, const OpenOptions& options) {
    index_.format = "idx";
    std::map<std::string, std::string> files;  // by name without .gz; the unpacked one is preferred
    for (const std::string& file : candidates.files) {
      std::string& kept = files[without_gz(file)];
      if (kept.empty() || kept.ends_with(".gz")) kept = file;
    }
    LabelTable labels;
    std::size_t labelled = 0;
    for (const auto& [name, file] : files) {
      const InputFile packed(candidates.path(file));
      const auto header = header_of(packed);
      if (!header || header->dimensions.size() < 3) continue;
      const auto pair = files.find(labels_name(name));
      const bool has_labels = pair != files.end() && pair->first != name;
      labelled += has_labels ? 1 : 0;
      add_images(candidates, file, has_labels ? pair->second : std::string(), labels);
    }
    index_.labels = labels.take();
    index_.label_kind = labelled > 0 ? LabelKind::category : LabelKind::none;
    keep_splits_if_several();
    finish_index(index_, options);
    index_.description = "MNIST-like IDX, " + counted(blocks_.size(), "file", "files") + ", " +
                         (index_.has_splits ? describe_splits(index_) + ", " : "") +
                         counted(index_.entries.size(), "image", "images") + (labelled > 0 ? "" : " without labels");
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    try {
      return {{}, read_pixels(files_[entry.container], blocks_[entry.container], entry.offset)};
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return true; }

 private:
  static InputFile unpacked(const fs::path& path) {
    InputFile file(path);
    return is_gzip(file) ? unpack_gzip(file) : std::move(file);
  }

  static Bytes read_labels(const fs::path& path, std::uint64_t images) {
    const InputFile file = unpacked(path);
    const auto header = header_of(file);
    const std::string name = printable(path.native());
    if (!header || header->dimensions.size() != 1 || header->element != Element::u8)
      throw data_error(name + ": must be an IDX file of labels, one byte each");
    if (header->dimensions[0] != images)
      throw data_error(name + ": holds " + counted(header->dimensions[0], "label", "labels") + " for " +
                       counted(images, "image", "images"));
    return file.read_bytes(header->data_offset, images);
  }

  void add_images(const Candidates& candidates, const std::string& name, const std::string& labels_file,
                  LabelTable& labels) {
    const InputFile& file = files_.emplace_back(unpacked(candidates.path(name)));
    const IdxHeader header = header_of(file).value();
    const auto dimensions = image_dimensions(std::span(header.dimensions).subspan(1));
    if (!dimensions) throw data_error(printable(name) + ": its dimensions are none of images");
    PixelBlock block;
    block.element = header.element;
    block.big_endian = true;
    block.planar = dimensions->planar;
    block.offset = header.data_offset;
    block.shape = {.width = dimensions->width,
                   .height = dimensions->height,
                   .channels = dimensions->channels,
                   .dtype = dtype_of(header.element)};
    const std::uint64_t claimed = header.dimensions[0];
    const std::uint64_t there = std::min(claimed, (file.size() - header.data_offset) / block.image_bytes());
    if (block.shape.dtype == Dtype::f32) block.shape.bounded = lies_in_unit_range(file, block, there);
    blocks_.push_back(block);
    Bytes numbers;
    if (!labels_file.empty()) numbers = read_labels(candidates.path(labels_file), claimed);
    const Split split = split_in_name(fs::path(name).filename().native());
    const std::string container = without_gz(name);  // unpacking the file by hand changes no id
    for (std::uint64_t i = 0; i < there; ++i)
      index_.entries.push_back(
          {.id = numbered_id(container, i),
           .label = labels.number_of(numbers.empty() ? "" : std::to_string(std::to_integer<int>(numbers[i]))),
           .split = split,
           .container = static_cast<std::uint32_t>(files_.size() - 1),
           .offset = block.offset + i * block.image_bytes(),
           .size = block.image_bytes()});
    if (there < claimed)
      index_.broken.push_back({numbered_id(container, there), "truncated: the file holds " + std::to_string(there) +
                                                                  " of " + counted(claimed, "image", "images")});
  }

  void keep_splits_if_several() {
    const auto other = [&](const Entry& entry) { return entry.split != index_.entries.front().split; };
    index_.has_splits = !index_.entries.empty() && std::ranges::any_of(index_.entries, other) &&
                        std::ranges::count(index_.entries, Split::none, &Entry::split) == 0;
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
  }

  DatasetIndex index_;
  std::vector<InputFile> files_;
  std::vector<PixelBlock> blocks_;
};

}  // namespace

std::vector<std::string> idx_files(const Candidates& candidates) {
  std::vector<std::string> found;
  bool images = false;
  for (const std::string& file : candidates.files) {
    const std::string name = fs::path(file).filename().native();
    if (name.find("idx") == std::string::npos && name.find("ubyte") == std::string::npos &&
        name.find("image") == std::string::npos && name.find("label") == std::string::npos)
      continue;
    std::optional<IdxHeader> header;
    try {
      header = header_of(InputFile(candidates.path(file)));
    } catch (const Error&) {
      continue;  // unreadable or a broken gzip: not recognised as ours
    }
    if (!header) continue;
    images = images || header->dimensions.size() >= 3;
    found.push_back(file);
  }
  if (!images) found.clear();
  return found;
}

std::unique_ptr<DatasetReader> open_idx(const Candidates& candidates, const OpenOptions& options) {
  return std::make_unique<IdxReader>(candidates, options);
}

}  // namespace leaven::io

// NumPy arrays of images and labels: one .npz, several of them, or .npy files side by side.
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "io/dataset_formats.hpp"
#include "io/npy.hpp"
#include "io/pixel_block.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

enum class Role : std::uint8_t { other, images, labels, classes };

// The names under which people save such arrays, most telling first: x_train, train_images, arr_0 of a bare savez().
constexpr std::array<std::string_view, 7> kImageNames{"images", "image", "x", "imgs", "img", "data", "arr_0"};
constexpr std::array<std::string_view, 7> kLabelNames{"labels", "label", "y", "targets", "target", "class", "arr_1"};
constexpr std::array<std::string_view, 4> kClassNames{"classes", "class_names", "label_names", "classnames"};

struct Meaning {
  Role role{Role::other};
  std::size_t rank{};  ///< how telling the name is, 0 best
  Split split{Split::none};
};

Meaning meaning_of(const std::string& array_name) {
  const std::string name = lower_case(array_name);
  Meaning meaning;
  meaning.split = split_in_name(name);
  std::string rest;  // the name without the split's word
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("_-", start), name.size());
    const std::string word = name.substr(start, end - start);
    if (!split_from(word)) rest += (rest.empty() ? "" : "_") + word;
    start = end + 1;
  }
  const auto look = [&](Role role, const auto& names) {
    const auto found = std::ranges::find(names, rest);
    if (found == names.end()) return;
    meaning.role = role;
    meaning.rank = static_cast<std::size_t>(found - names.begin());
  };
  look(Role::images, kImageNames);
  look(Role::labels, kLabelNames);
  look(Role::classes, kClassNames);
  return meaning;
}

/// What belongs together: the arrays of one split in one .npz, or beside each other as .npy.
/// The texts of the labels in order, and what kind they are.
struct Labels {
  LabelKind kind{LabelKind::none};
  std::vector<std::string> texts{};
};

struct Group {
  std::optional<NpyArray> images{}, labels{};
  std::size_t images_rank{}, labels_rank{};
  Labels texts{};           ///< of `labels`
  std::string container{};  ///< of the images, for ids
  Split split{Split::none};
};

bool could_be_images(const NpyHeader& header) { return header.shape.size() == 3 || header.shape.size() == 4; }

std::string shape_text(const NpyHeader& header) {
  std::string text;
  for (const std::uint64_t side : header.shape) text += (text.empty() ? "" : "×") + std::to_string(side);
  return text;
}

/// Images of which all bytes are there.
std::uint64_t images_in(const NpyArray& array, const PixelBlock& block) {
  const std::uint64_t room = array.file->size() - std::min(array.file->size(), block.offset);
  return std::min(array.header.shape[0], room / block.image_bytes());
}

PixelBlock block_of(const NpyArray& array, const std::string& name) {
  const NpyHeader& h = array.header;
  PixelBlock block;
  block.offset = array.data;
  block.big_endian = h.big_endian;
  const std::string type = std::string(1, h.kind) + std::to_string(h.item_bytes);
  if (type == "u1")
    block.element = Element::u8;
  else if (type == "u2")
    block.element = Element::u16;
  else if (type == "f2")
    block.element = Element::f16;
  else if (type == "f4")
    block.element = Element::f32;
  else if (type == "f8")
    block.element = Element::f64;
  else
    throw usage_error(name + ": images must be uint8, uint16 or float, got NumPy type " + type)
        .with_hint("save them with images.astype('uint8')");
  if (h.fortran)
    throw usage_error(name + ": images are stored column by column").with_hint("save numpy.ascontiguousarray(images)");
  // One colour image, its N forgotten; no grey images are 3 wide and that high.
  const bool single = h.shape.size() == 3 && (h.shape[2] == 3 || h.shape[2] == 4) && h.shape[1] >= 16;
  const auto sides = single ? std::nullopt : image_dimensions(std::span(h.shape).subspan(1));
  if (!sides)
    throw usage_error(name + ": images must be N×height×width or N×height×width×channels (1 to " +
                      std::to_string(kMostChannels) + "), got " + shape_text(h));
  block.planar = sides->planar;
  block.shape = {
      .width = sides->width, .height = sides->height, .channels = sides->channels, .dtype = dtype_of(block.element)};
  block.shape.half = block.element == Element::f16;
  if (block.shape.dtype == Dtype::f32)
    block.shape.bounded = lies_in_unit_range(*array.file, block, images_in(array, block));
  return block;
}

bool is_share(const std::string& cell) {
  double value = -1;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value > 0 && value < 1;
}

/// N×K of zeros and ones: one-hot when each row has a single one, else several classes a sample. Shares of classes, as mixed
/// samples have, are no labels that copies could be made by: such samples come without.
Labels labels_of_matrix(const NpyArray& array, const std::string& name) {
  const std::uint64_t rows = array.header.shape[0], columns = array.header.shape[1];
  const std::vector<std::string> cells = npy_texts(array, 0, rows * columns);
  Labels labels{LabelKind::category, {}};
  for (std::uint64_t r = 0; r < rows; ++r) {
    std::string text;
    for (std::uint64_t c = 0; c < columns; ++c) {
      const std::string& cell = cells[r * columns + c];
      if (array.header.kind == 'f' && is_share(cell))
        return {LabelKind::none, std::vector<std::string>(rows)};
      if (cell != "0" && cell != "1")
        throw usage_error(name + ": labels of " + shape_text(array.header) + " must be zeros and ones, got " + cell);
      if (cell == "1") text += (text.empty() ? "" : ";") + std::to_string(c);
    }
    if (text.empty() || text.find(';') != std::string::npos) labels.kind = LabelKind::categories;
    labels.texts.push_back(std::move(text));
  }
  return labels;
}

Labels labels_of(const NpyArray& array, std::uint64_t images, const std::string& name) {
  const NpyHeader& h = array.header;
  if (h.shape.empty() || h.shape.size() > 2 || (h.kind == 'f' && h.item_bytes == 2))
    throw usage_error(name + ": labels must be N numbers or texts, or N×classes zeros and ones, got " + shape_text(h));
  if (h.shape[0] != images)
    throw data_error(name + ": holds " + counted(h.shape[0], "label", "labels") + " for " +
                     counted(images, "image", "images"));
  const std::uint64_t bytes_there = array.file->size() - std::min(array.file->size(), array.data);
  if (h.items() * h.item_bytes > bytes_there) throw data_error(name + ": is cut off");
  if (h.fortran && h.shape.size() == 2 && h.shape[1] > 1)
    throw usage_error(name + ": labels are stored column by column").with_hint("save numpy.ascontiguousarray(labels)");
  if (h.shape.size() == 2 && h.shape[1] != 1) return labels_of_matrix(array, name);
  Labels labels{h.kind == 'f' ? LabelKind::number : LabelKind::category, {}};
  labels.texts = npy_texts(array, 0, images);
  return labels;
}

class NpzReader final : public DatasetReader {
 public:
  NpzReader(const Candidates& candidates, const OpenOptions& options) {
    index_.format = "npz";
    for (const std::string& file : candidates.files) add_file(candidates, file);
    for (auto& [key, group] : groups_)
      if (group.images && group.labels) read_labels(group);
    LabelTable labels;
    for (auto& [key, group] : groups_)
      if (group.images) add_group(group, labels);
    if (images_.empty())
      throw usage_error(printable(candidates.root.native()) + ": the NumPy files hold no images")
          .with_hint("name the arrays images and labels, or x and y; x_train, y_train, x_test, … for splits");
    if (index_.label_kind == LabelKind::category) add_class_names(labels);
    index_.labels = labels.take();
    const bool several =
        std::ranges::any_of(index_.entries, [&](const Entry& e) { return e.split != index_.entries[0].split; });
    index_.has_splits = several && std::ranges::count(index_.entries, Split::none, &Entry::split) == 0;
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
    if (others_ > 0) index_.strays["arrays that are neither images nor labels"] = others_;
    finish_index(index_, options);
    index_.description = "NumPy arrays, " + (index_.has_splits ? describe_splits(index_) + ", " : std::string()) +
                         counted(index_.entries.size(), "image", "images") + " of " + describe(blocks_.front().shape) +
                         (index_.label_kind == LabelKind::none ? " without labels" : "");
  }

  const DatasetIndex& index() const override { return index_; }
  SourceImage read(const Entry& entry) const override {
    try {
      return {{}, read_pixels(*images_[entry.container], blocks_[entry.container], entry.offset)};
    } catch (Error& error) {
      throw error.with_sample(entry.id);
    }
  }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return true; }

 private:
  void add_file(const Candidates& candidates, const std::string& file) {
    std::vector<NpyArray> arrays = npy_arrays(candidates.path(file));
    const bool is_npz = lower_extension(file) == "npz";
    // A lone array of images needs no telling name.
    const auto unnamed = [&](const NpyArray& a) {
      return arrays.size() + candidates.files.size() == 2 && meaning_of(a.name).role == Role::other &&
             could_be_images(a.header);
    };
    std::size_t image_arrays = 0;
    for (const NpyArray& array : arrays) image_arrays += meaning_of(array.name).role == Role::images ? 1 : 0;
    for (NpyArray& array : arrays) {
      Meaning meaning = meaning_of(array.name);
      if (unnamed(array)) meaning.role = Role::images;
      if (meaning.split == Split::none) meaning.split = split_in_name(fs::path(file).filename().native());
      const std::string place = is_npz ? file : fs::path(file).parent_path().native();
      Group& group = groups_[{place, meaning.split}];
      group.split = meaning.split;
      if (meaning.role == Role::images && could_be_images(array.header) &&
          (!group.images || meaning.rank < group.images_rank)) {
        others_ += group.images ? 1 : 0;
        group.images_rank = meaning.rank;
        group.container = image_arrays > 1 ? file + "/" + printable(array.name) : file;
        group.images = std::move(array);
      } else if (meaning.role == Role::labels && (!group.labels || meaning.rank < group.labels_rank)) {
        others_ += group.labels ? 1 : 0;
        group.labels_rank = meaning.rank;
        group.labels = std::move(array);
      } else if (meaning.role == Role::classes && array.header.shape.size() == 1) {
        classes_ = npy_texts(array, 0, array.header.shape[0]);
      } else {
        ++others_;
      }
    }
  }

  /// The class's name where the file has one.
  std::string named(const std::string& text) const {
    if (classes_.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos) return text;
    const std::size_t number = std::stoul(text);
    return number < classes_.size() && is_utf8(classes_[number]) ? classes_[number] : text;
  }

  /// Those without a sample too, so that numbers stay what they are.
  void add_class_names(LabelTable& labels) {
    if (!std::ranges::all_of(classes_, is_utf8)) return;
    index_.class_names = classes_;
    for (const std::string& name : classes_) labels.number_of(name);
  }

  std::string named_all(const std::string& text, LabelKind kind) const {
    if (kind == LabelKind::category && text == "-1" && has_zero_) return {};  // how arrays say that there is no label
    if (text.empty() || classes_.empty() || kind == LabelKind::number) return text;
    if (kind == LabelKind::category) return named(text);
    std::string result;
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find(';', start), text.size());
      result += (result.empty() ? "" : ";") + named(text.substr(start, end - start));
      start = end + 1;
    }
    return result;
  }

  /// What people may have meant otherwise.
  void note(const RasterShape& shape, const std::string& name) {
    if (shape.dtype == Dtype::f32 && !shape.bounded)
      index_.notes.push_back(name + ": some values lie outside [0, 1], so they are taken as numbers without bounds, which no op "
                             "for colours accepts; save pictures of 0…255 as uint8");
    if (shape.channels == 4)
      index_.notes.push_back(name + ": its 4 channels are taken as 4 colours; arrays have no opacity");
  }

  void read_labels(Group& group) {
    group.texts = labels_of(*group.labels, group.images->header.shape[0], printable(group.labels->file->path().native()));
    has_zero_ = has_zero_ || std::ranges::find(group.texts.texts, "0") != group.texts.texts.end();
  }

  void add_group(Group& group, LabelTable& labels) {
    const PixelBlock block = block_of(*group.images, printable(group.container));
    note(block.shape, printable(group.container));
    const std::uint64_t claimed = group.images->header.shape[0];
    const Labels& texts = group.texts;
    if (texts.kind != LabelKind::none) index_.label_kind = std::max(index_.label_kind, texts.kind);
    if (group.labels && texts.kind == LabelKind::none) ++index_.strays["labels that are shares of classes, which are not read"];
    const std::uint64_t there = images_in(*group.images, block);
    for (std::uint64_t i = 0; i < there; ++i)
      index_.entries.push_back({.id = numbered_id(group.container, i),
                                .label = labels.number_of(group.labels ? named_all(texts.texts[i], texts.kind) : ""),
                                .split = group.split,
                                .container = static_cast<std::uint32_t>(images_.size()),
                                .offset = block.offset + i * block.image_bytes(),
                                .size = block.image_bytes()});
    if (there < claimed)
      index_.broken.push_back(
          {numbered_id(group.container, there),
           "truncated: the file holds " + std::to_string(there) + " of " + counted(claimed, "image", "images")});
    images_.push_back(group.images->file);
    blocks_.push_back(block);
  }

  DatasetIndex index_;
  std::map<std::pair<std::string, Split>, Group> groups_;
  std::vector<std::string> classes_;
  std::uint64_t others_{};
  bool has_zero_{};  ///< class 0 is there; classes of ±1 are two like others
  std::vector<std::shared_ptr<const InputFile>> images_;
  std::vector<PixelBlock> blocks_;
};

}  // namespace

std::vector<std::string> npz_files(const Candidates& candidates) {
  std::vector<std::string> found;
  std::ranges::copy_if(candidates.files, std::back_inserter(found), [](const std::string& file) {
    const std::string extension = lower_extension(file);
    return extension == "npz" || extension == "npy";
  });
  return found;
}

std::unique_ptr<DatasetReader> open_npz(const Candidates& candidates, const OpenOptions& options) {
  return std::make_unique<NpzReader>(candidates, options);
}

}  // namespace leaven::io

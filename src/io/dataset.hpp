// Datasets on disk: what is there (an index), how to read one sample, how to write the larger dataset.
// One .cpp a format; dataset.cpp detects formats and opens them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/annotation.hpp"
#include "core/raster.hpp"
#include "io/codec.hpp"

namespace leaven::io {

struct SeriesLayout;

enum class LabelKind : std::uint8_t {
  none,
  category,    ///< one class a sample
  categories,  ///< several (multi-label CSV)
  number,      ///< regression target
};

enum class Split : std::uint8_t { none, train, val, test };
std::string_view name_of(Split split);  ///< "", "train", "val", "test"
/// train|training, val|valid|validation, test|testing|eval; any case.
std::optional<Split> split_from(std::string_view folder_name);

/// One sample of the index. Held for every sample of a run, so it stays small.
struct Entry {
  std::string id{};  ///< the sample's name for keys and lineage: path inside IN with '/', or "data_batch_1.bin#000017"
  std::uint32_t label{};  ///< index into DatasetIndex::labels
  Split split{Split::none};
  std::uint32_t container{};       ///< format's own: which file
  std::uint64_t offset{}, size{};  ///< format's own: where in it
};

/// Something found that is no sample. Bytes of a path that are no UTF-8 are written as \xNN.
struct NotASample {
  std::string path{}, reason{};
};

/// How a CSV manifest is laid out, so that its like can be written.
struct ManifestShape {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string name{};  ///< file name: "labels.csv"
  char separator{','};
  bool crlf{};            ///< lines end in \r\n
  std::string header{};   ///< first line as it stands, without its end; empty: the file has none
  std::size_t columns{};  ///< cells of a row
  std::size_t path{kNone}, label{kNone}, split{kNone};  ///< which cell
};

/// What samples of an annotated dataset may be marked with, as far as looking tells: what a layout has to hold.
struct Marks {
  bool boxes{}, rotated{}, outlines{}, lines{}, masks{}, keypoints{};
  bool image_masks{};  ///< Annotations::masks
  friend bool operator==(const Marks&, const Marks&) = default;
};

struct DatasetIndex {
  std::string format{};       ///< folders, flat, csv, cifar, idx, npz, webdataset, yolo, coco, …: input_formats()
  std::string description{};  ///< one line for people: "class folders, 10 classes, 5,000 images"
  LabelKind label_kind{LabelKind::none};
  /// Texts by Entry::label, in the order of class_names, in bytewise order, or by value where all are natural numbers; [0] is ""
  /// when unlabelled.
  /// categories: "cat;dog", number: as written.
  std::vector<std::string> labels{};
  std::vector<std::string> class_names{};  ///< where the dataset itself numbers them: all are labels, with samples or without
  std::vector<Entry> entries{};  ///< sorted by id, bytewise; ids are unique
  /// Cannot be a sample though it should be: dangling link, a folder named x.jpg, no permission.
  std::vector<NotASample> broken{};
  std::map<std::string, std::uint64_t> strays{};  ///< by kind (".DS_Store", "*.md"): counted, not bad
  std::vector<std::string> notes{};               ///< what a person must know of how the files were understood
  bool has_splits{};                              ///< IN came with train/ val/ test/
  bool annotated{};                               ///< samples have annotations()
  std::vector<Category> categories{};             ///< of instances, in the source's order
  Marks marks{};                                  ///< annotated
  std::string dialect{};                          ///< annotated: JSON by which the format's writer makes its like
  std::optional<ManifestShape> manifest{};        ///< csv
  std::shared_ptr<const SeriesLayout> series{};   ///< of time series: read() gives the text of one; see series_file.hpp
};

/// A sample as it lies there: an image file's bytes, or pixels where the format stores pixels.
struct SourceImage {
  Bytes file{};  ///< encoded; empty when `pixels` holds the image
  Raster pixels{};
};

class DatasetReader {
 public:
  virtual ~DatasetReader() = default;
  virtual const DatasetIndex& index() const = 0;
  /// Thread-safe. Throws Error(data) when the sample cannot be read (permission, vanished, truncated container).
  virtual SourceImage read(const Entry& entry) const = 0;
  /// The sample's own file on disk, when it has one (to copy or link it); else nothing.
  virtual std::optional<std::filesystem::path> file_of(const Entry& entry) const = 0;
  /// True: samples are bare pixels (idx, cifar, npz), written as PNG when the layout wants files.
  virtual bool stores_pixels() const = 0;
  /// What is marked on the sample, whose image has this size (EXIF orientation applied). Thread-safe. Throws Error(data)
  /// naming file and line for what cannot be mended.
  virtual Annotations annotations(const Entry& entry, Size image) const;
  /// csv: the sample's row as it stands in the manifest, without the line's end; else empty. Thread-safe.
  virtual std::string row_of(const Entry& entry) const;
  /// webdataset: what else lies beside the image under its key (captions, properties), but for a label in .cls: extension
  /// and bytes. Thread-safe.
  virtual std::vector<std::pair<std::string, Bytes>> members_of(const Entry& entry) const;
};

struct OpenOptions {
  std::string format{};  ///< empty: detect by looking
  std::string path_column{}, label_column{},
      split_column{};     ///< csv; empty: path|file|filename|image, label|class|target|y, split
  std::uint64_t limit{};  ///< keep so many samples: the first ids of each class of each split, evenly; 0: all
};

/// Throws Error(usage) when IN does not exist, is empty, or holds nothing that Leaven reads, saying what was seen;
/// an unknown format lists the known ones.
std::unique_ptr<DatasetReader> open_dataset(const std::filesystem::path& in, const OpenOptions& options = {});
/// Names for --input-format.
std::vector<std::string_view> input_formats();

/// One output on its way to disk.
struct OutputItem {
  std::string id{};     ///< path inside OUT, '/'-separated, extension included (packed layouts: the key and extension)
  std::string label{};  ///< text as in DatasetIndex::labels
  std::uint32_t label_index{};
  /// Of a mixed sample: how much each class counts, in [0, 1]; empty: `label` alone. Needs WriterOptions::soft_labels.
  std::vector<std::pair<std::string, double>> weights{};
  Split split{Split::none};
  std::uint32_t copy{};  ///< 0: the original, whose own numbers and fields stay
  Bytes file{};          ///< encoded bytes (files, webdataset)
  std::optional<Annotations> annotations{};  ///< of annotated datasets
  Size image{};       ///< size of the image, for annotations
  Raster pixels{};    ///< npz
  std::string row{};  ///< csv: row_of() the source, whose other cells go along
  std::vector<std::pair<std::string, Bytes>> members{};  ///< webdataset: members_of() the source, which go along
  std::filesystem::path
      link_to{};  ///< not empty: make a hard link (else a symbolic one) to this file instead of writing
};

/// Writes beside and renames; a crash leaves whole files or none (and *.leaven-tmp files, which the next run removes).
/// store() may be called from any thread in any order; commit() from one thread, in roster order.
class DatasetWriter {
 public:
  virtual ~DatasetWriter() = default;
  /// File layouts write the file here; packed ones keep the item. Throws Error(environment) when the disk is full,
  /// with the path; no half file is left.
  virtual void store(OutputItem& item) = 0;
  /// Packed layouts append here. Returns what resume() needs to continue after this item (offsets), as short JSON.
  virtual std::string commit(OutputItem&& item) = 0;
  /// Before the first store(): continue after the item whose commit() returned `state`. Cuts off what came later.
  virtual void resume(const std::string& state) = 0;
  /// Closes containers, writes manifests, renames into place. Nothing is visible as complete before.
  virtual void finish() = 0;
};

enum class OutputLayout : std::uint8_t { same, folders, npz, webdataset, yolo, coco, voc, labelme, masks };
/// "same", "folders", …: the names in recipes and on the command line, in the order of the values.
std::span<const std::string_view> output_layouts();

/// Where a sample goes in a tree of files: '/'-separated, always inside it, extension as in the source ("png" where
/// there is none). Its id where the id is a path and the layout asks for no other. In class folders, and for samples
/// that are only numbers in a container: "<split>/<class>/<name>", without the folders that the dataset has none of. In
/// another format's layout for marked images: that format's folder for images, the split, then the rest of the id.
std::string tree_path(const DatasetIndex& index, const Entry& entry, OutputLayout layout = OutputLayout::same);
/// True when tree_path() is the id of every sample.
bool keeps_paths(const DatasetIndex& index, OutputLayout layout);

struct WriterOptions {
  OutputLayout layout{OutputLayout::same};
  std::string input_format{};               ///< of the index, for `same`: csv writes its manifest again, npz npz, …
  std::optional<ManifestShape> manifest{};  ///< of the index
  std::shared_ptr<const SeriesLayout> series{};  ///< of the index
  std::vector<std::string> labels{};        ///< DatasetIndex::labels
  LabelKind label_kind{LabelKind::none};
  bool soft_labels{};                     ///< items may come with weights
  std::vector<Category> categories{};     ///< of the index
  Marks marks{};                          ///< of the index
  std::string dialect{};                  ///< of the index
  std::uint64_t shard_bytes{1ULL << 30};  ///< webdataset: a new tar above this size
  std::string part{};                     ///< "1-of-3": this writer makes a part that merge_parts() joins; empty: whole
};

/// True when `same` means a tree of files (with or without a manifest); false for npz and webdataset.
bool writes_files(const WriterOptions& options);
/// True when the layout is a format for marked images: labels lie in files beside them.
bool is_annotated(const WriterOptions& options);
/// Whether a file of an annotated layout holds labels, lists or names; else it is an image of the dataset.
bool lies_beside_images(const WriterOptions& options, std::string_view path);

/// Throws Error(usage) when items with weights may come and the layout cannot hold them (class folders, file names),
/// naming those that can.
void require_soft_labels_fit(const WriterOptions& options);

/// Removes what an interrupted run of the same part left half written. Throws Error(usage) when the layout cannot hold
/// the labels (several or a number in class folders).
std::unique_ptr<DatasetWriter> open_writer(const std::filesystem::path& out, const WriterOptions& options);

/// Joins the parts that writers with options.part = "1-of-N" … "N-of-N" finished in OUT; the result is byte for byte
/// what one unsharded writer makes. `next_part` names the part (1…N) of the next committed item in roster order, and
/// nothing at the end: within a part, items lie in the order of their commits. The parts stay, so that a merge that was
/// killed can be done again. Throws Error(usage) when a part is missing, Error(data) when parts and order disagree. Does
/// nothing for a bare tree of files.
void merge_parts(const std::filesystem::path& out, const WriterOptions& options, std::uint32_t parts,
                 const std::function<std::optional<std::uint32_t>()>& next_part);
/// Deletes the part "1-of-N" when it is there.
void remove_part(const std::filesystem::path& out, std::string_view part);

}  // namespace leaven::io

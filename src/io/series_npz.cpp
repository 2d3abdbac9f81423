// Series in NumPy arrays: x of series × time (× channels, or channels × time) and y of their classes.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/packed_labels.hpp"
#include "io/series_formats.hpp"
#include "io/zip_writer.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 5> kValueNames{"x", "series", "data", "values", "arr_0"};
constexpr std::array<std::string_view, 5> kLabelNames{"y", "labels", "label", "targets", "arr_1"};

class SeriesNpzReader final : public DatasetReader {
 public:
  SeriesNpzReader(const Candidates& files, const OpenOptions& options) {
    layout_->format = SeriesFormat::arrays;
    index_.format = "series_npz";
    LabelTable labels;
    std::vector<std::string> stems;
    for (const std::string& name : files.files) {
      const std::string extension = fs::path(name).extension();
      if (extension != ".npz" && extension != ".npy") continue;
      stems.push_back(fs::path(name).stem());
      add_file(files.path(name), name, labels);
    }
    if (arrays_.empty())
      throw usage_error(printable(files.root.native()) + ": holds no array of series")
          .with_hint("an .npz with x of shape series × time, or series × time × channels, and y of their classes");
    index_.labels = labels.take();
    layout_->stem = stems.size() == 1 ? stems.front() : "data";
    layout_->extension = ".npz";
    keep_splits_if_several();
    finish_index(index_, options);
    index_.description = counted(index_.entries.size(), "series", "series") + " of " + counted(layout_->names.size(), "channel", "channels") +
                         ", " + counted(layout_->length, "value", "values") + " each, NumPy arrays" +
                         (index_.has_splits ? ", " + describe_splits(index_) : "");
    index_.series = layout_;
  }

  const DatasetIndex& index() const override { return index_; }
  std::optional<fs::path> file_of(const Entry&) const override { return std::nullopt; }
  bool stores_pixels() const override { return false; }

  /// As float64, whatever the array holds.
  SourceImage read(const Entry& entry) const override {
    const NpyArray& array = arrays_[entry.container];
    const Bytes raw = array.file->read_bytes(entry.offset, entry.size);
    if (array.header.item_bytes == sizeof(double)) return {raw, {}};
    const std::size_t count = raw.size() / sizeof(float);
    std::vector<float> narrow(count);
    std::memcpy(narrow.data(), raw.data(), raw.size());
    const std::vector<double> wide(narrow.begin(), narrow.end());
    Bytes bytes(count * sizeof(double));
    std::memcpy(bytes.data(), wide.data(), bytes.size());
    return {std::move(bytes), {}};
  }

 private:
  static bool holds_series(const NpyArray& array) {
    const NpyHeader& h = array.header;
    return (h.shape.size() == 2 || h.shape.size() == 3) && h.kind == 'f' && (h.item_bytes == 4 || h.item_bytes == 8);
  }

  void add_file(const fs::path& path, const std::string& name, LabelTable& labels) {
    const std::vector<NpyArray> arrays = npy_arrays(path);
    const std::vector<std::string> classes = texts_named(arrays, "classes");
    for (const NpyArray& array : arrays) {
      if (!holds_series(array)) continue;
      if (arrays.size() > 1 && std::ranges::find(kValueNames, series_array_name(array.name)) == kValueNames.end()) continue;
      if (array.header.fortran || array.header.big_endian)
        throw usage_error(name + ": series must be stored row by row, lowest byte first").with_hint("save numpy.ascontiguousarray(x)");
      Split split = split_in_name(array.name);
      if (split == Split::none) split = split_in_name(fs::path(name).filename().native());
      add_array(array, labels_of(arrays, array, split, classes), split, fs::path(name).filename().native() + (arrays.size() > 2 ? "/" + array.name : ""), labels);
    }
  }

  static std::vector<std::string> texts_named(const std::vector<NpyArray>& arrays, std::string_view name) {
    for (const NpyArray& array : arrays)
      if (array.name == name && array.header.shape.size() == 1) return npy_texts(array, 0, array.header.items());
    return {};
  }

  static std::vector<std::string> labels_of(const std::vector<NpyArray>& arrays, const NpyArray& values, Split split,
                                            const std::vector<std::string>& classes) {
    for (const NpyArray& array : arrays) {
      if (array.header.shape.size() != 1 || array.header.shape[0] != values.header.shape[0]) continue;
      if (std::ranges::find(kLabelNames, series_array_name(array.name)) == kLabelNames.end()) continue;
      if (split_in_name(array.name) != split && split_in_name(array.name) != Split::none) continue;
      std::vector<std::string> texts = npy_texts(array, 0, array.header.items());
      for (std::string& text : texts)
        if (!classes.empty() && is_natural(text) && std::stoull(text) < classes.size()) text = classes[std::stoull(text)];
      return texts;
    }
    return {};
  }

  void add_array(const NpyArray& array, std::vector<std::string> texts, Split split, const std::string& container, LabelTable& labels) {
    const std::vector<std::uint64_t>& shape = array.header.shape;
    const std::size_t length = shape[1], channels = shape.size() == 3 ? shape[2] : 1;
    // Series are longer than they have channels.
    const bool channels_first = shape.size() == 3 && shape[1] < shape[2];
    if (layout_->names.empty()) {
      layout_->channels_first = channels_first;
      layout_->length = channels_first ? channels : length;
      const std::size_t count = channels_first ? length : channels;
      for (std::size_t c = 0; c < count; ++c) layout_->names.push_back(count == 1 ? "value" : "channel_" + std::to_string(c + 1));
      layout_->places.assign(count, -1);
    } else if (length * channels != layout_->length * layout_->names.size()) {
      throw usage_error(container + ": arrays of one dataset must hold series of one shape");
    }
    const std::uint64_t bytes = length * channels * array.header.item_bytes;
    if (bytes == 0) throw data_error(container + ": holds series without values");
    const std::uint64_t there = std::min<std::uint64_t>(shape[0], (array.file->size() - std::min(array.file->size(), array.data)) / bytes);
    arrays_.push_back(array);
    for (std::uint64_t i = 0; i < there; ++i)
      index_.entries.push_back({.id = numbered_id(container, i),
                                .label = labels.number_of(texts.empty() ? "" : texts[i]),
                                .split = split,
                                .container = static_cast<std::uint32_t>(arrays_.size() - 1),
                                .offset = array.data + i * bytes,
                                .size = bytes});
    if (!texts.empty()) index_.label_kind = LabelKind::category;
    if (there < shape[0])
      index_.broken.push_back({numbered_id(container, there), "truncated: the file holds " + std::to_string(there) + " of " + counted(shape[0], "series", "series")});
  }

  void keep_splits_if_several() {
    const auto other = [&](const Entry& entry) { return entry.split != index_.entries.front().split; };
    index_.has_splits = !index_.entries.empty() && std::ranges::any_of(index_.entries, other) &&
                        std::ranges::count(index_.entries, Split::none, &Entry::split) == 0;
    if (!index_.has_splits)
      for (Entry& entry : index_.entries) entry.split = Split::none;
  }

  std::shared_ptr<SeriesLayout> layout_{std::make_shared<SeriesLayout>()};
  DatasetIndex index_;
  std::vector<NpyArray> arrays_;
};

std::uint32_t crc_of(std::uint32_t before, std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

/// One .npz on its way: values in their final place, labels beside them until the end.
class SeriesNpz {
 public:
  SeriesNpz(const fs::path& path, const PackedLabels& labels, const SeriesLayout& layout)
      : labels_(labels), layout_(layout), values_(path), numbers_(fs::path(path) += ".labels") {}

  void start() {
    values_.cut(0);
    numbers_.cut(0);
  }

  void append(const OutputItem& item) {
    if (rows_ == 0) {
      length_ = static_cast<std::uint64_t>(item.image.width);
      channels_ = static_cast<std::uint64_t>(item.image.height);
      values_.append(std::string_view(head()));
    }
    if (static_cast<std::uint64_t>(item.image.width) != length_)
      throw usage_error("an .npz holds series of one length: the first has " + std::to_string(length_) + " values, " + item.id + " has " +
                        std::to_string(item.image.width))
          .with_hint("end the recipe with series_resize");
    const std::string_view bytes(reinterpret_cast<const char*>(item.file.data()), item.file.size());
    values_.append(bytes);
    numbers_.append(std::string_view(labels_.bytes_of(item)));
    crc_ = crc_of(crc_, bytes);
    ++rows_;
  }

  Json state() const { return {{"rows", rows_}, {"crc", crc_}, {"length", length_}, {"channels", channels_}}; }
  void resume(const Json& state) {
    rows_ = state.at("rows"), crc_ = state.at("crc"), length_ = state.at("length"), channels_ = state.at("channels");
    values_.cut(head().size() + rows_ * length_ * channels_ * sizeof(double));
    numbers_.cut(rows_ * labels_.bytes_each());
  }

  void finish() {
    const std::string array_head = values_head();
    const std::uint64_t bytes = rows_ * length_ * channels_ * sizeof(double);
    const auto crc = static_cast<std::uint32_t>(::crc32_combine(crc_of(0, array_head), crc_, static_cast<z_off_t>(bytes)));
    std::vector<StoredMember> members{{"x.npy", 0, array_head.size() + bytes, crc}};
    const std::string front = zip_local_record(members[0]) + array_head;
    values_.patch(0, std::as_bytes(std::span(front)));
    if (labels_.bytes_each() > 0) members.push_back(append("y.npy", labels_.npy_head(rows_) + numbers_.reopen().read_text(0, numbers_.size())));
    if (!labels_.classes().empty()) members.push_back(append("classes.npy", labels_.classes_npy()));
    values_.append(std::string_view(zip_directory(members, values_.size())));
    values_.publish();
    numbers_.discard();
  }

 private:
  std::string values_head() const {
    std::vector<std::uint64_t> sides{length_};
    if (channels_ > 1) sides = layout_.channels_first ? std::vector{channels_, length_} : std::vector{length_, channels_};
    return npy_header("<f8", rows_, sides);
  }
  std::string head() const { return zip_local_record({.name = "x.npy"}) + values_head(); }

  StoredMember append(const std::string& name, const std::string& content) {
    StoredMember member{name, values_.size(), content.size(), crc_of(0, content)};
    values_.append(std::string_view(zip_local_record(member)));
    values_.append(std::string_view(content));
    return member;
  }

  const PackedLabels& labels_;
  const SeriesLayout& layout_;
  GrowingFile values_, numbers_;
  std::uint64_t rows_{}, length_{}, channels_{};
  std::uint32_t crc_{};
};

class SeriesNpzWriter final : public DatasetWriter {
 public:
  SeriesNpzWriter(fs::path out, const WriterOptions& options)
      : out_(std::move(out)), layout_(options.series), labels_(options.labels, options.label_kind, options.soft_labels) {}

  void store(OutputItem&) override {}

  std::string commit(OutputItem&& item) override {
    const std::string name(item.split == Split::none ? "data" : name_of(item.split));
    const auto [file, is_new] = files_.try_emplace(name, out_ / (name + ".npz"), labels_, *layout_);
    if (is_new) file->second.start();
    file->second.append(item);
    Json state = Json::object();
    for (const auto& [split, its] : files_) state[split] = its.state();
    return state.dump();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    for (const auto& [name, its] : json.items()) {
      GrowingFile::take_back(out_ / (name + ".npz"));
      files_.try_emplace(name, out_ / (name + ".npz"), labels_, *layout_).first->second.resume(its);
    }
  }

  void finish() override {
    for (auto& [name, file] : files_) file.finish();
  }

 private:
  fs::path out_;
  std::shared_ptr<const SeriesLayout> layout_;
  PackedLabels labels_;
  std::map<std::string, SeriesNpz> files_;
};

}  // namespace

std::string series_array_name(const std::string& name) {
  std::string rest;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find_first_of("_-", begin), name.size());
    const std::string word = lower_case(name.substr(begin, end - begin));
    if (!split_from(word)) rest += (rest.empty() ? "" : "_") + word;
    begin = end + 1;
  }
  return rest;
}

std::unique_ptr<DatasetReader> open_series_npz(const Candidates& files, const OpenOptions& options) {
  return std::make_unique<SeriesNpzReader>(files, options);
}

std::unique_ptr<DatasetWriter> open_series_npz_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<SeriesNpzWriter>(out, options);
}

}  // namespace leaven::io

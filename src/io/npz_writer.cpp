// NumPy's .npz of images and labels: data.npz, or train.npz, val.npz and test.npz. The images grow in their final
// place, as the first member; its record and the array's header are patched when the number of images is known.
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/half.hpp"
#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/packed_labels.hpp"
#include "io/writer_layouts.hpp"
#include "io/zip_writer.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kChunk = 1 << 20;  // bytes copied at a time

std::uint32_t crc_of(std::uint32_t before, BytesView bytes) {
  return static_cast<std::uint32_t>(::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

BytesView view_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string descr_of(const RasterShape& shape) {
  if (shape.half) return "<f2";
  return shape.dtype == Dtype::u8 ? "|u1" : shape.dtype == Dtype::u16 ? "<u2" : "<f4";
}

std::uint64_t stored_bytes(const RasterShape& shape) { return shape.half ? shape.bytes() / 2 : shape.bytes(); }

/// Of the values of an image that is half, which float16 has exactly.
Bytes halves_of(const Raster& image) {
  const std::span values(reinterpret_cast<const float*>(image.data()), image.shape().bytes() / sizeof(float));
  Bytes bytes(values.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = to_half(values[i]);
    std::memcpy(bytes.data() + i * sizeof half, &half, sizeof half);
  }
  return bytes;
}

/// One .npz on its way: the images where they will stay, the labels beside them until the end.
class NpzFile {
 public:
  NpzFile(fs::path path, const PackedLabels& labels)
      : path_(std::move(path)), labels_path_(path_.native() + ".labels"), labels_(labels) {}

  void start() {
    open();
    images_->cut(0);
    numbers_->cut(0);
  }

  void resume(const Json& state) {
    rows_ = state.at("rows");
    crc_ = state.at("crc");
    shape_ = {.width = state.at("width"),
              .height = state.at("height"),
              .channels = state.at("channels"),
              .dtype = static_cast<Dtype>(state.at("dtype").get<int>()),
              .half = state.value("half", false)};
    GrowingFile::take_back(path_);
    recover_labels();
    open();
    images_->cut(head().size() + rows_ * stored_bytes(shape_));
    numbers_->cut(rows_ * labels_.bytes_each());
  }

  void append(const OutputItem& item) {
    if (item.pixels.empty()) throw bug("an item for an .npz has no pixels");
    if (rows_ == 0) {
      shape_ = item.pixels.shape();
      first_id_ = item.id;
      images_->append(head());
    }
    require_same_shape(item);
    const Bytes halves = shape_.half ? halves_of(item.pixels) : Bytes();
    const BytesView bytes = shape_.half ? BytesView(halves) : BytesView{item.pixels.data(), shape_.bytes()};
    images_->append(bytes);
    numbers_->append(labels_.bytes_of(item));
    crc_ = crc_of(crc_, bytes);
    ++rows_;
  }

  Json state() const {
    return {{"rows", rows_},
            {"crc", crc_},
            {"width", shape_.width},
            {"height", shape_.height},
            {"channels", shape_.channels},
            {"dtype", static_cast<int>(shape_.dtype)},
            {"half", shape_.half}};
  }

  void finish() {
    const std::string array_head = images_head();
    const std::uint64_t data_bytes = rows_ * stored_bytes(shape_);
    const std::uint32_t head_crc = crc_of(0, view_of(array_head));
    const auto crc = static_cast<std::uint32_t>(::crc32_combine(head_crc, crc_, static_cast<z_off_t>(data_bytes)));
    std::vector<StoredMember> members{{"images.npy", 0, array_head.size() + data_bytes, crc}};
    images_->patch(0, view_of(zip_local_record(members[0]) + array_head));
    if (labels_.bytes_each() > 0) members.push_back(append_labels());
    if (!labels_.classes().empty()) members.push_back(append_classes());
    images_->append(zip_directory(members, images_->size()));
    images_->publish();
    numbers_->discard();
  }

 private:
  void open() {
    images_.emplace(path_);
    numbers_.emplace(labels_path_);
  }

  std::string images_head() const {
    std::vector<std::uint64_t> sides{static_cast<std::uint64_t>(shape_.height),
                                     static_cast<std::uint64_t>(shape_.width)};
    if (shape_.channels > 1) sides.push_back(static_cast<std::uint64_t>(shape_.channels));
    return npy_header(descr_of(shape_), rows_, sides);
  }

  /// What stands before the first image; its length does not depend on the number of rows.
  std::string head() const { return zip_local_record({.name = "images.npy"}) + images_head(); }

  void require_same_shape(const OutputItem& item) const {
    const RasterShape& s = item.pixels.shape();
    if (s.size() == shape_.size() && s.channels == shape_.channels && s.dtype == shape_.dtype && s.half == shape_.half) return;
    throw usage_error("an .npz holds images of one shape: " + (first_id_.empty() ? "the first is" : first_id_ + " is") +
                      " " + describe(shape_) + ", " + item.id + " is " + describe(s))
        .with_hint("end the recipe with a step that makes them equal, such as resize");
  }

  StoredMember append_labels() {
    const std::string array_head = labels_.npy_head(rows_);
    const InputFile numbers = numbers_->reopen();
    const auto in_chunks = [&](const auto& use) {
      for (std::uint64_t at = 0; at < numbers.size(); at += kChunk)
        use(numbers.read_bytes(at, std::min(kChunk, numbers.size() - at)));
    };
    StoredMember member{"labels.npy", images_->size(), array_head.size() + numbers.size(),
                        crc_of(0, view_of(array_head))};
    in_chunks([&](const Bytes& bytes) { member.crc = crc_of(member.crc, bytes); });
    images_->append(zip_local_record(member) + array_head);
    in_chunks([&](const Bytes& bytes) { images_->append(bytes); });
    return member;
  }

  StoredMember append_classes() {
    const std::string content = labels_.classes_npy();
    StoredMember member{"classes.npy", images_->size(), content.size(), crc_of(0, view_of(content))};
    images_->append(zip_local_record(member) + content);
    return member;
  }

  /// A run that was killed right after it published has deleted the labels' own file: they stand in the .npz.
  void recover_labels() {
    if (labels_.bytes_each() == 0 || fs::exists(GrowingFile::growing_name(labels_path_))) return;
    for (const NpyArray& array : npy_arrays(GrowingFile::growing_name(path_)))
      if (array.name == "labels")
        GrowingFile(labels_path_).append(array.file->read_bytes(array.data, rows_ * labels_.bytes_each()));
  }

  fs::path path_, labels_path_;
  const PackedLabels& labels_;
  std::optional<GrowingFile> images_{}, numbers_{};
  RasterShape shape_{};
  std::string first_id_{};
  std::uint64_t rows_{};
  std::uint32_t crc_{};  ///< of all images so far
};

class NpzWriter final : public DatasetWriter {
 public:
  NpzWriter(fs::path out, const WriterOptions& options)
      : out_(std::move(out)), labels_(options.labels, options.label_kind, options.soft_labels) {}

  void store(OutputItem&) override {}

  std::string commit(OutputItem&& item) override {
    const std::string name(item.split == Split::none ? "data" : name_of(item.split));
    const auto [file, is_new] = files_.try_emplace(name, path_of(name), labels_);
    if (is_new) file->second.start();
    file->second.append(item);
    Json state = Json::object();
    for (const auto& [split, its] : files_) state[split] = its.state();
    return state.dump();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    for (const auto& [name, its] : json.items())
      files_.try_emplace(name, path_of(name), labels_).first->second.resume(its);
  }

  void finish() override {
    for (auto& [name, file] : files_) file.finish();
  }

 private:
  fs::path path_of(const std::string& name) const { return out_ / (name + ".npz"); }

  fs::path out_;
  PackedLabels labels_;
  std::map<std::string, NpzFile> files_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_npz_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<NpzWriter>(out, options);
}

}  // namespace leaven::io

#include "io/part_log.hpp"

#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "io/annotation_json.hpp"
#include "io/atomic_file.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kMagic = "leaven part 4\n";

/// Fields one after the other; texts and bytes with their length before them.
class Packer {
 public:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }
  void bytes(const void* data, std::size_t size) {
    number<std::uint64_t>(size);
    if (size > 0) bytes_.append(static_cast<const char*>(data), size);
  }
  void text(std::string_view text) { bytes(text.data(), text.size()); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(BytesView bytes) : rest_(bytes) {}
  template <class T>
  T number() {
    T value{};
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  BytesView bytes() { return take(number<std::uint64_t>()); }
  std::string text() {
    const BytesView view = bytes();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
  }

 private:
  BytesView take(std::uint64_t size) {
    if (size > rest_.size()) throw data_error("a shard's part is damaged");
    const BytesView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  BytesView rest_;
};

std::string pack(const OutputItem& item) {
  Packer p;
  p.text(item.id);
  p.text(item.label);
  p.number(item.label_index);
  p.number<std::uint64_t>(item.weights.size());
  for (const auto& [name, weight] : item.weights) {
    p.text(name);
    p.number(weight);
  }
  p.number(item.split);
  p.number(item.copy);
  p.number(item.image.width);
  p.number(item.image.height);
  p.text(item.annotations ? to_json_text(*item.annotations) : "");
  p.text(item.row);
  p.number<std::uint64_t>(item.members.size());
  for (const auto& [extension, member] : item.members) {
    p.text(extension);
    p.bytes(member.data(), member.size());
  }
  p.bytes(item.file.data(), item.file.size());
  const RasterShape& s = item.pixels.shape();
  p.number(s.width);
  p.number(s.height);
  p.number(s.channels);
  p.number(s.dtype);
  p.number(s.alpha);
  p.number(s.bounded);
  p.number(s.half);
  p.bytes(item.pixels.data(), item.pixels.empty() ? 0 : s.bytes());
  const std::string fields = p.take();
  p.text(fields);
  return p.take();
}

OutputItem unpack(BytesView bytes) {
  Unpacker u(bytes);
  OutputItem item;
  item.id = u.text();
  item.label = u.text();
  item.label_index = u.number<std::uint32_t>();
  for (auto left = u.number<std::uint64_t>(); left > 0; --left) {
    std::string name = u.text();
    const auto weight = u.number<double>();
    item.weights.emplace_back(std::move(name), weight);
  }
  item.split = u.number<Split>();
  item.copy = u.number<std::uint32_t>();
  item.image.width = u.number<int>();
  item.image.height = u.number<int>();
  if (const std::string marks = u.text(); !marks.empty()) item.annotations = annotations_from_json(marks);
  item.row = u.text();
  for (auto left = u.number<std::uint64_t>(); left > 0; --left) {
    std::string extension = u.text();
    const BytesView member = u.bytes();
    item.members.emplace_back(std::move(extension), Bytes(member.begin(), member.end()));
  }
  const BytesView file = u.bytes();
  item.file.assign(file.begin(), file.end());
  RasterShape s;
  s.width = u.number<int>();
  s.height = u.number<int>();
  s.channels = u.number<int>();
  s.dtype = u.number<Dtype>();
  s.alpha = u.number<bool>();
  s.bounded = u.number<bool>();
  s.half = u.number<bool>();
  const BytesView pixels = u.bytes();
  if (pixels.empty()) return item;
  if (pixels.size() != s.bytes()) throw data_error("a shard's part is damaged");
  item.pixels = Raster(s);
  std::memcpy(item.pixels.data(), pixels.data(), pixels.size());
  return item;
}

class PartLog final : public DatasetWriter {
 public:
  PartLog(fs::path path, std::unique_ptr<DatasetWriter> files) : path_(std::move(path)), files_(std::move(files)) {}

  void store(OutputItem& item) override {
    if (!files_) return;
    files_->store(item);
    item.file = {};  // it lies in OUT; the merge needs the row alone
  }

  std::string commit(OutputItem&& item) override {
    if (!log_) start();
    log_->append(pack(item));
    return Json{{"bytes", log_->size()}}.dump();
  }

  void resume(const std::string& state) override {
    GrowingFile::take_back(path_);
    log_.emplace(path_);
    log_->cut(Json::parse(state).at("bytes"));
  }

  void finish() override {
    if (!log_) start();
    log_->publish();
  }

 private:
  void start() {
    log_.emplace(path_);
    log_->cut(0);
    log_->append(kMagic);
  }

  fs::path path_;
  std::unique_ptr<DatasetWriter> files_;
  std::optional<GrowingFile> log_{};
};

}  // namespace

fs::path part_log_path(const fs::path& out, std::string_view part) {
  return out / ("leaven.part-" + std::string(part) + ".items");
}

std::unique_ptr<DatasetWriter> open_part_log(const fs::path& out, const std::string& part,
                                             std::unique_ptr<DatasetWriter> files) {
  return std::make_unique<PartLog>(part_log_path(out, part), std::move(files));
}

PartLogReader::PartLogReader(const fs::path& path) : file_(path), at_(kMagic.size()) {
  if (file_.size() < at_ || file_.read_text(0, at_) != kMagic)
    throw data_error(printable(path.native()) + ": is no part of a dataset, or one of another version");
}

std::optional<OutputItem> PartLogReader::next() {
  if (at_ == file_.size()) return std::nullopt;
  std::uint64_t size = 0;
  file_.read(at_, std::as_writable_bytes(std::span(&size, 1)));
  at_ += sizeof(size);
  const Bytes bytes = file_.read_bytes(at_, size);
  at_ += size;
  return unpack(bytes);
}

}  // namespace leaven::io

// WebDataset shards: shard-000000.tar, or train-000000.tar, val-… and test-… . Each sample is key.jpg with key.cls (a
// class's number; names in classes.json) or key.json (several classes, shares of classes, a target). Headers hold no time and no owner.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "io/packed_labels.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

/// Turns members into the bytes of a tar.
class TarBytes {
 public:
  TarBytes() : archive_(archive_write_new(), archive_write_free) {
    archive* a = archive_.get();
    // GNU's layout takes names of any length and any bytes without passing them through the locale.
    const bool ready = a && archive_write_set_format_gnutar(a) == ARCHIVE_OK &&
                       archive_write_set_bytes_per_block(a, 0) == ARCHIVE_OK &&
                       archive_write_set_bytes_in_last_block(a, 1) == ARCHIVE_OK &&
                       archive_write_open(a, &bytes_, nullptr, take, nullptr) == ARCHIVE_OK;
    if (!ready) throw environment_error("out of memory for writing a tar");
  }

  void add(const std::string& name, BytesView content) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    require(archive_write_header(archive_.get(), entry.get()) == ARCHIVE_OK);
    require(archive_write_data(archive_.get(), content.data(), content.size()) ==
            static_cast<la_ssize_t>(content.size()));
    require(archive_write_finish_entry(archive_.get()) == ARCHIVE_OK);
  }

  /// What was added since the last call.
  std::string take_bytes() { return std::exchange(bytes_, {}); }
  /// The end of the tar.
  std::string close() {
    require(archive_write_close(archive_.get()) == ARCHIVE_OK);
    return take_bytes();
  }

 private:
  static la_ssize_t take(archive*, void* bytes, const void* data, std::size_t size) {
    static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
    return static_cast<la_ssize_t>(size);
  }
  void require(bool fine) const {
    if (!fine) throw bug(std::string("a tar member cannot be written: ") + archive_error_string(archive_.get()));
  }

  std::string bytes_;  // before archive_, whose end may still write
  std::unique_ptr<archive, int (*)(archive*)> archive_;
};

/// The shards of one split, one open at a time.
class Shards {
 public:
  Shards(fs::path out, std::string prefix, std::uint64_t most_bytes)
      : out_(std::move(out)), prefix_(std::move(prefix)), most_bytes_(most_bytes) {}

  void resume(const Json& state) {
    shard_ = state.at("shard");
    for (std::uint64_t s = 0; s <= shard_; ++s) GrowingFile::take_back(path_of(s));
    file_.emplace(path_of(shard_));
    file_->cut(state.at("bytes"));
    remove_from(shard_ + 1);
  }

  void append(std::string_view sample) {
    if (!file_) open(0);
    if (file_->size() > 0 && file_->size() + sample.size() > most_bytes_) {
      file_->append(TarBytes().close());
      open(shard_ + 1);
    }
    file_->append(sample);
  }

  Json state() const { return {{"shard", shard_}, {"bytes", file_->size()}}; }

  void finish() {
    file_->append(TarBytes().close());
    file_.reset();
    for (std::uint64_t s = 0; s <= shard_; ++s) GrowingFile::publish(path_of(s));
    remove_from(shard_ + 1);
  }

 private:
  fs::path path_of(std::uint64_t shard) const {
    std::string digits = std::to_string(shard);
    if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
    return out_ / (prefix_ + "-" + digits + ".tar");
  }

  void open(std::uint64_t shard) {
    shard_ = shard;
    file_.emplace(path_of(shard));
    file_->cut(0);
  }

  /// Shards of an earlier run that had more of them.
  void remove_from(std::uint64_t shard) const {
    std::error_code ignored;
    for (bool any = true; any; ++shard) {
      const bool growing = fs::remove(GrowingFile::growing_name(path_of(shard)), ignored);
      any = fs::remove(path_of(shard), ignored) || growing;
    }
  }

  fs::path out_;
  std::string prefix_;
  std::uint64_t most_bytes_, shard_{};
  std::optional<GrowingFile> file_{};
};

class WebDatasetWriter final : public DatasetWriter {
 public:
  WebDatasetWriter(fs::path out, const WriterOptions& options)
      : out_(std::move(out)), most_bytes_(options.shard_bytes), labels_(options.labels, options.label_kind, options.soft_labels) {}

  void store(OutputItem&) override {}

  std::string commit(OutputItem&& item) override {
    shards_of(std::string(item.split == Split::none ? "shard" : name_of(item.split))).append(sample_of(item));
    Json state = Json::object();
    for (const auto& [prefix, shards] : shards_) state[prefix] = shards.state();
    return state.dump();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    for (const auto& [prefix, its] : json.items()) shards_of(prefix).resume(its);
  }

  void finish() override {
    for (auto& [prefix, shards] : shards_) shards.finish();
    if (!shards_.empty() && !labels_.classes().empty())
      write_file_atomically(out_ / "classes.json", Json(labels_.classes()).dump(1) + "\n");
  }

 private:
  Shards& shards_of(const std::string& prefix) {
    return shards_.try_emplace(prefix, out_, prefix, most_bytes_).first->second;
  }

  std::string sample_of(const OutputItem& item) {
    // Readers take what follows the first point for the kind of the member, so that a key must have none.
    const std::size_t name = item.id.rfind('/') == std::string::npos ? 0 : item.id.rfind('/') + 1;
    const std::size_t point = item.id.rfind('.');
    const bool has_extension = point != std::string::npos && point > name;
    const std::string stem = item.id.substr(name, has_extension ? point - name : std::string::npos);
    std::string key = item.id.substr(0, name);
    for (const char c : stem) key += c == '.' ? std::string("%2E") : std::string(1, c);
    tar_.add(key + (has_extension ? item.id.substr(point) : ".bin"), item.file);
    const bool json = labels_.soft() || labels_.kind() != LabelKind::category;
    std::string label = label_member(item);
    for (const auto& [extension, bytes] : item.members) {
      if (json && !label.empty() && extension == "json") label = with_other_properties(label, bytes);
      else tar_.add(key + "." + extension, bytes);
    }
    if (!label.empty()) tar_.add(key + (json ? ".json" : ".cls"), std::as_bytes(std::span(label)));
    return tar_.take_bytes();
  }

  /// What the source's own JSON says besides the label goes along.
  static std::string with_other_properties(const std::string& label, const Bytes& source) {
    const char* text = reinterpret_cast<const char*>(source.data());
    Json all = Json::parse(text, text + source.size(), nullptr, false);
    if (!all.is_object()) return label;
    all.update(Json::parse(label));
    return all.dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  std::string label_member(const OutputItem& item) const {
    if (labels_.soft()) {
      Json shares = Json::object();
      for (const auto& [name, weight] : labels_.weights_of(item)) shares[name] = weight;
      return Json{{"label", std::move(shares)}}.dump();
    }
    switch (labels_.kind()) {
      case LabelKind::none: return {};
      case LabelKind::category: return item.label.empty() ? "" : std::to_string(labels_.number_of(item));
      case LabelKind::categories: return Json{{"label", PackedLabels::parts_of(item.label)}}.dump();
      case LabelKind::number: return Json{{"target", PackedLabels::value_of(item)}}.dump();
    }
    return {};
  }

  fs::path out_;
  std::uint64_t most_bytes_;
  PackedLabels labels_;
  TarBytes tar_;
  std::map<std::string, Shards> shards_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_webdataset_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<WebDatasetWriter>(out, options);
}

}  // namespace leaven::io

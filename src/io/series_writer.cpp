// Series as the text that their source came as: one file a split, growing in roster order.
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/atomic_file.hpp"
#include "io/series_formats.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

/// What a .ts file promises of lengths, kept true: as the lines are written before the series are known, they have room.
class TsPromise {
 public:
  explicit TsPromise(const std::string& head) {
    std::size_t at = 0;
    while (at < head.size()) {
      const std::size_t end = std::min(head.find('\n', at), head.size());
      const std::string line = lower_case(head.substr(at, end - at));
      if (line.starts_with("@serieslength") || line.starts_with("@equallength")) {
        const std::size_t from = text_.size();
        text_ += head.substr(at, end - at) + "          \n";
        (line[1] == 's' ? length_ : equal_) = {from, text_.size() - 1 - from};
      } else {
        text_ += head.substr(at, end - at) + "\n";
      }
      at = end + 1;
    }
  }

  const std::string& text() const { return text_; }
  void settle(GrowingFile& file, bool equal, std::uint64_t length) const {
    patch(file, equal_, equal ? "@equalLength true" : "@equalLength false");
    patch(file, length_, equal ? "@seriesLength " + std::to_string(length) : "# lengths differ");
  }

 private:
  struct Place {
    std::size_t at{}, size{};
  };
  static void patch(GrowingFile& file, const Place& place, std::string line) {
    if (place.size < line.size()) return;
    line.resize(place.size, ' ');
    file.patch(place.at, std::as_bytes(std::span(line)));
  }

  std::string text_{};
  Place equal_{}, length_{};
};

class SeriesWriter final : public DatasetWriter {
 public:
  SeriesWriter(fs::path out, const WriterOptions& options) : out_(std::move(out)), layout_(options.series) {
    if (!layout_) throw bug("a writer of series without a layout");
    head_ = layout_->head;
    if (layout_->format == SeriesFormat::ts) {
      promise_.emplace(head_);
      head_ = promise_->text();
    }
  }

  void store(OutputItem&) override {}

  std::string commit(OutputItem&& item) override {
    const auto [at, is_new] = files_.try_emplace(item.split, path_of(item.split));
    Part& part = at->second;
    const auto length = static_cast<std::uint64_t>(item.image.width);
    if (is_new) {
      part.file.cut(0);
      part.file.append(head_);
      part.length = length;
    }
    part.equal = part.equal && part.length == length;
    part.file.append(std::string_view(reinterpret_cast<const char*>(item.file.data()), item.file.size()));
    part.file.append(std::string_view(layout_->crlf ? "\r\n" : "\n"));
    Json state = Json::object();
    for (const auto& [split, its] : files_)
      state[std::string(name_of(split))] = {{"bytes", its.file.size()}, {"equal", its.equal}, {"length", its.length}};
    return state.dump();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    for (const auto& [name, its] : json.items()) {
      const Split split = split_from(name).value_or(Split::none);
      GrowingFile::take_back(path_of(split));
      Part& part = files_.try_emplace(split, path_of(split)).first->second;
      part.file.cut(its.at("bytes"));
      part.equal = its.at("equal");
      part.length = its.at("length");
    }
  }

  void finish() override {
    for (auto& [split, part] : files_) {
      if (promise_) promise_->settle(part.file, part.equal, part.length);
      part.file.publish();
    }
  }

 private:
  struct Part {
    explicit Part(fs::path path) : file(std::move(path)) {}
    GrowingFile file;
    bool equal{true};
    std::uint64_t length{};
  };

  fs::path path_of(Split split) const {
    if (split == Split::none) return out_ / (layout_->stem + layout_->extension);
    return out_ / (without_split(layout_->stem) + "_" + upper_case(name_of(split)) + layout_->extension);
  }

  fs::path out_;
  std::shared_ptr<const SeriesLayout> layout_;
  std::string head_{};
  std::optional<TsPromise> promise_{};
  std::map<Split, Part> files_{};
};

}  // namespace

std::unique_ptr<DatasetWriter> open_series_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<SeriesWriter>(out, options);
}

}  // namespace leaven::io

// COCO out: one JSON for each split. Annotations grow in their final place and images beside them until the end.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/atomic_file.hpp"
#include "io/coco_annotation.hpp"
#include "io/layout_fit.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

constexpr std::string_view kBetween = "\n],\n\"images\":[";
constexpr std::string_view kEnd = "\n]}\n";
constexpr std::uint64_t kChunk = 1 << 20;  // bytes copied at a time

/// One JSON on its way.
class CocoOut {
 public:
  CocoOut(fs::path path, std::string head)
      : path_(std::move(path)), images_path_(path_.native() + ".images"), head_(std::move(head)) {}

  void start() {
    open();
    annotations_->cut(0);
    annotations_->append(head_);
    images_->cut(0);
  }

  void resume(const Json& state) {
    const std::uint64_t annotations = state.at("annotations"), images = state.at("images");
    GrowingFile::take_back(path_);
    open();
    if (images_->size() < images) {  // a run died after its end: they are in the whole file alone
      const InputFile whole = annotations_->reopen();
      images_->cut(0);
      copy(whole, annotations + kBetween.size(), images, *images_);
    }
    images_->cut(images);
    annotations_->cut(annotations);
  }

  void add_image(const std::string& text) { images_->append((images_->size() > 0 ? ",\n" : "\n") + text); }
  void add_annotations(const std::string& lines) {
    if (lines.empty()) return;
    const bool first = annotations_->size() == head_.size();
    annotations_->append(std::string_view(lines).substr(first ? 1 : 0));
  }
  Json state() const { return {{"annotations", annotations_->size()}, {"images", images_->size()}}; }

  void publish() {
    annotations_->append(kBetween);
    copy(images_->reopen(), 0, images_->size(), *annotations_);
    annotations_->append(kEnd);
    annotations_->publish();
  }
  /// After all files are published: until then a resumed run needs it.
  void discard() { images_->discard(); }

 private:
  void open() {
    annotations_.emplace(path_);
    images_.emplace(images_path_);
  }

  static void copy(const InputFile& from, std::uint64_t offset, std::uint64_t size, GrowingFile& to) {
    for (std::uint64_t done = 0; done < size; done += kChunk)
      to.append(from.read_bytes(offset + done, std::min(kChunk, size - done)));
  }

  fs::path path_, images_path_;
  std::string head_;
  std::optional<GrowingFile> annotations_{}, images_{};
};

class CocoWriter final : public DatasetWriter {
 public:
  CocoWriter(const fs::path& out, const WriterOptions& options)
      : files_(open_file_tree(out, options)), out_(out), options_(options) {
    const bool own = options.input_format == "coco" && !options.dialect.empty();
    const Json dialect = own ? Json::parse(options.dialect) : Json::object();
    sources_ = dialect.value("files", Json::array());
    last_image_ = dialect.value("last_image", 0LL);
    last_annotation_ = dialect.value("last_annotation", 0LL);
    std::set<std::string> splits;
    for (const Json& source : sources_) splits.insert(source.at("split").get<std::string>());
    keeps_ids_ = splits.size() == sources_.size();
    number_categories();
  }

  void store(OutputItem& item) override { files_->store(item); }

  std::string commit(OutputItem&& item) override {
    if (!item.annotations) throw bug("an item comes without its annotations: " + item.id);
    const auto [found, is_new] =
        open_.try_emplace(std::string(name_of(item.split)), path_of(item.split), head_of(item.split));
    CocoOut& out = found->second;
    if (is_new) out.start();
    const bool original = item.copy == 0 && keeps_ids_;
    const auto number = [&](const std::string& extra, long long& last) {
      const auto id = original ? id_in(extra) : std::nullopt;
      return std::to_string(id ? *id : ++last);
    };
    const Annotations& marks = *item.annotations;
    const std::string image = number(marks.extra, last_image_);
    out.add_image("{\"id\":" + image + ",\"file_name\":" + Json(file_name(item)).dump() +
                  ",\"width\":" + std::to_string(item.image.width) +
                  ",\"height\":" + std::to_string(item.image.height) + carried_fields(marks.extra, {"id"}) + "}");
    std::string lines;
    for (const Instance& instance : instances_of(marks, options_.categories.size()))
      lines += ",\n{\"id\":" + number(instance.extra, last_annotation_) + ",\"image_id\":" + image +
               ",\"category_id\":" + std::to_string(category_ids_.at(instance.category)) +
               coco_fields(instance, item.copy == 0) + "}";
    out.add_annotations(lines);
    return state();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    last_image_ = json.at("last_image");
    last_annotation_ = json.at("last_annotation");
    for (const auto& [name, its] : json.at("files").items()) {
      const Split split = split_from(name).value_or(Split::none);
      open_.try_emplace(name, path_of(split), head_of(split)).first->second.resume(its);
    }
  }

  void finish() override {
    for (auto& [name, out] : open_) out.publish();
    for (auto& [name, out] : open_) out.discard();
  }

 private:
  std::string state() const {
    Json json{{"last_image", last_image_}, {"last_annotation", last_annotation_}, {"files", Json::object()}};
    for (const auto& [name, out] : open_) json["files"][name] = out.state();
    return json.dump();
  }

  /// The source's ids where it has them, and new ones for others.
  void number_categories() {
    std::set<long long> taken;
    for (const Category& category : options_.categories) {
      long long id = id_in(category.extra).value_or(static_cast<long long>(category_ids_.size()) + 1);
      while (!taken.insert(id).second) ++id;
      category_ids_.push_back(id);
    }
  }

  /// The source's file for the split; else its only one under a name with the split; null for other sources.
  const Json* source_of(Split split) const {
    for (const Json& source : sources_)
      if (source.at("split") == name_of(split)) return &source;
    return sources_.empty() ? nullptr : &sources_.front();
  }

  fs::path path_of(Split split) const {
    const std::string name(name_of(split));
    const Json* source = source_of(split);
    if (!source) return out_ / ("annotations/instances" + (name.empty() ? "" : "_" + name) + ".json");
    const std::string json = source->at("json");
    if (source->at("split") == name) return out_ / json;
    return out_ / (std::string(without_extension(json)) + (name.empty() ? "" : "_" + name) + ".json");
  }

  std::string head_of(Split split) const {
    std::string head = "{";
    if (const Json* source = source_of(split)) head += carried_fields(source->at("others"), {}).erase(0, 1);
    head += (head.size() > 1 ? ",\n" : "") + std::string("\"categories\":[");
    for (std::size_t c = 0; c < options_.categories.size(); ++c) {
      const Category& category = options_.categories[c];
      head += (c > 0 ? ",\n{" : "\n{") + ("\"id\":" + std::to_string(category_ids_[c])) +
              ",\"name\":" + Json(category.name).dump();
      if (!category.keypoints.empty()) head += ",\"keypoints\":" + Json(category.keypoints).dump();
      head += carried_fields(category.extra, {"id"}) + "}";
    }
    return head + "\n],\n\"annotations\":[";
  }

  /// The image's path below the folder that its JSON speaks of.
  std::string file_name(const OutputItem& item) const {
    if (const Json* source = source_of(item.split)) {
      const std::string folder = source->at("folder");
      const std::size_t at = folder.empty() ? std::string::npos : ("/" + item.id).find("/" + folder);
      if (at != std::string::npos) return item.id.substr(at + folder.size());
      if (folder.empty() && source->at("split") == name_of(item.split)) return item.id;
    }
    return std::string(below_image_folders(item.id));
  }

  std::unique_ptr<DatasetWriter> files_;
  fs::path out_;
  WriterOptions options_;
  Json sources_;
  long long last_image_{}, last_annotation_{};
  bool keeps_ids_{};
  std::vector<long long> category_ids_;
  std::map<std::string, CocoOut> open_;  ///< by split
};

}  // namespace

std::unique_ptr<DatasetWriter> open_coco_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<CocoWriter>(out, options);
}

}  // namespace leaven::io

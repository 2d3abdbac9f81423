// Pascal VOC out: an XML for each image, and the lists of ImageSets/Main.
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/atomic_file.hpp"
#include "io/file_tree.hpp"
#include "io/layout_fit.hpp"
#include "io/voc_annotation.hpp"
#include "io/voc_label_path.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

class VocWriter final : public DatasetWriter {
 public:
  VocWriter(const fs::path& out, const WriterOptions& options) : tree_(out, options), out_(out), options_(options) {
    own_ = options.input_format == "voc" && !options.dialect.empty();
    if (!own_) return;
    const Json own = Json::parse(options.dialect);
    rule_ = {own.at("from"), own.at("to")};
    lists_ = own.at("lists");
    trainval_ = own.at("trainval");
  }

  void store(OutputItem& item) override {
    if (item.annotations) {
      const auto path = voc_label_path(rule_, item.id);
      if (!path) throw bug("an image lies where it can have no annotations: " + item.id);
      const VocImage image{item.id.substr(item.id.rfind('/') + 1), item.image, 3, own_ && item.copy == 0};
      const std::string text = write_voc(instances_of(*item.annotations, options_.categories.size()),
                                         own_ ? item.annotations->extra : std::string(), image, options_.categories);
      tree_.write(*path, text);
    }
    item.annotations.reset();
    tree_.store(item);
  }

  std::string commit(OutputItem&& item) override {
    if (item.split == Split::none || (own_ && !lists_ && split_in_path(item.id) == item.split)) return state();
    const std::string line = std::string(without_extension(below_image_folders(item.id))) + "\n";
    list(std::string(name_of(item.split))).append(line);
    if ((trainval_ || !own_) && item.split != Split::test) list("trainval").append(line);
    return state();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    for (const auto& [name, size] : json.items()) {
      GrowingFile::take_back(list_path(name));
      open_.try_emplace(name, list_path(name)).first->second.cut(size);
    }
  }

  void finish() override {
    for (auto& [name, list] : open_) list.publish();
  }

 private:
  fs::path list_path(const std::string& name) const { return out_ / "ImageSets" / "Main" / (name + ".txt"); }

  GrowingFile& list(const std::string& name) {
    const auto [found, is_new] = open_.try_emplace(name, list_path(name));
    if (is_new) found->second.cut(0);
    return found->second;
  }

  std::string state() const {
    Json json = Json::object();
    for (const auto& [name, list] : open_) json[name] = list.size();
    return json.dump();
  }

  FileTree tree_;
  fs::path out_;
  WriterOptions options_;
  VocRule rule_;
  bool own_{}, lists_{}, trainval_{};
  std::map<std::string, GrowingFile> open_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_voc_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<VocWriter>(out, options);
}

}  // namespace leaven::io

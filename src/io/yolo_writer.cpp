// YOLO out: a label file for each image, and data.yaml, which is known when all images are.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/atomic_file.hpp"
#include "io/file_tree.hpp"
#include "io/layout_fit.hpp"
#include "io/writer_layouts.hpp"
#include "io/yolo_label_path.hpp"
#include "io/yolo_rows.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::json;

YoloKind kind_for(const Marks& marks) {
  if (marks.keypoints) return YoloKind::pose;
  if (marks.rotated && !marks.outlines && !marks.masks) return YoloKind::obb;
  return marks.outlines || marks.rotated || marks.masks || marks.image_masks ? YoloKind::segment : YoloKind::detect;
}

/// The folder that both lie in, '/' at its end.
std::string shared_folder(const std::string& a, std::string_view b) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i)
    if (a[i] == '/') end = i + 1;
  return a.substr(0, end);
}

class YoloWriter final : public DatasetWriter {
 public:
  YoloWriter(const fs::path& out, const WriterOptions& options) : tree_(out, options), out_(out), options_(options) {
    const Json own =
        options.input_format == "yolo" && !options.dialect.empty() ? Json::parse(options.dialect) : Json::object();
    rows_.kind = yolo_kind_from(own.value("kind", "")).value_or(kind_for(options.marks));
    if (rows_.kind == YoloKind::pose) {
      rows_.keypoints = keypoints_of(options.categories);
      rows_.dimensions = own.value("dimensions", std::size_t{3});
    }
    states_task_ = own.value("task", false);
    lists_ = own.value("lists", false);
    yaml_ = own.value("yaml", "");
    if (yaml_.empty()) yaml_ = "data.yaml";
  }

  void store(OutputItem& item) override {
    std::string text;
    if (item.annotations)
      for (const Instance& instance : instances_of(*item.annotations, options_.categories.size()))
        text += write_yolo_row(instance, rows_, item.image);
    if (item.annotations) tree_.write(yolo_label_path(item.id), text);
    item.annotations.reset();
    tree_.store(item);
  }

  std::string commit(OutputItem&& item) override {
    const auto [folder, is_new] = folders_.try_emplace(std::string(name_of(item.split)), folder_of(item.id));
    if (!is_new) folder->second = shared_folder(folder->second, folder_of(item.id));
    Json state{{"folders", folders_}};
    if (lists_ && item.split != Split::none) list_of(item.split).append("./" + item.id + "\n");
    for (auto& [name, list] : open_lists_) state["lists"][name] = list.size();
    return state.dump();
  }

  void resume(const std::string& state) override {
    const Json json = Json::parse(state);
    folders_ = json.at("folders");
    if (!json.contains("lists")) return;
    for (const auto& [name, size] : json.at("lists").items()) {
      GrowingFile::take_back(list_path(name));
      open_lists_.try_emplace(name, list_path(name)).first->second.cut(size);
    }
  }

  void finish() override {
    for (auto& [name, list] : open_lists_) list.publish();
    const std::string text = write_yolo_config(config());
    write_file_atomically(out_ / yaml_, text);
  }

 private:
  static std::size_t keypoints_of(const std::vector<Category>& categories) {
    std::size_t most = 0;
    for (const Category& category : categories) most = std::max(most, category.keypoints.size());
    return most;
  }

  fs::path list_path(const std::string& split) const { return out_ / (split + ".txt"); }

  GrowingFile& list_of(Split split) {
    const std::string name(name_of(split));
    const auto [list, is_new] = open_lists_.try_emplace(name, list_path(name));
    if (is_new) list->second.cut(0);
    return list->second;
  }

  YoloConfig config() const {
    YoloConfig config;
    for (const Category& category : options_.categories) config.names.push_back(category.name);
    if (states_task_) config.task = rows_.kind;
    if (rows_.kind == YoloKind::pose) add_keypoints(config);
    const auto place_of = [](const std::string& folder) {
      return folder.empty() ? std::string(".") : folder.substr(0, folder.size() - 1);
    };
    for (const auto& [name, folder] : folders_) {
      const auto split = split_from(name);
      if (split) config.splits[*split] = {lists_ ? name + ".txt" : place_of(folder)};
    }
    // Tools for YOLO refuse a file without the first two.
    const auto whole = folders_.find("");
    const std::string any = whole != folders_.end() ? place_of(whole->second) : folders_.empty() ? "." : std::string();
    for (const Split needed : {Split::train, Split::val})
      if (!config.splits.contains(needed))
        config.splits[needed] = any.empty() ? config.splits.begin()->second : std::vector<std::string>{any};
    return config;
  }

  void add_keypoints(YoloConfig& config) const {
    config.keypoints = rows_.keypoints;
    config.dimensions = rows_.dimensions;
    for (const Category& category : options_.categories) {
      if (category.keypoints.size() != rows_.keypoints) continue;
      config.flip_index = category.mirrored;
      bool named = false;
      for (std::size_t k = 0; k < category.keypoints.size(); ++k)
        named = named || category.keypoints[k] != "keypoint_" + std::to_string(k);
      if (named) config.keypoint_names = category.keypoints;
      return;
    }
  }

  FileTree tree_;
  fs::path out_;
  WriterOptions options_;
  YoloRows rows_;
  std::string yaml_;
  bool states_task_{}, lists_{};
  std::map<std::string, std::string> folders_;  ///< by split: the folder that all its images lie in
  std::map<std::string, GrowingFile> open_lists_;
};

}  // namespace

std::unique_ptr<DatasetWriter> open_yolo_writer(const fs::path& out, const WriterOptions& options) {
  return std::make_unique<YoloWriter>(out, options);
}

}  // namespace leaven::io

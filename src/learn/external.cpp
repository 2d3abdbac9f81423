#include "learn/external.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "flow/sample_task.hpp"
#include "io/codec.hpp"
#include "learn/child_process.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

/// A folder that goes when the training is over.
class PictureFolder {
 public:
  explicit PictureFolder(fs::path path) : path_(std::move(path)) { fs::remove_all(path_); }
  ~PictureFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PictureFolder(const PictureFolder&) = delete;
  PictureFolder& operator=(const PictureFolder&) = delete;
  const fs::path& path() const { return path_; }

  void write(const std::string& split, const std::string& label, const std::string& name, const Raster& picture) const {
    const fs::path folder = path_ / split / label;
    fs::create_directories(folder);
    const io::Bytes bytes = io::encode(picture.view(), {.format = io::ImageFormat::png, .png_level = 1});
    std::ofstream out(folder / (name + ".png"), std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!out) throw environment_error("cannot be written").with_place((folder / name).string());
  }

 private:
  fs::path path_;
};

/// One folder below another, whatever the class is called.
std::string folder_name(const std::string& label) {
  std::string name = label;
  for (char& c : name)
    if (c == '/' || c == '\0') c = '_';
  return name.empty() || name == "." || name == ".." ? "_" + name : name;
}

void write_pictures(const PictureFolder& folder, const External& external, const Experiment& x, const TrialId& id) {
  const Arm& arm = x.arms[id.arm];
  const Fold& fold = x.partition.folds[id.fold];
  const io::DatasetIndex& index = x.pictures.index();
  const auto whole = [&](std::uint32_t e) { return over_white(flow::decode_whole(flow::load_source(*external.reader, index.entries[e]))); };
  const auto label = [&](std::uint32_t e) { return folder_name(index.labels[index.entries[e].label]); };
  for (const auto& [split, entries] : {std::pair<std::string, const Entries&>{"val", fold.validation}, {"test", x.partition.test}})
    for (const std::uint32_t e : entries) folder.write(split, label(e), std::to_string(e), whole(e));
  std::optional<PictureRecipe> recipe;
  if (arm.recipe) recipe.emplace(arm.name, arm.recipe->steps());  // without the size that learners of ours need
  for (const std::uint32_t e : fold.train) {
    const Raster picture = whole(e);
    for (std::uint32_t copy = 1; copy <= arm.times; ++copy) {
      const DrawContext draw{.seed = x.seed + id.fold, .sample = index.entries[e].id, .copy = copy};
      const std::string name = fmt::format("{}_{}", e, copy);
      folder.write("train", label(e), name, recipe ? recipe->made(picture.view(), draw, index.labels[index.entries[e].label]) : picture.clone());
    }
  }
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return "nothing";
  const std::size_t begin = text.find_last_of('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

Metrics metrics_from_output(std::string_view output, std::string_view metric) {
  using Json = nlohmann::json;
  Json found;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    if (Json line = Json::parse(output.substr(0, end), nullptr, false); line.is_object()) found = std::move(line);
    output.remove_prefix(std::min(output.size(), end + 1));
  }
  if (found.is_null()) throw data_error("it printed no line of JSON such as {\"" + std::string(metric) + "\": 0.93}");
  Metrics m{-1, -1, -1, -1, -1, {}};
  for (const MetricInfo& info : metric_infos()) {
    const auto value = found.find(info.name);
    if (value == found.end()) continue;
    if (!value->is_number() || !(value->get<double>() >= 0 && value->get<double>() <= 1))
      throw data_error(fmt::format("{} must be a share from 0 to 1, got {}", info.name, value->dump()));
    m.*info.value = 100 * value->get<double>();
  }
  if (!found.contains(std::string(metric))) throw data_error("its line of JSON has no " + std::string(metric));
  return m;
}

std::string key_of(const External& external, const Experiment& x, const TrialId& id) {
  const std::string all = key_of(x, id) + '\n' + external.command + '\n' + external.metric;
  return digest_of(all.data(), all.size());
}

Trial run_external(const External& external, const Experiment& x, const TrialId& id, const std::atomic<bool>& stop) {
  Trial trial;
  trial.key = key_of(external, x, id);
  trial.arm = x.arms[id.arm].name;
  trial.regime = id.regime;
  trial.seed = id.fold;
  const PictureFolder folder(external.folder / fmt::format("data_{}_{}", id.arm, id.fold));
  write_pictures(folder, external, x, id);
  std::string command = replaced(external.command, "{data}", flow::shell_quoted(fs::absolute(folder.path()).string()));
  command = replaced(command, "{seed}", std::to_string(x.seed + id.fold));
  command = replaced(command, "{arm}", flow::shell_quoted(trial.arm));
  const ChildOutcome outcome = run_child(command, stop);
  trial.cpu_seconds = outcome.cpu_seconds;
  if (outcome.code != 0) {
    trial.failure = fmt::format("the program ended with {} {}: {}", outcome.code < 0 ? "signal" : "exit code", std::abs(outcome.code), last_line(outcome.error));
    return trial;
  }
  try {
    trial.metrics = metrics_from_output(outcome.out, external.metric);
  } catch (const Error& error) {
    trial.failure = error.what();
  }
  return trial;
}

}  // namespace leaven::learn

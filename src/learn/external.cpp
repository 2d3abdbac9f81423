#include "learn/external.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "learn/child_process.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;

/// A folder that goes when the training is over.
class PassingFolder {
 public:
  explicit PassingFolder(fs::path path) : path_(std::move(path)) { fs::remove_all(path_); }
  ~PassingFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PassingFolder(const PassingFolder&) = delete;
  PassingFolder& operator=(const PassingFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

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
  Metrics m;
  for (const MetricInfo& info : metric_infos()) {
    const auto value = found.find(info.name);
    if (value == found.end()) continue;
    const bool open = info.name == "r2" || info.name == "mae";
    if (!value->is_number() || !(open || (value->get<double>() >= 0 && value->get<double>() <= 1)))
      throw data_error(fmt::format("{} must be {}, got {}", info.name, open ? "a number" : "a share from 0 to 1", value->dump()));
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
  const PassingFolder folder(external.folder / fmt::format("data_{}_{}", id.arm, id.fold));
  x.material.write(folder.path(), x.arms[id.arm], x.arms.front().recipe ? &*x.arms.front().recipe : nullptr, x.partition.folds[id.fold], x.partition.test,
                   x.seed + id.fold);
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

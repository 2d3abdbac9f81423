#include "learn/external.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "io/file.hpp"
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

using Json = nlohmann::json;

/// NaN and the infinities as null: many programs write them, and JSON has none.
std::string without_nan(std::string_view line) {
  std::string text;
  bool quoted = false;
  while (!line.empty()) {
    std::size_t taken = 1;
    if (!quoted)
      for (const std::string_view word : {"NaN", "nan", "-Infinity", "Infinity", "-inf", "inf"})
        if (line.starts_with(word)) taken = std::max(taken, word.size());
    if (quoted && line[0] == '\\') taken = std::min<std::size_t>(2, line.size());
    quoted = quoted != (line[0] == '"');
    text += !quoted && taken > 1 ? "null" : line.substr(0, taken);
    line.remove_prefix(taken);
  }
  return text;
}

/// What a program answered: the object, and the line as it stood.
struct Reply {
  Json object{};
  std::string line{};
};

std::string shown(const std::string& line) {
  constexpr std::size_t kShown = 80;
  return line.size() > kShown ? line.substr(0, kShown) + "…" : line;
}

/// The last object with the metric in it, else the last one: programs may log in JSON too.
Reply reply_of(std::string_view output, std::string_view metric) {
  Reply reply;
  std::string broken;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    if (Json read = Json::parse(without_nan(line), nullptr, false); read.is_object()) {
      if (reply.object.is_null() || read.contains(metric) || !reply.object.contains(metric)) reply = {std::move(read), std::string(line)};
    } else if (line.starts_with('{'))
      broken = line;
    output.remove_prefix(std::min(output.size(), end + 1));
  }
  if (!reply.object.is_null()) return reply;
  const std::string example = "{\"" + std::string(metric) + "\": 0.93}";
  if (broken.empty()) throw data_error("it printed no line of JSON such as " + example);
  throw data_error("its line " + shown(broken) + " is no JSON such as " + example).with_hint("names stand in double quotes, as json.dumps writes them");
}

/// A program, script or setting, by its name or its right to be executed; a log or a result that a command names too is none.
bool is_read_by_programs(const fs::path& file) {
  constexpr std::array<std::string_view, 13> kEndings{".py", ".sh", ".r", ".R", ".jl", ".js", ".pl", ".rb", ".lua", ".yaml", ".yml", ".toml", ".ini"};
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (error || !fs::is_regular_file(status)) return false;
  return (status.permissions() & fs::perms::owner_exec) != fs::perms::none || std::ranges::find(kEndings, file.extension().string()) != kEndings.end();
}

}  // namespace

Metrics metrics_from_output(std::string_view output, std::string_view metric) {
  const Reply reply = reply_of(output, metric);
  Metrics m;
  for (const MetricInfo& info : metric_infos()) {
    const auto value = reply.object.find(info.name);
    if (value == reply.object.end()) continue;
    if (value->is_null() && info.name != metric) continue;  // not known, as if it were not there
    const bool open = is_of_numbers(info.name);
    const std::string rule = fmt::format("{} must be {}", info.name, open ? "a number" : "a share from 0 to 1");
    if (value->is_null()) throw data_error(fmt::format("{}, and its last line is {}", rule, reply.line)).with_hint("NaN there mostly means that the training broke down");
    if (!value->is_number() || !(open || (value->get<double>() >= 0 && value->get<double>() <= 1))) throw data_error(fmt::format("{}, got {}", rule, value->dump()));
    m.*info.value = 100 * value->get<double>();
  }
  if (!reply.object.contains(std::string(metric))) throw data_error(fmt::format("its line {} has no {}", shown(reply.line), metric));
  return m;
}

std::string files_in(const std::string& command) {
  std::string digests, word;
  const auto end_word = [&] {
    if (!word.empty() && is_read_by_programs(word)) {
      const io::Bytes bytes = io::read_file(word);
      digests += word + ' ' + digest_of(bytes.data(), bytes.size()) + '\n';
    }
    word.clear();
  };
  for (const char c : command) {
    if (std::string_view(" \t\n'\"|;&<>()=").find(c) == std::string_view::npos)
      word += c;
    else
      end_word();
  }
  end_word();
  return digests;
}

std::string key_of(const External& external, const Experiment& x, const TrialId& id) {
  // The program is told the arm's name, and may go by it.
  const std::string all = key_of(x, id) + '\n' + external.command + '\n' + external.files + '\n' + external.metric + '\n' + x.arms[id.arm].name;
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

#include "learn/ancestry.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"
#include "flow/replay.hpp"
#include "io/file.hpp"

namespace leaven::learn {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Line {
  std::string source{};
  bool copy{}, mixed{};
};

/// Whether another sample went in: a mixing step's partners, parents of a row that was synthesised, a learned model.
bool is_mixed(const Json& line) {
  if (line.contains("generated") || line.contains("synthesis")) return true;
  const auto steps = line.find("steps");
  return steps != line.end() && std::ranges::any_of(*steps, [](const Json& step) { return step.is_object() && step.contains("partners"); });
}

/// By output id. Lines that are none of ours are passed over: here they only warn.
std::unordered_map<std::string, Line> read_lines(const fs::path& folder) {
  std::unordered_map<std::string, Line> lines;
  for (const fs::path& file : flow::lineage_files(folder)) {
    std::ifstream in(file);
    if (!in) throw environment_error("cannot be read").with_place(file.string());
    for (std::string text; std::getline(in, text);) {
      const Json line = Json::parse(text, nullptr, false);
      const auto words = [&](const char* key) { return line.is_object() && line.contains(key) && line[key].is_string() ? line[key].get<std::string>() : std::string(); };
      const std::string id = words("id"), source = words("source");
      if (id.empty()) continue;
      const auto copy = line.find("copy");
      lines[id] = {source.empty() ? id : source, copy != line.end() && copy->is_number_unsigned() && copy->get<std::uint64_t>() > 0, is_mixed(line)};
    }
  }
  return lines;
}

/// The nearest folder with a lineage, at `data` or above; empty: there is none.
fs::path folder_with_lineage(const fs::path& data) {
  std::error_code error;
  fs::path folder = fs::is_directory(data, error) ? data : data.parent_path();
  if (!folder.has_filename()) folder = folder.parent_path();  // of "photos/"
  for (; !folder.empty(); folder = folder.parent_path()) {
    if (!flow::lineage_files(folder).empty()) return folder;
    if (folder == folder.root_path()) break;
  }
  return {};
}

/// How lineage names an entry: by its path below the folder of the lineage, of a row by its table and number.
std::string name_of_entry(const io::Entry& entry, const fs::path& data, const std::string& below, Domain domain) {
  if (domain == Domain::columns) return data.filename().string() + entry.id.substr(std::min(entry.id.rfind('#'), entry.id.size()));
  return below.empty() ? entry.id : below + "/" + entry.id;
}

}  // namespace

Ancestry ancestry_of(const io::DatasetIndex& index, const fs::path& data, Domain domain) {
  const fs::path at = fs::absolute(data).lexically_normal(), folder = folder_with_lineage(at);
  if (folder.empty()) return {};
  const std::unordered_map<std::string, Line> lines = read_lines(folder);
  const auto made = [](const auto& line) { return line.second.copy || line.second.mixed; };
  if (std::ranges::none_of(lines, made)) return {};
  std::string below = io::printable(at.lexically_relative(folder).generic_string());
  while (below.ends_with('/') || below == ".") below.pop_back();

  Ancestry found{.kin = {}, .mixed = std::vector<bool>(index.entries.size()), .copies = 0, .mixes = 0, .unknown = false};
  std::unordered_map<std::string, std::uint32_t> of_source;
  std::size_t known = 0;
  for (std::uint32_t e = 0; e < index.entries.size(); ++e) {
    found.kin.push_back(e);
    const auto line = lines.find(name_of_entry(index.entries[e], at, below, domain));
    if (line == lines.end()) continue;
    ++known;
    found.kin[e] = of_source.try_emplace(line->second.source, e).first->second;
    found.mixed[e] = line->second.mixed;
    if (line->second.mixed)
      ++found.mixes;
    else if (line->second.copy)
      ++found.copies;
  }
  // A folder beside the lineage, and none that it tells of, is a dataset of its own.
  const bool whole = folder == at || (domain != Domain::raster && at.parent_path() == folder);
  if (known == 0) return {.kin = {}, .mixed = {}, .copies = 0, .mixes = 0, .unknown = whole};
  return found.copies + found.mixes > 0 ? found : Ancestry{};
}

}  // namespace leaven::learn

#include "flow/generated.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "flow/report_text.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

/// Entry::container of generated pictures, whose offset is their place in the list.
constexpr std::uint32_t kGenerated = std::numeric_limits<std::uint32_t>::max();
constexpr const char* kLines = "leaven.lineage.jsonl";

/// What a line says of how its sample was made.
std::string record_of(const Json& line) {
  Json record = Json::object();
  for (const char* key : {"generator", "kind", "seed", "number", "condition", "gate", "forced", "scores"})
    if (const auto found = line.find(key); found != line.end()) record[key] = *found;
  return record.dump();
}

std::vector<Json> lines_of(const fs::path& folder) {
  std::ifstream in(folder / kLines);
  if (!in) throw usage_error("generate: nothing was drawn in " + folder.string()).with_hint("leaven augment and leaven run draw before they begin; code must call them");
  std::vector<Json> lines;
  for (std::string text; std::getline(in, text);) {
    Json line = Json::parse(text, nullptr, false);
    if (!line.is_object() || !line.contains("id") || !line["id"].is_string()) throw data_error("malformed line " + std::to_string(lines.size() + 1)).with_place((folder / kLines).string());
    lines.push_back(std::move(line));
  }
  return lines;
}

class WithGenerated final : public io::DatasetReader {
 public:
  WithGenerated(std::unique_ptr<io::DatasetReader> real, fs::path folder) : real_(std::move(real)), index_(real_->index()), folder_(std::move(folder)), pictures_(read_generated(folder_)) {
    std::map<std::string, std::uint32_t> numbers;
    for (std::uint32_t label = 0; label < index_.labels.size(); ++label) numbers.emplace(index_.labels[label], label);
    const std::map<std::uint32_t, std::string> folders = folders_of_classes();
    std::set<std::string> ids;
    for (const io::Entry& entry : index_.entries) ids.insert(entry.id);
    std::map<std::string, std::uint64_t> made;
    for (std::size_t i = 0; i < pictures_.size(); ++i) {
      const auto label = numbers.find(pictures_[i].label);
      if (label == numbers.end()) throw data_error("the dataset has no class " + pictures_[i].label).with_place((folder_ / kLines).string());
      io::Entry entry{.id = {}, .label = label->second, .split = index_.has_splits ? io::Split::train : io::Split::none, .container = kGenerated, .offset = i};
      do entry.id = id_of(folders, label->second, ++made[pictures_[i].label]);
      while (!ids.insert(entry.id).second);
      index_.entries.push_back(std::move(entry));
    }
    std::ranges::sort(index_.entries, {}, &io::Entry::id);
    index_.description += ", " + std::to_string(pictures_.size()) + " generated";
  }

  const io::DatasetIndex& index() const override { return index_; }
  io::SourceImage read(const io::Entry& entry) const override {
    return is_generated(entry) ? io::SourceImage{.file = io::read_file(path(entry))} : real_->read(entry);
  }
  std::optional<fs::path> file_of(const io::Entry& entry) const override { return is_generated(entry) ? path(entry) : real_->file_of(entry); }
  bool stores_pixels() const override { return real_->stores_pixels(); }
  Annotations annotations(const io::Entry& entry, Size image) const override { return real_->annotations(entry, image); }
  std::string row_of(const io::Entry& entry) const override {
    if (!is_generated(entry)) return real_->row_of(entry);
    return index_.manifest ? std::string(index_.manifest->columns - 1, index_.manifest->separator) : std::string();
  }
  std::vector<std::pair<std::string, io::Bytes>> members_of(const io::Entry& entry) const override {
    return is_generated(entry) ? std::vector<std::pair<std::string, io::Bytes>>() : real_->members_of(entry);
  }
  const std::string& record(const io::Entry& entry) const { return pictures_[static_cast<std::size_t>(entry.offset)].record; }

 private:
  fs::path path(const io::Entry& entry) const { return folder_ / pictures_[static_cast<std::size_t>(entry.offset)].file; }

  /// Where paths name classes, the folder of the class's first training picture.
  std::map<std::uint32_t, std::string> folders_of_classes() const {
    std::map<std::uint32_t, std::string> folders;
    if (index_.format == "cifar" || index_.format == "idx" || index_.format == "npz") return folders;  // numbers, no paths
    for (const io::Entry& entry : index_.entries) {
      if (entry.split != io::Split::none && entry.split != io::Split::train) continue;
      const std::size_t slash = entry.id.rfind('/');
      folders.emplace(entry.label, slash == std::string::npos ? std::string() : entry.id.substr(0, slash + 1));
    }
    return folders;
  }

  /// Samples that are numbers in a container are called container#number.
  std::string id_of(const std::map<std::uint32_t, std::string>& folders, std::uint32_t label, std::uint64_t number) const {
    std::string digits = std::to_string(number);
    digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
    const auto folder = folders.find(label);
    if (folder == folders.end()) return "generated/" + index_.labels[label] + "#" + digits;
    std::string name = index_.labels[label];
    std::ranges::replace(name, '/', '_');  // classes of a list may be called anything; it is one file
    return folder->second + "generated_" + (folder->second.empty() ? name + "_" : "") + digits + ".png";
  }

  std::unique_ptr<io::DatasetReader> real_;
  io::DatasetIndex index_;
  fs::path folder_;
  std::vector<GeneratedPicture> pictures_;
};

}  // namespace

fs::path generator_folder(const recipe::Recipe& recipe) {
  fs::path out = fs::absolute(recipe.sink.path).lexically_normal();
  if (!out.has_filename()) out = out.parent_path();
  return out += ".generator";
}

fs::path generated_folder(const recipe::Recipe& recipe) { return generator_folder(recipe) / "samples"; }

std::vector<GeneratedPicture> read_generated(const fs::path& folder) {
  std::vector<GeneratedPicture> pictures;
  for (const Json& line : lines_of(folder)) {
    const Json condition = line.value("condition", Json::object());
    if (!condition.contains("class") || !condition["class"].is_string()) throw data_error("a line names no class").with_place((folder / kLines).string());
    pictures.push_back({line["id"].get<std::string>(), condition["class"].get<std::string>(), record_of(line)});
  }
  return pictures;
}

const std::string& GeneratedTable::record(std::uint64_t row) const { return std::ranges::upper_bound(parts, row, {}, &Part::end)->record; }

GeneratedTable read_generated_table(const fs::path& folder) {
  GeneratedTable table;
  for (const Json& line : lines_of(folder)) {
    const Json rows = line.value("rows", Json::array());
    if (rows.size() != 2 || !rows[0].is_number_unsigned() || !rows[1].is_number_unsigned()) throw data_error("a line names no rows").with_place((folder / kLines).string());
    table.file = folder / line["id"].get<std::string>();
    table.parts.push_back({rows[1].get<std::uint64_t>(), record_of(line)});
  }
  return table;
}

std::unique_ptr<io::DatasetReader> open_input(const recipe::Recipe& recipe) {
  const recipe::Source& s = recipe.source;
  auto reader = io::open_dataset(s.path, {s.format, s.path_column, s.label_column, s.split_column, s.limit});
  if (!recipe.generate) return reader;
  const io::DatasetIndex& index = reader->index();
  if (index.series || index.annotated || index.label_kind != io::LabelKind::category)
    throw usage_error("generate needs pictures with one class each, or a table, and this is: " + index.description);
  return std::make_unique<WithGenerated>(std::move(reader), generated_folder(recipe));
}

bool is_generated(const io::Entry& entry) { return entry.container == kGenerated; }

std::uint64_t count_generated(const io::DatasetIndex& index) { return static_cast<std::uint64_t>(std::ranges::count_if(index.entries, is_generated)); }

std::string note_on_generated(std::uint64_t count, const std::string& record) {
  const Json made = Json::parse(record);
  return count_text(count, "of the originals is", "of the originals are") + " generated by a learned model (" + made.value("kind", "unknown") + "; its gate: " + made.value("gate", "unchecked") +
         (made.value("forced", false) ? ", forced" : "") + ")";
}

std::string note_on_sampled_input(const fs::path& source) {
  std::error_code error;
  const fs::path folder = fs::is_directory(source, error) ? source : source.parent_path();
  std::ifstream in(folder / "leaven.generated.json");
  const Json summary = in ? Json::parse(in, nullptr, false) : Json();
  if (!summary.is_object() || (!fs::is_directory(source, error) && summary.value("file", "") != source.filename().string())) return {};
  return "the input was made by a learned model (generate sample; its gate: " + summary.value("gate", "unchecked") + (summary.value("forced", false) ? ", forced" : "") + "): all that comes of it is synthetic";
}

std::string record_of_generated(const io::DatasetReader& reader, const io::Entry& entry) {
  return is_generated(entry) ? dynamic_cast<const WithGenerated&>(reader).record(entry) : std::string();
}

}  // namespace leaven::flow

// `leaven profile TABLE`: what each column is taken for, before anything is made of it.
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "flow/report_text.hpp"
#include "flow/table_profile.hpp"
#include "flow/table_row.hpp"
#include "io/dataset.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace {

/// What is no table to `leaven augment` either, but series: how many, how long, of which classes.
std::string series_text(const std::string& name, const io::DatasetIndex& index) {
  std::map<std::string, std::uint64_t> classes;
  for (const io::Entry& entry : index.entries)
    if (index.label_kind == io::LabelKind::category) ++classes[index.labels[entry.label]];
  std::string text = name + ": " + index.description + "\n";
  for (const auto& [label, count] : classes) text += "class " + io::printable(label) + ": " + flow::count_text(count) + "\n";
  for (const std::string& note : index.notes) text += "note       " + note + "\n";
  return text;
}

std::string series_json(const std::string& name, const io::DatasetIndex& index) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::object();
  for (const io::Entry& entry : index.entries)
    if (index.label_kind == io::LabelKind::category) classes[index.labels[entry.label]] = classes.value(index.labels[entry.label], std::uint64_t{0}) + 1;
  return nlohmann::ordered_json{{"series", name}, {"format", index.description}, {"samples", index.entries.size()}, {"classes", classes}}.dump(2) + "\n";
}

}  // namespace

int profile(const ProfileCommand& command) {
  recipe::Source source;
  if (!command.recipe.empty()) source = recipe::load(command.recipe, ops::op_table()).source;
  source.path = command.table;
  if (!command.target.empty()) source.label_column = source.schema.target = command.target;
  const std::string name = std::filesystem::path(command.table).filename().string();
  if (io::holds_series(command.table, source.format)) {
    const auto reader = io::open_dataset(command.table, {.format = source.format});
    print(command.json ? series_json(name, reader->index()) : series_text(name, reader->index()));
    return 0;
  }
  const auto table = flow::open_source(source);
  print(command.json ? flow::profile_json(name, *table) : flow::profile_text(name, *table));
  return 0;
}

}  // namespace leaven::cli

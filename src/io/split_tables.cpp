#include "io/split_tables.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "io/series_file.hpp"
#include "io/table_file.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kOwnPrefix = "leaven.";

bool holds_rows(const fs::path& file) {
  constexpr std::array<std::string_view, 4> kExtensions{"csv", "tsv", "jsonl", "ndjson"};
  return std::ranges::find(kExtensions, lower_extension(file.native())) != kExtensions.end();
}

/// What lies in a folder, hidden things and what runs leave there aside; nothing when it cannot be read.
std::vector<fs::path> names_in(const fs::path& folder) {
  std::vector<fs::path> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.') && !name.starts_with(kOwnPrefix)) names.push_back(at->path().filename());
  }
  return error ? std::vector<fs::path>{} : names;
}

/// By its name alone: a folder of very many pictures is passed over without a look at each.
bool may_be_train(const fs::path& name) { return split_from((holds_rows(name) ? name.stem() : name).string()) == Split::train; }

/// False when the part is there already, or of another kind than the first.
bool take(SplitTables& tables, Split split, const fs::path& file) {
  for (const SplitTables::Part& part : tables.parts)
    if (part.split == split || lower_extension(part.file.native()) != lower_extension(file.native())) return false;
  tables.parts.push_back({split, file});
  return true;
}

std::optional<SplitTables> beside_each_other(const fs::path& folder, const std::vector<fs::path>& names) {
  SplitTables tables;
  for (const fs::path& name : names) {
    if (!fs::is_regular_file(folder / name)) return std::nullopt;
    if (!holds_rows(name)) continue;
    if (const auto split = split_from(name.stem().string()); !split) tables.others.push_back(name.string());
    else if (!take(tables, *split, name)) return std::nullopt;
  }
  return tables;
}

std::optional<SplitTables> in_folders(const fs::path& folder, const std::vector<fs::path>& names) {
  SplitTables tables;
  for (const fs::path& name : names) {
    if (!fs::is_directory(folder / name)) {
      if (holds_rows(name)) return std::nullopt;
      continue;
    }
    const auto split = split_from(name.string());
    const std::vector<fs::path> inside = names_in(folder / name);
    if (!split || inside.size() != 1 || !holds_rows(inside[0]) || !fs::is_regular_file(folder / name / inside[0])) return std::nullopt;
    if (!take(tables, *split, name / inside[0])) return std::nullopt;
  }
  return tables;
}

}  // namespace

SplitTables split_tables(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return {};
  std::vector<fs::path> names = names_in(folder);
  if (std::ranges::none_of(names, may_be_train)) return {};
  std::ranges::sort(names);
  auto tables = beside_each_other(folder, names);
  if (!tables) tables = in_folders(folder, names);
  if (!tables || tables->parts.size() < 2) return {};
  std::ranges::sort(tables->parts, {}, &SplitTables::Part::split);
  const SplitTables::Part& train = tables->parts.front();
  if (train.split != Split::train || looks_like_series(folder / train.file) || !looks_like_table(folder / train.file)) return {};
  return *tables;
}

}  // namespace leaven::io

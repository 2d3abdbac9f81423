#include "learn/generate/row_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "learn/generate/date_column.hpp"
#include "learn/generate/named_kind.hpp"
#include "learn/generate/table_model.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;
using Role = TableColumn::Role;

namespace {

constexpr std::size_t kMostWords = 65'535;  // of a column
constexpr std::array<std::string_view, 3> kRoleNames{"number", "word", "left_out"};
constexpr std::array<std::string_view, 3> kOrderNames{"year_first", "day_first", "month_first"};

Json to_json(const TableColumn& column) {
  Json json{{"name", column.name}, {"kind", name_of(column.kind)}, {"role", kRoleNames[static_cast<std::size_t>(column.role)]}, {"places", column.places},
            {"mark", std::string(1, column.mark)}, {"target", column.target}, {"missing", column.missing}, {"next_id", column.next_id}};
  if (!column.id_letter.empty()) json["id_letter"] = column.id_letter;
  if (column.role == Role::word) json["words"] = column.dictionary;
  if (!column.like.empty()) json["like"] = column.like, json["grain"] = column.grain, json["order"] = kOrderNames[static_cast<std::size_t>(column.order)];
  return json;
}

template <class Names>
std::size_t place_among(const Names& names, const std::string& name, const char* what) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) throw data_error("the generator's card names an unknown " + std::string(what) + " " + name);
  return static_cast<std::size_t>(at - names.begin());
}

TableColumn column_from(const Json& json) {
  TableColumn column;
  column.name = from_card<std::string>(json, "name");
  column.kind = static_cast<ColumnKind>(place_among(kColumnKindNames, from_card<std::string>(json, "kind"), "kind of column"));
  column.role = static_cast<Role>(place_among(kRoleNames, from_card<std::string>(json, "role"), "role of a column"));
  column.places = from_card<int>(json, "places");
  const std::string mark = from_card<std::string>(json, "mark");
  if (mark != "." && mark != ",") throw data_error("the generator's card has a broken mark");
  column.mark = mark.front();
  if (column.places < 0 || column.places > 18) throw data_error("the generator's card has broken places");
  column.target = from_card<bool>(json, "target");
  column.missing = from_card<std::string>(json, "missing");
  column.next_id = from_card<std::uint64_t>(json, "next_id");
  if (json.contains("id_letter")) column.id_letter = from_card<std::string>(json, "id_letter");
  else if (column.kind == ColumnKind::id && column.next_id == 0) column.id_letter = "g";  // an older card
  if (column.id_letter.size() > 1) throw data_error("the generator's card has a broken id_letter");
  if (json.contains("like")) {
    column.like = from_card<std::string>(json, "like");
    column.grain = from_card<double>(json, "grain");
    column.order = static_cast<DateOrder>(place_among(kOrderNames, from_card<std::string>(json, "order"), "order of dates"));
    if (column.role != Role::number || !date_of(column.like, column.order) || !(column.grain >= 1 && column.grain <= 86400)) throw data_error("the generator's card has broken dates in column " + column.name);
  }
  if (column.role == Role::word) column.dictionary = from_card<std::vector<std::string>>(json, "words");
  return column;
}

TableKind plain_kind(TableMethod method, std::string summary) {
  return {std::string(name_of(method)), std::move(summary), [method](const RowFit& fit) { return std::make_unique<TableModel>(TableModel::fit(fit.train, method, fit.notes)); },
          [](const SavedGenerator& saved) { return std::make_unique<TableModel>(TableModel::load(saved)); }, false};
}

}  // namespace

std::unique_ptr<RowModel> load_row_model(const SavedGenerator& saved, std::span<const TableKind> kinds, const std::filesystem::path& folder) {
  try {
    return named_kind(kinds, from_card<std::string>(saved.card, "kind"), "tables").load(saved);
  } catch (Error& error) {
    throw error.with_place(folder.string());
  }
}

std::vector<TableKind> plain_table_kinds() {
  return {plain_kind(TableMethod::copula, "a Gaussian copula for each class and part of it"), plain_kind(TableMethod::bootstrap, "rows of the class moved by noise")};
}

ClassedRows classed_rows(const TableData& train, std::vector<std::string>& notes) {
  ClassedRows made{.labels = classes_of(train)};
  const std::vector<std::uint32_t> classes = classes_by_row(train);
  made.by_class.resize(made.labels.size());
  for (std::uint32_t r = 0; r < train.rows; ++r)
    if (classes[r] != kNoClass) made.by_class[classes[r]].push_back(r);
  const auto without = static_cast<std::size_t>(std::ranges::count(classes, kNoClass));
  if (without > 0) notes.push_back(flow::count_text(without, "row has", "rows have") + " no class and were left out");
  if (without == train.rows) throw data_error("there is no row to learn from");
  std::size_t able = 0;
  for (const TableColumn& column : train.columns) {
    if (column.dictionary.size() > kMostWords)
      throw usage_error("column " + column.name + " has " + flow::count_text(column.dictionary.size(), "category", "categories") + ", more than a generator takes (" + flow::count_text(kMostWords) + ")")
          .with_hint("a recipe whose schema calls it text leaves it out");
    able += column.role != Role::left_out ? 1 : 0;
    if (column.role != Role::left_out) continue;
    const std::string what = column.kind == ColumnKind::id ? "new rows get ids of their own" : column.why.empty() ? "texts are not made up; new rows have none" : column.why + "; new rows have none";
    notes.push_back("column " + column.name + ": " + what);
  }
  if (able == 0) throw usage_error("no column holds numbers or categories, and nothing else is generated");
  return made;
}

Key row_key(std::uint64_t seed, std::uint32_t label, const std::vector<std::string>& labels) {
  return KeyMaker({.seed = seed, .sample = label == kNoClass ? std::string_view() : std::string_view(labels[label])}).key("generate", label == kNoClass ? "any" : "class");
}

void round_numbers(TableData& rows) {
  for (TableColumn& column : rows.columns) {
    if (column.role != Role::number) continue;
    double unit = 1;
    for (int i = 0; i < column.places; ++i) unit *= 10;
    for (double& v : column.numbers) v = std::nearbyint(v * unit) / unit;
  }
}

Json columns_json(const TableData& shape) {
  Json columns = Json::array();
  for (const TableColumn& column : shape.columns) columns.push_back(to_json(column));
  return columns;
}

TableData shape_from(const Json& card) {
  TableData shape;
  for (const Json& column : from_card<Json>(card, "columns")) shape.columns.push_back(column_from(column));
  return shape;
}

}  // namespace leaven::learn

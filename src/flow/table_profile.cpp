#include "flow/table_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "flow/report_text.hpp"
#include "io/file.hpp"
#include "io/series_file.hpp"

namespace leaven::flow {

namespace {

using io::ColumnProfile;

constexpr std::size_t kWordsOfALine = 4, kLongestWord = 24, kBadRowsShown = 10;

std::string kind_text(const ColumnProfile& c) {
  return std::string(name_of(c.kind)) + (c.target ? ", target" : "") + (c.told ? ", told" : "");
}

std::string missing_text(const ColumnProfile& c) {
  if (c.missing == 0) return "";
  return fmt::format("{} ({:.3g} %)", count_text(c.missing), 100 * static_cast<double>(c.missing) / static_cast<double>(c.cells));
}

std::string distinct_text(const ColumnProfile& c) { return c.more_distinct ? "many" : count_text(c.distinct); }

/// On one line, and to be seen.
std::string shown(std::string_view word) {
  std::string text;
  for (const char c : io::printable(word)) {
    if (c == '\n') text += "\\n";
    else if (c == '\r') text += "\\r";
    else if (c == '\t') text += "\\t";
    else text += c;
  }
  return text.empty() ? "(no name)" : text;
}

/// At most so many characters; letters of several bytes are not cut apart.
std::string shortened(std::string_view word) {
  if (word.size() <= kLongestWord) return std::string(word);
  std::size_t end = kLongestWord;
  while (end > 0 && (static_cast<unsigned char>(word[end]) & 0xC0) == 0x80) --end;
  return std::string(word.substr(0, end)) + "…";
}

std::string values_text(const ColumnProfile& c) {
  if (c.missing == c.cells) return "no value at all";
  if (c.type() != Column::Type::text) {
    std::string text = fmt::format("{:.8g} … {:.8g}, mean {:.6g}, std {:.4g}", c.lowest, c.highest, c.mean, c.std);
    if (c.kind == ColumnKind::decimal) text += fmt::format(", {} decimals{}", c.places, c.mark == ',' ? " behind a comma" : "");
    return c.not_finite > 0 ? text + fmt::format(", {} infinite", count_text(c.not_finite)) : text;
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(kWordsOfALine, c.words.size()); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : "; ", shortened(shown(c.words[i].first)), count_text(c.words[i].second));
  return c.words.size() > kWordsOfALine ? text + "; …" : text;
}

std::string repaired_text(const ColumnProfile& c) {
  return fmt::format("repaired   {}: {} to numbers, the first in line {}: {}\n", shown(c.name), count_text(c.repaired.cells, "cell", "cells"),
                     c.repaired.line, shown(c.repaired.first));
}

std::string bad_rows_text(const std::vector<io::BadRow>& bad) {
  if (bad.empty()) return {};
  std::string text = fmt::format("set aside  {} that cannot be used\n", count_text(bad.size(), "row", "rows"));
  for (std::size_t i = 0; i < std::min(kBadRowsShown, bad.size()); ++i) text += fmt::format("           line {}: {}\n", bad[i].line, bad[i].reason);
  return bad.size() > kBadRowsShown ? text + fmt::format("           and {} more\n", count_text(bad.size() - kBadRowsShown)) : text;
}

/// Why the column may be another than it is taken for, or nothing.
std::string doubt_text(const ColumnProfile& c) {
  if (c.cells > 0 && c.missing == c.cells) return fmt::format("column {} holds no value at all", shown(c.name));
  if (c.doubtful_comma)
    return fmt::format("column {} is taken for {}, though all are numbers: commas may stand before decimals (schema: {{decimal_comma: true}}) or between thousands (schema: {{decimal_comma: false, repair: true, columns: {{{}: decimal}}}})",
                       shown(c.name), name_of(c.kind), c.name);
  if (c.stray_texts == 0) return {};
  return fmt::format("column {} is taken for {}: numbers but for {}, first in line {}: {}; to take it as numbers: schema: {{columns: {{{}: decimal}}}}, with repair: true where these are numbers with a unit",
                     shown(c.name), name_of(c.kind), count_text(c.stray_texts, "cell", "cells"), c.stray_line, shown(c.stray), c.name);
}

}  // namespace

std::vector<std::string> column_doubts(const io::TableReader& table) {
  constexpr std::size_t kMostShown = 8;
  std::vector<std::string> doubts;
  std::size_t count = 0;
  for (const ColumnProfile& c : table.profiles())
    if (std::string doubt = doubt_text(c); !doubt.empty() && ++count <= kMostShown) doubts.push_back(std::move(doubt));
  if (count > kMostShown) doubts.push_back(fmt::format("and {} more such columns", count_text(count - kMostShown)));
  return doubts;
}

std::string series_note(const std::filesystem::path& file, const io::TableReader& table) {
  std::vector<std::string> names;
  for (const auto& column : table.shape().columns) names.push_back(column.name);
  return io::series_hint(file, names);
}

std::string profile_text(const std::string& name, const io::TableReader& table) {
  const auto& columns = table.profiles();
  std::string text = fmt::format("{}: {}, {}, {}\n", name, table.description(), count_text(columns.size(), "column", "columns"),
                                 count_text(table.rows(), "row", "rows"));
  std::size_t name_width = 6, kind_width = 4, missing_width = 7;
  for (const ColumnProfile& c : columns) {
    name_width = std::max(name_width, shortened(shown(c.name)).size());
    kind_width = std::max(kind_width, kind_text(c).size());
    missing_width = std::max(missing_width, missing_text(c).size());
  }
  const auto line = [&](const std::string& column, const std::string& kind, const std::string& missing, const std::string& distinct, const std::string& values) {
    text += fmt::format("{:{}}  {:{}}  {:>{}}  {:>8}  {}\n", column, name_width, kind, kind_width, missing, missing_width, distinct, values);
  };
  line("column", "kind", "missing", "distinct", "values");
  for (const ColumnProfile& c : columns) line(shortened(shown(c.name)), kind_text(c), missing_text(c), distinct_text(c), values_text(c));
  const std::string hint = series_note(name, table);
  for (const std::string& doubt : column_doubts(table)) text += "doubtful   " + doubt + "\n";
  for (const ColumnProfile& c : columns)
    if (c.repaired.cells > 0) text += repaired_text(c);
  return text + bad_rows_text(table.bad_rows()) + (hint.empty() ? "" : "note       " + hint + "\n");
}

std::string profile_json(const std::string& name, const io::TableReader& table) {
  using Json = nlohmann::ordered_json;
  Json json{{"table", name}, {"format", table.description()}, {"rows", table.rows()}};
  Json kinds = Json::object(), list = Json::array(), bad = Json::array();
  for (const ColumnProfile& c : table.profiles()) {
    kinds[c.name] = name_of(c.kind);
    Json entry{{"name", c.name}, {"kind", name_of(c.kind)}, {"target", c.target}, {"told", c.told}, {"cells", c.cells}, {"missing", c.missing}};
    entry[c.more_distinct ? "distinct_at_least" : "distinct"] = c.distinct;
    if (c.type() != Column::Type::text && c.missing < c.cells) {
      entry["places"] = c.places;
      entry["decimal_mark"] = std::string(1, c.mark);
      entry["lowest"] = c.lowest, entry["highest"] = c.highest, entry["mean"] = c.mean, entry["std"] = c.std;
      if (c.not_finite > 0) entry["infinite"] = c.not_finite;
    }
    if (!c.words.empty()) entry["most_frequent"] = c.words;
    if (c.stray_texts > 0) entry["stray"] = {{"cells", c.stray_texts}, {"first", c.stray}, {"line", c.stray_line}};
    if (c.repaired.cells > 0) entry["repaired"] = {{"cells", c.repaired.cells}, {"first", c.repaired.first}, {"line", c.repaired.line}};
    list.push_back(std::move(entry));
  }
  for (const io::BadRow& row : table.bad_rows()) bad.push_back({{"line", row.line}, {"reason", row.reason}});
  json["schema"] = {{"columns", kinds}};
  for (const ColumnProfile& c : table.profiles())
    if (c.target) json["schema"]["target"] = c.name;
  json["columns"] = std::move(list);
  json["set_aside"] = std::move(bad);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace leaven::flow

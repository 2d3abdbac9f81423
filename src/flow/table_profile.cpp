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
    text += fmt::format("{}{} {}", i == 0 ? "" : "; ", shortened(c.words[i].first), count_text(c.words[i].second));
  return c.words.size() > kWordsOfALine ? text + "; …" : text;
}

std::string doubts_text(const io::TableReader& table) {
  std::string text;
  for (const ColumnProfile& c : table.profiles()) {
    if (c.stray_texts > 0)
      text += fmt::format("doubtful   {}: numbers but for {}, first in line {}: {}; to take it as numbers: schema: {{columns: {{{}: decimal}}}}, with repair: true where these are numbers with a unit\n",
                          c.name, count_text(c.stray_texts, "cell", "cells"), c.stray_line, c.stray, c.name);
    if (c.repaired.cells > 0)
      text += fmt::format("repaired   {}: {} to numbers, the first in line {}: {}\n", c.name, count_text(c.repaired.cells, "cell", "cells"), c.repaired.line,
                          io::printable(c.repaired.first));
    if (c.cells > 0 && c.missing == c.cells) text += fmt::format("doubtful   {}: holds no value at all\n", c.name);
  }
  const auto& bad = table.bad_rows();
  if (!bad.empty()) text += fmt::format("set aside  {} that cannot be used\n", count_text(bad.size(), "row", "rows"));
  for (std::size_t i = 0; i < std::min(kBadRowsShown, bad.size()); ++i) text += fmt::format("           line {}: {}\n", bad[i].line, bad[i].reason);
  return text;
}

}  // namespace

std::string profile_text(const std::string& name, const io::TableReader& table) {
  const auto& columns = table.profiles();
  std::string text = fmt::format("{}: {}, {}, {}\n", name, table.description(), count_text(columns.size(), "column", "columns"),
                                 count_text(table.rows(), "row", "rows"));
  std::size_t name_width = 6, kind_width = 4, missing_width = 7;
  for (const ColumnProfile& c : columns) {
    name_width = std::max(name_width, shortened(c.name).size());
    kind_width = std::max(kind_width, kind_text(c).size());
    missing_width = std::max(missing_width, missing_text(c).size());
  }
  const auto line = [&](const std::string& column, const std::string& kind, const std::string& missing, const std::string& distinct, const std::string& values) {
    text += fmt::format("{:{}}  {:{}}  {:>{}}  {:>8}  {}\n", column, name_width, kind, kind_width, missing, missing_width, distinct, values);
  };
  line("column", "kind", "missing", "distinct", "values");
  std::vector<std::string> names;
  for (const ColumnProfile& c : columns) {
    line(shortened(c.name), kind_text(c), missing_text(c), distinct_text(c), values_text(c));
    names.push_back(c.name);
  }
  const std::string hint = io::series_hint(name, names);
  return text + doubts_text(table) + (hint.empty() ? "" : "note       " + hint + "\n");
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
  json["columns"] = std::move(list);
  json["set_aside"] = std::move(bad);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace leaven::flow

// A table of people, and generators fitted on it.
#pragma once

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "core/value.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/row_model.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {

inline const std::atomic<bool> kGoOn{false};

/// Class yes lies higher than class no; one income in eight is missing; 4 rows are of class rare.
inline std::string people(int rows) {
  std::string text = "id,age,income,town,label\n";
  const Key key{3, 4};
  for (int i = 0; i < rows; ++i) {
    const auto n = static_cast<std::uint64_t>(i);
    const bool yes = i % 3 == 0;
    const double age = 40 + (yes ? 10 : 0) + 8 * draw(normal(0, 1), key, 4 * n);
    const double income = 1000 + 30 * age + 100 * draw(normal(0, 1), key, 4 * n + 1);
    const std::string missing = i % 8 == 0 ? "" : fmt::format("{:.2f}", income);
    text += fmt::format("{},{:.0f},{},{},{}\n", i + 1, age, missing, draw_unit(key, 4 * n + 2) < 0.3 ? "\"Ulm, old\"" : "Kiel", i < 4 ? "rare" : yes ? "yes" : "no");
  }
  return text;
}

struct Table {
  std::vector<std::vector<std::string>> rows{};
  std::size_t where(std::size_t column, const std::string& text) const {
    return static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& row) { return row[column] == text; }));
  }
};

inline Table parsed(const std::string& text) {
  Table table;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char c : line) {
      if (c == '"') quoted = !quoted;
      else if (c == ',' && !quoted) cells.emplace_back();
      else cells.back() += c;
    }
    table.rows.push_back(cells);
  }
  return table;
}

class TableGenerator : public testing::Test {
 protected:
  TableGenerator() { write_text(scratch_ / "people.csv", people(1200)); }
  Fitted fit(const std::string& kind = "auto") { return fit_table({.data = scratch_ / "people.csv", .out = scratch_ / "gen", .kind = kind}, plain_table_kinds(), {}, kGoOn); }
  std::string sampled(SampleOptions options) {
    options.generator = scratch_ / "gen";
    options.out = scratch_ / "out";
    options.overwrite = true;
    sample_table(options, plain_table_kinds(), kGoOn);
    return read_text(scratch_ / "out/people.csv");
  }
  ScratchFolder scratch_{};
};

}  // namespace leaven::learn

// The gate's page: verdict, figures, gains, distributions, new rows beside the nearest ones that the generator saw.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "flow/html.hpp"
#include "flow/report_text.hpp"
#include "learn/charts.hpp"
#include "learn/generate/date_column.hpp"
#include "learn/generate/table_gate.hpp"
#include "learn/generate/training_curve.hpp"

namespace leaven::learn {

using flow::HtmlWriter;
using Role = TableColumn::Role;

namespace {

constexpr std::size_t kMostBins = 8, kMostColumns = 40, kRowsShown = 8;

void fact(HtmlWriter& page, const std::string& number, std::string_view what) {
  page.element("div", {{"class", "fact"}}, [&] { page.element("b", number).element("span", what); });
}

void write_headline(HtmlWriter& page, const TableGate& g, const std::string& title) {
  page.element("h1", title + ": " + (g.accepted() ? "accepted" : "refused"));
  for (const std::string& reason : g.reasons) page.element("p", {{"class", "warn"}}, "Refused, for " + reason + ".");
  for (const std::string& note : g.notes) page.element("p", {{"class", "soft"}}, note + ".");
  page.element("div", {{"class", "facts"}}, [&] {
    fact(page, fmt::format("{:.3f}", g.detection), "AUC by which trees tell new rows from real ones; 0.5 is not at all");
    fact(page, fmt::format("{:.1f} %", 100 * g.closeness.nearer_train), "of new rows lie nearer to rows that the generator saw than to held-out ones");
    fact(page, flow::count_text(g.closeness.copies_seen), "copies");
    if (!g.has_target) return;
    fact(page, fmt::format("{:.2f}", g.made_score), fmt::format("macro-F1 after training on new rows alone; {:.2f} on as many real ones", g.real_score));
    fact(page, fmt::format("{:+.2f}", g.mixes[g.best].verdict.mean), "points of macro-F1 at the best mix, " + g.mixes[g.best].name);
  });
}

void write_gains(HtmlWriter& page, const TableGate& g) {
  if (!g.has_target) return;
  std::vector<ForestRow> rows;
  for (std::size_t m = 0; m < g.mixes.size(); ++m) {
    const Verdict& v = g.mixes[m].verdict;
    rows.push_back({g.mixes[m].name == "fill" ? "small classes filled up" : g.mixes[m].name + " new rows", v.mean, v.interval.lo, v.interval.hi, m == g.best,
                    fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", v.mean, v.interval.lo, v.interval.hi)});
  }
  page.element("section", [&] {
    page.element("h2", "Gain of training with new rows over real rows alone, in points of macro-F1");
    write_forest(page, rows, g.train < 1000 ? 1 : 0.3);
    page.element("p", {{"class", "soft"}}, "Boosted trees on held-out rows, six parts of train; lines are 95 % intervals. One half of the held-out rows chose the bold mix, the other half judges it.");
  });
}

/// As the table writes it, but for the decimals of a bin's ends.
std::string number_of(const TableColumn& column, double value) {
  return column.like.empty() ? fmt::format("{:.{}f}", value, column.places) : date_text(value * column.grain, column.like, column.order);
}
std::string end_of_bin(const TableColumn& column, double value) { return column.like.empty() ? flow::number_text(value) : number_of(column, std::floor(value)); }

/// Shares in percent of a few values or bins.
void write_distribution(HtmlWriter& page, const TableColumn& train, const TableColumn& made) {
  std::vector<std::string> names;
  std::vector<std::vector<double>> shares(2);
  const auto count = [&](const auto& fits, std::string name) {
    names.push_back(std::move(name));
    std::size_t side = 0;
    for (const TableColumn* column : {&train, &made}) {
      const std::size_t rows = std::max(column->numbers.size(), column->words.size());
      std::size_t hits = 0;
      for (std::size_t r = 0; r < rows; ++r) hits += fits(*column, r) ? 1 : 0;
      shares[side++].push_back(rows == 0 ? 0 : 100 * static_cast<double>(hits) / static_cast<double>(rows));
    }
  };
  if (train.role == Role::word) {
    std::vector<std::pair<std::size_t, std::int32_t>> words;
    for (std::size_t w = 0; w < train.dictionary.size(); ++w)
      words.emplace_back(static_cast<std::size_t>(std::ranges::count(train.words, static_cast<std::int32_t>(w))), static_cast<std::int32_t>(w));
    std::ranges::stable_sort(words, std::greater{}, [](const auto& w) { return w.first; });
    words.resize(std::min(words.size(), kMostBins));
    for (const auto& word : words) count([w = word.second](const TableColumn& c, std::size_t r) { return c.words[r] == w; }, train.dictionary[static_cast<std::size_t>(word.second)]);
  } else {
    std::vector<double> sorted;
    for (const double v : train.numbers)
      if (!std::isnan(v)) sorted.push_back(v);
    std::ranges::sort(sorted);
    // Many columns are the same least value again and again (no gain, no loss): it has a bar of its own.
    if (!sorted.empty() && sorted.back() > sorted.front()) {
      const double least = sorted.front();
      const auto rest = std::upper_bound(sorted.begin(), sorted.end(), least);
      if (static_cast<std::size_t>(rest - sorted.begin()) > sorted.size() / kMostBins) {
        count([least](const TableColumn& c, std::size_t r) { return c.numbers[r] == least; }, end_of_bin(train, least));
        sorted.erase(sorted.begin(), rest);
      }
    }
    if (!sorted.empty()) {
      std::vector<double> edges{sorted.front()};
      for (std::size_t i = 1; i <= kMostBins; ++i)
        if (const double edge = sorted[i * (sorted.size() - 1) / kMostBins]; edge > edges.back()) edges.push_back(edge);
      if (edges.size() == 1) edges.push_back(edges.front());
      for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
        const double lo = edges[i], hi = edges[i + 1];
        const bool first = i == 0;
        count([lo, hi, first](const TableColumn& c, std::size_t r) { return (c.numbers[r] > lo || (first && c.numbers[r] == lo)) && c.numbers[r] <= hi; },
              end_of_bin(train, lo) + " … " + end_of_bin(train, hi));
      }
    }
  }
  const auto missing = [](const TableColumn& c, std::size_t r) { return c.is_missing(r); };
  count(missing, "missing");
  if (shares[0].back() == 0 && shares[1].back() == 0) names.pop_back(), shares[0].pop_back(), shares[1].pop_back();
  write_bars(page, names, shares);
}

void write_columns(HtmlWriter& page, const TableGate& g, const TableData& train, const TableData& made) {
  page.element("section", [&] {
    page.element("h2", "Columns, shares in percent");
    write_key(page, {{0, "rows that it saw"}, {1, "new rows"}});
    page.element("div", {{"class", "grid"}, {"style", "grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:20px"}}, [&] {
      std::size_t shown = 0;
      for (std::size_t c = 0; c < train.columns.size(); ++c) {
        if (train.columns[c].role == Role::left_out || shown == kMostColumns) continue;
        const GateColumn& column = g.columns[shown++];
        page.element("div", [&] {
          page.element("h3", column.name);
          write_distribution(page, train.columns[c], made.columns[c]);
          page.element("p", {{"class", "soft"}}, fmt::format("{} from held-out rows {:.3f}; of the rows that it saw {:.3f}", train.columns[c].role == Role::word ? "Total variation" : "Kolmogorov-Smirnov distance",
                                                             column.made, column.train));
        });
      }
    });
    if (g.columns.size() > kMostColumns) page.element("p", {{"class", "soft"}}, fmt::format("The first {} of {}.", kMostColumns, g.columns.size()));
  });
}

std::vector<std::string> cells_of(const TableData& data, std::size_t row) {
  std::vector<std::string> cells;
  for (const TableColumn& column : data.columns) {
    if (column.role == Role::left_out) continue;
    if (column.is_missing(row)) cells.emplace_back("–");
    else if (column.role == Role::word) cells.push_back(column.dictionary[static_cast<std::size_t>(column.words[row])]);
    else cells.push_back(number_of(column, column.numbers[row]));
  }
  return cells;
}

void write_neighbours(HtmlWriter& page, const TableData& train, const TableData& made) {
  std::vector<std::uint32_t> few;
  for (std::uint32_t r = 0; r < std::min(made.rows, kRowsShown); ++r) few.push_back(r);
  const std::vector<std::uint32_t> nearest = nearest_rows(train, made.picked(few));
  page.element("section", [&] {
    page.element("h2", "New rows, each above the nearest row that the generator saw");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", {{"style", "white-space:nowrap"}}, [&] {
        page.element("tr", [&] {
          page.element("th", "");
          for (const TableColumn& column : train.columns)
            if (column.role != Role::left_out) page.element("th", column.name);
        });
        for (std::size_t i = 0; i < few.size(); ++i)
          for (const bool own : {true, false})
            page.element("tr", [&] {
              page.element("td", own ? "new" : "nearest");
              for (const std::string& cell : own ? cells_of(made, i) : cells_of(train, nearest[i])) page.element("td", {{"class", own ? "" : "soft"}}, cell);
            });
      });
    });
  });
}

}  // namespace

std::string gate_page(const TableGate& gate, const TableData& train, const TableData& made, const TrainingRecord& training, const std::string& title) {
  HtmlWriter page;
  write_headline(page, gate, title);
  write_gains(page, gate);
  page.element("section", [&] { page.element("h2", "All figures").element("pre", gate_text(gate)); });
  write_columns(page, gate, train, made);
  write_neighbours(page, train, made);
  write_training(page, training);
  return flow::html_page(title + ": " + (gate.accepted() ? "accepted" : "refused"), page.take());
}

}  // namespace leaven::learn

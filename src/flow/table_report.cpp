#include "flow/table_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "flow/balance/neighbourhood.hpp"
#include "flow/html.hpp"
#include "flow/report_text.hpp"

namespace leaven::flow {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Numbers of the sampled rows; NaN where missing.
std::vector<double> numbers_of(const TableSample& sample, std::size_t c) {
  std::vector<double> numbers;
  if (sample.rows().columns.empty()) return numbers;
  const Column& column = sample.rows().columns[c];
  for (std::size_t r = 0; r < sample.rows().rows; ++r)
    numbers.push_back(column.null[r] == 0 && std::isfinite(column.number[r]) ? column.number[r] : kMissing);
  return numbers;
}

std::vector<double> there(std::vector<double> numbers) {
  std::erase_if(numbers, [](double v) { return std::isnan(v); });
  return numbers;
}

std::vector<std::string> words_of_column(const TableSample& sample, std::size_t c) {
  std::vector<std::string> words;
  if (sample.rows().columns.empty()) return words;
  const Column& column = sample.rows().columns[c];
  for (std::size_t r = 0; r < sample.rows().rows; ++r)
    if (column.null[r] == 0) words.push_back(io::cell_text(column, r));
  return words;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  return values[below] + (place - static_cast<double>(below)) * (values[std::min(below + 1, values.size() - 1)] - values[below]);
}

std::string share_text(double part, double all) { return all > 0 && part > 0 ? fmt::format("{:.3g} %", 100 * part / all) : "–"; }

/// Two histograms in one picture: train in wide bars, new rows in narrow ones before them.
std::string bars_picture(const std::vector<double>& was, const std::vector<double>& now) {
  constexpr double kWidth = 168, kHeight = 40;
  const double top = std::max(1e-12, std::max(*std::ranges::max_element(was), *std::ranges::max_element(now)));
  const double step = kWidth / static_cast<double>(was.size());
  std::string svg = fmt::format("<svg width=\"{}\" height=\"{}\" role=\"img\" aria-label=\"distribution before and after\">", kWidth, kHeight);
  for (std::size_t i = 0; i < was.size(); ++i) {
    const double a = kHeight * was[i] / top, b = kHeight * now[i] / top, x = step * static_cast<double>(i);
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" style=\"fill:var(--mark)\"/>", x, kHeight - a, step * 0.92, a);
    svg += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" style=\"fill:var(--mark-soft)\"/>", x + step * 0.28, kHeight - b, step * 0.36, b);
  }
  return svg + "</svg>";
}

std::string number_picture(const std::vector<double>& was, const std::vector<double>& now) {
  constexpr std::size_t kBins = 20;
  const double lo = quantile(was, 0.005), hi = quantile(was, 0.995);  // a few far numbers would press all into one bin
  const auto bins = [&](const std::vector<double>& values) {
    std::vector<double> counts(kBins);
    for (const double v : values) {
      const double place = hi > lo ? std::clamp((v - lo) / (hi - lo), 0.0, 1.0) : 0.5;
      counts[std::min(kBins - 1, static_cast<std::size_t>(place * kBins))] += 1 / static_cast<double>(values.size());
    }
    return counts;
  };
  return bars_picture(bins(was), bins(now));
}

std::string word_picture(const std::vector<std::string>& was, const std::vector<std::string>& now) {
  constexpr std::size_t kBars = 14;
  std::map<std::string, std::array<double, 2>> counts;
  for (const std::string& word : was) counts[word][0] += 1 / static_cast<double>(was.size());
  for (const std::string& word : now) counts[word][1] += 1 / static_cast<double>(now.size());
  std::vector<std::array<double, 2>> order;
  for (const auto& [word, pair] : counts) order.push_back(pair);
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a[0] > b[0]; });
  if (order.size() > kBars) order.resize(kBars);
  std::vector<double> a, b;
  for (const auto& pair : order) a.push_back(pair[0]), b.push_back(pair[1]);
  return bars_picture(a, b);
}

double outliers(const std::vector<double>& numbers, const std::vector<double>& of) {
  const double q1 = quantile(of, 0.25), q3 = quantile(of, 0.75), reach = 1.5 * (q3 - q1);
  return static_cast<double>(std::ranges::count_if(numbers, [&](double v) { return v < q1 - reach || v > q3 + reach; }));
}

void write_column(HtmlWriter& page, const io::ColumnProfile& profile, std::size_t c, const TableSample& before, const TableSample& after) {
  const bool number = profile.type() != Column::Type::text && before.rows().columns[c].type != Column::Type::text;
  const bool words = profile.kind == ColumnKind::category || profile.kind == ColumnKind::boolean;
  std::string measure = "–", picture, far = "–";
  if (number) {
    const auto was = there(numbers_of(before, c)), now = there(numbers_of(after, c));
    if (!was.empty() && !now.empty()) {
      measure = fmt::format("KS {:.3f}", ks_distance(was, now));
      picture = number_picture(was, now);
      far = share_text(outliers(was, was), static_cast<double>(was.size())) + " → " + share_text(outliers(now, was), static_cast<double>(now.size()));
    }
  } else if (words) {
    const auto was = words_of_column(before, c), now = words_of_column(after, c);
    if (!was.empty() && !now.empty()) measure = fmt::format("TV {:.3f}", total_variation(was, now)), picture = word_picture(was, now);
  }
  page.element("tr", [&] {
    page.element("td", profile.name).element("td", std::string(name_of(profile.kind)) + (profile.target ? ", target" : ""));
    page.element("td", {{"class", "n"}}, share_text(static_cast<double>(before.missing(c)), static_cast<double>(before.seen())) + " → " +
                                             share_text(static_cast<double>(after.missing(c)), static_cast<double>(after.seen())));
    page.element("td", {{"class", "n"}}, far).element("td", {{"class", "n"}}, measure);
    page.element("td", [&] { page.markup(picture); });
  });
}

std::string correlation_text(const io::TableReader& table, const TableSample& before, const TableSample& after) {
  std::vector<std::size_t> numbers;
  for (std::size_t c = 0; c < table.profiles().size(); ++c)
    if (before.rows().columns[c].type != Column::Type::text) numbers.push_back(c);
  double most = 0, sum = 0, pairs = 0;
  std::string which;
  std::vector<std::vector<double>> was, now;
  for (const std::size_t c : numbers) was.push_back(numbers_of(before, c)), now.push_back(numbers_of(after, c));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    for (std::size_t j = i + 1; j < numbers.size(); ++j) {
      const double apart = std::fabs(correlation(was[i], was[j]) - correlation(now[i], now[j]));
      sum += apart, pairs += 1;
      if (apart > most) most = apart, which = table.profiles()[numbers[i]].name + " and " + table.profiles()[numbers[j]].name;
    }
  if (pairs == 0) return {};
  return fmt::format("Correlations between numbers differ by {:.3f} on average", sum / pairs) +
         (which.empty() ? "." : fmt::format(", most between {} ({:.3f}).", which, most));
}

struct Nearness {
  double low{}, middle{}, copies{};  ///< 5 % quantile, median, share at distance 0
};

Nearness nearness_of(const Neighbours& near) {
  std::vector<double> distances;
  double copies = 0;
  for (const kernels::Nearest& n : near.list) {
    if (n.row == kernels::kNoRow) continue;
    distances.push_back(std::sqrt(n.squared));
    copies += n.squared == 0 ? 1 : 0;
  }
  return {quantile(distances, 0.05), quantile(distances, 0.5), distances.empty() ? 0 : copies / static_cast<double>(distances.size())};
}

void write_nearness(HtmlWriter& page, const io::TableReader& table, const TableSample& before, const TableSample& after, Pool& pool) {
  constexpr std::size_t kAsked = 2'000;
  MatrixBuilder builder(table.shape(), MatrixBuilder::npos, false);
  for (std::size_t r = 0; r < before.rows().rows; ++r) builder.add(before.rows(), r, "");
  for (std::size_t r = 0; r < after.rows().rows; ++r) builder.add(after.rows(), r, "");
  const RowMatrix matrix = builder.take();
  if (matrix.dims() + matrix.word_columns.size() == 0) return;
  RowSpace space = space_of(matrix, true);
  std::vector<std::uint32_t> real(before.rows().rows), some_real, some_new;
  std::iota(real.begin(), real.end(), 0U);
  space.mismatch = category_weight(space, real);
  for (std::size_t i = 0; i < real.size(); i += 1 + real.size() / kAsked) some_real.push_back(static_cast<std::uint32_t>(i));
  for (std::size_t i = 0; i < after.rows().rows; i += 1 + after.rows().rows / kAsked) some_new.push_back(static_cast<std::uint32_t>(real.size() + i));
  const Nearness of_new = nearness_of(nearest(space, real, some_new, 1, pool)), of_real = nearness_of(nearest(space, real, some_real, 1, pool));
  page.element("section", [&] {
    page.element("h2", "How near new rows are to real ones");
    page.element("p", "Distance to the nearest row of train, in standard deviations of each column, beside that of real rows to each other. "
                      "New rows much nearer than real ones repeat them; much farther ones are unlike them.");
    page.element("table", [&] {
      page.markup("<tr><th></th><th class=\"n\">5 % are nearer than</th><th class=\"n\">median</th><th class=\"n\">the same cells</th></tr>");
      const auto line = [&](const char* who, const Nearness& n) {
        page.element("tr", [&] {
          page.element("td", who).element("td", {{"class", "n"}}, fmt::format("{:.3g}", n.low)).element("td", {{"class", "n"}}, fmt::format("{:.3g}", n.middle));
          page.element("td", {{"class", "n"}}, share_text(n.copies, 1));
        });
      };
      line("new rows", of_new);
      line("real rows", of_real);
    });
  });
}

}  // namespace

void TableSample::add(const Block& block, std::size_t row) {
  for (std::size_t c = 0; c < block.columns.size(); ++c) missing_[c] += block.columns[c].null[row];
  if (!even_.keeps(seen_++)) return;
  if (rows_.columns.empty())
    for (const Column& column : block.columns) rows_.columns.push_back(without_cells(column));
  ++rows_.rows;
  for (std::size_t c = 0; c < block.columns.size(); ++c) {
    const Column& from = block.columns[c];
    Column& to = rows_.columns[c];
    to.text.push_back(from.text[row]);
    if (to.type != Column::Type::text) to.number.push_back(from.number[row]);
    to.null.push_back(from.null[row]);
    to.changed.push_back(from.changed[row]);
  }
  if (!even_.full(rows_.rows)) return;
  even_.thin();
  const auto thin = [](auto& cells) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < cells.size(); i += 2) std::swap(cells[kept++], cells[i]);
    cells.resize(kept);
  };
  for (Column& column : rows_.columns) thin(column.text), thin(column.number), thin(column.null), thin(column.changed);
  rows_.rows = (rows_.rows + 1) / 2;
}

std::string table_cards(const io::TableReader& table, const TableSample& before, const TableSample& after, Pool& pool) {
  if (before.seen() == 0 || after.seen() == 0) return {};
  HtmlWriter page;
  page.element("section", [&] {
    page.element("h2", "Columns, before and after");
    page.element("p", fmt::format("{} of train beside {}. KS: greatest distance of the distribution functions; TV: total variation of the "
                                  "categories' shares; both 0 where nothing differs. Far: beyond 1.5 box lengths from the box of train. A balanced table "
                                  "differs from an unbalanced one.",
                                  count_text(before.seen(), "row", "rows"), count_text(after.seen(), "new row", "new rows")));
    page.markup("<p class=\"key soft\"><i class=\"was\"></i>train<i class=\"new\"></i>new rows</p>");
    page.element("div", {{"class", "scroll"}}, [&] {
      page.element("table", [&] {
        page.markup("<tr><th>column</th><th>kind</th><th class=\"n\">missing</th><th class=\"n\">far</th><th class=\"n\">difference</th><th>distribution</th></tr>");
        for (std::size_t c = 0; c < table.profiles().size(); ++c) write_column(page, table.profiles()[c], c, before, after);
      });
    });
    if (const std::string text = correlation_text(table, before, after); !text.empty()) page.element("p", text);
  });
  write_nearness(page, table, before, after, pool);
  return page.take();
}

}  // namespace leaven::flow

// How near new rows are to real ones, as the report of a whole job tells it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

struct Point {
  std::array<double, 3> at{};
  bool rare{};
};
using Unit = std::array<double, 3>;

std::string normal_table() {
  std::string csv = "x,y,z,class\n";
  for (std::uint64_t i = 0; i < 400; ++i) {
    char line[100];
    const auto u = [&](std::uint64_t k) { return draw(normal(0, 1), Key{24, 24}, 3 * i + k); };
    std::snprintf(line, sizeof line, "%.6f,%.6f,%.6f,%s\n", u(0), 100 * u(1), 5 + u(2), i % 4 == 0 ? "rare" : "often");
    csv += line;
  }
  return csv;
}

std::string report_of(const std::filesystem::path& in, const std::filesystem::path& out, int threads) {
  JobOptions options;
  options.recipe = recipe::parse("leaven: 1\nbalance: smote\n", ops::op_table());
  options.recipe.source.path = in;
  options.recipe.sink.path = out;
  options.threads = threads;
  const std::atomic<bool> stop{false};
  run_job(options, [](const Progress&) {}, stop);
  const std::string html = read_text(out / kReportFile);
  const std::size_t first = html.find("How near new rows are");
  return html.substr(first, html.find("</section>", first) - first);
}

std::vector<Point> points_of(const Cells& rows, std::size_t first, std::size_t last) {
  std::vector<Point> points;
  for (std::size_t i = first; i < last; ++i) points.push_back({{std::stod(rows[i][0]), std::stod(rows[i][1]), std::stod(rows[i][2])}, rows[i][3] == "rare"});
  return points;
}

Unit deviations(const std::vector<Point>& points) {
  Unit unit{};
  const auto count = static_cast<double>(points.size());
  for (std::size_t d = 0; d < 3; ++d) {
    double sum = 0, squares = 0;
    for (const Point& p : points) sum += p.at[d];
    for (const Point& p : points) squares += (p.at[d] - sum / count) * (p.at[d] - sum / count);
    unit[d] = std::sqrt(squares / count);
  }
  return unit;
}

/// Distance of each to the nearest of `real`, in standard deviations over all rows, another class counting `mismatch`; never to
/// itself.
std::vector<double> nearest_distances(const std::vector<Point>& asked, const std::vector<Point>& real, const Unit& unit, double mismatch) {
  std::vector<double> distances;
  for (const Point& a : asked) {
    double best = 1e300;
    for (const Point& b : real) {
      double squared = a.rare != b.rare ? mismatch : 0;
      for (std::size_t d = 0; d < 3; ++d) squared += (a.at[d] - b.at[d]) * (a.at[d] - b.at[d]) / (unit[d] * unit[d]);
      if (&a != &b) best = std::min(best, squared);
    }
    distances.push_back(std::sqrt(best));
  }
  std::ranges::sort(distances);
  return distances;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[std::min(below + 1, sorted.size() - 1)] - sorted[below]);
}

std::string cells(double low, double middle) {
  char text[120];
  std::snprintf(text, sizeof text, "<td class=\"n\">%.3g</td><td class=\"n\">%.3g</td>", low, middle);
  return text;
}

TEST(TablePrivacy, Case24TheReportTellsTheDistanceToTheNearestRealRow) {
  TestFolder folder;
  write_text(folder / "in.csv", normal_table());
  const std::string one = report_of(folder / "in.csv", folder / "one", 1), eight = report_of(folder / "in.csv", folder / "eight", 8);
  EXPECT_EQ(one, eight) << "threads change nothing";
  const Cells rows = cells_of(read_text(folder / "one/in.csv"));
  ASSERT_EQ(rows.size(), 601U);
  const std::vector<Point> real = points_of(rows, 1, 401), made = points_of(rows, 401, 601), all = points_of(rows, 1, 601);
  const Unit unit = deviations(all), of_train = deviations(real);
  Unit ratios{of_train[0] / unit[0], of_train[1] / unit[1], of_train[2] / unit[2]};
  std::ranges::sort(ratios);
  const double mismatch = ratios[1] * ratios[1];
  const auto of_new = nearest_distances(made, real, unit, mismatch), of_real = nearest_distances(real, real, unit, mismatch);
  EXPECT_GT(of_new[0], 0) << "no new row is a real one";
  EXPECT_NE(one.find(cells(quantile(of_new, 0.05), quantile(of_new, 0.5))), std::string::npos) << one;
  EXPECT_NE(one.find(cells(quantile(of_real, 0.05), quantile(of_real, 0.5))), std::string::npos) << one;
}

}  // namespace
}  // namespace leaven::flow

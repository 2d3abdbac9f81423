#include "learn/generate/closeness.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "kernels/neighbours.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr std::size_t kMostQueries = 2000, kMostRows = 10'000;
constexpr double kDeviations = 3;  // of chance
constexpr double kNearest = 0.05;  // share of rows that count as the nearest

/// Numbers, words and which cells are missing as text that is equal for equal rows.
std::string key_of(const TableData& data, std::size_t row) {
  std::string key;
  const auto put = [&](const auto& value) { key.append(reinterpret_cast<const char*>(&value), sizeof value); };
  for (const TableColumn& column : data.columns) {
    if (column.role == Role::word) put(column.words[row]);
    if (column.role != Role::number) continue;
    const double v = column.numbers[row];
    put(std::isnan(v) ? 0.0 : v + 0.0);
    key += std::isnan(v) ? '?' : '.';
  }
  return key;
}

std::vector<std::uint32_t> evenly(std::size_t rows, std::size_t most) {
  std::vector<std::uint32_t> picked;
  const std::size_t count = std::min(rows, most);
  for (std::size_t i = 0; i < count; ++i) picked.push_back(static_cast<std::uint32_t>(i * rows / count));
  return picked;
}

struct Points {
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  std::size_t rows{}, dims{}, words{};
  kernels::NeighbourRows view() const { return {numbers, codes, rows, dims, words, 1}; }
};

/// Mean and deviation of each number column of train.
struct Scale {
  std::vector<double> mean{}, deviation{};
  explicit Scale(const TableData& train) {
    for (const TableColumn& column : train.columns) {
      double n = 0, sum = 0, squares = 0;
      for (const double v : column.numbers)
        if (!std::isnan(v)) n += 1, sum += v;
      mean.push_back(n > 0 ? sum / n : 0);
      for (const double v : column.numbers)
        if (!std::isnan(v)) squares += (v - mean.back()) * (v - mean.back());
      deviation.push_back(n > 0 && squares > 0 ? std::sqrt(squares / n) : 1);
    }
  }
};

Points points_of(const TableData& data, const std::vector<std::uint32_t>& rows, const Scale& scale) {
  Points points{.rows = rows.size()};
  for (const std::uint32_t r : rows)
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      const TableColumn& column = data.columns[c];
      if (column.role == Role::word) points.codes.push_back(column.words[r]);
      if (column.role != Role::number) continue;
      const bool missing = std::isnan(column.numbers[r]);
      points.numbers.push_back(missing ? 0 : (column.numbers[r] - scale.mean[c]) / scale.deviation[c]);
      points.codes.push_back(missing ? 1 : 0);
    }
  for (const TableColumn& column : data.columns) {
    points.dims += column.role == Role::number ? 1 : 0;
    points.words += column.role == Role::left_out ? 0 : 1;
  }
  return points;
}

std::vector<kernels::Nearest> found_nearest(const Points& among, const Points& queries, std::size_t count = 1) {
  const kernels::NeighbourIndex index(among.view());
  std::vector<kernels::Nearest> found(queries.rows * count);
  kernels::find_nearest(index, queries.view(), 0, queries.rows, count, {}, found);
  return found;
}

std::vector<double> nearest(const Points& among, const Points& queries) {
  std::vector<double> distances;
  for (const kernels::Nearest& n : found_nearest(among, queries)) distances.push_back(std::sqrt(n.squared));
  return distances;
}

/// Whether rows that know nothing of either could lie as often nearest to one of train, of all rows together: each of those might as well
/// have been held out, so that its share of the new rows falls to either side by chance. Ties say nothing.
bool nearer_by_chance(const Points& train, const Points& held_out, const Points& queries) {
  const std::vector<kernels::Nearest> to_train = found_nearest(train, queries), to_held_out = found_nearest(held_out, queries);
  const auto n = static_cast<double>(queries.rows), expected = static_cast<double>(train.rows) / static_cast<double>(train.rows + held_out.rows);
  std::vector<double> of_train(train.rows), of_held_out(held_out.rows);
  double share = 0, squares = 0;
  for (std::size_t i = 0; i < queries.rows; ++i) {
    if (to_train[i].squared < to_held_out[i].squared)
      of_train[to_train[i].row] += 1 / n, share += 1 / n;
    else if (to_train[i].squared > to_held_out[i].squared)
      of_held_out[to_held_out[i].row] += 1 / n;
    else
      share += expected / n;
  }
  for (const auto* of : {&of_train, &of_held_out})
    for (const double s : *of) squares += s * s;
  return share <= expected + kDeviations * std::sqrt(expected * (1 - expected) * squares);
}

double fifth_percentile(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 20];
}

}  // namespace

Closeness closeness(const TableData& train, const TableData& held_out, const TableData& made) {
  Closeness c;
  std::unordered_map<std::string, std::uint32_t> seen;
  for (std::size_t r = 0; r < train.rows; ++r) ++seen[key_of(train, r)];
  std::size_t twins = 0;
  for (const auto& [key, count] : seen) twins += count > 1 ? count : 0;
  for (std::size_t r = 0; r < made.rows; ++r) c.copies_seen += seen.contains(key_of(made, r)) ? 1 : 0;
  c.twins = train.rows == 0 ? 0 : static_cast<double>(twins) / static_cast<double>(train.rows);
  c.copies = made.rows == 0 ? 0 : static_cast<double>(c.copies_seen) / static_cast<double>(made.rows);
  if (train.rows == 0 || held_out.rows == 0 || made.rows == 0) return c;

  const Scale scale(train);
  const std::size_t each = std::min({train.rows, held_out.rows, kMostRows});
  const Points of_train = points_of(train, evenly(train.rows, each), scale), of_held_out = points_of(held_out, evenly(held_out.rows, each), scale);
  const Points queries = points_of(made, evenly(made.rows, kMostQueries), scale);
  const std::vector<double> to_train = nearest(of_train, queries), to_held_out = nearest(of_held_out, queries);
  double nearer = 0;
  for (std::size_t i = 0; i < to_train.size(); ++i) nearer += to_train[i] < to_held_out[i] ? 1 : to_train[i] == to_held_out[i] ? 0.5 : 0;
  c.nearer_train = nearer / static_cast<double>(to_train.size());
  c.nearest_5th = fifth_percentile(to_train);
  const std::vector<double> held_out_to_train = nearest(of_train, points_of(held_out, evenly(held_out.rows, kMostQueries), scale));
  c.held_out_5th = fifth_percentile(held_out_to_train);
  // Of held-out rows a twentieth lies as near as the nearest twentieth of new ones, and more within twice that distance.
  const auto asked = static_cast<double>(held_out_to_train.size());
  const auto as_near = static_cast<double>(std::ranges::count_if(held_out_to_train, [&](double d) { return d < 2 * c.nearest_5th; }));
  c.nearest_by_chance = as_near >= asked * kNearest - kDeviations * std::sqrt(asked * kNearest * (1 - kNearest));
  c.nearer_by_chance = nearer_by_chance(points_of(train, evenly(train.rows, kMostRows), scale), points_of(held_out, evenly(held_out.rows, kMostRows), scale), queries);
  return c;
}

std::vector<std::uint32_t> nearest_rows_of(const TableData& data, std::uint32_t row, const std::vector<std::uint32_t>& among, std::size_t count) {
  const Scale scale(data);
  std::vector<std::uint32_t> rows;
  for (const kernels::Nearest& n : found_nearest(points_of(data, among, scale), points_of(data, {row}, scale), std::min(count, among.size()))) rows.push_back(among[n.row]);
  return rows;
}

std::vector<std::uint32_t> nearest_rows(const TableData& train, const TableData& made) {
  const Scale scale(train);
  std::vector<std::uint32_t> rows;
  for (const kernels::Nearest& n : found_nearest(points_of(train, evenly(train.rows, train.rows), scale), points_of(made, evenly(made.rows, made.rows), scale))) rows.push_back(n.row);
  return rows;
}

}  // namespace leaven::learn

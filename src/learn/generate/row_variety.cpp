#include "learn/generate/row_variety.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "flow/job_summary.hpp"
#include "learn/generate/likeness.hpp"
#include "learn/generate/table_gate.hpp"
#include "learn/generate/variety.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr std::size_t kFewest = 20, kLeastMade = 500, kMostMade = 2000, kMostOfAll = 20'000;
constexpr double kHardlyVaried = 0.2;  // of words: less is nearly one word, of which no share says anything
constexpr double kChance = 1.63;       // of the Kolmogorov-Smirnov distance of n and m numbers, in √(1/n + 1/m): one in a hundred is above
constexpr double kDifferent = 0.5;     // share of real rows that no other equals

double spread_of(const TableColumn& column) {
  double n = 0, sum = 0, squares = 0;
  if (column.role == Role::word) {
    std::map<std::int32_t, double> counts;
    for (const std::int32_t word : column.words) ++counts[word];
    for (const auto& [word, count] : counts) squares += count * count;
    n = static_cast<double>(column.words.size());
    const double spread = n * n / squares - 1;
    return spread;
  }
  for (const double v : column.numbers)
    if (!std::isnan(v)) n += 1, sum += v;
  if (n < 2) return 0;
  for (const double v : column.numbers)
    if (!std::isnan(v)) squares += (v - sum / n) * (v - sum / n);
  return std::sqrt(squares / n);
}

double chance_of(const TableColumn& real, const TableColumn& made) {
  const auto n = static_cast<double>(std::max(real.numbers.size(), real.words.size())), m = static_cast<double>(std::max(made.numbers.size(), made.words.size()));
  const double rough = std::sqrt(1 / n + 1 / m);
  if (real.role != Role::word) return kChance * rough;
  return 0.5 * rough * std::sqrt(static_cast<double>(std::set<std::int32_t>(real.words.begin(), real.words.end()).size() + 1));
}

/// Share of rows that are different ones.
double different_rows(const TableData& rows) {
  std::set<std::vector<double>> known;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    std::vector<double> row;
    for (const TableColumn& column : rows.columns) {
      if (column.role == Role::left_out) continue;
      row.push_back(column.is_missing(r) ? INFINITY : column.role == Role::word ? column.words[r] : column.numbers[r]);
    }
    known.insert(std::move(row));
  }
  return static_cast<double>(known.size()) / static_cast<double>(rows.rows);
}

/// Columns or classes of which the same is to be said, with the least and the greatest number of it.
class Finding {
 public:
  void add(std::string name, double number) {
    names_.push_back(std::move(name));
    least_ = std::min(least_, number), most_ = std::max(most_, number);
  }
  bool any() const { return !names_.empty(); }
  std::string names() const { return flow::listed(names_); }
  std::string range(int places) const {
    const std::string lo = fmt::format("{:.{}f}", least_, places), hi = fmt::format("{:.{}f}", most_, places);
    return lo == hi ? lo : lo + " to " + hi;
  }

 private:
  std::vector<std::string> names_{};
  double least_{INFINITY}, most_{};
};

}  // namespace

std::vector<std::string> unlike_rows(const TableData& train, const RowModel& model, std::uint64_t seed) {
  std::vector<std::vector<std::uint32_t>> rows(model.labels().size());
  const std::vector<std::uint32_t> classes = classes_by_row(train);
  for (std::uint32_t r = 0; r < train.rows; ++r)
    if (classes[r] != kNoClass) rows[classes[r]].push_back(r);
  const std::size_t most = std::clamp(kMostOfAll / std::max<std::size_t>(1, rows.size()), kFewest, kMostMade);
  Finding narrow, again, otherwise;
  for (std::uint32_t label = 0; label < rows.size(); ++label) {
    if (rows[label].size() < kFewest) continue;
    const TableData real = train.picked(rows[label]), made = model.draw(label, seed, 0, std::min(most, std::max(kLeastMade, real.rows)));
    const std::string of_class = model.labels()[label].empty() ? "" : " of class " + model.labels()[label];
    for (std::size_t c = 0; c < real.columns.size(); ++c) {
      const TableColumn &was = real.columns[c], &now = made.columns[c];
      if (was.role == Role::left_out || (was.target && was.role == Role::word)) continue;
      const double usual = spread_of(was);
      const bool varied = usual > (was.role == Role::word ? kHardlyVaried : 0);
      if (const double share = varied ? spread_of(now) / usual : 1; share < kLeastVariety) narrow.add(was.name + of_class, 100 * share);
      else if (const double apart = column_distance(was, now); apart > GateLimits{}.column + chance_of(was, now)) otherwise.add(was.name + of_class, apart);
    }
    // As many of either: the more rows, the more come again by chance.
    std::vector<std::uint32_t> first(std::min(real.rows, made.rows));
    for (std::uint32_t r = 0; r < first.size(); ++r) first[r] = r;
    const double usual = different_rows(real.picked(first)), own = different_rows(made.picked(first));
    if (usual > kDifferent && own < kLeastVariety * usual) again.add(model.labels()[label].empty() ? "all" : "class " + model.labels()[label], 100 * own);
  }
  std::vector<std::string> notes;
  if (narrow.any()) notes.push_back("mode collapse: new cells of " + narrow.names() + " are spread by " + narrow.range(0) + " % of what real ones are");
  if (again.any()) notes.push_back("mode collapse: of new rows (" + again.names() + ") " + again.range(0) + " % are different ones");
  if (otherwise.any())
    notes.push_back("new cells of " + otherwise.names() + " are distributed otherwise than those learnt from (" + otherwise.range(2) + " apart, of at most 1): another --seed, or more --steps");
  return notes;
}

}  // namespace leaven::learn

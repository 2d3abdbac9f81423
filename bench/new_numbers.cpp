// How generators of tables do on one column of numbers, such as a price or a quantity: each column of numbers of FILE is a table of its own.
// bench_new_numbers FILE COLUMNS KINDS SEEDS [ROWS]     COLUMNS and KINDS with commas between, `all` stands for every column of numbers; kinds
// with their steps or without (wgan:1000); of ROWS rows, evenly spread, where it is given. A fifth is held out, another each seed. A line for
// each column and kind, means over the seeds; `real` are the rows that were learnt from.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <sstream>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "learn/generate/closeness.hpp"
#include "learn/generate/likeness.hpp"
#include "learn/generate/table_gate.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/generate/twins.hpp"
#include "learn/statistics.hpp"
#include "learn/torch/table_kinds.hpp"

namespace {

using namespace leaven;
using namespace leaven::learn;
using Role = TableColumn::Role;

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, ',');) parts.push_back(one);
  return parts;
}

/// A table of this column alone.
ReadTable alone(const ReadTable& read, std::size_t column, std::size_t rows) {
  ReadTable made;
  made.data.columns.push_back(read.data.columns[column]);
  made.data.columns[0].target = false;
  made.data.rows = read.data.rows;
  std::vector<std::uint32_t> picked;
  for (std::size_t i = 0; i < std::min(rows, read.data.rows); ++i) picked.push_back(static_cast<std::uint32_t>(i * read.data.rows / std::min(rows, read.data.rows)));
  made.data = made.data.picked(picked);
  for (const double& v : made.data.columns[0].numbers) made.digests.push_back(key_from_hex(digest_of(reinterpret_cast<const char*>(&v), sizeof v)));
  return made;
}

std::vector<double> sorted_there(const TableColumn& column) {
  std::vector<double> numbers;
  for (const double v : column.numbers)
    if (!std::isnan(v)) numbers.push_back(v);
  std::ranges::sort(numbers);
  return numbers;
}

/// Wasserstein-1 distance, in deviations of `b`.
double wasserstein(const TableColumn& a, const TableColumn& b) {
  const std::vector<double> x = sorted_there(a), y = sorted_there(b);
  std::vector<double> all = x;
  all.insert(all.end(), y.begin(), y.end());
  std::ranges::sort(all);
  double sum = 0, mean = 0, squares = 0;
  std::size_t i = 0, j = 0;
  for (std::size_t k = 0; k + 1 < all.size(); ++k) {
    while (i < x.size() && x[i] <= all[k]) ++i;
    while (j < y.size() && y[j] <= all[k]) ++j;
    sum += std::fabs(static_cast<double>(i) / static_cast<double>(x.size()) - static_cast<double>(j) / static_cast<double>(y.size())) * (all[k + 1] - all[k]);
  }
  for (const double v : y) mean += v / static_cast<double>(y.size());
  for (const double v : y) squares += (v - mean) * (v - mean) / static_cast<double>(y.size());
  return sum / std::sqrt(squares);
}

struct Score {
  std::vector<double> ks{}, distance{}, nearer{}, seconds{};
  std::size_t refused{};
};

void run(const std::string& file, const std::string& columns, const std::string& kinds, std::uint64_t seeds, std::size_t rows) {
  const ReadTable read = read_table_data(*open_for_generator(file, "", ""));
  const std::vector<TableKind> known = table_kinds();
  const std::atomic<bool> go_on{false};
  const std::function<void(std::uint32_t, std::uint32_t, double)> watch = [](std::uint32_t, std::uint32_t, double) {};
  const std::vector<std::string> names = parts_of(columns), arms = parts_of("real," + kinds);
  fmt::print("| column | rows | kind | KS | Wasserstein | nearer to rows that it saw | refused | fitted in, processor time |\n|---|---|---|---|---|---|---|---|\n");
  for (std::size_t c = 0; c < read.data.columns.size(); ++c) {
    const TableColumn& column = read.data.columns[c];
    if (column.role != Role::number || (columns != "all" && std::ranges::find(names, column.name) == names.end())) continue;
    const ReadTable table = alone(read, c, rows);
    for (const std::string& arm : arms) {
      Score score;
      for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const TableSplit split = split_rows(table, 0.2, seed);
        const TableData train = table.data.picked(split.train), held_out = table.data.picked(split.held_out);
        if (arm == "real") {
          score.ks.push_back(column_distance(train.columns[0], held_out.columns[0]));
          score.distance.push_back(wasserstein(train.columns[0], held_out.columns[0]));
          continue;
        }
        const std::size_t colon = arm.find(':');
        const auto kind = std::ranges::find(known, arm.substr(0, colon), &TableKind::name);
        if (kind == known.end()) throw usage_error("there is no generator of tables called " + arm);
        std::vector<std::string> notes;
        const std::clock_t begun = std::clock();
        const auto model = kind->fit({train, seed, colon == std::string::npos ? 0 : static_cast<std::uint32_t>(std::stoul(arm.substr(colon + 1))), watch, go_on, notes});
        score.seconds.push_back(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
        const TableData made = model->draw(kNoClass, seed, 0, std::min<std::size_t>(train.rows, 20'000));
        score.ks.push_back(column_distance(made.columns[0], held_out.columns[0]));
        score.distance.push_back(wasserstein(made.columns[0], held_out.columns[0]));
        const TableGate gate = judge_table(train, held_out, [&](std::uint32_t label, std::uint64_t stream, std::uint64_t first, std::size_t count) { return model->draw(label, stream, first, count); }, {}, 1, go_on);
        score.nearer.push_back(100 * gate.closeness.nearer_train);
        score.refused += gate.reasons.empty() ? 0 : 1;
        for (const std::string& reason : gate.reasons) fmt::print(stderr, "{} {} {}: {}\n", column.name, arm, seed, reason);
        for (const std::string& note : notes) fmt::print(stderr, "{} {} {}: {}\n", column.name, arm, seed, note);
      }
      const std::string both = fmt::format("| {} | {} | `{}` | {:.4f} | {:.4f} |", column.name, table.data.rows, arm, mean_of(score.ks), mean_of(score.distance));
      if (arm == "real")
        fmt::print("{} | | |\n", both);
      else
        fmt::print("{} {:.1f} % | {} of {} | {:.1f} s |\n", both, mean_of(score.nearer), score.refused, seeds, mean_of(score.seconds));
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv + 1, argv + argc);
  try {
    if (a.size() != 4 && a.size() != 5) throw usage_error("bench_new_numbers FILE COLUMNS KINDS SEEDS [ROWS]");
    run(a[0], a[1], a[2], std::stoull(a[3]), a.size() == 5 ? std::stoull(a[4]) : static_cast<std::size_t>(-1));
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_new_numbers: %s\n", error.what());
    return exit_code(error.fault());
  }
}

// What new rows are worth alone: XGBoost learns from them and is tested on real rows, beside the same learner on as many real ones.
// bench_new_rows FILE TARGET KINDS SEEDS     a fifth of the rows is tested, another each seed; KINDS of generators, with commas between, each
// with its steps or without (tvae:4000); `smote` stands for rows of `balance:`, of each class as many as there are. A line for each seed and
// arm, then a table.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <sstream>

#include "bench/table_smote.hpp"
#include "core/error.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/metrics.hpp"
#include "learn/statistics.hpp"
#include "learn/torch/table_kinds.hpp"
#include "learn/trees/boosted_trees.hpp"

namespace {

using namespace leaven;
using namespace leaven::learn;
using Role = TableColumn::Role;

/// Numbers as they are, a value for each word; `width` values a row.
std::vector<float> values_of(const TableData& data, std::size_t& width) {
  width = 0;
  for (const TableColumn& c : data.columns)
    if (!c.target && c.role != Role::left_out) width += c.role == Role::number ? 1 : c.dictionary.size();
  std::vector<float> values(data.rows * width);
  for (std::size_t r = 0; r < data.rows; ++r) {
    float* to = &values[r * width];
    for (const TableColumn& c : data.columns) {
      if (c.target || c.role == Role::left_out) continue;
      if (c.role == Role::number) {
        *to++ = static_cast<float>(c.numbers[r]);
      } else {
        if (c.words[r] >= 0) to[c.words[r]] = 1;
        to += c.dictionary.size();
      }
    }
  }
  return values;
}

Metrics trained_and_tested(const TableData& train, const TableData& test) {
  const LearnerKind kind = boosted_trees();
  std::size_t width = 0;
  const std::vector<float> shown = values_of(train, width), asked = values_of(test, width);
  const std::vector<std::uint32_t> labels = classes_by_row(train);
  const auto classes = static_cast<std::uint32_t>(classes_of(train).size());
  const auto learner = kind.make({static_cast<int>(width), 1, 1}, classes, Key{1, 2});
  for (std::uint32_t round = 0; round < kind.rounds; ++round) learner->train({shown, labels}, 1);
  return measure(Predictions{.classes = classes, .probability = learner->predict(asked), .truth = classes_by_row(test)});
}

void run(const std::string& file, const std::string& target, const std::string& kinds, std::uint64_t seeds) {
  const ReadTable read = read_table_data(*open_for_generator(file, "", target));
  const std::vector<TableKind> known = table_kinds();
  const std::atomic<bool> go_on{false};
  const std::function<void(std::uint32_t, std::uint32_t, double)> watch = [](std::uint32_t, std::uint32_t, double) {};
  std::vector<std::string> order{"real"};
  std::istringstream in(kinds);
  for (std::string one; std::getline(in, one, ',');) order.push_back(one);
  std::map<std::string, std::vector<double>> f1, seconds;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const TableSplit split = split_table(read.digests, 0.2, seed);
    const TableData train = read.data.picked(split.train), test = read.data.picked(split.held_out);
    std::vector<std::uint64_t> counts(classes_of(train).size());
    for (const std::uint32_t label : classes_by_row(train)) {
      if (label == kNoClass) throw usage_error("every row must have a class");
      ++counts[label];
    }
    for (const std::string& arm : order) {
      const auto begun = std::chrono::steady_clock::now();
      TableData made;
      if (arm == "smote") {
        made = bench::smote_rows(train, counts, seed);
      } else if (arm != "real") {
        const std::size_t colon = arm.find(':');
        const auto kind = std::ranges::find(known, arm.substr(0, colon), &TableKind::name);
        if (kind == known.end()) throw usage_error("there is no generator of tables called " + arm);
        std::vector<std::string> notes;
        const std::uint32_t steps = colon == std::string::npos ? 0 : static_cast<std::uint32_t>(std::stoul(arm.substr(colon + 1)));
        made = kind->fit({train, seed, steps, watch, go_on, notes})->draw(kNoClass, seed, 0, train.rows);
      }
      seconds[arm].push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
      const Metrics m = trained_and_tested(arm == "real" ? train : made, test);
      f1[arm].push_back(m.macro_f1);
      fmt::print("seed {} {:<12} macro-F1 {:6.2f}  AUC {:6.2f}  share of real rows' {:.4f}  rows in {:.1f} s\n", seed, arm, m.macro_f1, m.auc, m.macro_f1 / f1["real"].back(), seconds[arm].back());
      std::fflush(stdout);
    }
  }
  fmt::print("{}\n| rows | macro-F1 | share of real rows' | made in |\n|---|---|---|---|\n", boosted_trees().summary);
  for (const std::string& arm : order) fmt::print("| `{}` | {:.2f} | {:.3f} | {:.1f} s |\n", arm, mean_of(f1[arm]), mean_of(f1[arm]) / mean_of(f1["real"]), mean_of(seconds[arm]));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv + 1, argv + argc);
  try {
    if (a.size() != 4) throw usage_error("bench_new_rows FILE TARGET KINDS SEEDS");
    run(a[0], a[1], a[2], std::stoull(a[3]));
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_new_rows: %s\n", error.what());
    return exit_code(error.fault());
  }
}

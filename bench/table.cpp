// What samplers, imputation and scaling of tables cost in memory, as their Python peers are timed: data made before, result thrown away.
// bench_table TASK [FILE | ROWS]; one JSON line. Tasks: smote_200k, smote_1m, knn_impute, z_score, scale_rate, jitter_rate, noise_rate, neighbours
// ROWS, read FILE, balance FILE TARGET. What one thread does is told in CPU seconds, so that who else computes does not count; the rest by the clock.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/balance/neighbour_graph.hpp"
#include "flow/balance/row_maker.hpp"
#include "flow/pool.hpp"
#include "flow/table_source.hpp"
#include "ops/families.hpp"

namespace {

using namespace leaven;

constexpr Key kKey{3, 5};

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double cpu_seconds_of(const auto& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void print(const std::string& task, double seconds, double rows) {
  std::printf("{\"task\": \"%s\", \"seconds\": %.6f, \"rows\": %.0f}\n", task.c_str(), seconds, rows);
}

/// Numbers of a normal law in `dims` columns, `rare` of the rows of class a.
flow::RowMatrix gaussian(std::size_t rows, std::size_t dims, std::size_t rare) {
  flow::RowMatrix matrix;
  for (std::size_t d = 0; d < dims; ++d) matrix.number_columns.push_back(d);
  for (std::size_t i = 0; i < rows * dims; ++i) matrix.numbers.push_back(draw(normal(0, 1), kKey, i));
  for (std::size_t r = 0; r < rows; ++r) {
    matrix.source.push_back(r);
    matrix.label.push_back(r < rare ? 0 : 1);
  }
  matrix.digest.resize(rows);
  matrix.labels = {"a", "b"};
  return matrix;
}

/// Decides and makes the new rows as numbers, which is what a peer returns.
double balance(const flow::RowMatrix& matrix, recipe::BalanceMethod method, flow::Pool& pool, std::uint64_t& made) {
  std::vector<std::uint64_t> have(matrix.labels.size());
  for (const std::uint32_t label : matrix.label) ++have[label];
  std::vector<std::uint64_t> wanted;
  for (const std::uint64_t count : have) wanted.push_back(*std::max_element(have.begin(), have.end()) - count);
  recipe::Balance rules;
  rules.method = method;
  double sum = 0;
  const double seconds = seconds_of([&] {
    const flow::SampledRows sampled = flow::sample_rows(matrix, method, rules, wanted, have, 0, pool);
    std::vector<double> rows(sampled.rows.size() * matrix.dims());
    std::size_t at = 0;
    for (const flow::Synthetic& row : sampled.rows)
      for (std::size_t d = 0; d < matrix.dims(); ++d, ++at) {
        const double a = matrix.number(row.base, d);
        rows[at] = row.partner == kernels::kNoRow ? a : a + row.lambda * (matrix.number(row.partner, d) - a);
      }
    made = sampled.rows.size();
    for (const double v : rows) sum += v;
  });
  return sum == 0.5 ? 0 : seconds;
}

flow::RowMatrix read_matrix(const std::string& file, const std::string& target) {
  recipe::Source source;
  source.path = file;
  source.label_column = target;
  const auto table = flow::open_source(source);
  std::size_t column = 0;
  while (!table->shape().columns[column].target) ++column;
  flow::MatrixBuilder builder(table->shape(), column, false);
  for (std::uint64_t first = 0; first < table->rows(); first += flow::kBlockRows) {
    const Block block = table->read(first, flow::kBlockRows);
    for (std::size_t r = 0; r < block.rows; ++r) builder.add(block, r, io::cell_text(block.columns[column], r));
  }
  return builder.take();
}

/// Every cell of a row with 10 % chance missing.
Block block_of(std::size_t rows, std::size_t dims, double missing) {
  Block block{.rows = rows};
  for (std::size_t d = 0; d < dims; ++d) {
    Column column;
    column.name = "c" + std::to_string(d);
    column.type = Column::Type::decimal;
    column.places = 12;
    column.text.resize(rows);
    column.changed.resize(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      column.number.push_back(draw(normal(0, 1), kKey, r * dims + d));
      column.null.push_back(draw_unit(kKey, (r * dims + d) ^ 0x8000000000) < missing);
    }
    block.columns.push_back(std::move(column));
  }
  return block;
}

class OneBlock : public Scan {
 public:
  explicit OneBlock(const Block& block) : block_(&block) {}
  const Block* next() override { return std::exchange(block_, nullptr); }

 private:
  const Block* block_;
};

/// An op on a block, by one thread, as it is called by one task.
class OpOnBlock {
 public:
  OpOnBlock(const char* name, std::size_t rows, std::size_t dims, double missing)
      : block_(block_of(rows, dims, missing)), op_(ops::op_table().at(name)) {
    for (const Column& c : block_.columns) shape_.columns.push_back({c.name, c.type, c.kind, c.target});
    for (std::size_t r = 0; r < rows; ++r) keys_.push_back({r, r});
  }

  void fit() {
    OneBlock scan(block_);
    fitted_ = op_.info().fit(op_.data(), scan);
  }

  void apply() {
    Site site;
    site.table = &shape_;
    site.fitted = &fitted_;
    for (const Node& node : op_.lower(site)) {
      const auto& function = std::get<ColumnFunction>(node);
      if (function.apply_rows) function.apply_rows(block_, function.columns, keys_);
      else
        for (const std::size_t i : function.columns) function.apply(block_.columns[i], i, keys_);
    }
  }

 private:
  Block block_;
  OpValue op_;
  BlockShape shape_{};
  std::vector<Key> keys_{};
  Fitted fitted_{};
};

double fit_and_apply(const char* name, std::size_t rows, std::size_t dims, double missing) {
  OpOnBlock op(name, rows, dims, missing);
  return cpu_seconds_of([&] {
    op.fit();
    op.apply();
  });
}

/// The op on cells that are there, beside memcpy of as many numbers, in turns; medians.
void print_rate(const std::string& task, const char* name) {
  constexpr std::size_t kRows = 200'000, kDims = 20, kTurns = 11;
  OpOnBlock op(name, kRows, kDims, 0);
  op.fit();
  const std::vector<double> from(kRows * kDims, 1.5);
  std::vector<double> to(kRows * kDims);
  std::vector<double> ours, copies;
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    ours.push_back(cpu_seconds_of([&] { op.apply(); }));
    copies.push_back(cpu_seconds_of([&] { std::memcpy(to.data(), from.data(), to.size() * sizeof(double)); }));
    if (to[turn] != 1.5) throw bug("memcpy does not copy");
  }
  std::ranges::nth_element(ours, ours.begin() + kTurns / 2);
  std::ranges::nth_element(copies, copies.begin() + kTurns / 2);
  std::printf("{\"task\": \"%s\", \"seconds\": %.6f, \"memcpy\": %.6f}\n", task.c_str(), ours[kTurns / 2], copies[kTurns / 2]);
}

/// Five neighbours of each of so many rows × 64: all compared, and by the graph. Searches are those of a thousand rows, times as
/// many: what all compared take is the same for every row.
void print_neighbours(std::size_t count, flow::Pool& pool) {
  constexpr std::size_t kDims = 64, kNear = 5, kAsked = 1000, kATask = 50;
  const std::size_t every = count / kAsked;
  const flow::RowMatrix matrix = gaussian(count, kDims, 0);
  const kernels::NeighbourRows rows{matrix.numbers, {}, count, kDims, 0, 0};
  std::vector<double> asked;
  std::vector<std::uint32_t> own;
  for (std::size_t r = 0; r < every * kAsked; r += every) {
    own.push_back(static_cast<std::uint32_t>(r));
    for (std::size_t d = 0; d < kDims; ++d) asked.push_back(matrix.number(r, d));
  }
  const kernels::NeighbourRows queries{asked, {}, own.size(), kDims, 0, 0};
  std::vector<kernels::Nearest> exact(own.size() * kNear), near(own.size() * kNear);
  const auto search = [&](std::vector<kernels::Nearest>& found, const auto& find) {
    return static_cast<double>(every) * seconds_of([&] {
      pool.run_ordered(own.size() / kATask, [&](std::size_t task) -> std::shared_ptr<void> {
        const std::size_t first = task * kATask;
        find(first, first + kATask, std::span(own).subspan(first, kATask), std::span(found).subspan(first * kNear, kATask * kNear));
        return nullptr;
      }, [](std::size_t, const std::shared_ptr<void>&) {});
    });
  };
  const kernels::NeighbourIndex index(rows);
  const double compared = search(exact, [&](std::size_t first, std::size_t last, auto of, auto into) { kernels::find_nearest(index, queries, first, last, kNear, of, into); });
  std::optional<flow::NeighbourGraph> graph;
  const double built = cpu_seconds_of([&] { graph.emplace(rows); });  // by one thread
  const double searched = search(near, [&](std::size_t first, std::size_t last, auto of, auto into) { graph->find(queries, first, last, kNear, of, into); });
  std::size_t found = 0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    found += static_cast<std::size_t>(std::count_if(near.begin() + static_cast<std::ptrdiff_t>(i / kNear * kNear), near.begin() + static_cast<std::ptrdiff_t>((i / kNear + 1) * kNear),
                                                    [&](const kernels::Nearest& one) { return one.row == exact[i].row; }));
  std::printf("{\"task\": \"neighbours\", \"exact\": %.3f, \"built\": %.3f, \"searched\": %.3f, \"recall\": %.4f}\n", compared, built, searched,
              static_cast<double>(found) / static_cast<double>(exact.size()));
}

void run(const std::string& task, const std::string& file, const std::string& target) {
  flow::Pool pool(flow::available_threads());
  std::uint64_t made = 0;
  const auto print_balance = [&](const flow::RowMatrix& matrix, recipe::BalanceMethod method) {
    const double seconds = balance(matrix, method, pool, made);
    print(task, seconds, static_cast<double>(made));
  };
  if (task == "smote_200k") print_balance(gaussian(200'000, 20, 40'000), recipe::BalanceMethod::smote);
  else if (task == "smote_1m") print_balance(gaussian(1'000'000, 20, 100'000), recipe::BalanceMethod::smote);
  else if (task == "knn_impute") print(task, fit_and_apply("table_impute", 5'000, 20, 0.1), 5'000);
  else if (task == "z_score") print(task, fit_and_apply("table_scale", 200'000, 20, 0), 200'000);
  else if (task == "scale_rate") print_rate(task, "table_scale");
  else if (task == "jitter_rate") print_rate(task, "table_jitter");
  else if (task == "noise_rate") print_rate(task, "table_noise");
  else if (task == "neighbours") print_neighbours(std::stoul(file), pool);
  else if (task == "balance" || task == "balance_numbers") {
    flow::RowMatrix matrix = read_matrix(file, target);
    if (task == "balance_numbers") matrix.word_columns.clear(), matrix.words.clear();
    const auto method = matrix.word_columns.empty() ? recipe::BalanceMethod::smote : recipe::BalanceMethod::smote_nc;
    print_balance(matrix, method);
  } else if (task == "read") {
    double rows = 0;
    const double seconds = cpu_seconds_of([&] {
      const auto table = io::open_csv(file);
      for (std::uint64_t first = 0; first < table->rows(); first += flow::kBlockRows) rows += static_cast<double>(table->read(first, flow::kBlockRows).rows);
    });
    print(task, seconds, rows);
  } else {
    throw usage_error("no such task: " + task);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : "");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_table: %s\n", error.what());
    return 1;
  }
}

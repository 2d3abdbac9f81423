// Rows that few cuts set apart from all others (Liu, Ting and Zhou, "Isolation forest", ICDM 2008).
#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/summary.hpp"
#include "ops/table/whole_table.hpp"

namespace leaven::ops {
namespace {

namespace table_isolation {
enum class Action : std::uint8_t { flag, drop };
constexpr std::array<std::string_view, 2> kActionNames{"flag", "drop"};
struct Op {
  double share = 0.01;
  int trees = 100;
  int sample = 256;
  std::string of{};
  Action action = Action::drop;
};
constexpr auto fields = std::array{
    field<&Op::share>("share", {.doc = "Share of train's rows that count as far", .lo = 0, .hi = 0.5, .unit = "fraction"}),
    field<&Op::trees>("trees", {.doc = "Trees of the forest", .lo = 1, .hi = 1000, .unit = "1"}),
    field<&Op::sample>("sample", {.doc = "Rows that each tree is grown from", .lo = 2, .hi = 4096, .unit = "1"}),
    field<&Op::of>("of", {.doc = "Names of the columns of numbers that it looks at, commas between; empty: all but the target"}),
    field<&Op::action>("action", {.doc = "What becomes of a row that lies far", .choices = kActionNames})};

constexpr std::size_t kMostRows = 16'384;
constexpr const char *kColumns = "columns", *kMedians = "medians", *kLimit = "limit", *kFlag = "row_outlier";
constexpr std::size_t kNodeSize = 4;  ///< numbers a node: column (or −1), cut, left, right; of a leaf −1, the length that it stands for

/// Mean length of the path of an unsuccessful search in a binary tree of n: what a leaf with n rows stands for.
double mean_path(double n) {
  constexpr double kEuler = 0.57721566490153286;
  return n > 2 ? 2 * (exact::log(n - 1) + kEuler) - 2 * (n - 1) / n : n > 1 ? 1 : 0;
}

using Rows = std::vector<std::vector<double>>;

/// Grows one tree. Draws are numbered in the order in which nodes are made, which depends on the rows alone.
class Grower {
 public:
  Grower(const Rows& rows, Key key, int deepest) : rows_(rows), key_(key), deepest_(deepest) {}

  std::vector<double> grow(std::vector<std::uint32_t> rows) {
    node(rows, 0);
    return std::move(tree_);
  }

 private:
  std::size_t node(std::span<std::uint32_t> rows, int depth) {
    const std::size_t at = tree_.size();
    tree_.resize(at + kNodeSize);
    std::vector<std::size_t> open;  // columns that can still be cut
    std::vector<std::pair<double, double>> ends;
    for (std::size_t c = 0; depth < deepest_ && rows.size() > 1 && c < rows_[0].size(); ++c) {
      double low = rows_[rows[0]][c], high = low;
      for (const std::uint32_t row : rows) low = std::min(low, rows_[row][c]), high = std::max(high, rows_[row][c]);
      if (low < high) open.push_back(c), ends.emplace_back(low, high);
    }
    if (open.empty()) {
      tree_[at] = -1;
      tree_[at + 1] = depth + mean_path(static_cast<double>(rows.size()));
      return at / kNodeSize;
    }
    const auto pick = static_cast<std::size_t>(draw_below(key_, open.size(), draws_++));
    const auto [low, high] = ends[pick];
    double cut = low + (high - low) * draw_unit(key_, draws_++);
    if (!(cut < high)) cut = low;
    const auto middle = std::partition(rows.begin(), rows.end(), [&](std::uint32_t row) { return rows_[row][open[pick]] <= cut; });
    const auto left = static_cast<std::size_t>(middle - rows.begin());
    const std::size_t below = node(rows.first(left), depth + 1), above = node(rows.subspan(left), depth + 1);
    tree_[at] = static_cast<double>(open[pick]);
    tree_[at + 1] = cut;
    tree_[at + 2] = static_cast<double>(below);
    tree_[at + 3] = static_cast<double>(above);
    return at / kNodeSize;
  }

  const Rows& rows_;
  Key key_;
  int deepest_;
  std::uint64_t draws_{};
  std::vector<double> tree_{};
};

double path_length(const std::vector<double>& tree, std::span<const double> row) {
  std::size_t at = 0;
  while (tree[at * kNodeSize] >= 0) {
    const double* const node = tree.data() + at * kNodeSize;
    at = static_cast<std::size_t>(row[static_cast<std::size_t>(node[0])] <= node[1] ? node[2] : node[3]);
  }
  return tree[at * kNodeSize + 1];
}

std::string tree_name(int tree) { return "tree " + std::to_string(tree + 1); }

/// The mean length of the paths: the shorter, the farther lies the row. (The paper's score is 2 to minus this, in units of
/// mean_path(sample), which orders rows alike.)
double depth_of(std::span<const std::vector<double>* const> forest, std::span<const double> row) {
  double sum = 0;
  for (const auto* tree : forest) sum += path_length(*tree, row);
  return sum / static_cast<double>(forest.size());
}

std::vector<std::string> names_of(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream in(list);
  for (std::string name; std::getline(in, name, ',');) {
    const std::size_t first = name.find_first_not_of(' ');
    if (first != std::string::npos) names.push_back(name.substr(first, name.find_last_not_of(' ') + 1 - first));
  }
  return names;
}

/// Up to kMostRows rows of train, evenly, with the columns that are looked at.
Rows rows_of(const Op& op, Scan& train, FittedValues& columns, FittedValues& medians) {
  const std::vector<std::string> wanted = names_of(op.of);
  Rows rows;
  EvenRows even(kMostRows);
  std::uint64_t number = 0;
  std::vector<std::size_t> places;
  std::vector<Median> middles;
  while (const Block* block = train.next()) {
    if (columns.words.empty()) {
      for (std::size_t c = 0; c < block->columns.size(); ++c) {
        const Column& column = block->columns[c];
        const bool named = std::ranges::find(wanted, column.name) != wanted.end();
        if (column.type == Column::Type::text || (wanted.empty() ? column.target : !named)) continue;
        places.push_back(c);
        columns.words.push_back(column.name);
      }
      if (columns.words.size() < std::max<std::size_t>(1, wanted.size())) throw usage_error("of must name columns of numbers" + (op.of.empty() ? ", and there are none" : ", got \"" + op.of + "\""));
      middles.resize(places.size());
    }
    for (std::size_t r = 0; r < block->rows; ++r, ++number) {
      if (!even.keeps(number)) continue;
      std::vector<double>& row = rows.emplace_back();
      for (std::size_t i = 0; i < places.size(); ++i) {
        const Column& column = block->columns[places[i]];
        row.push_back(is_number(column, r) ? column.number[r] : kUnset);
        if (is_number(column, r)) middles[i].add(column.number[r]);
      }
      if (!even.full(rows.size())) continue;
      std::size_t half = 0;
      for (std::size_t i = 0; i < rows.size(); i += 2) rows[half++] = std::move(rows[i]);
      rows.resize(half);
      even.thin();
    }
  }
  for (const Median& middle : middles) medians.push_back(middle.empty() ? 0 : middle.value());
  for (auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c)
      if (std::isnan(row[c])) row[c] = medians[c];
  return rows;
}

Fitted fit(const Op& op, Scan& train) {
  Fitted fitted;
  FittedValues columns, medians;
  const Rows rows = rows_of(op, train, columns, medians);
  if (rows.empty()) throw usage_error("there is no row in train to grow a forest from");
  const auto sample = std::min(static_cast<std::size_t>(op.sample), rows.size());
  int deepest = 0;
  while ((std::size_t{1} << deepest) < sample) ++deepest;
  std::vector<const std::vector<double>*> forest;
  for (int t = 0; t < op.trees; ++t) {
    const Key key{0x69736f6c6174696f, static_cast<std::uint64_t>(t)}, order{0x73616d706c650000, static_cast<std::uint64_t>(t)};
    std::vector<std::uint32_t> all(rows.size());
    std::iota(all.begin(), all.end(), 0U);
    for (std::size_t i = 0; i < sample; ++i) std::swap(all[i], all[i + static_cast<std::size_t>(draw_below(order, all.size() - i, i))]);
    all.resize(sample);
    FittedValues& tree = fitted[tree_name(t)];
    static_cast<std::vector<double>&>(tree) = Grower(rows, key, deepest).grow(std::move(all));
    forest.push_back(&tree);
  }
  std::vector<double> depths;
  for (const auto& row : rows) depths.push_back(depth_of(forest, row));
  std::ranges::sort(depths);
  // Rows below the limit lie far: the share, and never more of them than that where depths are equal.
  const auto far = static_cast<std::size_t>(op.share * static_cast<double>(depths.size()));
  fitted[kLimit] = {far < depths.size() ? depths[far] : kInfinity};
  columns.resize(columns.words.size());
  std::iota(columns.begin(), columns.end(), 0.0);
  fitted[kColumns] = std::move(columns);
  fitted[kMedians] = std::move(medians);
  return fitted;
}

struct Forest {
  Fitted fitted{};
  std::vector<const std::vector<double>*> trees{};
  std::vector<std::size_t> columns{};  ///< of the table

  bool is_far(const Block& block, std::size_t row) const {
    std::vector<double> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Column& column = block.columns[columns[i]];
      cells.push_back(is_number(column, row) ? column.number[row] : fitted.at(kMedians)[i]);
    }
    return depth_of(trees, cells) < fitted.at(kLimit)[0];
  }
};

Nodes lower(const Op& op, const Site& at) {
  if (!at.fitted) throw bug("an op that needs a fit was not fitted");
  auto forest = std::make_shared<Forest>();
  forest->fitted = *at.fitted;
  for (int t = 0; t < op.trees; ++t) forest->trees.push_back(&forest->fitted.at(tree_name(t)));
  for (const std::string& name : forest->fitted.at(kColumns).words) {
    const auto found = std::ranges::find(at.table->columns, name, &BlockShape::ColumnShape::name);
    if (found == at.table->columns.end() || found->type == Column::Type::text) throw usage_error("the forest looks at a column " + name + " of numbers, and the table has none");
    forest->columns.push_back(static_cast<std::size_t>(found - at.table->columns.begin()));
  }
  WholeTableStep step{.leaves_out = op.action == Action::drop};
  if (op.action == Action::flag) step.adds.push_back({WholeTableStep::npos, {.name = kFlag, .kind = ColumnKind::boolean}});
  step.rows = [forest, drop = op.action == Action::drop](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys, std::span<std::string> left_out) {
    for (const std::size_t c : forest->columns)
      if (!block.columns[c].target && std::ranges::find(touched, c) == touched.end()) throw usage_error("takes its columns from of:, not from on:");
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (!forest->is_far(block, row)) continue;
      if (!drop) put_word(block.columns.back(), row, "1");
      else if (left_out[row].empty()) left_out[row] = "few cuts set the row apart from the others";
    }
  };
  return whole_table_node(forest->columns, step);
}
}  // namespace table_isolation

}  // namespace

void add_table_isolation(OpTable& t) {
  t.add(op<table_isolation::Op, table_isolation::lower, nullptr, table_isolation::fit>(
      {.name = "table_isolation",
       .summary = "Mark or leave out rows that lie far, by an isolation forest",
       .detail = "Trees cut samples of train's rows at random; a row that stands alone after few cuts lies far (Liu, Ting and Zhou 2008). The limit is "
                 "the depth of which `share` of train lies below; above 32,768 rows, of at least 16,384 of them, evenly. A missing number counts as its "
                 "column's median. drop leaves rows of train out, with the reason (those of val and test stay); flag adds a column row_outlier (0, 1). "
                 "Under prepare: alone.",
       .family = "table",
       .example = "table_isolation: {share: 0.01}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_isolation::fields}));
}

}  // namespace leaven::ops

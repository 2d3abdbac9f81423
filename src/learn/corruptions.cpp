#include "learn/corruptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "core/value.hpp"
#include "ops/families.hpp"
#include "ops/table/columns.hpp"
#include "plan/columns/columns.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

namespace {

/// Shares of cells, words or samples.
const std::vector<double> kShares{0.05, 0.1, 0.2, 0.35, 0.5};

class BlockScan final : public Scan {
 public:
  explicit BlockScan(const Block& block) : next_(&block) {}
  const Block* next() override { return std::exchange(next_, nullptr); }

 private:
  const Block* next_;
};

void run_step(const std::string& step, std::span<const DrawContext> contexts, Block& block) {
  const recipe::Recipe recipe = recipe::parse("leaven: 1\nsteps: [" + step + "]", ops::op_table());
  const plan::FittedOps fits = plan::fit_columns(recipe, [&] { return std::make_unique<BlockScan>(block); });
  const std::vector<std::string> labels(block.rows);
  plan::run_columns(recipe, contexts, labels, fits, block);
}

/// Some words become such as stand nowhere in their column.
void mistype(double share, std::span<const DrawContext> contexts, Block& block) {
  for (std::size_t c = 0; c < block.columns.size(); ++c) {
    Column& column = block.columns[c];
    if (column.target || column.kind != ColumnKind::category || column.type != Column::Type::text) continue;
    const std::set<std::string> words(column.text.begin(), column.text.end());
    for (std::size_t r = 0; r < block.rows; ++r) {
      if (column.null[r] || column.text[r].empty() || draw_unit(KeyMaker(contexts[r]).key("robustness/typos", {}), c) >= share) continue;
      std::string typed = column.text[r];
      // The whole last character: a part of one would be no text.
      std::size_t last = typed.size() - 1;
      while (last > 0 && (static_cast<unsigned char>(typed[last]) & 0xC0U) == 0x80U) --last;
      const std::string letter = typed.substr(last);
      do typed += letter;
      while (words.contains(typed));
      ops::put_word(column, r, typed);
    }
  }
}

/// Each column of numbers is multiplied or divided by `factor`, all rows alike.
void rescale(double factor, std::span<const DrawContext> contexts, Block& block) {
  if (contexts.empty()) return;
  const Key key = KeyMaker({.seed = contexts.front().seed}).key("robustness/scale_shift", {});
  for (std::size_t c = 0; c < block.columns.size(); ++c) {
    Column& column = block.columns[c];
    if (column.target || (column.kind != ColumnKind::integer && column.kind != ColumnKind::decimal)) continue;
    const bool up = draw_unit(key, c) < 0.5;
    for (std::size_t r = 0; r < block.rows; ++r)
      if (ops::is_number(column, r)) ops::put_number(column, r, up ? column.number[r] * factor : column.number[r] / factor);
  }
}

void corrupt(std::string_view name, double amount, std::span<const DrawContext> contexts, Block& block) {
  if (name == "missing_cells") return run_step(fmt::format("table_missing: {{amount: {}}}", amount), contexts, block);
  if (name == "noise") return run_step(fmt::format("table_noise: {{amount: {}}}", amount), contexts, block);
  if (name == "swapped_cells") return run_step(fmt::format("table_swap: {{amount: {}}}", amount), contexts, block);
  if (name == "typos") return mistype(amount, contexts, block);
  rescale(amount, contexts, block);
}

bool same_cells(const Block& a, const Block& b) {
  for (std::size_t c = 0; c < a.columns.size(); ++c)
    for (std::size_t r = 0; r < a.rows; ++r) {
      const Column &x = a.columns[c], &y = b.columns[c];
      if (x.null[r] != y.null[r]) return false;
      if (x.null[r] == 0 && (x.type == Column::Type::text ? x.text[r] != y.text[r] : x.number[r] != y.number[r])) return false;
    }
  return true;
}

}  // namespace

std::vector<Corruption> corruptions_of(Domain domain) {
  if (domain == Domain::columns)
    return {{"missing_cells", "share of cells", kShares},
            {"noise", "deviations of the column", {0.1, 0.2, 0.4, 0.7, 1}},
            {"swapped_cells", "share of cells", kShares},
            {"typos", "share of categories", kShares},
            {"scale_shift", "factor", {1.05, 1.1, 1.2, 1.4, 1.8}}};
  if (domain == Domain::series)
    return {{"jitter", "deviations of the channel", {0.1, 0.2, 0.4, 0.7, 1}},
            {"drift", "share of the channel's range", {0.1, 0.2, 0.35, 0.5, 0.75}},
            {"dropout", "share of samples", kShares},
            {"time_warp", "deviation of the logarithm of the speed", {0.1, 0.2, 0.3, 0.45, 0.6}},
            {"resample", "share of samples that are left", {0.7, 0.5, 0.35, 0.25, 0.15}}};
  return {};
}

std::string series_corruption(std::string_view name, double amount, std::size_t samples) {
  if (name == "jitter") return fmt::format("series_jitter: {{sigma: {}}}", amount);
  if (name == "drift") return fmt::format("series_drift: {{amount: {}}}", amount);
  if (name == "time_warp") return fmt::format("series_time_warp: {{sigma: {}}}", amount);
  if (name == "resample") return fmt::format("series_resize: {{size: {}}}", std::max<std::size_t>(2, static_cast<std::size_t>(amount * static_cast<double>(samples) + 0.5)));
  // A sensor that stands still for a twenty-fifth of the time, so often that in the mean the share of samples is lost.
  const std::size_t gap = std::max<std::size_t>(1, samples / 25);
  return fmt::format("series_dropout: {{amount: {:.9f}, size: {}, fill: before}}", amount / (static_cast<double>(gap) * (1 - amount) + amount), gap);
}

std::vector<CorruptedRows> corrupt_rows(const Block& rows, std::span<const std::string> ids) {
  std::vector<DrawContext> contexts;
  for (const std::string& id : ids) contexts.push_back({.sample = id});
  std::vector<CorruptedRows> all;
  for (const Corruption& corruption : corruptions_of(Domain::columns)) {
    std::vector<CorruptedRows> sets;
    bool any = false;
    for (const double amount : corruption.at) {
      CorruptedRows set{std::string(corruption.name), static_cast<int>(sets.size()) + 1, rows};
      corrupt(corruption.name, amount, contexts, set.rows);
      any = any || !same_cells(rows, set.rows);
      sets.push_back(std::move(set));
    }
    if (any) std::ranges::move(sets, std::back_inserter(all));
  }
  return all;
}

double score_under_corruption(const Predictions& p) {
  if (p.classes == 0) return std::max(0.0, measure(p).r2);
  std::size_t right = 0;
  for (std::size_t i = 0; i < p.size(); ++i) right += p.best(i) == p.truth[i];
  return 100 * static_cast<double>(right) / static_cast<double>(p.size());
}

}  // namespace leaven::learn

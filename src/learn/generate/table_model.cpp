#include "learn/generate/table_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/value.hpp"
#include "flow/report_text.hpp"
#include "learn/generate/closeness.hpp"
#include "learn/generate/strata.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr double kOtherWord = 0.1;  // how often a smoothed row takes a word of another row

SmoothedRows smoothed(const TableData& train, std::span<const std::uint32_t> rows) {
  SmoothedRows made{.rows = train.picked(rows)};
  std::size_t numbers = 0;
  for (const TableColumn& column : made.rows.columns) {
    double n = 0, sum = 0, squares = 0;
    for (const double v : column.numbers)
      if (!std::isnan(v)) n += 1, sum += v;
    const double mean = n > 0 ? sum / n : 0;
    for (const double v : column.numbers)
      if (!std::isnan(v)) squares += (v - mean) * (v - mean);
    made.mean.push_back(mean);
    made.deviation.push_back(n > 1 ? std::sqrt(squares / n) : 0);
    numbers += column.role == Role::number ? 1 : 0;
  }
  // Silverman's rule of thumb.
  const auto d = static_cast<double>(numbers);
  made.width = exact::pow(4 / ((d + 2) * static_cast<double>(rows.size())), 1 / (d + 4));
  return made;
}

/// Of a class of one row: rows half-way from it to its nearest ones of other classes, between which its new rows lie (after
/// Han et al. 2005, Borderline-SMOTE 2). Words are its own. The row itself where there is no other class.
SmoothedRows about_one_row(const TableData& train, std::uint32_t row, std::span<const std::uint32_t> classes) {
  constexpr std::size_t kNeighbours = 3, kLookedAt = 32;
  const std::uint32_t label = classes[row];
  std::vector<std::uint32_t> others;
  for (std::uint32_t r = 0; r < train.rows; ++r)
    if (classes[r] != label && classes[r] != kNoClass) others.push_back(r);
  const std::vector<std::uint32_t> own{row};
  if (others.empty()) return smoothed(train, own);
  std::vector<std::uint32_t> nearest = nearest_rows_of(train, row, others, kLookedAt);
  // Half-way to a row of the same numbers lies the row itself.
  const auto same = [&](std::uint32_t other) { return std::ranges::all_of(train.columns, [&](const TableColumn& c) { return c.role != Role::number || std::isnan(c.numbers[other]) || !(c.numbers[other] != c.numbers[row]); }); };
  if (!std::ranges::all_of(nearest, same)) std::erase_if(nearest, same);
  nearest.resize(std::min(nearest.size(), kNeighbours));
  const std::vector<std::uint32_t> copies(nearest.size(), row);
  TableData between = train.picked(copies);
  for (std::size_t c = 0; c < between.columns.size(); ++c)
    for (std::size_t i = 0; i < between.columns[c].numbers.size(); ++i)
      if (const double other = train.columns[c].numbers[nearest[i]]; !std::isnan(other)) between.columns[c].numbers[i] += (other - between.columns[c].numbers[i]) / 2;
  std::vector<std::uint32_t> all(nearest.size());
  std::iota(all.begin(), all.end(), 0U);
  return smoothed(between, all);
}

std::uint64_t place_in(std::uint32_t random, std::uint64_t count) { return (random * count) >> 32; }

}  // namespace

std::string_view name_of(TableMethod method) { return method == TableMethod::copula ? "copula" : "bootstrap"; }

void SmoothedRows::draw(Key key, std::uint64_t element, TableData& to, std::size_t at) const {
  const auto first = random_block(key, element), second = random_block(key, element + 1);
  const auto base = static_cast<std::size_t>(place_in(first[0], rows.rows));
  std::size_t other = rows.rows > 1 ? static_cast<std::size_t>(place_in(first[1], rows.rows - 1)) : base;
  if (rows.rows > 1 && other >= base) ++other;
  const double narrowed = 1 / std::sqrt(1 + width * width);
  const double along = (second[0] + 0.5) / 4294967296.0;
  const bool between = rows.rows < TableModel::kLeastClass;
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    const TableColumn& column = rows.columns[c];
    const auto block = random_block(key, element + 2 + c);
    if (column.role == Role::word) {
      const bool elsewhere = block[1] < kOtherWord * 4294967296.0;
      to.columns[c].words[at] = column.words[elsewhere ? static_cast<std::size_t>(place_in(block[0], rows.rows)) : base];
    } else if (column.role == Role::number) {
      const double v = column.numbers[base], partner = column.numbers[other];
      if (between)
        to.columns[c].numbers[at] = std::isnan(partner) ? v : v + along * (partner - v);
      else
        to.columns[c].numbers[at] = mean[c] + narrowed * (v - mean[c] + width * deviation[c] * exact::normal_quantile((block[0] + 0.5) / 4294967296.0));
    }
  }
}

TableModel TableModel::fit(const TableData& train, TableMethod method, std::vector<std::string>& notes) {
  TableModel model;
  model.method_ = method;
  model.shape_ = train.shape();
  auto [labels, by_class] = classed_rows(train, notes);
  model.labels_ = std::move(labels);
  const std::vector<std::uint32_t> classes = classes_by_row(train);

  std::vector<WordOrders> orders(by_class.size());
  std::vector<Copula::Known> known(by_class.size());
  const auto fitted = [&](std::uint32_t label) { return method == TableMethod::copula && by_class[label].size() >= kLeastClass; };
  for (std::uint32_t label = 0; label < by_class.size(); ++label) {
    if (by_class[label].empty()) continue;
    if (by_class[label].size() < kLeastClass) {
      model.add_few(train, classes, by_class[label], notes);
      continue;
    }
    if (!fitted(label)) {
      model.groups_.push_back({label, by_class[label].size(), {}, smoothed(train, by_class[label])});
      continue;
    }
    orders[label] = word_orders(train, by_class[label]);
    known[label] = Copula(train, by_class[label], orders[label], {}).correlations();
  }
  if (method == TableMethod::copula) {
    for (const Stratum& part : strata_of(train, classes, by_class.size(), strata_columns(train, classes))) {
      if (!fitted(part.label)) continue;
      const bool alone = !part.rest || part.rows.size() >= kLeastStratum;
      model.groups_.push_back({part.label, part.rows.size(), Copula(train, alone ? part.rows : by_class[part.label], orders[part.label], known[part.label]), {}});
    }
  }
  model.prepare();
  return model;
}

TableModel TableModel::of_few(const TableData& train, const std::vector<std::vector<std::uint32_t>>& by_class, std::vector<std::string>& notes) {
  TableModel model;
  model.shape_ = train.shape();
  model.labels_ = classes_of(train);
  const std::vector<std::uint32_t> classes = classes_by_row(train);
  for (const std::vector<std::uint32_t>& rows : by_class)
    if (!rows.empty() && rows.size() < kLeastClass) model.add_few(train, classes, rows, notes);
  model.prepare();
  return model;
}

void TableModel::add_few(const TableData& train, std::span<const std::uint32_t> classes, const std::vector<std::uint32_t>& rows, std::vector<std::string>& notes) {
  const std::uint32_t label = classes[rows.front()];
  const bool others = std::ranges::any_of(classes, [label](std::uint32_t c) { return c != label && c != kNoClass; });
  const std::string where = rows.size() > 1 ? "between them" : others ? "between it and the nearest rows of other classes" : "where it lies";
  notes.push_back("class " + labels_[label] + " has " + flow::count_text(rows.size(), "row", "rows") + ", too few to fit: its new rows lie " + where);
  groups_.push_back({label, rows.size(), {}, rows.size() == 1 ? about_one_row(train, rows.front(), classes) : smoothed(train, rows)});
}

void TableModel::prepare() {
  by_label_.assign(labels_.size() + 1, {});
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    by_label_[groups_[g].label].push_back(g);
    by_label_.back().push_back(g);
    groups_[g].copula.prepare();
  }
  cumulative_.assign(by_label_.size(), {});
  for (std::size_t i = 0; i < by_label_.size(); ++i) {
    std::uint64_t sum = 0;
    for (const std::size_t g : by_label_[i]) cumulative_[i].push_back(sum += groups_[g].count);
  }
}

std::vector<std::uint64_t> TableModel::class_counts() const {
  std::vector<std::uint64_t> counts;
  for (std::size_t label = 0; label < labels_.size(); ++label) counts.push_back(cumulative_[label].empty() ? 0 : cumulative_[label].back());
  return counts;
}

const TableGroup& TableModel::group_for(std::uint32_t label, std::uint64_t place) const {
  const std::size_t at = label == kNoClass ? labels_.size() : label;
  const auto found = std::ranges::upper_bound(cumulative_[at], place);
  return groups_[by_label_[at][static_cast<std::size_t>(found - cumulative_[at].begin())]];
}

TableData TableModel::draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const {
  const std::size_t at = label == kNoClass ? labels_.size() : label;
  if (at >= cumulative_.size() || cumulative_[at].empty()) throw data_error("class " + labels_.at(label) + " had no row to learn from");
  const Key key = row_key(seed, label, labels_);
  // Every row has the same number of blocks, so that its number says where its draws begin.
  std::uint64_t stride = 1 + SmoothedRows::blocks(shape_);
  for (const TableGroup& group : groups_) stride = std::max(stride, 1 + group.copula.blocks());
  TableData made = shape_;
  made.resize(count);
  for (std::size_t r = 0; r < count; ++r) {
    const std::uint64_t element = (first + r) * stride;
    const auto block = random_block(key, element);
    const TableGroup& group = group_for(label, place_in(block[0], cumulative_[at].back()));
    if (group.smoothed)
      group.smoothed->draw(key, element + 1, made, r);
    else
      group.copula.draw(key, element + 1, made, r);
  }
  round_numbers(made);
  return made;
}

}  // namespace leaven::learn

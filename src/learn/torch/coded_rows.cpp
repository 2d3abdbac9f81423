#include "learn/torch/coded_rows.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/report_text.hpp"
#include "learn/generate/row_variety.hpp"

namespace leaven::learn {

using Json = nlohmann::ordered_json;
using Role = TableColumn::Role;

namespace {

constexpr double kSpared = 0.05;  // of the rows, for early stopping
constexpr std::size_t kLeastToSpare = 500, kMostSpared = 2000;

/// Rows that lose their cells to those of `from`, all of which are of one shape.
void copy_row(const TableData& from, std::size_t row, TableData& to, std::size_t at) {
  for (std::size_t c = 0; c < to.columns.size(); ++c) {
    if (to.columns[c].role == Role::number) to.columns[c].numbers[at] = from.columns[c].numbers[row];
    if (to.columns[c].role == Role::word) to.columns[c].words[at] = from.columns[c].words[row];
  }
}

}  // namespace

Key key_for(Key key, const char* purpose) { return KeyMaker({.seed = key.low, .epoch = key.high}).key(purpose, {}); }

void CodedRowModel::lay_out() {
  spans_.clear(), place_columns_.clear();
  std::int64_t at = 0;
  for (std::size_t j = 0; j < code_.columns().size(); ++j) {
    const auto tokens = static_cast<std::int64_t>(code_.columns()[j].tokens());
    spans_.emplace_back(at, tokens);
    at += tokens;
    if (code_.columns()[j].has_place()) place_columns_.push_back(static_cast<std::int64_t>(j));
  }
}

void CodedRowModel::begin_fit(const RowFit& fit) {
  torch::set_num_threads(1);
  const ClassedRows rows = classed_rows(fit.train, fit.notes);
  shape_ = fit.train.shape();
  labels_ = rows.labels;
  std::vector<std::uint32_t> many, label_of(fit.train.rows);
  bool any_few = false;
  for (std::uint32_t label = 0; label < labels_.size(); ++label) {
    const auto& own = rows.by_class[label];
    counts_.push_back(own.size());
    small_by_label_.push_back(own.size() < TableModel::kLeastClass ? 1 : 0);
    any_few = any_few || (is_small(label) && !own.empty());
    if (!is_small(label)) many.insert(many.end(), own.begin(), own.end());
    for (const std::uint32_t r : own) label_of[r] = label;
  }
  if (many.empty()) throw data_error("every class has fewer than " + std::to_string(TableModel::kLeastClass) + " rows, too few for a network").with_hint("--kind bootstrap takes its new rows from between them");
  if (any_few) small_ = TableModel::of_few(fit.train, rows.by_class, fit.notes);
  std::ranges::sort(many);
  code_ = RowCode::fit(fit.train, many, numbers_);
  for (const CodedColumn& column : code_.columns())
    if (!column.rare.empty())
      fit.notes.push_back("column " + shape_.columns[column.column].name + " has " + flow::count_text(column.words.size() + column.rare.size(), "category", "categories") + ": all but the " + std::to_string(column.words.size()) +
                          " most frequent are drawn by how often they are, whatever else the row holds");
  lay_out();
  // In an order of their own, so that what is spared is spread over the table.
  const Key key = KeyMaker({.seed = fit.seed}).key("generate", "rows");
  std::ranges::sort(many, {}, [&](std::uint32_t r) { return draw_unit(key, r); });
  const std::size_t spared = many.size() < kLeastToSpare ? 0 : std::min(kMostSpared, static_cast<std::size_t>(kSpared * static_cast<double>(many.size())));
  shown_ = many.size() - spared;
  trained_ = code_.coded(fit.train, many);
  for (const std::uint32_t r : many) trained_labels_.push_back(label_of[r]);
}

RowBatch CodedRowModel::batch(const std::vector<std::uint32_t>& items) const {
  const auto count = static_cast<std::int64_t>(items.size()), n = columns();
  RowBatch made{torch::empty({count, n}, torch::kLong), torch::empty({count, places()}), torch::empty({count}, torch::kLong)};
  auto* const tokens = made.tokens.data_ptr<std::int64_t>();
  auto* const near = made.places.data_ptr<float>();
  for (std::int64_t i = 0; i < count; ++i) {
    const std::size_t item = items[static_cast<std::size_t>(i)], row = item * static_cast<std::size_t>(n);
    for (std::int64_t j = 0; j < n; ++j) tokens[i * n + j] = spans_[static_cast<std::size_t>(j)].first + trained_.tokens[row + static_cast<std::size_t>(j)];
    for (std::int64_t p = 0; p < places(); ++p) near[i * places() + p] = trained_.places[row + static_cast<std::size_t>(place_columns_[static_cast<std::size_t>(p)])];
    made.labels.data_ptr<std::int64_t>()[i] = trained_labels_[item];
  }
  return made;
}

torch::Tensor CodedRowModel::as_input(const RowBatch& rows) const {
  return torch::cat({torch::zeros({rows.tokens.size(0), tokens()}).scatter_(1, rows.tokens, 1.0), rows.places}, 1);
}

TableData CodedRowModel::drawn_batch(Key key, std::uint32_t label, std::uint64_t seed, std::uint64_t from) const {
  TableData made = shape_;
  made.resize(kRowsAtOnce);
  std::vector<double> shares(counts_.begin(), counts_.end());
  torch::Tensor labels = torch::empty({kRowsAtOnce}, torch::kLong);
  auto* const label_of = labels.data_ptr<std::int64_t>();
  const std::uint32_t stand_in = static_cast<std::uint32_t>(std::ranges::find(small_by_label_, 0) - small_by_label_.begin());
  std::vector<std::uint32_t> wanted;
  const Key which = key_for(key, "which");
  for (std::int64_t i = 0; i < kRowsAtOnce; ++i) {
    wanted.push_back(label != kNoClass ? label : static_cast<std::uint32_t>(draw_weighted(shares, which, from + static_cast<std::uint64_t>(i))));
    label_of[i] = is_small(wanted.back()) ? stand_in : wanted.back();
  }
  const RawRows raw = this->raw(key, from, labels);
  const std::int64_t n = columns();
  const torch::Tensor near = (raw.places + place_deviation() * normals(key_for(key, "near"), from * static_cast<std::uint64_t>(places()), {kRowsAtOnce, places()})).contiguous();
  const torch::Tensor u = uniforms(key_for(key, "token"), from * static_cast<std::uint64_t>(2 * n), {kRowsAtOnce, 2 * n});
  std::int64_t place = 0;
  for (std::int64_t j = 0; j < n; ++j) {
    const CodedColumn& column = code_.columns()[static_cast<std::size_t>(j)];
    const auto [at, count] = spans_[static_cast<std::size_t>(j)];
    const torch::Tensor below = torch::softmax(raw.logits.slice(1, at, at + count), 1).cumsum(1);
    const torch::Tensor token = below.lt(u.slice(1, j, j + 1)).sum(1).clamp_max(count - 1).contiguous();
    for (std::int64_t i = 0; i < kRowsAtOnce; ++i)
      code_.put(column, static_cast<std::int32_t>(token.data_ptr<std::int64_t>()[i]), column.has_place() ? near.data_ptr<float>()[i * places() + place] : 0, u.data_ptr<float>()[i * 2 * n + n + j], made, static_cast<std::size_t>(i));
    place += column.has_place() ? 1 : 0;
  }
  const std::size_t target = shape_.target();
  for (std::size_t i = 0; i < made.rows; ++i) {
    if (target != TableData::npos && shape_.columns[target].role == Role::word) made.columns[target].words[i] = static_cast<std::int32_t>(wanted[i]);
    if (is_small(wanted[i])) copy_row(small_->draw(wanted[i], seed, from + i, 1), 0, made, i);
  }
  round_numbers(made);
  return made;
}

TableData CodedRowModel::draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const {
  torch::set_num_threads(1);
  const torch::NoGradGuard no_gradients;
  if (label != kNoClass && counts_.at(label) == 0) throw data_error("class " + labels_[label] + " had no row to learn from");
  const Key key = row_key(seed, label, labels_);
  const auto at_once = static_cast<std::uint64_t>(kRowsAtOnce), end = first + count;
  TableData made = shape_;
  for (std::uint64_t from = first / at_once * at_once; from < end; from += at_once) {
    TableData rows = drawn_batch(key, label, seed, from);
    std::vector<std::uint32_t> kept;
    for (std::uint64_t r = std::max(first, from); r < std::min(end, from + at_once); ++r) kept.push_back(static_cast<std::uint32_t>(r - from));
    made.append(kept.size() == rows.rows ? rows : rows.picked(kept));
  }
  return made;
}

void CodedRowModel::say_what_is_unlike(const RowFit& fit) const {
  for (std::string& note : unlike_rows(fit.train, *this, fit.seed)) fit.notes.push_back(std::move(note));
}

void CodedRowModel::save(SavedGenerator& to) const {
  if (small_) small_->save(to);
  to.card["kind"] = kind();
  to.card["columns"] = columns_json(shape_);
  to.card["class_rows"] = counts_;
  code_.save(to.tensors);
  parameters_.save(to.tensors);
}

void CodedRowModel::begin_load(const SavedGenerator& from) {
  torch::set_num_threads(1);
  shape_ = shape_from(from.card);
  labels_ = classes_of(shape_);
  bool any_small = false, any = false;
  for (const Json& count : from_card<Json>(from.card, "class_rows")) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() > (1ULL << 32)) throw data_error("the generator's card has broken class_rows");
    counts_.push_back(count.get<std::uint64_t>());
    small_by_label_.push_back(counts_.back() < TableModel::kLeastClass ? 1 : 0);
    any_small = any_small || (small_by_label_.back() != 0 && counts_.back() > 0);
    any = any || small_by_label_.back() == 0;
  }
  if (counts_.size() != labels_.size() || !any) throw data_error("the generator's card has broken class_rows");
  if (any_small) {
    small_ = TableModel::load_groups(from);
    const std::vector<std::uint64_t> held = small_->class_counts();
    for (std::size_t c = 0; c < counts_.size(); ++c)
      if (small_by_label_[c] != 0 && counts_[c] > 0 && held[c] == 0) throw data_error("the generator's card lacks rows of class " + labels_[c]);
  }
  code_ = RowCode::load(from.tensors, shape_, numbers_);
  lay_out();
}

}  // namespace leaven::learn

#include "learn/table_encoder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "io/csv_rows.hpp"
#include "io/table_file.hpp"

namespace leaven::learn {

namespace {

/// A missing cell is no word that a cell can hold.
constexpr const char* kMissing = "\x1fmissing";

std::string word_in(const Column& column, std::size_t row) { return column.null[row] ? kMissing : io::cell_text(column, row); }

}  // namespace

bool is_shown(ColumnKind kind) {
  return kind == ColumnKind::integer || kind == ColumnKind::decimal || kind == ColumnKind::category || kind == ColumnKind::boolean;
}

std::string class_in(const Column& column, std::size_t row) {
  const std::string text = io::cell_text(column, row);
  const std::string_view word = io::without_blanks(text);
  return std::string(word.empty() ? text : word);
}

double number_in(const Column& column, std::size_t row) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (column.null[row]) return kNone;
  return std::isfinite(column.number[row]) ? column.number[row] : kNone;
}

TableEncoder::TableEncoder(const Block& train, std::size_t target) {
  for (std::size_t c = 0; c < train.columns.size(); ++c) {
    const Column& column = train.columns[c];
    if (c == target || !is_shown(column.kind)) continue;
    column.type == Column::Type::text ? add_words(train, c) : add_number(train, c);
  }
}

void TableEncoder::add_number(const Block& train, std::size_t column) {
  Number made{.column = column, .place = size_};
  double count = 0, sum = 0, squares = 0;
  for (std::size_t r = 0; r < train.rows; ++r) {
    const double x = number_in(train.columns[column], r);
    if (std::isnan(x))
      made.missing = true;
    else
      ++count, sum += x;
  }
  made.mean = count > 0 ? sum / count : 0;
  for (std::size_t r = 0; r < train.rows; ++r)
    if (const double x = number_in(train.columns[column], r); !std::isnan(x)) squares += (x - made.mean) * (x - made.mean);
  if (squares > 0) made.deviation = std::sqrt(squares / count);
  size_ += made.missing ? 2 : 1;
  numbers_.push_back(made);
}

void TableEncoder::add_words(const Block& train, std::size_t column) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t r = 0; r < train.rows; ++r) ++counts[word_in(train.columns[column], r)];
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [word, count] : counts) ranked.emplace_back(count, word);
  std::ranges::stable_sort(ranked, std::greater<>(), [](const auto& pair) { return pair.first; });
  ranked.resize(std::min(ranked.size(), kMostWords));
  Words made{.column = column};
  for (const auto& [count, word] : ranked) made.places[word] = size_++;
  words_.push_back(std::move(made));
}

void TableEncoder::encode(const Block& block, std::size_t row, std::span<float> out) const {
  std::ranges::fill(out, 0.0f);
  for (const Number& number : numbers_) {
    const double x = number_in(block.columns[number.column], row);
    out[number.place] = static_cast<float>((x - number.mean) / number.deviation);
    if (number.missing) out[number.place + 1] = std::isnan(x) ? 1.0f : 0.0f;
  }
  for (const Words& words : words_) {
    const auto found = words.places.find(word_in(block.columns[words.column], row));
    if (found != words.places.end()) out[found->second] = 1;
  }
}

}  // namespace leaven::learn

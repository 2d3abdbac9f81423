#include "learn/generate/table_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/value.hpp"
#include "learn/generate/date_column.hpp"

namespace leaven::learn {

namespace {

using Role = TableColumn::Role;

Role role_of(const BlockShape::ColumnShape& column) {
  if (column.type != Column::Type::text || column.kind == ColumnKind::date_time) return Role::number;
  const bool word = column.kind == ColumnKind::category || column.kind == ColumnKind::boolean;
  return word ? Role::word : Role::left_out;
}

/// Words in order of first appearance, to be sorted when all are known.
class WordReader {
 public:
  std::int32_t see(const std::string& text) {
    const auto [at, added] = numbers_.try_emplace(text, static_cast<std::int32_t>(words_.size()));
    if (added) words_.push_back(text);
    return at->second;
  }
  void finish(TableColumn& column) {
    std::vector<std::int32_t> order(words_.size()), rank(words_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
    std::ranges::sort(order, {}, [&](std::int32_t i) -> const std::string& { return words_[static_cast<std::size_t>(i)]; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      rank[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
      column.dictionary.push_back(words_[static_cast<std::size_t>(order[i])]);
    }
    for (std::int32_t& word : column.words)
      if (word >= 0) word = rank[static_cast<std::size_t>(word)];
  }

 private:
  std::unordered_map<std::string, std::int32_t> numbers_{};
  std::vector<std::string> words_{};
};

/// Where new ids begin: above all that are there, or with a letter, above all that begin with it.
class IdReader {
 public:
  void see(std::string_view text) {
    any_ = true;
    if (const auto number = whole_number(text))
      above_ = std::max(above_, *number + 1);
    else
      whole_ = false;
    if (text.starts_with(kLetter))
      if (const auto number = whole_number(text.substr(kLetter.size()))) above_lettered_ = std::max(above_lettered_, *number + 1);
  }
  void finish(TableColumn& column) const {
    column.next_id = whole_ && any_ ? above_ : above_lettered_;
    if (!whole_ || !any_) column.id_letter = kLetter;
  }

 private:
  static constexpr std::string_view kLetter = "g";
  static std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number >= (1ULL << 62)) return std::nullopt;
    return number;
  }
  bool any_{}, whole_{true};
  std::uint64_t above_{}, above_lettered_{};
};

/// One column's cells, one by one.
class CellReader {
 public:
  void take(TableColumn& to, const Column& from, std::span<const std::size_t> rows, std::uint64_t first) {
    for (const std::size_t r : rows) {
      const bool missing = from.null[r] != 0;
      any_ = any_ || !missing;
      // null is JSON's word, and one like others in a column of words of the CSV that is written: there an empty cell is missing.
      if (missing && to.missing.empty() && from.text[r] != "null") to.missing = from.text[r];
      if (to.role == Role::number && to.kind == ColumnKind::date_time)
        dates_.see(from.text[r], missing);
      else if (to.role == Role::number)
        to.numbers.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : number(to, from.number[r], first + r));
      else if (to.role == Role::word)
        to.words.push_back(missing ? TableColumn::kMissing : words_.see(from.text[r]));
      else if (to.kind == ColumnKind::id && !missing)
        ids_.see(from.text[r]);
    }
  }

  void finish(TableColumn& column, std::vector<std::string>& notes) {
    words_.finish(column);
    if (column.role == Role::number && column.kind == ColumnKind::date_time) dates_.finish(column);
    if (column.kind == ColumnKind::id) ids_.finish(column);
    if (column.role == Role::left_out && !any_) column.why = "it holds no value";
    if (infinite_ > 0) notes.push_back(fmt::format("column {}: {} infinite, and counted as missing", column.name, infinite_ == 1 ? "1 number is" : fmt::format("{} numbers are", infinite_)));
    if (column.role == Role::number && column.like.empty() && rounds_to_nothing(column))
      notes.push_back(fmt::format("column {}: its numbers are too small for {} decimals, the most that are written; new ones are 0", column.name, column.places));
  }

 private:
  double number(const TableColumn& column, double value, std::uint64_t row) {
    if (std::isinf(value)) ++infinite_;
    if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
    if (std::fabs(value) > kLargestNumber)
      throw data_error(fmt::format("column {} holds {} in row {}, and a generator learns numbers up to {}", column.name, value, row + 1, kLargestNumber)).with_hint("a recipe whose schema calls the column text leaves it out");
    return value;
  }

  static bool rounds_to_nothing(const TableColumn& column) {
    double most = 0;
    for (const double v : column.numbers)
      if (std::fabs(v) > most) most = std::fabs(v);
    return most > 0 && most * std::pow(10, column.places) < 0.5;
  }

  WordReader words_{};
  DateReader dates_{};
  IdReader ids_{};
  bool any_{};
  std::uint64_t infinite_{};
};

/// Of the cells' texts with ends between them.
Key digest_of_row(const Block& block, std::size_t row, std::string& buffer) {
  buffer.clear();
  for (const Column& column : block.columns) (buffer += column.text[row]) += '\x1f';
  return key_from_hex(digest_of(buffer.data(), buffer.size()));
}

}  // namespace

std::size_t TableData::target() const {
  const auto at = std::ranges::find(columns, true, &TableColumn::target);
  return at == columns.end() ? npos : static_cast<std::size_t>(at - columns.begin());
}

TableData TableData::shape() const {
  TableData made;
  for (const TableColumn& c : columns) {
    made.columns.push_back({c.name, c.kind, c.role, c.places, c.mark, c.target, c.missing, c.like, c.grain, c.order, c.why, c.dictionary, c.next_id, c.id_letter, {}, {}});
  }
  return made;
}

TableData TableData::picked(std::span<const std::uint32_t> picked) const {
  TableData made = shape();
  made.rows = picked.size();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].role == Role::number)
      for (const std::uint32_t r : picked) made.columns[c].numbers.push_back(columns[c].numbers[r]);
    if (columns[c].role == Role::word)
      for (const std::uint32_t r : picked) made.columns[c].words.push_back(columns[c].words[r]);
  }
  return made;
}

void TableData::append(const TableData& other) {
  rows += other.rows;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    columns[c].numbers.insert(columns[c].numbers.end(), other.columns[c].numbers.begin(), other.columns[c].numbers.end());
    columns[c].words.insert(columns[c].words.end(), other.columns[c].words.begin(), other.columns[c].words.end());
  }
}

void TableData::resize(std::size_t to) {
  rows = to;
  for (TableColumn& column : columns) {
    if (column.role == Role::number) column.numbers.resize(to);
    if (column.role == Role::word) column.words.resize(to);
  }
}

ReadTable read_table_data(const io::TableReader& reader, const std::vector<bool>& mask) {
  constexpr std::size_t kAtOnce = 8192;
  ReadTable read;
  for (std::size_t c = 0; c < reader.shape().columns.size(); ++c) {
    const auto& shape = reader.shape().columns[c];
    const io::ColumnProfile& profile = reader.profiles()[c];
    read.data.columns.push_back({.name = shape.name, .kind = shape.kind, .role = role_of(shape), .places = profile.places, .mark = profile.mark, .target = shape.target});
  }
  std::vector<CellReader> cells(read.data.columns.size());
  std::string buffer, all;
  for (std::uint64_t first = 0; first < reader.rows(); first += kAtOnce) {
    const Block block = reader.read(first, kAtOnce);
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < block.rows; ++r)
      if (mask.empty() || mask[static_cast<std::size_t>(first) + r]) rows.push_back(r);
    for (std::size_t c = 0; c < block.columns.size(); ++c) cells[c].take(read.data.columns[c], block.columns[c], rows, first);
    for (const std::size_t r : rows) {
      read.digests.push_back(digest_of_row(block, r, buffer));
      all.append(reinterpret_cast<const char*>(&read.digests.back()), sizeof(Key));
    }
    read.data.rows += rows.size();
  }
  for (std::size_t c = 0; c < cells.size(); ++c) cells[c].finish(read.data.columns[c], read.notes);
  read.digest = digest_of(all.data(), all.size());
  return read;
}

TableSplit split_table(const std::vector<Key>& digests, double held_out, std::uint64_t seed) {
  TableSplit split;
  std::unordered_map<std::uint64_t, std::size_t> equal;
  for (const Key& digest : digests) ++equal[digest.low];
  for (std::size_t r = 0; r < digests.size(); ++r) {
    const double place = equal[digests[r].low] <= kMostTogether ? draw_unit(digests[r], seed) : draw_unit(Key{seed, 0}, r);
    (place < held_out ? split.held_out : split.train).push_back(static_cast<std::uint32_t>(r));
  }
  return split;
}

std::vector<std::string> classes_of(const TableData& data) {
  const std::size_t target = data.target();
  if (target == TableData::npos || data.columns[target].role != Role::word) return {""};
  return data.columns[target].dictionary;
}

std::vector<std::uint32_t> classes_by_row(const TableData& data) {
  const std::size_t target = data.target();
  std::vector<std::uint32_t> classes(data.rows);
  if (target == TableData::npos || data.columns[target].role != Role::word) return classes;
  for (std::size_t r = 0; r < data.rows; ++r) {
    const std::int32_t word = data.columns[target].words[r];
    classes[r] = word < 0 ? kNoClass : static_cast<std::uint32_t>(word);
  }
  return classes;
}

}  // namespace leaven::learn

// Damage and variety cell by cell: extremes, cells of other rows, other categories, typing mistakes.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

// Streams of one cell, by column: whether it is changed, and into what.
std::uint64_t whether(std::size_t column) { return 2 * column; }
std::uint64_t which(std::size_t column) { return 2 * column + 1; }

namespace table_salt_pepper {
struct Op {
  double amount = 0.02;
  double salt = 0.5;
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the cells changed", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.2, .draw = uniform(0, 0.05)}),
    field<&Op::salt>("salt", {.doc = "Share of those that take the high end", .lo = 0, .hi = 1, .unit = "fraction"})};

Fitted fit(const Op&, Scan& train) {
  std::map<std::string, FittedValues> ends;
  scan_columns(train, [&](const Column& column) {
    if (column.type == Column::Type::text) return;
    FittedValues& end = ends[fitted_name("ends", column.name)];
    for (std::size_t row = 0; row < column.number.size(); ++row) {
      if (!is_number(column, row)) continue;
      if (end.empty()) end = {column.number[row], column.number[row]};
      end[0] = std::min(end[0], column.number[row]);
      end[1] = std::max(end[1], column.number[row]);
    }
  });
  return ends;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount), salt = row_values(at, "salt", op.salt);
  if (amount.rows.empty() && amount.same == 0) return {};
  std::vector<const std::vector<double>*> ends(at.table->columns.size());
  for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = fitted_for(at, "ends", at.table->columns[i].name);
  const auto apply = [amount, salt, ends](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size() && ends[index]; ++row)
      if (column.null[row] == 0 && draw_unit(keys[row], whether(index)) < amount[row])
        put_number(column, row, (*ends[index])[draw_unit(keys[row], which(index)) < salt[row] ? 1 : 0]);
  };
  return {ColumnFunction{numeric_columns(*at.table), apply, {}}};
}
}  // namespace table_salt_pepper

namespace table_swap {
struct Op {
  double amount = 0.1;
};
constexpr auto fields = std::array{field<&Op::amount>(
    "amount", {.doc = "Share of the cells changed", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0, 0.2)})};

Fitted fit(const Op&, Scan& train) { return fit_donor_cells(train); }

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount);
  if (amount.rows.empty() && amount.same == 0) return {};
  const DonorCells donors(at);
  const auto apply = [amount, donors](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size(); ++row)
      if (draw_unit(keys[row], whether(index)) < amount[row]) donors.put(column, row, index, draw_unit(keys[row], which(index)));
  };
  return {ColumnFunction{value_columns(*at.table), apply, {}}};
}
}  // namespace table_swap

namespace table_category_flip {
struct Op {
  double amount = 0.1;
  std::string to{};
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the categories changed", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0, 0.2)}),
    field<&Op::to>("to", {.doc = "What becomes of which, \"mild = severe; severe = mild*3, none\" (*3: thrice as often); others stay"})};

Fitted fit(const Op&, Scan& train) { return fit_words(train); }

/// Where a word goes, and how often.
struct Turn {
  std::vector<std::string> words{};
  std::vector<double> weights{};
};

std::string part_of(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? "" : std::string(text.substr(first, last - first + 1));
}

/// 0 where it is none.
double weight_of(const std::string& text) {
  double weight = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), weight);
  return error == std::errc{} && end == text.data() + text.size() && std::isfinite(weight) ? weight : 0;
}

std::map<std::string, Turn> told_turns(const std::string& text) {
  std::map<std::string, Turn> turns;
  std::istringstream rules(text);
  for (std::string rule; std::getline(rules, rule, ';');) {
    if (part_of(rule).empty()) continue;
    const std::size_t equals = rule.find('=');
    const auto refuse = [&rule] { return usage_error("to: each part must be like mild = severe*3, none, got " + part_of(rule)); };
    if (equals == std::string::npos || part_of(rule.substr(0, equals)).empty()) throw refuse();
    Turn& turn = turns[part_of(rule.substr(0, equals))];
    std::istringstream words(rule.substr(equals + 1));
    for (std::string word; std::getline(words, word, ',');) {
      const std::size_t star = word.rfind('*');
      const double weight = star == std::string::npos ? 1 : weight_of(part_of(word.substr(star + 1)));
      if (part_of(word.substr(0, star)).empty() || weight <= 0) throw refuse();
      turn.words.push_back(part_of(word.substr(0, star)));
      turn.weights.push_back(weight);
    }
    if (turn.words.empty()) throw refuse();
  }
  return turns;
}

/// The turns of one column's words, in its own spelling, which may have blanks around it. `seen`: told words that some column has.
std::map<std::string, Turn> turns_of(const std::map<std::string, Turn>& told, const FittedValues& column, std::set<std::string>& seen) {
  std::map<std::string, std::string> own;
  for (const std::string& word : column.words) own.emplace(part_of(word), word);
  std::map<std::string, Turn> turns;
  for (const auto& [from, turn] : told) {
    const auto at = own.find(from);
    if (at == own.end()) continue;
    seen.insert(from);
    Turn& to = turns[at->second] = turn;
    for (std::string& word : to.words)
      if (const auto known = own.find(word); known != own.end()) word = known->second;
  }
  return turns;
}

/// By `to`: nothing for columns that have none of its words.
std::vector<std::map<std::string, Turn>> turns_by_column(const Op& op, const std::vector<const FittedValues*>& known) {
  const std::map<std::string, Turn> told = told_turns(op.to);
  std::vector<std::map<std::string, Turn>> turns(known.size());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (known[i]) turns[i] = turns_of(told, *known[i], seen);
  for (const auto& [from, turn] : told)
    if (!seen.contains(from)) throw usage_error("to: no column of categories has " + from + " in train");
  return turns;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount);
  if (amount.rows.empty() && amount.same == 0) return {};
  std::vector<const FittedValues*> known(at.table->columns.size());
  for (const std::size_t i : category_columns(*at.table)) known[i] = fitted_words(at, i);
  if (!op.to.empty()) {
    const auto turn = [amount, turns = turns_by_column(op, known)](Column& column, std::size_t index, std::span<const Key> keys) {
      for (std::size_t row = 0; row < keys.size() && !turns[index].empty(); ++row) {
        const auto found = column.null[row] != 0 ? turns[index].end() : turns[index].find(column.text[row]);
        if (found != turns[index].end() && draw_unit(keys[row], whether(index)) < amount[row])
          put_word(column, row, found->second.words[draw_weighted(found->second.weights, keys[row], which(index))]);
      }
    };
    return {ColumnFunction{category_columns(*at.table), turn, {}}};
  }
  const auto apply = [amount, known](Column& column, std::size_t index, std::span<const Key> keys) {
    if (!known[index]) return;
    const FittedValues& words = *known[index];
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (column.null[row] != 0 || draw_unit(keys[row], whether(index)) >= amount[row]) continue;
      std::vector<double> others(words.begin(), words.end());
      if (const auto own = std::ranges::find(words.words, column.text[row]); own != words.words.end())
        others[static_cast<std::size_t>(own - words.words.begin())] = 0;
      if (std::ranges::any_of(others, [](double n) { return n > 0; })) put_word(column, row, words.words[draw_weighted(others, keys[row], which(index))]);
    }
  };
  return {ColumnFunction{category_columns(*at.table), apply, {}}};
}
}  // namespace table_category_flip

namespace table_typo {
struct Op {
  double amount = 0.05;
};
constexpr auto fields = std::array{field<&Op::amount>(
    "amount", {.doc = "Share of the texts that get one typing mistake", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0, 0.1)})};

/// One mistake: a character left out, doubled, or changed places with the next one.
std::string mistyped(const std::string& text, Key key, std::size_t column) {
  std::vector<std::string> letters;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(rest));
    letters.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  if (letters.size() < 2) return text;
  const auto block = random_block(key, which(column));
  const auto at = static_cast<std::ptrdiff_t>(block[0] % (letters.size() - 1));
  switch (block[1] % 3) {
    case 0: letters.erase(letters.begin() + at); break;
    case 1: letters.insert(letters.begin() + at, letters[static_cast<std::size_t>(at)]); break;
    default: std::swap(letters[static_cast<std::size_t>(at)], letters[static_cast<std::size_t>(at) + 1]);
  }
  std::string typed;
  for (const std::string& letter : letters) typed += letter;
  return typed;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount);
  if (amount.rows.empty() && amount.same == 0) return {};
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < at.table->columns.size(); ++i)
    if (at.table->columns[i].kind == ColumnKind::text || at.table->columns[i].kind == ColumnKind::category)
      if (at.table->columns[i].type == Column::Type::text) columns.push_back(i);
  const auto apply = [amount](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size(); ++row)
      if (column.null[row] == 0 && draw_unit(keys[row], whether(index)) < amount[row]) put_word(column, row, mistyped(column.text[row], keys[row], index));
  };
  return {ColumnFunction{columns, apply, {}}};
}
}  // namespace table_typo

template <class Fields>
OpDoc doc(std::string_view name, std::string_view summary, std::string_view detail, std::string_view example, const Fields& fields) {
  return {.name = name, .summary = summary, .detail = detail, .family = "table", .example = example, .domain = Domain::columns, .node = NodeKind::columns, .reads = Reads::cells, .fields = fields};
}

}  // namespace

void add_table_cells(OpTable& t) {
  t.add(op<table_salt_pepper::Op, table_salt_pepper::lower, nullptr, table_salt_pepper::fit>(
      doc("table_salt_pepper", "Set some numbers to the ends of their column",
          "Each cell by itself; the ends are the smallest and the largest number of the column in train. Missing cells stay.",
          "table_salt_pepper: {amount: 0.02}", table_salt_pepper::fields)));
  t.add(op<table_swap::Op, table_swap::lower, nullptr, table_swap::fit>(
      doc("table_swap", "Take some cells from other rows",
          "Each cell by itself, from a row of train by chance, so that each column keeps its distribution (Bahri et al., SCARF, ICLR 2022). "
          "Above 4,096 rows of train the donors are that many of them, evenly; missing cells of donors are not taken.",
          "table_swap: {amount: 0.1}", table_swap::fields)));
  t.add(op<table_category_flip::Op, table_category_flip::lower, nullptr, table_category_flip::fit>(
      doc("table_category_flip", "Exchange some categories for others of their column",
          "Drawn among the column's other categories by how often they stand in train, or as `to` tells, whose words may be new ones. Missing cells stay.",
          "table_category_flip: {amount: 0.1}", table_category_flip::fields)));
  t.add(op<table_typo::Op, table_typo::lower>(
      doc("table_typo", "Put typing mistakes into texts",
          "One a text: a character is left out, doubled, or changes places with the next. Columns of texts and categories.",
          "table_typo: {amount: 0.05}", table_typo::fields)));
}

}  // namespace leaven::ops

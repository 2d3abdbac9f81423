#include "flow/table_constraints.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/op.hpp"
#include "io/csv_rows.hpp"
#include "io/file.hpp"
#include "io/stamp_text.hpp"
#include "ops/table/columns.hpp"

namespace leaven::flow {

using recipe::Constraint;
using Kind = Constraint::Kind;

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr double kNoStamp = std::numeric_limits<double>::quiet_NaN();  // in no order with any
constexpr std::string_view kUniqueStart = "unique ";

bool is_number(const Column& column) { return column.type != Column::Type::text; }

/// The smallest step between two numbers that the column can write.
double unit_of(const Column& column) {
  double unit = 1;
  for (int i = 0; i < column.places && column.type == Column::Type::decimal; ++i) unit /= 10;
  return unit;
}

void put(Column& column, std::size_t row, double value) {
  column.number[row] = ops::as_written(value, column);
  column.null[row] = 0;
  column.changed[row] = 1;
}

void copy_cell(Column& to, std::size_t row, const Column& from, std::size_t from_row) {
  to.text[row] = from.text[from_row];
  if (is_number(to)) to.number[row] = from.number[from_row];
  to.null[row] = from.null[from_row];
  to.changed[row] = from.changed[from_row];
}

bool there(const Block& block, std::size_t row, std::span<const std::size_t> columns) {
  return std::ranges::none_of(columns, [&](std::size_t c) { return block.columns[c].null[row] != 0; });
}

double sum_of(const Block& block, std::size_t row, std::span<const std::size_t> columns) {
  double sum = 0;
  for (const std::size_t c : columns) sum += block.columns[c].number[row];
  return sum;
}

/// The keys that the other table has.
std::set<std::vector<std::string>> keys_of(const Constraint& said) {
  const auto other = io::open_table(said.text);
  std::vector<std::size_t> places;
  std::vector<std::string_view> names;
  for (const auto& column : other->shape().columns) names.push_back(column.name);
  for (const std::string& key : said.key) {
    const auto at = std::ranges::find(names, key);
    if (at == names.end())
      throw usage_error("constraints: references: " + said.text + " has no column " + key).with_place(said.place.text()).with_hint(did_you_mean(key, names));
    places.push_back(static_cast<std::size_t>(at - names.begin()));
  }
  std::set<std::vector<std::string>> keys;
  for (std::uint64_t first = 0; first < other->rows(); first += kBlockRows) {
    const Block block = other->read(first, kBlockRows);
    for (std::size_t r = 0; r < block.rows; ++r) {
      std::vector<std::string> cells;
      for (const std::size_t c : places) cells.push_back(io::cell_text(block.columns[c], r));
      if (there(block, r, places)) keys.insert(std::move(cells));
    }
  }
  return keys;
}

std::vector<std::string> cells_of(const Block& block, std::size_t row, std::span<const std::size_t> columns) {
  std::vector<std::string> cells;
  for (const std::size_t c : columns) cells.push_back(io::cell_text(block.columns[c], row));
  return cells;
}

}  // namespace

TableConstraints::TableConstraints(const recipe::Recipe& recipe, const io::TableReader& table, const RowMask& train) {
  const auto& columns = table.shape().columns;
  std::vector<std::string_view> names;
  for (const auto& column : columns) names.push_back(column.name);
  for (const Constraint& said : recipe.constraints) {
    const auto refuse = [&](const std::string& what, const std::string& hint) {
      throw usage_error("constraints: " + std::string(recipe::name_of(said.kind)) + ": " + what).with_place(said.place.text()).with_hint(hint);
    };
    const auto find = [&](const std::string& name, bool number) {
      const auto at = std::ranges::find(names, name);
      if (at == names.end()) refuse("there is no column " + name, did_you_mean(name, names));
      const auto index = static_cast<std::size_t>(at - names.begin());
      if (number && columns[index].type == Column::Type::text) refuse("column " + name + " is no number", "leaven profile says what it is");
      return index;
    };
    if (said.kind == Kind::unique) {
      for (const std::string& name : said.columns) unique_.push_back({find(name, false), {}, 0});
      continue;
    }
    Rule rule{.said = said};
    const auto is_date = [&](const std::string& name) {
      return std::ranges::any_of(columns, [&](const auto& column) { return column.name == name && column.kind == ColumnKind::date_time; });
    };
    rule.dates = said.kind == Kind::order && std::ranges::all_of(said.columns, is_date);
    const bool numbers = said.kind == Kind::range || (said.kind == Kind::order && !rule.dates) || said.kind == Kind::sum;
    for (const std::string& name : said.columns) rule.columns.push_back(find(name, numbers));
    if (said.kind == Kind::sum && !said.text.empty()) rule.total = find(said.text, true);
    if (rule.dates) {
      const Block block = table.read(0, kBlockRows);
      for (const std::size_t c : rule.columns)
        for (std::size_t r = 0; r < block.rows; ++r)
          if (block.columns[c].null[r] == 0 && !io::stamp_of(block.columns[c].text[r]))
            refuse("times must begin with the year to be compared, and column " + columns[c].name + " holds " + io::printable(block.columns[c].text[r]), "2024-03-31");
    }
    if (said.kind == Kind::match) rule.expression = std::regex(said.text, std::regex::ECMAScript | std::regex::optimize);
    if (said.kind == Kind::references) rule.seen = keys_of(said);
    rules_.push_back(std::move(rule));
  }
  const bool must_look = !unique_.empty() || std::ranges::any_of(rules_, [](const Rule& r) { return r.said.kind == Kind::combinations; });
  if (must_look) look_at(table, train);
}

void TableConstraints::look_at(const io::TableReader& table, const RowMask& train) {
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) {
    const Block block = table.read(first, kBlockRows);
    for (std::size_t r = 0; r < block.rows; ++r) {
      for (Unique& unique : unique_) {
        const std::string text = io::cell_text(block.columns[unique.column], r);
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size()) unique.next = std::max(unique.next, number + 1);
      }
      if (!train.empty() && !train[static_cast<std::size_t>(first) + r]) continue;
      for (Rule& rule : rules_) {
        if (rule.said.kind != Kind::combinations) continue;
        rule.seen.insert(cells_of(block, r, rule.columns));
      }
    }
  }
}

bool TableConstraints::holds(const Rule& rule, const Block& block, std::size_t row) const {
  const auto number = [&](std::size_t c) { return block.columns[c].number[row]; };
  switch (rule.said.kind) {
    case Kind::range:
      return std::ranges::all_of(rule.columns, [&](std::size_t c) {
        return block.columns[c].null[row] != 0 || (number(c) >= rule.said.lo && number(c) <= rule.said.hi);
      });
    case Kind::order: {
      double last = -kInfinity;
      for (const std::size_t c : rule.columns) {
        if (block.columns[c].null[row] != 0) continue;
        const double next = rule.dates ? io::stamp_of(block.columns[c].text[row]).value_or(kNoStamp) : number(c);
        if (!(next >= last)) return false;
        last = next;
      }
      return true;
    }
    case Kind::combinations: return rule.seen.contains(cells_of(block, row, rule.columns));
    case Kind::references: return !there(block, row, rule.columns) || rule.seen.contains(cells_of(block, row, rule.columns));
    case Kind::sum: {
      if (!there(block, row, rule.columns) || (rule.total != kNone && block.columns[rule.total].null[row] != 0)) return true;
      const double total = rule.total != kNone ? number(rule.total) : rule.said.total;
      double unit = rule.total != kNone ? unit_of(block.columns[rule.total]) : 1;
      for (const std::size_t c : rule.columns) unit = std::min(unit, unit_of(block.columns[c]));
      return std::fabs(sum_of(block, row, rule.columns) - total) < unit / 2;
    }
    case Kind::match:
      return std::ranges::all_of(rule.columns, [&](std::size_t c) {
        return block.columns[c].null[row] != 0 || std::regex_match(io::cell_text(block.columns[c], row), rule.expression);
      });
    case Kind::unique: return true;
  }
  return true;
}

void TableConstraints::mend(const Rule& rule, Block& block, std::size_t row, const Block& base, std::size_t base_row) const {
  switch (rule.said.kind) {
    case Kind::range:
      for (const std::size_t c : rule.columns) {
        Column& column = block.columns[c];
        if (column.null[row] != 0 || (column.number[row] >= rule.said.lo && column.number[row] <= rule.said.hi)) continue;
        const double clipped = std::clamp(std::isnan(column.number[row]) ? rule.said.lo : column.number[row], rule.said.lo, rule.said.hi);
        put(column, row, clipped);
        // A bound between two numbers that the column can write: the next one inside.
        if (column.number[row] > rule.said.hi) put(column, row, column.number[row] - unit_of(column));
        if (column.number[row] < rule.said.lo) put(column, row, column.number[row] + unit_of(column));
      }
      break;
    case Kind::order: {
      for (const std::size_t c : rule.columns)
        if (rule.dates) copy_cell(block.columns[c], row, base.columns[c], base_row);
      if (rule.dates) break;
      double last = -kInfinity;
      for (const std::size_t c : rule.columns) {
        Column& column = block.columns[c];
        if (column.null[row] != 0) continue;
        if (!(column.number[row] >= last)) {
          put(column, row, last);
          if (column.number[row] < last) put(column, row, column.number[row] + unit_of(column));
        }
        last = column.number[row];
      }
      break;
    }
    case Kind::combinations:
    case Kind::references:
    case Kind::match:
      for (const std::size_t c : rule.columns) copy_cell(block.columns[c], row, base.columns[c], base_row);
      break;
    case Kind::sum: {
      const double sum = sum_of(block, row, rule.columns);
      if (rule.total != kNone) {
        put(block.columns[rule.total], row, sum);
        break;
      }
      const std::size_t largest = *std::ranges::max_element(rule.columns, {}, [&](std::size_t c) { return std::fabs(block.columns[c].number[row]); });
      put(block.columns[largest], row, block.columns[largest].number[row] + rule.said.total - sum);
      break;
    }
    case Kind::unique: break;
  }
}

bool TableConstraints::hold(const Block& block, std::size_t row, std::string& why) const {
  for (const Rule& rule : rules_) {
    if (holds(rule, block, row)) continue;
    why = std::string(recipe::name_of(rule.said.kind)) + " of";
    for (const std::string& column : rule.said.columns) why += " " + column;
    return false;
  }
  return true;
}

std::vector<std::pair<std::uint64_t, std::string>> TableConstraints::violations(const io::TableReader& table,
                                                                                const std::function<bool(std::uint64_t)>& owns) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  if (rules_.empty() && unique_.empty()) return found;
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) {
    const Block block = table.read(first, kBlockRows);
    std::string why;
    for (std::size_t row = 0; row < block.rows; ++row)
      if (!hold(block, row, why) || (owns(first + row) && !take_unique(block, row, why))) found.emplace_back(first + row, "the row breaks the constraint " + why);
  }
  return found;
}

bool TableConstraints::take_unique(const Block& block, std::size_t row, std::string& why) {
  const auto text = [&](const Unique& unique) { return io::cell_text(block.columns[unique.column], row); };
  const auto missing = [&](const Unique& unique) { return block.columns[unique.column].null[row] != 0; };
  for (const Unique& unique : unique_) {
    if (missing(unique) || !unique.taken.contains(text(unique))) continue;
    why = "unique of " + block.columns[unique.column].name + ": a row before has " + io::printable(text(unique)) + ", too";
    return false;
  }
  for (Unique& unique : unique_)
    if (!missing(unique)) unique.taken.insert(text(unique));
  return true;
}

bool TableConstraints::repair(Block& block, std::size_t row, const Block& base, std::size_t base_row, std::vector<std::string>& repairs,
                              std::string& why) const {
  constexpr int kRounds = 8;  // a repair may break what an earlier constraint mended
  for (int round = 0; round < kRounds; ++round) {
    bool all = true;
    for (const Rule& rule : rules_) {
      if (holds(rule, block, row)) continue;
      all = false;
      mend(rule, block, row, base, base_row);
      const std::string name(recipe::name_of(rule.said.kind));
      if (std::ranges::find(repairs, name) == repairs.end()) repairs.push_back(name);
    }
    if (all) return true;
  }
  return hold(block, row, why);
}

void TableConstraints::make_unique(Block& block, std::size_t row, std::vector<std::string>& repairs) {
  for (Unique& unique : unique_) {
    Column& column = block.columns[unique.column];
    const std::string text = io::cell_text(column, row);
    if (column.null[row] == 0 && unique.taken.insert(text).second) continue;
    std::string fresh = std::to_string(unique.next);
    const bool whole = column.null[row] != 0 || text.find_first_not_of("0123456789") == std::string::npos;
    if (!whole) {
      int number = 2;
      do fresh = text + "-" + std::to_string(number++);
      while (unique.taken.contains(fresh));
    } else {
      ++unique.next;
    }
    unique.taken.insert(fresh);
    repairs.push_back(std::string(kUniqueStart) + column.name + "\x1f" + fresh);
    apply_unique(block, row, {repairs.back()});
  }
}

void TableConstraints::apply_unique(Block& block, std::size_t row, const std::vector<std::string>& repairs) {
  for (const std::string& repair : repairs) {
    const std::size_t split = repair.find('\x1f');
    if (!repair.starts_with(kUniqueStart) || split == std::string::npos) continue;
    for (Column& column : block.columns) {
      if (column.name != repair.substr(kUniqueStart.size(), split - kUniqueStart.size())) continue;
      column.text[row] = repair.substr(split + 1);
      column.null[row] = 0;
      column.changed[row] = 0;
    }
  }
}

}  // namespace leaven::flow

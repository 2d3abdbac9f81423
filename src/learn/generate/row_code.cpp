#include "learn/generate/row_code.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/error.hpp"
#include "core/value.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr double kAtom = 0.02;         // share of rows from which on a number is a token of its own
constexpr double kLeastOfAtom = 5;     // rows, beside a scale: fewer would be told again one by one where there is no other column
constexpr std::size_t kMostAtoms = 30, kMostFitted = 5000;
constexpr int kRounds = 60;
constexpr double kLeastWeight = 0.005;
const Key kSpread{0x73707265, 0x6164};  // numbers on a scale, evenly over what is written like them (uniform dequantisation, Theis et al. 2016)

double density(const Mode& mode, double v) {
  const double z = (v - mode.mean) / mode.deviation;
  return mode.weight / mode.deviation * std::exp(-z * z / 2);
}

std::size_t mode_for(const std::vector<Mode>& modes, double v) {
  std::size_t best = 0, nearest = 0;
  double most = -1;
  for (std::size_t k = 0; k < modes.size(); ++k) {
    if (const double d = density(modes[k], v); d > most) most = d, best = k;
    if (std::fabs(v - modes[k].mean) / modes[k].deviation < std::fabs(v - modes[nearest].mean) / modes[nearest].deviation) nearest = k;
  }
  return most > 0 ? best : nearest;  // far out all densities are 0
}

CodedColumn coded_words(const TableColumn& column, std::span<const std::uint32_t> rows) {
  std::map<std::int32_t, std::uint64_t> counts;
  for (const std::uint32_t r : rows) ++counts[column.words[r]];
  std::vector<std::pair<std::int32_t, std::uint64_t>> ranked(counts.begin(), counts.end());
  std::ranges::stable_sort(ranked, std::greater{}, &std::pair<std::int32_t, std::uint64_t>::second);
  CodedColumn made;
  std::uint64_t rare = 0, below = 0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (i < RowCode::kMostWords)
      made.words.push_back(ranked[i].first);
    else
      made.rare.push_back(ranked[i].first), rare += ranked[i].second;
  }
  for (std::size_t i = RowCode::kMostWords; i < ranked.size(); ++i) made.rare_below.push_back(static_cast<double>(below += ranked[i].second) / static_cast<double>(rare));
  return made;
}

/// What one step of the last decimal is worth.
double unit_of(const TableColumn& column) {
  double unit = 1;
  for (int i = 0; i < column.places; ++i) unit /= 10;
  return unit;
}

CodedColumn coded_numbers(const TableColumn& column, std::span<const std::uint32_t> rows, NumberCode code) {
  CodedColumn made;
  std::vector<double> numbers;
  for (const std::uint32_t r : rows) {
    if (std::isnan(column.numbers[r]))
      made.missing = true;
    else
      numbers.push_back(column.numbers[r]);
  }
  if (numbers.empty()) return made;
  std::ranges::sort(numbers);
  made.lo = numbers.front(), made.hi = numbers.back();
  std::vector<std::pair<std::size_t, double>> frequent;
  std::size_t different = 0;
  for (std::size_t i = 0, end = 0; i < numbers.size(); i = end, ++different) {
    while (end < numbers.size() && numbers[end] == numbers[i]) ++end;
    if (static_cast<double>(end - i) >= std::max(code == NumberCode::scale ? kLeastOfAtom : 0, kAtom * static_cast<double>(rows.size()))) frequent.emplace_back(end - i, numbers[i]);
  }
  std::ranges::stable_sort(frequent, std::greater{}, &std::pair<std::size_t, double>::first);
  for (std::size_t i = 0; i < std::min(frequent.size(), kMostAtoms); ++i) made.atoms.push_back(frequent[i].second);
  std::ranges::sort(made.atoms);
  std::erase_if(numbers, [&](double v) { return std::ranges::binary_search(made.atoms, v); });
  if (numbers.empty()) return made;
  if (code == NumberCode::scale)
    made.scale = scale_of(std::move(numbers), unit_of(column));
  else
    made.modes = modes_of(std::move(numbers), RowCode::kMostModes);
  return made;
}

}  // namespace

std::vector<Mode> modes_of(std::vector<double> numbers, std::size_t most) {
  std::ranges::sort(numbers);
  const double range = numbers.back() - numbers.front(), least = std::max(range * 1e-3, std::max(std::fabs(numbers.front()), std::fabs(numbers.back())) * 1e-9 + 1e-12);
  if (numbers.size() > kMostFitted) {  // evenly among the sorted
    std::vector<double> some;
    for (std::size_t i = 0; i < kMostFitted; ++i) some.push_back(numbers[i * (numbers.size() - 1) / (kMostFitted - 1)]);
    numbers = std::move(some);
  }
  const std::size_t count = range > 0 ? std::min(most, std::max<std::size_t>(1, numbers.size() / 20)) : 1;
  std::vector<Mode> modes;
  for (std::size_t k = 0; k < count; ++k)
    modes.push_back({numbers[(2 * k + 1) * (numbers.size() - 1) / (2 * count)], std::max(least, range / static_cast<double>(2 * count)), 1.0 / static_cast<double>(count)});
  const auto n = static_cast<double>(numbers.size());
  for (int round = 0; round < kRounds && count > 1; ++round) {
    std::vector<double> weight(count), sum(count), squares(count), of(count);
    for (const double v : numbers) {
      double all = 0;
      for (std::size_t k = 0; k < count; ++k) all += of[k] = density(modes[k], v);
      if (!(all > 0)) std::ranges::fill(of, 0.0), of[mode_for(modes, v)] = all = 1;
      for (std::size_t k = 0; k < count; ++k) {
        const double share = of[k] / all, off = v - modes[k].mean;
        weight[k] += share, sum[k] += share * off, squares[k] += share * off * off;
      }
    }
    for (std::size_t k = 0; k < count; ++k) {
      if (weight[k] < 1e-9) {
        modes[k].weight = 0;
        continue;
      }
      const double moved = sum[k] / weight[k];
      modes[k] = {modes[k].mean + moved, std::max(least, std::sqrt(std::max(0.0, squares[k] / weight[k] - moved * moved))), weight[k] / n};
    }
  }
  if (count == 1) {
    double sum = 0, squares = 0;
    for (const double v : numbers) sum += v;
    for (const double v : numbers) squares += (v - sum / n) * (v - sum / n);
    modes = {{sum / n, std::max(least, std::sqrt(squares / n)), 1}};
  }
  std::erase_if(modes, [](const Mode& mode) { return mode.weight < kLeastWeight; });
  return modes;
}

RowCode RowCode::fit(const TableData& train, std::span<const std::uint32_t> rows, NumberCode numbers) {
  RowCode code;
  code.numbers_ = numbers;
  for (std::uint32_t c = 0; c < train.columns.size(); ++c) {
    const TableColumn& column = train.columns[c];
    if (column.role == Role::left_out || (column.target && column.role == Role::word)) continue;
    code.columns_.push_back(column.role == Role::word ? coded_words(column, rows) : coded_numbers(column, rows, numbers));
    code.columns_.back().column = c;
  }
  return code;
}

std::size_t RowCode::tokens() const {
  std::size_t sum = 0;
  for (const CodedColumn& column : columns_) sum += column.tokens();
  return sum;
}

CodedRows RowCode::coded(const TableData& data, std::span<const std::uint32_t> rows) const {
  const std::size_t n = columns_.size();
  CodedRows made{std::vector<std::int32_t>(rows.size() * n), std::vector<float>(rows.size() * n)};
  for (std::size_t j = 0; j < n; ++j) {
    const CodedColumn& code = columns_[j];
    const TableColumn& column = data.columns[code.column];
    std::map<std::int32_t, std::int32_t> token_of;
    for (std::size_t i = 0; i < code.words.size(); ++i) token_of[code.words[i]] = static_cast<std::int32_t>(i);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::int32_t& token = made.tokens[i * n + j];
      if (column.role == Role::word) {
        const auto found = token_of.find(column.words[rows[i]]);
        token = static_cast<std::int32_t>(found != token_of.end() ? static_cast<std::size_t>(found->second) : code.rare.empty() ? 0 : code.words.size());
        continue;
      }
      const double v = column.numbers[rows[i]];
      if (std::isnan(v)) continue;  // token 0, where the fit saw any
      const auto atom = std::ranges::lower_bound(code.atoms, v);
      if ((atom != code.atoms.end() && *atom == v) || !code.has_place()) {
        token = static_cast<std::int32_t>((code.missing ? 1 : 0) + (atom == code.atoms.end() ? std::max<std::ptrdiff_t>(atom - code.atoms.begin() - 1, 0) : atom - code.atoms.begin()));
        continue;
      }
      if (code.scale) {
        token = static_cast<std::int32_t>(code.first_mode());
        const double spread = std::clamp(v + (draw_unit(kSpread, rows[i]) - 0.5) * unit_of(column), code.scale->lo, code.scale->hi);
        made.places[i * n + j] = static_cast<float>(code.scale->place(spread));
        continue;
      }
      const std::size_t k = mode_for(code.modes, v);
      token = static_cast<std::int32_t>(code.first_mode() + k);
      made.places[i * n + j] = static_cast<float>(std::clamp((v - code.modes[k].mean) / (kReach * code.modes[k].deviation), -1.0, 1.0));
    }
  }
  return made;
}

void RowCode::put(const CodedColumn& column, std::int32_t token, double place, double u, TableData& to, std::size_t row) const {
  TableColumn& cell = to.columns[column.column];
  const auto at = static_cast<std::size_t>(token);
  if (cell.role == Role::word) {
    if (at < column.words.size()) return void(cell.words[row] = column.words[at]);
    const auto found = std::ranges::upper_bound(column.rare_below, u);
    cell.words[row] = column.rare[std::min(static_cast<std::size_t>(found - column.rare_below.begin()), column.rare.size() - 1)];
    return;
  }
  if (column.missing && at == 0)
    cell.numbers[row] = std::numeric_limits<double>::quiet_NaN();
  else if (at < column.first_mode())
    cell.numbers[row] = column.atoms[at - (column.missing ? 1 : 0)];
  else if (column.scale)
    cell.numbers[row] = std::clamp(column.scale->number(place), column.lo, column.hi);
  else
    cell.numbers[row] = std::clamp(column.modes[at - column.first_mode()].mean + kReach * column.modes[at - column.first_mode()].deviation * std::clamp(place, -1.0, 1.0), column.lo, column.hi);
}

void RowCode::save(Tensors& to) const {
  for (const CodedColumn& column : columns_) {
    const std::string name = "code." + std::to_string(column.column) + ".";
    to.add(name + "words", column.words);
    to.add(name + "rare", column.rare);
    to.add(name + "rare_below", column.rare_below);
    std::vector<double> numbers{column.missing ? 1.0 : 0.0, column.lo, column.hi}, modes;
    for (const Mode& mode : column.modes) modes.insert(modes.end(), {mode.mean, mode.deviation, mode.weight});
    to.add(name + "numbers", std::move(numbers));
    to.add(name + "atoms", column.atoms);
    to.add(name + "modes", std::move(modes));
    if (numbers_ == NumberCode::modes) continue;
    std::vector<double> scale;
    if (const auto& s = column.scale) scale = {static_cast<double>(s->law), s->centre, s->width, s->mean, s->deviation, s->lo, s->hi};
    to.add(name + "scale", std::move(scale));
  }
}

RowCode RowCode::load(const Tensors& from, const TableData& shape, NumberCode numbers_as) {
  RowCode code;
  code.numbers_ = numbers_as;
  const auto broken = [](const TableColumn& column) { return data_error("the generator's file has a broken code for column " + column.name); };
  for (std::uint32_t c = 0; c < shape.columns.size(); ++c) {
    const TableColumn& column = shape.columns[c];
    if (column.role == Role::left_out || (column.target && column.role == Role::word)) continue;
    const std::string name = "code." + std::to_string(c) + ".";
    CodedColumn made{.column = c, .words = from.integers(name + "words"), .rare = from.integers(name + "rare"), .rare_below = from.doubles(name + "rare_below"), .atoms = from.doubles(name + "atoms")};
    const std::vector<double>&numbers = from.doubles(name + "numbers", 3), &modes = from.doubles(name + "modes");
    made.missing = numbers[0] == 1, made.lo = numbers[1], made.hi = numbers[2];
    if (modes.size() % 3 != 0 || modes.size() > 3 * kMostModes || made.atoms.size() > kMostAtoms || made.words.size() > kMostWords || made.rare.size() != made.rare_below.size()) throw broken(column);
    for (std::size_t i = 0; i < modes.size(); i += 3) made.modes.push_back({modes[i], modes[i + 1], modes[i + 2]});
    for (const auto* words : {&made.words, &made.rare})
      for (const std::int32_t word : *words)
        if (word < TableColumn::kMissing || word >= static_cast<std::int32_t>(column.dictionary.size())) throw broken(column);
    bool finite = std::isfinite(made.lo) && std::isfinite(made.hi) && made.lo <= made.hi;
    for (const double v : made.atoms) finite = finite && std::isfinite(v);
    for (const Mode& mode : made.modes) finite = finite && std::isfinite(mode.mean) && std::isfinite(mode.deviation) && mode.deviation > 0;
    if (numbers_as == NumberCode::scale) {
      const std::vector<double>& scale = from.doubles(name + "scale");
      if ((!scale.empty() && (scale.size() != 7 || !(scale[0] >= 0 && scale[0] <= 2))) || !modes.empty()) throw broken(column);
      if (!scale.empty()) made.scale = NumberScale{static_cast<NumberScale::Law>(scale[0]), scale[1], scale[2], scale[3], scale[4], scale[5], scale[6]};
    }
    const bool of_words = column.role == Role::word, has_words = !made.words.empty(), has_numbers = made.first_mode() > 0 || made.has_place();
    if (!finite || (made.scale && !made.scale->is_sound()) || has_words != of_words || has_numbers == of_words) throw broken(column);
    code.columns_.push_back(std::move(made));
  }
  return code;
}

}  // namespace leaven::learn

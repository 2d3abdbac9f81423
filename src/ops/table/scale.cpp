// Numbers on another scale, and back.
#include <algorithm>
#include <array>
#include <optional>

#include "core/exact_math.hpp"
#include "kernels/cell_runs.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/power.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_scale {
enum class Method : std::uint8_t { min_max, z_score, robust, max_abs, log, yeo_johnson, quantile };
constexpr std::array<std::string_view, 7> kMethodNames{"min_max", "z_score", "robust", "max_abs", "log", "yeo_johnson", "quantile"};
struct Op {
  Method method = Method::z_score;
  double lo = 0;
  double hi = 1;
  bool clip = false;
  int places = 9;
};
constexpr auto fields = std::array{
    field<&Op::method>("method", {.doc = "How", .choices = kMethodNames}),
    field<&Op::lo>("lo", {.doc = "Where the smallest number of train goes (min_max)", .lo = -1e9, .hi = 1e9, .unit = "1"}),
    field<&Op::hi>("hi", {.doc = "Where the largest one goes (min_max)", .lo = -1e9, .hi = 1e9, .unit = "1"}),
    field<&Op::clip>("clip", {.doc = "Whether numbers beyond those of train stop at the ends (min_max, quantile)"}),
    field<&Op::places>("places", {.doc = "Decimals that are written", .lo = 0, .hi = 15, .unit = "1"})};

// What is fitted, by place in the list.
enum Slot : std::size_t { kPlaces, kShift, kUnit, kPower, kSlots };
constexpr std::size_t kLandmarks = 1001;

struct Summary {
  int places{-1};  ///< of the column as it was; −1: whole numbers
  Spread spread{};
  double lowest{kInfinity}, highest{-kInfinity};
  Median order{};  ///< only where the method asks for ranks
};

bool asks_for_ranks(Method method) { return method == Method::robust || method == Method::yeo_johnson || method == Method::quantile; }

FittedValues fitted_of(const Op& op, const Summary& s) {
  FittedValues f{static_cast<double>(s.places), 0, 1, 0};
  const double lowest = s.lowest, highest = s.highest;
  switch (op.method) {
    case Method::min_max: f[kShift] = lowest, f[kUnit] = highest - lowest; break;
    case Method::z_score: f[kShift] = s.spread.mean(), f[kUnit] = s.spread.std(); break;
    case Method::robust: f[kShift] = s.order.value(), f[kUnit] = s.order.quantile(0.75) - s.order.quantile(0.25); break;
    case Method::max_abs: f[kUnit] = std::max(std::fabs(lowest), std::fabs(highest)); break;
    case Method::log: break;
    case Method::yeo_johnson: {
      const PowerFit fit = fit_yeo_johnson(s.order.weighted());
      f[kPower] = fit.lambda, f[kShift] = fit.mean, f[kUnit] = fit.std;
      break;
    }
    case Method::quantile:
      f[kShift] = lowest, f[kUnit] = highest - lowest;
      for (std::size_t i = 0; i < kLandmarks; ++i) f.push_back(s.order.quantile(static_cast<double>(i) / (kLandmarks - 1)));
      break;
  }
  if (lowest == highest) f[kShift] = lowest, f[kUnit] = 0;  // nothing to scale by; what goes in comes back
  return f;
}

Fitted fit(const Op& op, Scan& train) {
  std::map<std::string, Summary> columns;
  scan_columns(train, [&](const Column& column) {
    if (column.type == Column::Type::text) return;
    Summary& summary = columns[column.name];
    summary.places = column.type == Column::Type::integer ? -1 : column.places;
    bool all = true;
    for (std::size_t row = 0; row < column.number.size(); ++row) {
      if (!is_number(column, row)) {
        all = false;
        continue;
      }
      summary.lowest = std::min(summary.lowest, column.number[row]);
      summary.highest = std::max(summary.highest, column.number[row]);
      if (asks_for_ranks(op.method)) summary.order.add(column.number[row]);
    }
    if (all) return summary.spread.add(column);
    Column finite = without_cells(column);  // an infinite number would make every unit infinite
    for (std::size_t row = 0; row < column.number.size(); ++row)
      if (is_number(column, row)) finite.number.push_back(column.number[row]);
    finite.null.resize(finite.number.size());
    summary.spread.add(finite);
  });
  Fitted fitted;
  for (const auto& [name, summary] : columns)
    if (summary.spread.count() > 0) fitted[fitted_name("scale", name)] = fitted_of(op, summary);
  return fitted;
}

/// Where `x` stands among the landmarks, 0 … 1; of equal ones the middle.
double rank(std::span<const double> landmarks, double x) {
  const auto low = std::lower_bound(landmarks.begin(), landmarks.end(), x), high = std::upper_bound(landmarks.begin(), landmarks.end(), x);
  const double last = static_cast<double>(landmarks.size() - 1);
  if (low != high) return static_cast<double>((low - landmarks.begin()) + (high - landmarks.begin()) - 1) / 2 / last;
  if (low == landmarks.begin()) return 0;
  if (low == landmarks.end()) return 1;
  return (static_cast<double>(low - landmarks.begin()) - 1 + (x - low[-1]) / (*low - low[-1])) / last;
}

double at_rank(std::span<const double> landmarks, double share) {
  const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(landmarks.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), landmarks.size() - 2);
  return landmarks[below] + (place - static_cast<double>(below)) * (landmarks[below + 1] - landmarks[below]);
}

double forward(const Op& op, const FittedValues& f, double x) {
  if (f[kUnit] == 0 && op.method != Method::log) return op.method == Method::min_max ? op.lo + (x - f[kShift]) : x - f[kShift];
  switch (op.method) {
    case Method::log: return x < 0 ? -exact::log(1 - x) : exact::log(1 + x);
    case Method::quantile: {
      if (!op.clip && (x < f[kShift] || x > f[kShift] + f[kUnit])) return (x - f[kShift]) / f[kUnit];  // beyond train: straight on
      return rank(std::span(f).subspan(kSlots), x);
    }
    case Method::yeo_johnson: return (yeo_johnson(x, f[kPower]) - f[kShift]) / f[kUnit];
    case Method::min_max: {
      const double scaled = op.lo + (x - f[kShift]) / f[kUnit] * (op.hi - op.lo);
      return op.clip ? std::clamp(scaled, std::min(op.lo, op.hi), std::max(op.lo, op.hi)) : scaled;
    }
    default: return (x - f[kShift]) / f[kUnit];
  }
}

double backward(const Op& op, const FittedValues& f, double y) {
  if (f[kUnit] == 0 && op.method != Method::log) return op.method == Method::min_max ? y - op.lo + f[kShift] : y + f[kShift];
  switch (op.method) {
    case Method::log: return y < 0 ? 1 - exact::exp(-y) : exact::exp(y) - 1;
    case Method::quantile: return y < 0 || y > 1 ? f[kShift] + y * f[kUnit] : at_rank(std::span(f).subspan(kSlots), y);
    case Method::yeo_johnson: return yeo_johnson_back(y * f[kUnit] + f[kShift], f[kPower]);
    case Method::min_max: return f[kShift] + (op.hi == op.lo ? 0 : (y - op.lo) / (op.hi - op.lo)) * f[kUnit];
    default: return y * f[kUnit] + f[kShift];
  }
}

/// The whole way of methods that shift and stretch alone: what forward() and backward() do, many cells at a time.
std::optional<kernels::CellLine> line_of(const Op& op, const FittedValues& f, bool back) {
  const double shift = f[kShift], unit = f[kUnit], width = op.hi - op.lo;
  switch (op.method) {
    case Method::min_max:
      if (unit == 0) return back ? kernels::CellLine{op.lo, 1, 1, shift} : kernels::CellLine{shift, 1, 1, op.lo};
      if (back) return width == 0 ? std::nullopt : std::optional(kernels::CellLine{op.lo, width, unit, shift});
      return op.clip ? std::nullopt : std::optional(kernels::CellLine{shift, unit, width, op.lo});
    case Method::z_score:
    case Method::robust:
    case Method::max_abs:
      if (back) return kernels::CellLine{0, 1, unit == 0 ? 1 : unit, shift};
      return kernels::CellLine{shift, unit == 0 ? 1 : unit, 1, 0};
    case Method::log:
    case Method::yeo_johnson:
    case Method::quantile: break;
  }
  return std::nullopt;
}

template <double (*kMap)(const Op&, const FittedValues&, double), bool kBack>
Nodes mapped(const Op& op, const Site& at) {
  std::vector<const FittedValues*> fits(at.table->columns.size());
  for (std::size_t i = 0; i < fits.size(); ++i)
    fits[i] = static_cast<const FittedValues*>(fitted_for(at, "scale", at.table->columns[i].name));
  const auto apply = [fits, op](Column& column, std::size_t index, std::span<const Key> keys) {
    if (!fits[index]) return;  // train had no number here
    const FittedValues& fit = *fits[index];
    const bool whole = kBack && fit[kPlaces] < 0;
    column.type = whole ? Column::Type::integer : Column::Type::decimal;
    column.places = whole ? 0 : kBack ? static_cast<int>(fit[kPlaces]) : op.places;
    if (const auto line = line_of(op, fit, kBack)) return kernels::map_cells(*line, written_steps(column), column.number, column.null, column.changed);
    for (std::size_t row = 0; row < keys.size(); ++row)
      if (is_number(column, row)) put_number(column, row, kMap(op, fit, column.number[row]));
  };
  return {ColumnFunction{numeric_columns(*at.table), apply, {}}};
}

Nodes lower(const Op& op, const Site& at) { return mapped<forward, false>(op, at); }
Nodes invert(const Op& op, const Site& at) { return mapped<backward, true>(op, at); }
}  // namespace table_scale

}  // namespace

void add_table_scale(OpTable& t) {
  t.add(op<table_scale::Op, table_scale::lower, nullptr, table_scale::fit, table_scale::invert>(
      {.name = "table_scale",
       .summary = "Put numbers on another scale",
       .detail = "Of the column in train: min_max lo + (x − min)/(max − min)·(hi − lo); z_score (x − mean)/std, std over n; robust (x − "
                 "median)/(Q3 − Q1); max_abs x/max|x|; log sign(x)·ln(1 + |x|); yeo_johnson the power that makes the column most like a "
                 "normal one (Yeo and Johnson 2000), then z_score; quantile the share of train below, by 1,001 landmarks. A constant "
                 "column becomes 0 (min_max: lo). Missing and infinite cells stay, and infinite ones are left out of the fit; numbers "
                 "that train did not have go straight on, or with clip stop at the ends. All of them can be taken back. Meant for "
                 "prepare:, where it works on every row.",
       .family = "table",
       .example = "table_scale: {method: robust}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_scale::fields}));
}

}  // namespace leaven::ops

// A parameter's concrete value, and the laws it may be drawn from.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/key.hpp"

namespace leaven {

using Value = std::variant<double, std::int64_t, bool, std::string, std::vector<double>>;

/// As it stands in a recipe and in lineage: 0.25, true, bilinear, [1, 2]. Numbers print shortest-exact.
std::string to_text(const Value& value);
/// Any number as double (integers and booleans too); throws Error(usage) for text and lists.
double as_number(const Value& value);

/// A law for one number. A literal type, so that op tables can hold it.
struct Law {
  enum class Kind : std::uint8_t { none, uniform, integer, log_uniform, normal, truncated_normal, beta };
  Kind kind{Kind::none};
  double a{}, b{}, lo{}, hi{};  ///< (lo, hi), (mean, std), (mean, std, lo, hi) or (alpha, beta, lo, hi)

  constexpr explicit operator bool() const { return kind != Kind::none; }
  friend bool operator==(const Law&, const Law&) = default;
};
constexpr Law uniform(double lo, double hi) { return {Law::Kind::uniform, lo, hi, lo, hi}; }
constexpr Law integer(double lo, double hi) { return {Law::Kind::integer, lo, hi, lo, hi}; }  ///< both ends included
constexpr Law log_uniform(double lo, double hi) { return {Law::Kind::log_uniform, lo, hi, lo, hi}; }
constexpr Law normal(double mean, double std) { return {Law::Kind::normal, mean, std, 0, 0}; }
constexpr Law truncated_normal(double mean, double std, double lo, double hi) {
  return {Law::Kind::truncated_normal, mean, std, lo, hi};
}
constexpr Law beta(double alpha, double b, double lo = 0, double hi = 1) { return {Law::Kind::beta, alpha, b, lo, hi}; }
/// The law's name in recipes: uniform, int, log_uniform, normal, truncated_normal, beta.
const char* name_of(Law::Kind kind);

/// Uniform in [0, 1) with 53 bits, from block `element`.
double draw_unit(Key key, std::uint64_t element = 0);
/// Uniform whole number in [0, count), without bias; count ≥ 1.
std::uint64_t draw_below(Key key, std::uint64_t count, std::uint64_t element = 0);
/// One number from the law; `element` separates the entries of a list.
double draw(const Law& law, Key key, std::uint64_t element = 0);
/// Index in [0, weights.size()), in proportion to the weights (≥ 0, not all zero).
std::size_t draw_weighted(const std::vector<double>& weights, Key key, std::uint64_t element = 0);

/// What a recipe says about a field: a fixed value, a law, or a choice among values.
struct Setting {
  Value fixed{};
  Law law{};
  std::vector<Value> choices{};
  std::vector<double> weights{};  ///< empty: all alike

  bool is_drawn() const { return law || !choices.empty(); }
  friend bool operator==(const Setting&, const Setting&) = default;
};

}  // namespace leaven

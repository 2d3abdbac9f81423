// Fields of an op's plain struct, seen through pointers to members: one table from which help, recipes, errors, JSON
// Schema, docs and the law tests are printed. The default is written once, in the struct.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include "core/value.hpp"

namespace leaven {

inline constexpr double kUnset = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class FieldType : std::uint8_t { number, integer, boolean, choice, text, numbers };

/// What a person must know of a field. Write `{}` defaults on every member (g++ 12, -Wextra).
struct FieldDoc {
  std::string_view doc{};                           ///< one phrase, no full stop
  double lo{-kInfinity};                            ///< smallest legal value (of each entry, for lists)
  double hi{kInfinity};                             ///< largest legal value
  std::string_view unit{};                          ///< "px", "degrees", "fraction", "factor", "bits", "1" (a bare number), …
  double neutral{kUnset};                           ///< value that changes nothing
  double strong{kUnset};                            ///< value at full strength
  Law draw{};                                       ///< law used when a recipe leaves the field (and all others with a neutral) out; none: the struct's default
  std::span<const std::string_view> choices{};      ///< spellings, in the order of the enum's values
  std::size_t min_count{};                          ///< lists: fewest entries
  std::size_t max_count{};                          ///< lists: most entries
  bool resolved{};                                  ///< filled in by the op's resolve step when left out; see OpInfo
  bool file{};                                      ///< text: the path of a file, in a recipe beside the recipe
};

struct FieldInfo {
  std::string_view name{};
  FieldType type{};
  FieldDoc facts{};
  Value (*read)(const FieldInfo&, const void* op){};
  void (*write)(const FieldInfo&, void* op, const Value&){};

  Value get(const void* op) const { return read(*this, op); }
  /// Checks type, range, choice and count; throws Error(usage) that names field, range, unit and value.
  void set(void* op, const Value& value) const;
  /// Throws as set() does; changes nothing.
  void check(const Value& value) const;
};

/// Index of `text` among the choices; throws Error(usage) with the nearest spelling.
std::size_t choice_index(const FieldInfo& field, const std::string& text);

namespace detail {

template <class M>
struct MemberOf;
template <class Op, class T>
struct MemberOf<T Op::*> {
  using Owner = Op;
  using Type = T;
};

template <class T>
inline constexpr bool is_list = false;
template <class T, std::size_t N>
inline constexpr bool is_list<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t N>
inline constexpr bool is_array<std::array<T, N>> = true;

template <class T>
consteval FieldType type_of() {
  if constexpr (std::is_same_v<T, bool>) return FieldType::boolean;
  else if constexpr (std::is_enum_v<T>) return FieldType::choice;
  else if constexpr (std::is_integral_v<T>) return FieldType::integer;
  else if constexpr (std::is_floating_point_v<T>) return FieldType::number;
  else if constexpr (std::is_same_v<T, std::string>) return FieldType::text;
  else if constexpr (is_list<T>) return FieldType::numbers;
}

/// A float prints as the short decimal that a person wrote (0.1, not 0.10000000149).
double widen(float value);
inline double widen(double value) { return value; }

template <auto Member>
Value read_member(const FieldInfo& field, const void* op) {
  using Traits = MemberOf<decltype(Member)>;
  using T = typename Traits::Type;
  const T& value = static_cast<const typename Traits::Owner*>(op)->*Member;
  if constexpr (std::is_same_v<T, bool>) return value;
  else if constexpr (std::is_enum_v<T>) return std::string(field.facts.choices[static_cast<std::size_t>(value)]);
  else if constexpr (std::is_integral_v<T>) return static_cast<std::int64_t>(value);
  else if constexpr (std::is_floating_point_v<T>) return widen(value);
  else if constexpr (std::is_same_v<T, std::string>) return value;
  else {
    std::vector<double> list;
    for (const auto entry : value) list.push_back(widen(entry));
    return list;
  }
}

template <auto Member>
void write_member(const FieldInfo& field, void* op, const Value& value) {
  using Traits = MemberOf<decltype(Member)>;
  using T = typename Traits::Type;
  T& target = static_cast<typename Traits::Owner*>(op)->*Member;
  if constexpr (std::is_same_v<T, bool>) target = std::get<bool>(value);
  else if constexpr (std::is_enum_v<T>) target = static_cast<T>(choice_index(field, std::get<std::string>(value)));
  else if constexpr (std::is_integral_v<T> || std::is_floating_point_v<T>) target = static_cast<T>(as_number(value));
  else if constexpr (std::is_same_v<T, std::string>) target = std::get<std::string>(value);
  else {
    const auto& list = std::get<std::vector<double>>(value);
    if constexpr (!is_array<T>) target.resize(list.size());
    for (std::size_t i = 0; i < target.size() && i < list.size(); ++i)
      target[i] = static_cast<typename T::value_type>(list[i]);
  }
}

}  // namespace detail

/// `field<&Op::sigma>("sigma", {.doc = "Standard deviation", .lo = 0, .hi = 32, .unit = "px"})`
template <auto Member>
consteval FieldInfo field(std::string_view name, FieldDoc facts) {
  using T = typename detail::MemberOf<decltype(Member)>::Type;
  if constexpr (detail::is_array<T>) {
    facts.min_count = std::tuple_size_v<T>;
    facts.max_count = std::tuple_size_v<T>;
  }
  return {name, detail::type_of<T>(), facts, &detail::read_member<Member>, &detail::write_member<Member>};
}

}  // namespace leaven

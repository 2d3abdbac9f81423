#include "core/field.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/error.hpp"
#include "core/op.hpp"

namespace leaven {

namespace {

std::string with_unit(const FieldInfo& f) {
  const std::string_view unit = f.facts.unit;
  return unit.empty() || unit == "1" ? std::string() : " " + std::string(unit);
}

std::string range_text(const FieldInfo& f) {
  const auto& [lo, hi] = std::pair(f.facts.lo, f.facts.hi);
  if (std::isinf(lo) && std::isinf(hi)) return "a finite number";
  if (std::isinf(hi)) return "at least " + to_text(lo) + with_unit(f);
  if (std::isinf(lo)) return "at most " + to_text(hi) + with_unit(f);
  return "in [" + to_text(lo) + ", " + to_text(hi) + "]" + with_unit(f);
}

Error wrong(const FieldInfo& f, const std::string& rule, const Value& got) {
  Error error = usage_error(fmt::format("{} must be {}, got {}", f.name, rule, to_text(got)));
  error.with_field(f.name);
  return error;
}

void check_number(const FieldInfo& f, double x, const Value& value, const char* prefix = "") {
  if (!std::isfinite(x) || x < f.facts.lo || x > f.facts.hi) throw wrong(f, prefix + range_text(f), value);
}

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

void check_list(const FieldInfo& f, const Value& value) {
  const auto* list = std::get_if<std::vector<double>>(&value);
  const auto [least, most] = std::pair(f.facts.min_count, f.facts.max_count);
  const std::string count = least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
  if (!list || list->size() < least || list->size() > most) throw wrong(f, "a list of " + count + " numbers", value);
  for (const double x : *list) check_number(f, x, value, "a list of numbers ");
}

}  // namespace

double detail::widen(float value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  double wide = static_cast<double>(value);
  if (error == std::errc{}) std::from_chars(buffer, end, wide);
  return wide;
}

std::size_t choice_index(const FieldInfo& field, const std::string& text) {
  for (std::size_t i = 0; i < field.facts.choices.size(); ++i)
    if (field.facts.choices[i] == text) return i;
  Error error = wrong(field, "one of " + joined(field.facts.choices), text);
  error.with_hint(did_you_mean(text, field.facts.choices));
  throw error;
}

void FieldInfo::check(const Value& value) const {
  switch (type) {
    case FieldType::boolean:
      if (!std::holds_alternative<bool>(value)) throw wrong(*this, "true or false", value);
      return;
    case FieldType::choice:
    case FieldType::text: {
      const auto* text = std::get_if<std::string>(&value);
      if (!text) throw wrong(*this, type == FieldType::text ? "text" : "one of " + joined(facts.choices), value);
      if (type == FieldType::choice) choice_index(*this, *text);
      return;
    }
    case FieldType::integer: {
      const auto* whole = std::get_if<std::int64_t>(&value);
      const auto* real = std::get_if<double>(&value);
      if (!whole && !(real && std::nearbyint(*real) == *real)) throw wrong(*this, "a whole number " + range_text(*this), value);
      return check_number(*this, as_number(value), value);
    }
    case FieldType::number:
      if (!std::holds_alternative<double>(value) && !std::holds_alternative<std::int64_t>(value))
        throw wrong(*this, "a number " + range_text(*this), value);
      return check_number(*this, as_number(value), value);
    case FieldType::numbers: return check_list(*this, value);
  }
}

void FieldInfo::set(void* op, const Value& value) const {
  check(value);
  write(*this, op, value);
}

}  // namespace leaven

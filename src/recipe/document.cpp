#include "recipe/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/op.hpp"
#include "core/utf8.hpp"

namespace leaven::recipe {

namespace {

template <class T>
std::optional<T> parsed(std::string_view text) {
  T value{};
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string shown(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "nothing";
  if (node.IsScalar()) return node.Scalar().size() <= 60 ? node.Scalar() : node.Scalar().substr(0, 57) + "…";
  return node.IsSequence() ? "a list" : "a map";
}

}  // namespace

std::string Place::text() const {
  if (file.empty() && line == 0) return {};
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

Place place_of(const YAML::Node& node, const std::string& file) {
  const YAML::Mark mark = node.Mark();
  if (mark.is_null()) return {file, 0, 0};
  return {file, mark.line + 1, mark.column + 1};
}

Value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (const auto whole = parsed<std::int64_t>(text)) return *whole;
  // "nan" and "inf" are words here: from_chars would take them for numbers.
  const bool digits = std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (const auto number = parsed<double>(text); number && digits) return *number;
  return text;
}

MapReader::MapReader(YAML::Node map, std::string file, std::string what)
    : map_(std::move(map)), file_(std::move(file)), what_(std::move(what)) {
  if (!map_.IsMap() && !map_.IsNull())
    throw usage_error(what_ + " must be a map of fields, got " + shown(map_)).with_place(place_of(map_, file_).text());
  std::vector<std::string> seen;
  for (const auto& pair : map_) {
    const Place place = place_of(pair.first, file_);
    if (!pair.first.IsScalar()) throw usage_error(what_ + ": a key must be a word, got " + shown(pair.first)).with_place(place.text());
    if (std::find(seen.begin(), seen.end(), pair.first.Scalar()) != seen.end())
      throw usage_error(what_ + ": " + pair.first.Scalar() + " is given twice").with_place(place.text()).with_field(pair.first.Scalar());
    seen.push_back(pair.first.Scalar());
  }
}

Error MapReader::wrong(const YAML::Node& at, std::string_view key, const std::string& rule) const {
  Error error = usage_error(fmt::format("{}: {} must be {}, got {}", what_, key, rule, shown(at)));
  error.with_place(place_of(at, file_).text()).with_field(key);
  return error;
}

YAML::Node MapReader::find(std::string_view key) {
  know(key);
  for (const auto& pair : map_)
    if (pair.first.Scalar() == key) return pair.second;
  return YAML::Node(YAML::NodeType::Undefined);
}

std::optional<std::string> MapReader::text(std::string_view key) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar()) throw wrong(node, key, "text");
  return node.Scalar();
}

std::optional<bool> MapReader::truth(std::string_view key) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  if (node.IsScalar()) {
    const Value value = scalar(node);
    if (const bool* flag = std::get_if<bool>(&value)) return *flag;
  }
  throw wrong(node, key, "true or false");
}

std::optional<double> MapReader::number(std::string_view key, double lo, double hi, bool percent) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  const std::string rule = fmt::format("a number in [{}, {}]{}", lo, hi, percent ? " (or a percentage)" : "");
  if (!node.IsScalar()) throw wrong(node, key, rule);
  std::optional<double> value;
  const std::string& text = node.Scalar();
  if (percent && !text.empty() && text.back() == '%') {
    if (const auto share = parsed<double>(std::string_view(text).substr(0, text.size() - 1))) value = *share / 100;
  } else if (const Value v = scalar(node); !std::holds_alternative<std::string>(v) && !std::holds_alternative<bool>(v)) {
    value = as_number(v);
  }
  if (!value || !std::isfinite(*value) || *value < lo || *value > hi) throw wrong(node, key, rule);
  return value;
}

std::optional<std::int64_t> MapReader::whole(std::string_view key, std::int64_t lo, std::int64_t hi) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  if (node.IsScalar()) {
    const Value value = scalar(node);
    if (const auto* v = std::get_if<std::int64_t>(&value); v && *v >= lo && *v <= hi) return *v;
  }
  throw wrong(node, key, hi == INT64_MAX ? fmt::format("a whole number, at least {}", lo) : fmt::format("a whole number in [{}, {}]", lo, hi));
}

std::optional<std::size_t> MapReader::choice(std::string_view key, std::initializer_list<std::string_view> choices) {
  const YAML::Node node = find(key);
  if (!node.IsDefined()) return std::nullopt;
  const std::span<const std::string_view> names(choices.begin(), choices.size());
  if (node.IsScalar())
    for (std::size_t i = 0; i < names.size(); ++i)
      if (node.Scalar() == names[i]) return i;
  Error error = wrong(node, key, fmt::format("one of {}", fmt::join(names, ", ")));
  if (node.IsScalar()) error.with_hint(did_you_mean(node.Scalar(), names));
  throw error;
}

std::vector<std::string> MapReader::texts(std::string_view key) {
  const YAML::Node node = find(key);
  std::vector<std::string> list;
  if (!node.IsDefined()) return list;
  if (node.IsScalar()) return {node.Scalar()};
  if (!node.IsSequence()) throw wrong(node, key, "a word or a list of words");
  for (const auto& entry : node) {
    if (!entry.IsScalar()) throw wrong(entry, key, "a list of words");
    list.push_back(entry.Scalar());
  }
  return list;
}

void MapReader::finish() {
  for (const auto& pair : map_) {
    const std::string& key = pair.first.Scalar();
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    Error error = usage_error(fmt::format("{}: unknown field {}", what_, key));
    std::string hint;
    for (const auto& [name, inside] : elsewhere_)
      if (name == key) hint = fmt::format("it stands in {}: {{{}: …}}", inside, key);
    if (hint.empty()) hint = did_you_mean(key, known_);
    if (hint.empty()) hint = fmt::format("known: {}", fmt::join(known_, ", "));
    error.with_place(place_of(pair.first, file_).text()).with_field(key).with_hint(hint);
    throw error;
  }
}

namespace {

// yaml-cpp takes bytes that are no text for the end of the stream, or for documents without end.
void require_text(std::string_view text, const std::string& file) {
  Place place{file, 1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_length(text.substr(at));
    const char c = text[at];
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    if (size == 0 || control || c == 0x7F) throw usage_error("a recipe must be text in UTF-8").with_place(place.text());
    place.column = c == '\n' ? 1 : place.column + 1;
    place.line += c == '\n';
    at += size;
  }
}

// A second document would be ignored in silence.
void require_one_document(std::string_view text, const std::string& file) {
  bool content = false;
  int line = 0;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view row = text.substr(begin, end - begin);
    const std::size_t first = row.find_first_not_of(" \t\r");
    if (content && row.starts_with("---"))
      throw usage_error("the file holds more than one YAML document").with_place(Place{file, line + 1, 1}.text());
    content |= first != std::string_view::npos && row[first] != '#' && !row.starts_with("%");
    begin = end + 1;
  }
}

}  // namespace

YAML::Node parse_document(std::string_view text, const std::string& file) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  require_text(text, file);
  require_one_document(text, file);
  try {
    YAML::Node document = YAML::Load(std::string(text));
    if (document.IsNull()) throw usage_error("the recipe is empty").with_place(file);
    return document;
  } catch (const YAML::Exception& e) {
    const Place place = e.mark.is_null() ? Place{file, 0, 0} : Place{file, e.mark.line + 1, e.mark.column + 1};
    throw usage_error("not valid YAML: " + e.msg).with_place(place.text());
  }
}

}  // namespace leaven::recipe

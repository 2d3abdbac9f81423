#include "io/packed_labels.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <set>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/npy.hpp"

namespace leaven::io {

namespace {

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

/// Of valid UTF-8.
std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    points += point;
    i += length;
  }
  return points;
}

}  // namespace

std::vector<std::string> PackedLabels::parts_of(std::string_view label) {
  std::vector<std::string> parts;
  while (!label.empty()) {
    const std::size_t end = std::min(label.find(';'), label.size());
    if (end > 0) parts.emplace_back(label.substr(0, end));
    label.remove_prefix(std::min(end + 1, label.size()));
  }
  return parts;
}

PackedLabels::PackedLabels(std::vector<std::string> labels, LabelKind kind, bool soft)
    : kind_(kind), soft_(soft && (kind == LabelKind::category || kind == LabelKind::categories)) {
  if (kind == LabelKind::categories) {
    std::set<std::string> names;
    for (const std::string& label : labels)
      for (std::string& part : parts_of(label)) names.insert(std::move(part));
    classes_.assign(names.begin(), names.end());
  } else if (kind == LabelKind::category) {
    // Arrays say "no label" by -1, and readers take it so where there is a 0 as well.
    const bool some_have_none = std::erase(labels, "") > 0;
    const auto has = [&](const char* label) { return std::ranges::find(labels, label) != labels.end(); };
    numbers_ = !soft_ && std::ranges::all_of(labels, is_whole) && !(has("-1") && (has("0") || some_have_none));
    if (!numbers_) classes_ = std::move(labels);
  }
}

std::int64_t PackedLabels::number_of(const OutputItem& item) const {
  if (item.label.empty()) return -1;
  if (numbers_ && is_whole(item.label)) return std::stoll(item.label);
  const auto found = std::ranges::find(classes_, item.label);
  if (found == classes_.end()) throw bug("an item's label is none of the dataset's: " + item.label);
  return found - classes_.begin();
}

double PackedLabels::value_of(const OutputItem& item) {
  std::string_view text = item.label;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = NAN;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::pair<std::string, double>> PackedLabels::weights_of(const OutputItem& item) const {
  if (!item.weights.empty()) return item.weights;
  std::vector<std::pair<std::string, double>> weights;
  if (kind_ == LabelKind::category && !item.label.empty()) weights.emplace_back(item.label, 1);
  if (kind_ == LabelKind::categories)
    for (std::string& part : parts_of(item.label)) weights.emplace_back(std::move(part), 1);
  return weights;
}

std::uint64_t PackedLabels::bytes_each() const {
  if (soft_) return classes_.size() * sizeof(float);
  switch (kind_) {
    case LabelKind::none: return 0;
    case LabelKind::categories: return classes_.size();
    case LabelKind::category:
    case LabelKind::number: return 8;
  }
  return 0;
}

std::string PackedLabels::bytes_of(const OutputItem& item) const {
  if (soft_) {
    std::vector<float> shares(classes_.size());
    for (const auto& [name, weight] : weights_of(item)) {
      const auto found = std::ranges::find(classes_, name);
      if (found == classes_.end()) throw bug("an item's label is none of the dataset's: " + name);
      shares[static_cast<std::size_t>(found - classes_.begin())] = static_cast<float>(weight);
    }
    return {reinterpret_cast<const char*>(shares.data()), shares.size() * sizeof(float)};
  }
  switch (kind_) {
    case LabelKind::none: return {};
    case LabelKind::category: return raw(number_of(item));
    case LabelKind::number: return raw(value_of(item));
    case LabelKind::categories: break;
  }
  std::string row(classes_.size(), '\0');
  for (const std::string& part : parts_of(item.label)) {
    const auto found = std::ranges::lower_bound(classes_, part);
    if (found == classes_.end() || *found != part) throw bug("an item's label is none of the dataset's: " + part);
    row[static_cast<std::size_t>(found - classes_.begin())] = 1;
  }
  return row;
}

std::string PackedLabels::npy_head(std::uint64_t rows) const {
  if (soft_) return npy_header("<f4", rows, {classes_.size()});
  if (kind_ == LabelKind::categories) return npy_header("|u1", rows, {classes_.size()});
  return npy_header(kind_ == LabelKind::number ? "<f8" : "<i8", rows, {});
}

std::string PackedLabels::classes_npy() const { return text_npy(classes_); }

std::string text_npy(const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  std::vector<std::u32string> names;
  for (const std::string& text : texts) {
    names.push_back(code_points(text));
    longest = std::max(longest, names.back().size());
  }
  std::string bytes = npy_header("<U" + std::to_string(longest), names.size(), {});
  for (std::u32string& name : names) {
    name.resize(longest);
    bytes.append(reinterpret_cast<const char*>(name.data()), longest * sizeof(char32_t));
  }
  return bytes;
}

}  // namespace leaven::io

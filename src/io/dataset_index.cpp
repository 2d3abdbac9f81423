// What all formats share about an index: names of splits, labels, order, limits, descriptions.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/error.hpp"
#include "io/dataset_formats.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace {

constexpr std::array<std::pair<std::string_view, Split>, 8> kSplitNames{{{"train", Split::train},
                                                                         {"training", Split::train},
                                                                         {"val", Split::val},
                                                                         {"valid", Split::val},
                                                                         {"validation", Split::val},
                                                                         {"test", Split::test},
                                                                         {"testing", Split::test},
                                                                         {"eval", Split::test}}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Labels in an order that does not depend on which sample was seen first: as the dataset numbers its classes; by value where
/// all are whole numbers, so that the digits 0 … 9 (and 10, 11, …) number themselves; else bytewise.
void sort_labels(DatasetIndex& index) {
  const bool by_value = std::ranges::all_of(index.labels, [](const std::string& label) { return label.empty() || is_whole(label); });
  std::map<std::string_view, std::size_t> numbers;
  for (const std::string& name : index.class_names) numbers.emplace(name, numbers.size());
  const auto key = [&](std::uint32_t i) {
    const auto number = numbers.find(index.labels[i]);
    return std::tuple(number == numbers.end() ? numbers.size() : number->second, by_value && !index.labels[i].empty() ? std::stoll(index.labels[i]) : INT64_MIN, std::string_view(index.labels[i]));
  };
  std::vector<std::uint32_t> order(index.labels.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, key);
  std::vector<std::uint32_t> rank(order.size());
  std::vector<std::string> sorted(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = i;
    sorted[i] = std::move(index.labels[order[i]]);
  }
  index.labels = std::move(sorted);
  for (Entry& entry : index.entries) entry.label = rank[entry.label];
}

/// Keeps the first ids of each group, in rounds of one a group, until `limit` are kept.
void apply_limit(DatasetIndex& index, std::uint64_t limit) {
  if (limit == 0 || index.entries.size() <= limit) return;
  // A regression target or a set of labels is no class to be fair to.
  const bool by_label = index.label_kind == LabelKind::category;
  const auto group_of = [&](const Entry& e) { return std::pair(e.split, by_label ? e.label : 0U); };
  std::map<std::pair<Split, std::uint32_t>, std::uint64_t> size, quota;
  for (const Entry& entry : index.entries) ++size[group_of(entry)];
  std::uint64_t left = limit;
  while (left > 0) {
    for (const auto& [group, members] : size) {
      if (left == 0) break;
      if (quota[group] < members) {
        ++quota[group];
        --left;
      }
    }
  }
  std::erase_if(index.entries, [&](const Entry& entry) {
    std::uint64_t& room = quota[group_of(entry)];
    if (room == 0) return true;
    --room;
    return false;
  });
}

}  // namespace

std::string_view name_of(Split split) {
  switch (split) {
    case Split::none: return "";
    case Split::train: return "train";
    case Split::val: return "val";
    case Split::test: return "test";
  }
  return "";
}

std::optional<Split> split_from(std::string_view folder_name) {
  const std::string name = lower_case(folder_name);
  const auto* found = std::ranges::find(kSplitNames, name, &std::pair<std::string_view, Split>::first);
  if (found == kSplitNames.end()) return std::nullopt;
  return found->second;
}

Split split_in_name(std::string_view file_name) {
  if (lower_case(file_name).starts_with("t10k")) return Split::test;
  for (std::size_t start = 0; start < file_name.size();) {
    std::size_t end = start;
    while (end < file_name.size() && is_letter(file_name[end])) ++end;
    if (const auto split = split_from(file_name.substr(start, end - start))) return *split;
    start = end + 1;
  }
  return Split::none;
}

std::uint32_t LabelTable::number_of(std::string_view text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(text, number);
  return number;
}

void finish_index(DatasetIndex& index, const OpenOptions& options) {
  std::ranges::sort(index.entries, {}, [](const Entry& e) { return std::tie(e.id, e.container, e.offset); });
  // Containers made by others may name two samples alike.
  const auto repeated = std::unique(index.entries.begin(), index.entries.end(),
                                    [](const Entry& a, const Entry& b) { return a.id == b.id; });
  if (const auto n = static_cast<std::uint64_t>(index.entries.end() - repeated); n > 0)
    index.strays["samples with a name that is taken"] += n;
  index.entries.erase(repeated, index.entries.end());
  sort_labels(index);
  std::ranges::sort(index.broken, {}, [](const NotASample& b) { return std::tie(b.path, b.reason); });
  apply_limit(index, options.limit);
  index.entries.shrink_to_fit();
}

bool is_natural(std::string_view text) {
  return !text.empty() && text.size() < 19 && (text.size() == 1 || text[0] != '0') &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_whole(std::string_view text) {
  return is_natural(text) || (text.starts_with('-') && text != "-0" && is_natural(text.substr(1)));
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  std::string digits = std::to_string(n);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits + " " + std::string(n == 1 ? one : many);
}

std::string describe_splits(const DatasetIndex& index) {
  std::string text = "already split:";
  const char* comma = " ";
  for (const Split split : {Split::train, Split::val, Split::test}) {
    const auto n = std::ranges::count(index.entries, split, &Entry::split);
    if (n == 0) continue;
    std::string number = counted(static_cast<std::uint64_t>(n), "", "");
    number.pop_back();
    text += comma + std::string(name_of(split)) + " " + number;
    comma = ", ";
  }
  return text;
}

std::string numbered_id(std::string_view container, std::uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return std::string(container) + "#" + digits;
}

SourceImage image_file(Bytes bytes) {
  if (bytes.empty()) throw data_error("empty file");
  return {std::move(bytes), {}};
}

Annotations DatasetReader::annotations(const Entry&, Size) const { return {}; }

std::string DatasetReader::row_of(const Entry&) const { return {}; }
std::vector<std::pair<std::string, Bytes>> DatasetReader::members_of(const Entry&) const { return {}; }

}  // namespace leaven::io

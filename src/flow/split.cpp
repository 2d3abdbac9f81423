#include "flow/split.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <string>
#include <tuple>

#include "core/error.hpp"
#include "core/key.hpp"
#include "core/value.hpp"
#include "flow/generated.hpp"

namespace leaven::flow {

namespace {

using Entries = std::vector<std::uint32_t>;

Key split_key(std::uint64_t seed, std::string_view id, std::string_view purpose) {
  return KeyMaker({.seed = seed, .epoch = 0, .sample = id, .copy = 0, .partner_slot = 0, .attempt = 0})
      .key("split", purpose);
}

void by_hash(const io::DatasetIndex& index, const recipe::Recipe& recipe, const Entries& open,
             std::vector<io::Split>& splits) {
  for (const std::uint32_t e : open) {
    const double u = draw_unit(split_key(recipe.seed, index.entries[e].id, "hash"));
    splits[e] = u < recipe.split.test                      ? io::Split::test
                : u < recipe.split.test + recipe.split.val ? io::Split::val
                                                           : io::Split::train;
  }
}

struct Stratum {
  std::string label{};
  Entries entries{};
  std::size_t left{};  ///< not given away yet; the last one stays in train
};

/// Seats for one split: round(share · all) in all, floor(share · n) + 0 or 1 a stratum, by largest remainder (Hamilton's
/// method); ties in an order that the seed decides.
std::vector<std::size_t> seats(std::vector<Stratum>& strata, double share, std::uint64_t seed) {
  std::vector<std::size_t> given(strata.size());
  std::vector<std::tuple<double, std::uint64_t, std::size_t>> remainders;  // most first: negated
  std::size_t all = 0, sum = 0;
  const auto give = [&](std::size_t s, std::size_t wanted) {
    const std::size_t some = std::min(wanted, strata[s].left > 0 ? strata[s].left - 1 : 0);
    given[s] += some, strata[s].left -= some, sum += some;
    return some > 0;
  };
  for (std::size_t s = 0; s < strata.size(); ++s) {
    const double exact = share * static_cast<double>(strata[s].entries.size());
    const double whole = std::floor(exact);
    all += strata[s].entries.size();
    give(s, static_cast<std::size_t>(whole));
    remainders.emplace_back(whole - exact, shuffled_rank(seed, strata[s].label, "stratum"), s);
  }
  std::ranges::sort(remainders);
  const auto wanted = static_cast<std::size_t>(std::nearbyint(share * static_cast<double>(all)));
  for (const auto& [minus_remainder, rank, s] : remainders)
    if (sum < wanted && minus_remainder < 0) give(s, 1);
  return given;
}

void stratified(const io::DatasetIndex& index, const recipe::Recipe& recipe, const Entries& open,
                std::vector<io::Split>& splits) {
  // Numbers are all different and several labels a sample have too many combinations to be shared out each by itself.
  const bool by_label = index.label_kind == io::LabelKind::category;
  std::map<std::uint32_t, Stratum> by;
  for (const std::uint32_t e : open) by[by_label ? index.entries[e].label : 0].entries.push_back(e);
  std::vector<Stratum> strata;
  for (auto& [label, stratum] : by) {
    stratum.label = by_label ? index.labels[label] : "";
    stratum.left = stratum.entries.size();
    shuffle(stratum.entries, index, recipe.seed, "stratified");
    strata.push_back(std::move(stratum));
  }
  const std::vector<std::size_t> test = seats(strata, recipe.split.test, recipe.seed);
  const std::vector<std::size_t> val = seats(strata, recipe.split.val, recipe.seed);
  for (std::size_t s = 0; s < strata.size(); ++s)
    for (std::size_t i = 0; i < strata[s].entries.size(); ++i)
      splits[strata[s].entries[i]] = i < test[s]            ? io::Split::test
                                     : i < test[s] + val[s] ? io::Split::val
                                                            : io::Split::train;
}

void by_group(const io::DatasetIndex& index, const recipe::Recipe& recipe, const Entries& open,
              std::vector<io::Split>& splits) {
  const std::regex expression(recipe.split.group);
  std::map<std::string, Entries> groups;
  bool matched = false;
  for (const std::uint32_t e : open) {
    std::smatch match;
    const bool found = std::regex_search(index.entries[e].id, match, expression) && match.size() > 1 && match[1].matched;
    matched |= found;
    // '\0' keeps an id apart from a group of the same text.
    groups[found ? match[1].str() : '\0' + index.entries[e].id].push_back(e);
  }
  if (!matched && !open.empty())
    throw usage_error("split: group must match ids, \"" + recipe.split.group + "\" matches none, e.g. not " +
                      index.entries[open.front()].id);
  std::vector<std::pair<std::uint64_t, const Entries*>> order;
  for (const auto& [name, entries] : groups) order.emplace_back(shuffled_rank(recipe.seed, name, "group"), &entries);
  std::ranges::stable_sort(order, {}, [](const auto& group) { return group.first; });
  const double all = static_cast<double>(open.size());
  double test = 0, val = 0;
  for (const auto& [rank, entries] : order) {
    const auto size = static_cast<double>(entries->size());
    // A group goes in when that brings the split nearer to its share than leaving it out.
    const auto fits = [&](double have, double share) { return have + size / 2 <= share * all; };
    io::Split split = io::Split::train;
    if (fits(test, recipe.split.test)) split = io::Split::test, test += size;
    else if (fits(val, recipe.split.val)) split = io::Split::val, val += size;
    for (const std::uint32_t e : *entries) splits[e] = split;
  }
}

}  // namespace

std::uint64_t shuffled_rank(std::uint64_t seed, std::string_view id, std::string_view purpose) {
  return split_key(seed, id, purpose).low;
}

void shuffle(std::vector<std::uint32_t>& entries, const io::DatasetIndex& index, std::uint64_t seed,
             std::string_view purpose) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
  ranked.reserve(entries.size());
  for (const std::uint32_t e : entries) ranked.emplace_back(shuffled_rank(seed, index.entries[e].id, purpose), e);
  std::ranges::sort(ranked);
  std::ranges::transform(ranked, entries.begin(), [](const auto& pair) { return pair.second; });
}

std::vector<io::Split> assign_splits(const io::DatasetIndex& index, const recipe::Recipe& recipe,
                                     const std::vector<bool>& aside) {
  std::vector<io::Split> splits(index.entries.size(), io::Split::none);
  Entries open;
  for (std::uint32_t e = 0; e < splits.size(); ++e) {
    splits[e] = index.entries[e].split;
    if (recipe.has_split && is_generated(index.entries[e])) splits[e] = io::Split::train;
    if (splits[e] == io::Split::none && !aside[e]) open.push_back(e);
  }
  if (!recipe.has_split) return splits;
  using Method = recipe::SplitStage::Method;
  switch (recipe.split.method) {
    case Method::hash: by_hash(index, recipe, open, splits); break;
    case Method::stratified: stratified(index, recipe, open, splits); break;
    case Method::group: by_group(index, recipe, open, splits); break;
  }
  return splits;
}

}  // namespace leaven::flow

#include "learn/division.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "learn/ancestry.hpp"

namespace leaven::learn {

namespace {

/// What the lineage says goes into the options; notes say what became of it.
void tell_kin(const Ancestry& ancestry, std::string_view many, Division& division) {
  if (ancestry.kin.empty()) return;
  PartitionOptions& options = division.options;
  options.kin = ancestry.kin;
  options.aside.resize(ancestry.mixed.size(), false);
  for (std::size_t e = 0; e < ancestry.mixed.size(); ++e) options.aside[e] = options.aside[e] || ancestry.mixed[e];
  if (ancestry.copies > 0) division.notes.push_back(fmt::format("{} {} are copies that Leaven made: each is on its source's side of every split", ancestry.copies, many));
  if (ancestry.mixes > 0) division.notes.push_back(fmt::format("{} {} were left out: Leaven made each of several others, or drew it from a model of all, so it is on no side of a split", ancestry.mixes, many));
}

/// Both: items that either keeps together.
std::vector<std::uint32_t> joined(const std::vector<std::uint32_t>& kin, std::vector<std::uint32_t> groups) {
  if (kin.empty()) return groups;
  for (bool changed = true; changed;) {  // a round for each link of the longest chain
    changed = false;
    for (const std::vector<std::uint32_t>& names : {kin, groups}) {
      std::map<std::uint32_t, std::uint32_t> least;
      for (std::size_t e = 0; e < groups.size(); ++e) {
        const auto [at, first] = least.try_emplace(names[e], groups[e]);
        at->second = std::min(at->second, groups[e]);
      }
      for (std::size_t e = 0; e < groups.size(); ++e) changed |= std::exchange(groups[e], least.at(names[e])) != groups[e];
    }
  }
  return groups;
}

/// Test items' groups, without those of single items.
std::set<std::uint32_t> tested_groups(const Partition& partition, const std::vector<std::uint32_t>& groups) {
  std::set<std::uint32_t> found;
  for (const std::uint32_t e : partition.test) found.insert(groups[e]);
  return found;
}

std::size_t crossing(const Partition& partition, const std::vector<std::uint32_t>& groups) {
  const std::set<std::uint32_t> tested = tested_groups(partition, groups);
  std::set<std::uint32_t> found;
  for (const Fold& fold : partition.folds)
    for (const Entries* entries : {&fold.train, &fold.validation})
      for (const std::uint32_t e : *entries)
        if (tested.contains(groups[e])) found.insert(e);
  return found.size();
}

void part_look_alikes(const Material& material, Division& division) {
  const std::vector<std::uint32_t> groups = material.look_alike_groups(division.partition.used());
  const std::size_t near = groups.empty() ? 0 : crossing(division.partition, groups);
  if (near == 0) return;
  PartitionOptions& options = division.options;
  const std::string_view many = material.many();
  if (!options.per_class && options.group.empty()) {
    options.kin = joined(options.kin, groups);
    division.partition = divide(material.index(), options);
    division.notes.push_back(fmt::format("{} that look almost alike are on one side of every split", many));
    return;
  }
  const std::set<std::uint32_t> tested = tested_groups(division.partition, groups);
  for (Fold& fold : division.partition.folds)
    for (Entries* entries : {&fold.train, &fold.validation}) std::erase_if(*entries, [&](std::uint32_t e) { return tested.contains(groups[e]); });
  division.notes.push_back(fmt::format("{} training {} look almost like a test one and were left out", near, many));
}

}  // namespace

Division divide_apart(Material& material, const std::filesystem::path& data, PartitionOptions options) {
  Division division{.options = std::move(options), .partition = {}, .look_alikes = {}, .notes = {}};
  const Ancestry ancestry = ancestry_of(material.index(), data, material.domain());
  tell_kin(ancestry, material.many(), division);
  division.partition = divide(material.index(), division.options);
  if (ancestry.unknown && division.partition.drawn)
    throw usage_error(fmt::format("{}: Leaven made copies in it, and which {} are copies of one source cannot be told", data.string(), material.many()))
        .with_hint("what it was made of can be proved on; leaven.job.json names it as source");
  material.take(division.partition.used());
  if (division.partition.drawn) part_look_alikes(material, division);
  division.notes.insert(division.notes.begin(), division.partition.notes.begin(), division.partition.notes.end());
  return division;
}

void leave_out_seen(const Material& material, Division& division) {
  Partition& partition = division.partition;
  Entries gone;
  for (const std::uint32_t e : partition.used())
    if (!material.has(e)) gone.push_back(e);
  partition.remove(gone);
  std::size_t told = 0;
  for (const auto& [id, reason] : material.broken())
    if (told++ < 3) division.notes.push_back("set aside: " + std::string(reason));
  const std::string_view many = material.many();
  if (material.broken().size() > 3) division.notes.push_back(fmt::format("set aside: {} more broken {}", material.broken().size() - 3, many));
  LookAlikes& found = division.look_alikes = material.look_alikes(partition);
  for (Fold& fold : partition.folds)
    for (Entries* entries : {&fold.train, &fold.validation})
      std::erase_if(*entries, [&](std::uint32_t e) { return std::ranges::binary_search(found.equal, e); });
  if (!found.equal.empty()) division.notes.push_back(fmt::format("{} training {} are equal to test {} and were left out", found.equal.size(), many, many));
  if (!found.note.empty()) division.notes.push_back(found.note);
  if (partition.test.empty() || partition.folds.front().train.empty()) throw data_error(fmt::format("no {} that can be read is left to train or to test with", material.one()));
}

}  // namespace leaven::learn

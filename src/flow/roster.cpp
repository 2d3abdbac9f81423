#include "flow/roster.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "flow/generated.hpp"
#include "flow/sink.hpp"
#include "flow/split.hpp"

namespace leaven::flow {

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string to_json_line(const SetAside& line) {
  Json json{{"id", line.id}};
  if (!line.source.empty()) json["source"] = line.source;
  json["kind"] = line.kind;
  json["reason"] = line.reason;
  // Ids are paths, and a path on Linux need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SetAside set_aside_from_json(std::string_view line) {
  try {
    const Json json = Json::parse(line);
    return {json.at("id").get<std::string>(), json.at("reason").get<std::string>(), json.at("kind").get<std::string>(),
            json.value("source", std::string())};
  } catch (const Json::exception& e) {
    throw data_error(std::string("malformed line of set-aside samples: ") + e.what());
  }
}

Roster::Roster(const io::DatasetIndex& index, const recipe::Recipe& recipe, const std::vector<bool>& aside)
    : index_(index), names_(index, output_layout(recipe.sink.layout)) {
  const std::vector<io::Split> splits = assign_splits(index, recipe, aside);
  for (std::uint32_t e = 0; e < index.entries.size(); ++e) {
    if (aside[e]) continue;
    RosterSource source{.entry = e, .copies = 0, .split = splits[e], .original = true};
    source.generated = is_generated(index.entries[e]);
    source.original = !source.grows() || recipe.augment.originals != recipe::Originals::none;
    sources_.push_back(source);
  }
  sources_.shrink_to_fit();
  decide_copies(recipe);
  for (const RosterSource& source : sources_) outputs_ += source.copies + (source.original ? 1U : 0U);
}

void Roster::decide_copies(const recipe::Recipe& recipe) {
  const recipe::Augment& a = recipe.augment;
  if (a.per_class && index_.label_kind != io::LabelKind::category)
    throw usage_error("per_class needs one class a sample, and this dataset has " +
                      std::string(index_.label_kind == io::LabelKind::none         ? "no labels"
                                  : index_.label_kind == io::LabelKind::categories ? "several labels a sample"
                                                                                   : "numbers as labels"))
        .with_hint("times and total work with any dataset");
  std::map<std::uint32_t, std::vector<std::uint32_t>> groups;  // by label for per_class, else one
  std::map<std::uint32_t, std::uint64_t> generated;
  for (std::uint32_t s = 0; s < sources_.size(); ++s) {
    const std::uint32_t group = a.per_class ? index_.entries[sources_[s].entry].label : 0;
    if (sources_[s].grows()) groups[group].push_back(s);
    if (sources_[s].generated) ++generated[group];
  }
  const std::uint64_t wanted = a.per_class ? *a.per_class : a.total.value_or(0);
  if (groups.empty() && wanted > 0 && !sources_.empty())
    throw usage_error(std::string(a.per_class ? "per_class" : "total") +
                      " needs samples to copy from, and none of this dataset is for training");
  for (const auto& [label, sources] : groups) {
    if (a.per_class || a.total)
      share_out(wanted, generated[label], sources, recipe);
    else
      for (const std::uint32_t s : sources) sources_[s].copies = a.times.value_or(1);
  }
}

void Roster::share_out(std::uint64_t wanted, std::uint64_t generated, std::span<const std::uint32_t> sources, const recipe::Recipe& recipe) {
  const std::uint64_t kept = generated + (recipe.augment.originals == recipe::Originals::none ? 0 : sources.size());
  if (wanted < kept && recipe.augment.total)
    throw usage_error("a total of " + std::to_string(wanted) + " is less than the " + std::to_string(kept) +
                      " originals that stay")
        .with_hint("limit reads fewer samples, originals: none leaves them out");
  larger_classes_ += wanted < kept ? 1U : 0U;
  if (wanted <= kept) return;
  const std::uint64_t copies = wanted - kept, each = copies / sources.size(), over = copies % sources.size();
  if (each >= std::numeric_limits<std::uint32_t>::max())
    throw usage_error("copies of one sample must be below 2^32, got " + std::to_string(each));
  std::vector<std::uint32_t> entries;
  entries.reserve(sources.size());
  for (const std::uint32_t s : sources) {
    sources_[s].copies = static_cast<std::uint32_t>(each);
    entries.push_back(sources_[s].entry);
  }
  shuffle(entries, index_, recipe.seed, "left over");
  entries.resize(over);
  for (const std::uint32_t e : entries) ++std::ranges::lower_bound(sources_, e, {}, &RosterSource::entry)->copies;
}

std::string Roster::output_id(std::size_t s, std::uint32_t copy, std::string_view extension) const {
  const RosterSource& source = sources_.at(s);
  return copy == 0 ? names_.original(source.entry, source.split)
                   : names_.copy(source.entry, source.split, copy, extension);
}

}  // namespace leaven::flow

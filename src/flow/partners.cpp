#include "flow/partners.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "io/file.hpp"
#include "io/packed_labels.hpp"
#include "plan/mixed_labels.hpp"
#include "recipe/mixing.hpp"

namespace leaven::flow {

namespace {

constexpr std::uint64_t kMostTries = 20;
constexpr double kSteps = 1e6;  // weights are rounded to their sixth digit, for people and for equal texts

bool has_classes(io::LabelKind kind) { return kind == io::LabelKind::category || kind == io::LabelKind::categories; }

void require_classes(const recipe::Recipe& recipe, io::LabelKind kind) {
  for (const recipe::Step* step : recipe::mixing_steps(recipe)) {
    const Setting* setting = step->find(step->op->at("partners"));
    const Value rule = setting && !setting->is_drawn() ? setting->fixed : OpValue(*step->op).get("partners");
    if (to_text(rule) == "any" || has_classes(kind)) continue;
    throw usage_error("partners: " + to_text(rule) + " needs samples with classes, and this dataset has " +
                      (kind == io::LabelKind::none ? "no labels" : "numbers as labels"))
        .with_op(step->op->name)
        .with_place(step->place.text())
        .with_hint("partners: any works with any dataset");
  }
}

std::vector<std::uint32_t> grown(const Roster& roster) {
  std::vector<std::uint32_t> entries;
  for (const RosterSource& source : roster.sources())
    if (source.grows()) entries.push_back(source.entry);
  return entries;
}

double rounded(double weight) { return std::nearbyint(weight * kSteps) / kSteps; }

/// Rounded so that the sum stays 1: the largest takes what is over.
void round_shares(std::map<std::string, double>& weights) {
  double sum = 0;
  for (auto& [label, weight] : weights) sum += std::nearbyint(weight * kSteps);
  if (weights.empty()) return;
  const auto largest = std::ranges::max_element(weights, {}, [](const auto& w) { return w.second; });
  for (auto& [label, weight] : weights) weight = rounded(weight);
  largest->second = (std::nearbyint(largest->second * kSteps) + kSteps - sum) / kSteps;
}

double number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = NAN;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Label and share of each picture that has a label.
std::vector<std::pair<std::string, double>> labelled_shares(const plan::DrawnProgram& drawn, const RasterShape& source, const std::string& own) {
  const std::vector<double> shares = plan::picture_shares(drawn, source);
  std::vector<std::pair<std::string, double>> all{{own, shares[0]}};
  for (const auto& step : drawn.mixed_in)
    for (const plan::MixedIn& in : step) all.emplace_back(in.partner.label, shares[all.size()]);
  std::erase_if(all, [](const auto& one) { return one.first.empty() || one.second <= 0; });
  return all;
}

}  // namespace

PartnerPool::PartnerPool(const io::DatasetIndex& index, const Roster& roster, const recipe::Recipe& recipe)
    : PartnerPool(index, grown(roster), recipe) {}

PartnerPool::PartnerPool(const io::DatasetIndex& index, std::vector<std::uint32_t> entries, const recipe::Recipe& recipe)
    : index_(index) {
  if (recipe::mixing_steps(recipe).empty()) return;
  require_classes(recipe, index.label_kind);
  entries_ = std::move(entries);
  std::ranges::sort(entries_, {}, [&](std::uint32_t e) { return std::pair(index_.entries[e].label, e); });
}

PartnerPool::Range PartnerPool::of_class(std::uint32_t entry) const {
  const auto label = [&](std::uint32_t e) { return index_.entries[e].label; };
  const auto first = std::ranges::lower_bound(entries_, label(entry), {}, label);
  const auto last = std::ranges::upper_bound(entries_, label(entry), {}, label);
  return {static_cast<std::size_t>(first - entries_.begin()), static_cast<std::size_t>(last - entries_.begin())};
}

std::uint32_t PartnerPool::choose(std::uint32_t entry, std::string_view rule, Key key, std::uint64_t attempt) const {
  const Range own = of_class(entry);
  if (const std::size_t others = entries_.size() - (own.end - own.begin); rule == "other_class" && others > 0) {
    const std::size_t at = draw_below(key, others, attempt);
    return entries_[at < own.begin ? at : at + (own.end - own.begin)];
  }
  const Range range = rule == "same_class" ? own : Range{0, entries_.size()};
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(own.end);
  const auto self = std::lower_bound(entries_.begin() + static_cast<std::ptrdiff_t>(own.begin), end, entry);
  const bool here = self != end && *self == entry;
  const std::size_t count = range.end - range.begin - (here ? 1 : 0);
  if (count == 0) return entry;
  const std::size_t at = range.begin + draw_below(key, count, attempt);
  return entries_[here && at >= static_cast<std::size_t>(self - entries_.begin()) ? at + 1 : at];
}

plan::Partner partner_of(const LoadedSource& source, std::string id, std::string label) {
  return {std::move(id), source.digest, std::move(label), source.shape(), std::make_shared<const Raster>(decode_whole(source)), source.annotations};
}

plan::ChoosePartner partner_chooser(const io::DatasetReader& reader, const PartnerPool& pool, std::uint32_t entry) {
  return [&reader, &pool, entry](const OpValue& op, Key key) {
    const io::DatasetIndex& index = reader.index();
    const std::string rule = to_text(op.get("partners"));
    for (std::uint64_t attempt = 0; attempt < kMostTries; ++attempt) {
      const std::uint32_t number = pool.choose(entry, rule, key, attempt);
      if (auto kept = pool.cache().find(number)) return *std::move(kept);
      const io::Entry& chosen = index.entries[number];
      try {
        plan::Partner partner = partner_of(load_source(reader, chosen), io::printable(chosen.id), index.labels[chosen.label]);
        pool.cache().keep(number, partner);
        return partner;
      } catch (const Error& error) {
        if (error.fault() != Fault::data) throw;
      }
    }
    throw usage_error("of " + std::to_string(kMostTries) + " partners drawn none could be read");
  };
}

const io::Entry* find_entry(const io::DatasetIndex& index, const std::string& sought) {
  const auto at = std::ranges::lower_bound(index.entries, sought, {}, &io::Entry::id);
  if (at != index.entries.end() && at->id == sought) return &*at;
  // A name that is no UTF-8 stands in lineage in a printable form.
  const auto same = std::ranges::find(index.entries, sought, [](const io::Entry& e) { return io::printable(e.id); });
  return same == index.entries.end() ? nullptr : &*same;
}

void require_digest(const LoadedSource& source, const std::string& id, const std::string& digest) {
  if (source.digest == digest) return;
  throw data_error("the source has changed since this output was made: its digest is " + source.digest + ", it was " + digest)
      .with_sample(id);
}

plan::FindPartner find_partner(const io::DatasetReader& reader) {
  return [&reader](const ProgramPartner& partner) {
    const io::Entry* entry = find_entry(reader.index(), partner.source);
    if (!entry) throw data_error("a partner of this output is no longer in the dataset").with_sample(partner.source);
    const LoadedSource source = load_source(reader, *entry);
    require_digest(source, partner.source, partner.digest);
    return partner_of(source, partner.source, partner.label);
  };
}

MixedLabel mixed_label(const plan::DrawnProgram& drawn, const RasterShape& source, const std::string& own, io::LabelKind kind) {
  const bool mixed = std::ranges::any_of(drawn.mixed_in, [](const auto& step) { return !step.empty(); });
  if (!mixed || kind == io::LabelKind::none) return {own, {}};
  return label_of_shares(labelled_shares(drawn, source, own), own, kind);
}

MixedLabel label_of_shares(const std::vector<std::pair<std::string, double>>& shares, const std::string& own, io::LabelKind kind) {
  std::map<std::string, double> weights;
  double mean = 0, all = 0;
  for (const auto& [label, share] : shares) {
    mean += share * number_of(label);
    all += share;
    if (kind == io::LabelKind::category) weights[label] += share;
    if (kind == io::LabelKind::categories)
      for (const std::string& part : io::PackedLabels::parts_of(label)) weights[part] += share;
  }
  if (kind == io::LabelKind::number) return {all > 0 ? to_text(Value(mean / all)) : std::string(), {}};
  if (kind == io::LabelKind::category && all >= 1 - 1 / kSteps) round_shares(weights);
  else
    for (auto& [label, weight] : weights) weight = rounded(weight);
  std::erase_if(weights, [](const auto& w) { return w.second <= 0; });
  const std::vector<std::string> own_parts = kind == io::LabelKind::category ? std::vector{own} : io::PackedLabels::parts_of(own);
  const bool plain = weights.size() == own_parts.size() && std::ranges::all_of(weights, [&](const auto& w) {
    return w.second >= 1 && std::ranges::find(own_parts, w.first) != own_parts.end();
  });
  if (plain) return {own, {}};
  return {own, {weights.begin(), weights.end()}};
}

}  // namespace leaven::flow

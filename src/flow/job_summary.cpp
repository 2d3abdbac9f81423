#include "flow/job_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <unordered_set>

#include "flow/generated.hpp"
#include "flow/report_text.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

/// Only classes have rows of their own: numbers and several labels a sample would make a table as long as the dataset.
std::string row_of(const io::DatasetIndex& index, std::uint32_t entry) {
  return index.label_kind == io::LabelKind::category ? index.labels[index.entries[entry].label] : std::string();
}

bool may_train(io::Split split) { return split == io::Split::none || split == io::Split::train; }

}  // namespace

JobSummary promised(const io::DatasetIndex& index, const Roster& roster, const CleanResult& cleaned,
                    const Share& share) {
  JobSummary summary;
  summary.input_description = index.description;
  const std::uint64_t generated = count_generated(index);
  summary.sources = index.entries.size() - generated + index.broken.size();
  if (!index.broken.empty()) summary.input_description += fmt::format(", and {} that cannot be one", index.broken.size());
  summary.strays = index.strays;
  for (std::uint32_t e = 0; e < index.entries.size(); ++e)
    if (cleaned.aside[e] && !is_generated(index.entries[e]) && may_train(index.entries[e].split)) ++summary.classes[row_of(index, e)].first;
  for (std::size_t s = 0; s < roster.sources().size(); ++s) {
    const RosterSource& source = roster.sources()[s];
    auto& row = summary.classes[row_of(index, source.entry)];
    if (source.grows()) ++row.first;
    if (!share.has(s)) continue;
    summary.originals += source.original ? 1U : 0U;
    summary.copies += source.copies;
    if (source.trains()) row.second += source.copies + (source.original ? 1U : 0U);
  }
  summary.outputs = summary.originals + summary.copies;
  summary.notes = index.notes;
  if (const std::uint64_t n = roster.larger_classes(); n > 0)
    summary.notes.push_back(count_text(n, "class", "classes") + " with more samples than asked, left as " +
                            (n == 1 ? "it is" : "they are"));
  for (const SetAside& line : cleaned.lines) {
    ++summary.set_aside[line.kind];
    if (line.kind == kBroken) ++summary.broken;
  }
  return summary;
}

namespace {

void add_unknown_classes(const io::DatasetIndex& index, const std::vector<recipe::Step>& steps, std::set<std::string>& unknown) {
  for (const recipe::Step& step : steps) {
    for (const auto* named : {&step.when.classes, &step.when.not_classes})
      for (const std::string& label : *named)
        if (std::ranges::find(index.labels, label) == index.labels.end()) unknown.insert(label);
    add_unknown_classes(index, step.steps, unknown);
  }
}

}  // namespace

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) text += (i > 0 ? ", " : "") + io::printable(names[i]);
  return names.size() > kShown ? text + ", …" : text;
}

std::vector<std::string> doubts(const io::DatasetIndex& index, const Roster& roster, const recipe::Recipe& recipe) {
  std::vector<std::string> notes;
  std::map<io::Split, std::set<std::uint32_t>> classes;
  for (const RosterSource& source : roster.sources()) classes[source.split].insert(index.entries[source.entry].label);
  if (!roster.sources().empty() && !classes.contains(io::Split::none) && !classes.contains(io::Split::train))
    notes.emplace_back("no sample is for training: everything is copied, and nothing is made");
  for (const auto& [split, share] : {std::pair(io::Split::val, recipe.split.val), std::pair(io::Split::test, recipe.split.test)}) {
    const std::string name(io::name_of(split));
    if (recipe.has_split && !index.has_splits && share > 0 && !classes.contains(split))
      notes.push_back(name + " gets no sample: the dataset, or each of its classes, is too small for that share; split: {method: hash} goes by samples alone");
    if (index.label_kind != io::LabelKind::category || !classes.contains(split) || !classes.contains(io::Split::train)) continue;
    std::vector<std::string> lacking;
    for (const std::uint32_t label : classes[io::Split::train])
      if (!classes[split].contains(label)) lacking.push_back(index.labels[label]);
    if (!lacking.empty())
      notes.push_back(name + " has no sample of " + count_text(lacking.size(), "class", "classes") + " of train: " + listed(lacking) + "; readers that number classes by their folders number them otherwise there");
  }
  std::set<std::string> unknown;
  add_unknown_classes(index, recipe.steps, unknown);
  if (!unknown.empty() && index.label_kind == io::LabelKind::category)
    notes.push_back("when: names no class of this dataset: " + listed({unknown.begin(), unknown.end()}));
  return notes;
}

void count_set_aside(const std::filesystem::path& file, JobSummary& summary,
                     const std::function<void(const SetAside&)>& visit) {
  summary.set_aside.clear();
  summary.broken = 0;
  std::ifstream in(file, std::ios::binary);
  std::string unfit_source;
  for (std::string text; std::getline(in, text);) {
    const SetAside line = set_aside_from_json(text);
    ++summary.set_aside[line.kind];
    if (line.kind == kBroken) ++summary.broken;
    if (line.kind == kUnfit && line.source != unfit_source) {
      ++summary.broken;
      unfit_source = line.source;
    }
    visit(line);
  }
}

void settle(JobSummary& summary, const io::DatasetIndex& index, const Roster& roster, const CleanResult& cleaned,
            const std::filesystem::path& set_aside_file, const recipe::Recipe& recipe, const Share& share) {
  std::unordered_set<std::string> before;
  for (const SetAside& line : cleaned.lines) before.insert(line.id);
  std::size_t s = 0;  // lines lie in roster order
  const auto lost = [&](const std::string& id, bool whole) {
    const auto& sources = roster.sources();
    while (s < sources.size() && io::printable(index.entries[sources[s].entry].id) != id) ++s;
    if (s == sources.size()) return;
    const std::uint64_t originals = whole && sources[s].original ? 1 : 0, copies = whole ? sources[s].copies : 1;
    summary.originals -= originals;
    summary.copies -= copies;
    summary.outputs -= originals + copies;
    if (sources[s].trains()) summary.classes[row_of(index, sources[s].entry)].second -= originals + copies;
  };
  std::uint64_t aside_before = 0;
  count_set_aside(set_aside_file, summary, [&](const SetAside& line) {
    if (!line.source.empty())
      lost(line.source, false);
    else if (!before.contains(line.id))
      lost(line.id, true);
    else
      ++aside_before;
  });
  const std::uint64_t all = roster.sources().size();
  const std::uint64_t own = all > share.first ? (all - share.first - 1) / share.step + 1 : 0;
  // A shard has too few samples to be judged by; the merge judges them all.
  summary.too_many_broken = share.step == 1 && too_many_broken(summary.broken, own + aside_before, recipe.max_bad);
}

bool too_many_broken(std::uint64_t broken, std::uint64_t samples, double max_bad) {
  return static_cast<double>(broken) > max_bad * static_cast<double>(samples);
}

std::string describe_dry_run(const JobSummary& summary) {
  std::string text = "in: " + summary.input_description + "\n";
  for (const auto& [kind, count] : summary.set_aside) text += fmt::format("set aside, {}: {}\n", kind, count);
  text += fmt::format("out: {}\n{} outputs: {} originals and {} copies\n", io::printable(summary.out.native()),
                      summary.outputs, summary.originals, summary.copies);
  constexpr std::size_t kMostRows = 50;
  std::size_t rows = 0;
  for (const auto& [label, counts] : summary.classes) {
    if (++rows > kMostRows) {
      text += fmt::format("… and {} classes more\n", summary.classes.size() - kMostRows);
      break;
    }
    text += fmt::format("{}: {} → {}\n", label.empty() ? "train" : io::printable(label), counts.first, counts.second);
  }
  for (const std::string& note : summary.notes) text += "note: " + note + "\n";
  return text + "nothing was written\n";
}

}  // namespace leaven::flow

#include "flow/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "flow/statistics_glance.hpp"

namespace leaven::flow {

void Histogram::add(double value) {
  if (!std::isfinite(value)) return;
  lowest_ = count_ == 0 ? value : std::min(lowest_, value);
  highest_ = count_ == 0 ? value : std::max(highest_, value);
  sum_ += value;
  ++count_;
  if (bins_.empty() && kept_.size() < kKept) {
    kept_.push_back(value);
    return;
  }
  if (bins_.empty()) begin_bins();
  put(value, 1);
}

void Histogram::begin_bins() {
  bins_.assign(kBins, 0);
  // A range of nothing would never reach anything by doubling.
  const double spread = std::max(highest_ - lowest_, std::max(std::abs(highest_), std::abs(lowest_)) * 1e-9);
  start_ = lowest_;
  width_ = std::max(spread, 1e-300) * (1 + 1e-9) / kBins;
  for (const double value : kept_) put(value, 1);
  kept_ = {};
}

void Histogram::widen(double value) {
  // Old bins 2i and 2i + 1 become bin i, of the upper half when the range grows downwards.
  const bool down = value < start_;
  std::vector<std::uint64_t> joined(kBins, 0);
  for (std::size_t i = 0; i < kBins; ++i) joined[(down ? kBins / 2 : 0) + i / 2] += bins_[i];
  if (down) start_ -= width_ * kBins;
  width_ *= 2;
  bins_ = std::move(joined);
}

void Histogram::put(double value, std::uint64_t times) {
  while (value < start_ || value >= start_ + width_ * kBins) widen(value);
  bins_[std::min(kBins - 1, static_cast<std::size_t>((value - start_) / width_))] += times;
}

std::vector<std::uint64_t> Histogram::counts(std::size_t bins) const {
  std::vector<std::uint64_t> counts(bins, 0);
  const double range = highest_ - lowest_;
  const auto bin_of = [&](double value) {
    if (!(range > 0)) return std::size_t{0};
    const double at = (value - lowest_) / range * static_cast<double>(bins);
    return std::min(bins - 1, static_cast<std::size_t>(std::max(0.0, at)));
  };
  for (const double value : kept_) ++counts[bin_of(value)];
  for (std::size_t i = 0; i < bins_.size(); ++i)
    if (bins_[i] > 0) counts[bin_of(start_ + (static_cast<double>(i) + 0.5) * width_)] += bins_[i];
  return counts;
}

namespace {

void add_value(FieldStatistics& statistics, const Value& value) {
  const FieldType type = statistics.field->type;
  if (type == FieldType::numbers) {
    for (const double entry : std::get<std::vector<double>>(value)) statistics.numbers.add(entry);
  } else if (type == FieldType::number || type == FieldType::integer) {
    statistics.numbers.add(as_number(value));
  }
  if (statistics.many_words) return;
  ++statistics.words[to_text(value)];
  if (statistics.words.size() > FieldStatistics::kMostWords) {
    statistics.many_words = true;
    statistics.words.clear();
  }
}

/// Chooses examples by a hash of the source: by chance, but the same for the same dataset. The best of each class go
/// first; memory holds a fixed number of candidates.
class ExampleChooser {
 public:
  explicit ExampleChooser(std::size_t most) : most_(most) {}

  void see(const Glance& glance, const std::string& line) {
    if (!current_ || current_->source != glance.source) {
      finish_source();
      current_ = Example{glance.source, glance.label, {}};
    }
    if (current_->lines.size() < Example::kLines) current_->lines.push_back(line);
  }

  std::vector<Example> take() {
    finish_source();
    std::vector<Example> chosen;
    std::map<std::string, std::size_t> of_class;
    const auto choose = [&](Example& example) {
      ++of_class[example.label];
      chosen.push_back(std::move(example));
    };
    for (auto& [hash, example] : by_class_)
      if (chosen.size() < most_) choose(example);
    std::erase_if(all_, [&](const Hashed& h) {
      return std::ranges::find(chosen, h.second.source, &Example::source) != chosen.end();
    });
    while (chosen.size() < most_ && !all_.empty()) {
      // The rarest class among those chosen goes next.
      const auto next = std::ranges::min_element(all_, {}, [&](const Hashed& h) { return of_class[h.second.label]; });
      choose(next->second);
      all_.erase(next);
    }
    return chosen;
  }

 private:
  using Hashed = std::pair<std::string, Example>;

  static bool before(const Hashed& a, const Hashed& b) { return a.first < b.first; }

  /// Keeps the list sorted by hash, and its first `most`.
  static void offer(std::vector<Hashed>& list, const Hashed& candidate, std::size_t most) {
    if (list.size() >= most && !before(candidate, list.back())) return;
    list.insert(std::ranges::upper_bound(list, candidate.first, {}, &Hashed::first), candidate);
    if (list.size() > most) list.pop_back();
  }

  void finish_source() {
    if (!current_ || most_ == 0) return;
    Hashed candidate{digest_of(current_->source.data(), current_->source.size()), std::move(*current_)};
    current_.reset();
    offer(all_, candidate, kSpare * most_);
    const auto same_class =
        std::ranges::find(by_class_, candidate.second.label, [](const Hashed& h) { return h.second.label; });
    if (same_class != by_class_.end()) {
      if (!before(candidate, *same_class)) return;
      by_class_.erase(same_class);
    }
    offer(by_class_, candidate, most_);
  }

  static constexpr std::size_t kSpare = 4;  ///< candidates kept for each one chosen, for a choice of classes

  std::size_t most_;
  std::optional<Example> current_{};
  std::vector<Hashed> all_{},
      by_class_{};  ///< by_class_: the lowest hash of each class, of the classes with the lowest
};

class Gatherer {
 public:
  Gatherer(const OpTable& table, const StatisticsLimits& limits) : table_(table), examples_(limits.examples) {
    if (limits.expected_lines > limits.whole_lines)
      share_ = static_cast<double>(limits.whole_lines) / static_cast<double>(limits.expected_lines);
  }

  void see(const std::string& line) {
    glance_at(line, glance_);
    const std::size_t kind = glance_.generated ? 2 : glance_.copy == 0 ? 0 : 1;
    ++sum_.lines;
    ++(kind == 0 ? sum_.originals : kind == 1 ? sum_.copies : sum_.generated);
    if (glance_.attempt > 0) ++sum_.redrawn;
    if (glance_.copied) ++sum_.copied;
    sum_.annotated = sum_.annotated || glance_.annotated;
    sum_.instances += glance_.instances;
    sum_.dropped += glance_.dropped;
    if (glance_.split.empty() || glance_.split == "train") ++sum_.classes[glance_.label][kind];
    ++sum_.splits[glance_.split][kind];
    for (const std::string_view name : glance_.ops) count(statistics_of(name));
    if (kind == 1) examples_.see(glance_, line);
  }

  /// Whether the values of a line, by its number from 1, are looked at: by chance, but always the same. Every n-th line could
  /// meet the same copy of every source.
  bool reads_whole(std::uint64_t number) const { return share_ >= 1 || draw_unit(Key{}, number) < share_; }

  void see_values(const Program& program) {
    ++sum_.read_whole;
    for (const ProgramStep& step : program.steps)
      for (FieldStatistics& field : statistics_of(step.op.info().name).fields)
        add_value(field, field.field->get(step.op.data()));
  }

  Statistics take() {
    for (auto& [name, op] : ops_) sum_.ops.push_back(std::move(op));
    std::ranges::stable_sort(sum_.ops, std::ranges::greater{}, &OpStatistics::times);
    sum_.examples = examples_.take();
    return std::move(sum_);
  }

 private:
  OpStatistics& statistics_of(std::string_view name) {
    const auto known = ops_.find(name);
    if (known != ops_.end()) return known->second;
    const OpInfo& op = table_.at(name);
    OpStatistics& statistics = ops_[op.name];
    statistics.op = &op;
    for (const FieldInfo& field : op.fields) statistics.fields.push_back({.field = &field});
    return statistics;
  }

  void count(OpStatistics& statistics) {
    ++statistics.times;
    if (statistics.last_line != sum_.lines) ++statistics.outputs;
    statistics.last_line = sum_.lines;
  }

  const OpTable& table_;
  double share_{1};
  Statistics sum_{};
  Glance glance_{};
  std::map<std::string_view, OpStatistics> ops_{};
  ExampleChooser examples_;
};

/// The next lines of a file, at most so many.
std::vector<std::string> next_lines(std::istream& lineage, std::size_t most) {
  std::vector<std::string> lines;
  for (std::string line; lines.size() < most && std::getline(lineage, line);) lines.push_back(std::move(line));
  return lines;
}

constexpr std::size_t kLinesOfTask = 64, kLinesAtATime = 64 * kLinesOfTask;

}  // namespace

Statistics gather_statistics(std::istream& lineage, const OpTable& ops, std::string_view file_name, Pool& pool,
                             const StatisticsLimits& limits) {
  Gatherer gatherer(ops, limits);
  std::uint64_t before = 0;  // lines before those at hand
  for (std::vector<std::string> lines; !(lines = next_lines(lineage, kLinesAtATime)).empty(); before += lines.size()) {
    // Values are read from JSON on all threads, and counted in the order of the lines.
    using Programs = std::vector<std::optional<Program>>;
    const auto each = [&](std::size_t task, const auto& see) {
      const std::size_t first = task * kLinesOfTask, end = std::min(lines.size(), first + kLinesOfTask);
      for (std::size_t i = first; i < end; ++i) try {
          see(i, i - first);
        } catch (Error& error) {
          error.with_place(std::string(file_name) + ":" + std::to_string(before + i + 1));
          throw;
        }
    };
    pool.run_ordered(
        (lines.size() + kLinesOfTask - 1) / kLinesOfTask,
        [&](std::size_t task) -> std::shared_ptr<void> {
          auto programs = std::make_shared<Programs>(kLinesOfTask);
          each(task, [&](std::size_t i, std::size_t place) {
            if (gatherer.reads_whole(before + i + 1)) (*programs)[place] = lineage_from_json(lines[i], ops).program;
          });
          return programs;
        },
        [&](std::size_t task, const std::shared_ptr<void>& made) {
          each(task, [&](std::size_t i, std::size_t place) {
            gatherer.see(lines[i]);
            const auto& program = (*std::static_pointer_cast<Programs>(made))[place];
            if (program) gatherer.see_values(*program);
          });
        });
  }
  return gatherer.take();
}

}  // namespace leaven::flow

#include "learn/generate/table_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "leaven/parallel.hpp"
#include "learn/generate/boosted_trees.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/generate/twins.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr std::size_t kMostMade = 20'000, kMostTrain = 12'000, kMostTest = 10'000;
constexpr std::uint32_t kSeeds = 6;  // the least that a paired test can be sure with
constexpr double kPart = 0.8;        // of train for each seed
constexpr std::uint64_t kSeedsFrom = 0x6a7e;  // streams of the gate's own, not those that a user samples first
const Key kKey{0x67617465, 1};

/// Classes of rows; a number is above or below train's median.
class Truth {
 public:
  explicit Truth(const TableData& train) : target_(train.target()) {
    if (target_ == TableData::npos) return;
    const TableColumn& column = train.columns[target_];
    if (column.role == Role::word) classes = static_cast<std::uint32_t>(column.dictionary.size());
    if (column.role != Role::number) return;
    std::vector<double> values;
    for (const double v : column.numbers)
      if (!std::isnan(v)) values.push_back(v);
    if (values.empty()) return;
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    median_ = values[values.size() / 2];
    classes = 2;
  }
  std::uint32_t classes{};  ///< fewer than 2: nothing to predict

  std::uint32_t of(const TableData& data, std::size_t row) const {
    const TableColumn& column = data.columns[target_];
    if (column.is_missing(row)) return kNoClass;
    return column.role == Role::word ? static_cast<std::uint32_t>(column.words[row]) : column.numbers[row] >= median_ ? 1 : 0;
  }

 private:
  std::size_t target_{};
  double median_{};
};

struct Labelled {
  TableData data{};
  std::vector<std::uint32_t> truth{};
  void add(const Labelled& other) {
    data.append(other.data);
    truth.insert(truth.end(), other.truth.begin(), other.truth.end());
  }
};

/// Those of the rows that have a class.
Labelled labelled(const TableData& data, const Truth& truth, std::span<const std::uint32_t> rows) {
  Labelled made;
  std::vector<std::uint32_t> picked;
  for (const std::uint32_t r : rows)
    if (const std::uint32_t t = truth.of(data, r); t != kNoClass) picked.push_back(r), made.truth.push_back(t);
  made.data = data.picked(picked);
  return made;
}

std::vector<std::uint32_t> every(std::size_t rows, std::size_t step, std::size_t from, std::size_t most) {
  std::vector<std::uint32_t> picked;
  for (std::size_t r = from; r < rows && picked.size() < most; r += step) picked.push_back(static_cast<std::uint32_t>(r));
  return picked;
}

/// A part of train that the seed draws.
std::vector<std::uint32_t> part_of(std::size_t rows, std::uint32_t seed) {
  std::vector<std::uint32_t> picked;
  const double share = std::min(kPart, static_cast<double>(kMostTrain) / static_cast<double>(rows));
  for (std::size_t r = 0; r < rows; ++r)
    if (draw_unit(Key{kKey.low, seed}, r) < share) picked.push_back(static_cast<std::uint32_t>(r));
  return picked;
}

class Judge {
 public:
  Judge(const TableData& train, const TableData& held_out, const RowSource& draw, const GateLimits& limits, int threads, const std::atomic<bool>& stop)
      : train_(train), held_out_(held_out), draw_(draw), limits_(limits), threads_(threads), stop_(stop), truth_(train) {}

  TableGate judge() {
    if (held_out_.rows < kLeastHeldOut) throw data_error(fmt::format("the gate needs {} rows that are held out, and has {}", kLeastHeldOut, held_out_.rows)).with_hint("hold out a larger share");
    gate_.train = train_.rows, gate_.held_out = held_out_.rows;
    made_ = draw_(kNoClass, kSeedsFrom, 0, std::min(train_.rows, kMostMade));
    gate_.made = made_.rows;
    compare();
    gate_.closeness = closeness(train_, held_out_, made_);
    gate_.has_target = truth_.classes >= 2;
    if (gate_.has_target)
      try_out();
    else
      gate_.notes.push_back((train_.target() == TableData::npos ? "no column is the target" : train_.columns[train_.target()].role == Role::left_out ? "the target says no class" : "the target has one class alone") + std::string(", so whether training gains by new rows is not known"));
    decide();
    return std::move(gate_);
  }

 private:
  void heed_stop() const {
    if (stop_) throw Error(Fault::interrupted, "stopped; the generator stays unchecked");
  }

  void compare() {
    for (std::size_t c = 0; c < train_.columns.size(); ++c) {
      if (train_.columns[c].role == Role::left_out) continue;
      gate_.columns.push_back({train_.columns[c].name, column_distance(made_.columns[c], held_out_.columns[c]), column_distance(train_.columns[c], held_out_.columns[c])});
    }
    gate_.association = association_distance(made_, held_out_);
    gate_.association_of_train = association_distance(train_, held_out_);
    heed_stop();
    gate_.detection = detection(held_out_, made_);
    heed_stop();
  }

  Metrics score(const Labelled& train, const Labelled& test) const {
    return measure(BoostedTrees(train.data, train.truth, truth_.classes).predict(test.data, test.truth));
  }

  Labelled drawn(std::uint32_t label, std::uint32_t seed, std::size_t rows) const {
    if (rows == 0) return {train_.shape(), {}};
    const TableData made = draw_(label, kSeedsFrom + 1 + seed, 0, rows);
    return labelled(made, truth_, every(made.rows, 1, 0, made.rows));
  }

  /// What the mix adds to these rows.
  Labelled added(const std::string& mix, const Labelled& part, std::uint32_t seed) const {
    if (mix != "fill") {
      const double share = mix == "10 %" ? 0.1 : mix == "25 %" ? 0.25 : 0.5;
      return drawn(kNoClass, seed, static_cast<std::size_t>(std::nearbyint(share / (1 - share) * static_cast<double>(part.data.rows))));
    }
    std::vector<std::size_t> counts(truth_.classes);
    for (const std::uint32_t t : part.truth) ++counts[t];
    Labelled all{train_.shape(), {}};
    for (std::uint32_t label = 0; label < truth_.classes; ++label)
      if (counts[label] > 0) all.add(drawn(label, seed, *std::ranges::max_element(counts) - counts[label]));
    return all;
  }

  std::vector<std::string> mixes() const {
    std::vector<std::string> names{"10 %", "25 %", "50 %"};
    std::vector<std::size_t> counts(truth_.classes);
    for (std::size_t r = 0; r < train_.rows; ++r)
      if (const std::uint32_t t = truth_.of(train_, r); t != kNoClass) ++counts[t];
    std::erase(counts, std::size_t{0});
    const bool words = train_.columns[train_.target()].role == Role::word;
    if (words && counts.size() > 1 && std::ranges::max(counts) > 2 * std::ranges::min(counts)) names.push_back("fill");
    return names;
  }

  void try_out() {
    const Labelled inner = labelled(held_out_, truth_, every(held_out_.rows, 2, 0, kMostTest)), outer = labelled(held_out_, truth_, every(held_out_.rows, 2, 1, kMostTest));
    const Labelled all = labelled(train_, truth_, part_of(train_.rows, kSeeds)), made = labelled(made_, truth_, every(made_.rows, 1, 0, all.data.rows));
    if (inner.truth.empty() || outer.truth.empty() || all.truth.empty() || made.truth.empty()) {
      gate_.has_target = false;
      gate_.notes.push_back("too few rows have a class to try training with");
      return;
    }
    const BoostedTrees teacher(all.data, all.truth, truth_.classes);
    gate_.teacher_made = measure(teacher.predict(made.data, made.truth)).accuracy;
    const Metrics real = measure(teacher.predict(outer.data, outer.truth));
    gate_.teacher_held_out = real.accuracy;
    gate_.real_score = real.macro_f1;
    gate_.made_score = score(made, outer).macro_f1;
    heed_stop();

    const std::vector<std::string> names = mixes();
    std::vector<std::vector<double>> inner_gain(names.size(), std::vector<double>(kSeeds)), outer_gain = inner_gain;
    for_each_item(kSeeds, threads_, [&](std::size_t i) {
      if (stop_) return;
      const auto seed = static_cast<std::uint32_t>(i);
      const Labelled part = labelled(train_, truth_, part_of(train_.rows, seed));
      const BoostedTrees alone(part.data, part.truth, truth_.classes);
      const double inner_alone = measure(alone.predict(inner.data, inner.truth)).macro_f1, outer_alone = measure(alone.predict(outer.data, outer.truth)).macro_f1;
      for (std::size_t m = 0; m < names.size(); ++m) {
        Labelled mixed = part;
        mixed.add(added(names[m], part, seed));
        const BoostedTrees with(mixed.data, mixed.truth, truth_.classes);
        inner_gain[m][i] = measure(with.predict(inner.data, inner.truth)).macro_f1 - inner_alone;
        outer_gain[m][i] = measure(with.predict(outer.data, outer.truth)).macro_f1 - outer_alone;
      }
    });
    heed_stop();
    const double margin = train_.rows < 1000 ? 1 : 0.3;  // as prove
    for (std::size_t m = 0; m < names.size(); ++m) gate_.mixes.push_back({names[m], mean_of(inner_gain[m]), leaven::learn::judge(outer_gain[m], margin)});
    for (std::size_t m = 1; m < names.size(); ++m)
      if (gate_.mixes[m].inner > gate_.mixes[gate_.best].inner) gate_.best = m;
  }

  void decide() {
    std::vector<std::string>& reasons = gate_.reasons;
    for (const GateColumn& column : gate_.columns)
      if (column.made > limits_.column) reasons.push_back(fmt::format("column {} is distributed otherwise: distance {:.3f}, at most {:.2f}", column.name, column.made, limits_.column));
    const AssociationDistance& a = gate_.association;
    if (a.mean > limits_.association) reasons.push_back(fmt::format("columns go together otherwise: mean distance {:.3f}, at most {:.2f}; most {} and {}", a.mean, limits_.association, a.first, a.second));
    const Closeness& c = gate_.closeness;
    if (c.nearer_train > limits_.nearer_train && !c.nearer_by_chance)
      reasons.push_back(fmt::format("new rows lie near those that it saw: {:.1f} % nearer than to held-out rows, at most {:.0f} %", 100 * c.nearer_train, 100 * limits_.nearer_train));
    // Chance makes as many as train has twins, or as columns that know nothing of each other would: a few hundred rows may happen to have none.
    const auto made = static_cast<double>(std::max<std::size_t>(1, gate_.made));
    const double expected = std::max(c.twins * made, chance_of_copies(train_) * made * static_cast<double>(train_.rows)), share = std::min(1.0, expected / made);
    if (static_cast<double>(c.copies_seen) > expected + 3 * std::sqrt(expected * (1 - share))) reasons.push_back(fmt::format("{} of {} new rows are copies of rows that it saw ({:.2f} % of those have a twin among themselves)", c.copies_seen, gate_.made, 100 * c.twins));
    if (c.nearest_5th < limits_.nearest * c.held_out_5th && !c.nearest_by_chance)
      reasons.push_back(fmt::format("the nearest new rows lie too near: 5th percentile of distances {:.3f}, of held-out rows {:.3f}", c.nearest_5th, c.held_out_5th));
    if (!gate_.has_target) return;
    if (gate_.teacher_made < limits_.agreement * gate_.teacher_held_out)
      reasons.push_back(fmt::format("classes of new rows are not those that a model of the real ones sees: it agrees on {:.1f} %, on held-out rows {:.1f} %", gate_.teacher_made, gate_.teacher_held_out));
    const GateMix& best = gate_.mixes[gate_.best];
    if (best.verdict.word == Word::harmful || best.verdict.word == Word::inconclusive)
      reasons.push_back(fmt::format("training with new rows is {} at the best mix ({}): {:+.2f} points of macro-F1, {:+.2f} to {:+.2f}", name_of(best.verdict.word), best.name, best.verdict.mean,
                                    best.verdict.interval.lo, best.verdict.interval.hi));
  }

  const TableData &train_, &held_out_;
  const RowSource& draw_;
  const GateLimits& limits_;
  int threads_;
  const std::atomic<bool>& stop_;
  Truth truth_;
  TableData made_{};
  TableGate gate_{};
};

}  // namespace

TableGate judge_table(const TableData& train, const TableData& held_out, const RowSource& draw, const GateLimits& limits, int threads, const std::atomic<bool>& stop) {
  return Judge(train, held_out, draw, limits, threads, stop).judge();
}

}  // namespace leaven::learn

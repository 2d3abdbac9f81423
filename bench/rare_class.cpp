// What a rare class gains: nothing done, its items shown as often as those of the largest class (class weights), SMOTE between its
// items, and new samples of generators that learnt from the same training items. Arms of a seed share all else; an arm fills the class
// up to the largest one.
// bench_rare_class pictures TRAIN TEST CLASS KEPT KINDS SEEDS   TEST: of other pictures; KEPT of the class are left, others each seed
// bench_rare_class table FILE TARGET CLASS KINDS SEEDS          a fifth of the rows is tested, another each seed
// KINDS: of generators, with commas between, each with its steps or without (deep_smote:600). A line for each seed and arm, then a table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <sstream>

#include "bench/table_smote.hpp"
#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/boosted_trees.hpp"
#include "learn/generate/image_model.hpp"
#include "learn/generate/row_model.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/metrics.hpp"
#include "learn/statistics.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/picture_classifier.hpp"
#include "learn/torch/table_kinds.hpp"

namespace {

using namespace leaven;
using namespace leaven::learn;

constexpr std::uint32_t kBatch = 32, kSteps = 800;
constexpr std::size_t kNeighbours = 5;
const std::atomic<bool> kGoOn{false};

/// Recall of the rare class and macro-F1, seed by seed.
class Scores {
 public:
  void add(const std::string& arm, const Metrics& m, std::size_t label, std::uint64_t seed) {
    if (!of_.contains(arm)) order_.push_back(arm);
    of_[arm].first.push_back(m.class_accuracy[label]), of_[arm].second.push_back(m.macro_f1);
    std::printf("seed %llu %-24s recall %6.2f  macro-F1 %6.2f\n", static_cast<unsigned long long>(seed), arm.c_str(), m.class_accuracy[label], m.macro_f1);
    std::fflush(stdout);
  }
  void print() const {
    const auto& plain = of_.at("none");
    std::puts("| arm | recall | over none | macro-F1 | over none |\n|---|---|---|---|---|");
    for (const std::string& arm : order_) {
      const auto& own = of_.at(arm);
      std::puts(fmt::format("| `{}` | {:.1f} | {} | {:.2f} | {} |", arm, mean_of(own.first), gain(own.first, plain.first), mean_of(own.second), gain(own.second, plain.second)).c_str());
    }
  }

 private:
  static std::string gain(const std::vector<double>& own, const std::vector<double>& plain) {
    if (&own == &plain) return "";
    std::vector<double> apart;
    for (std::size_t i = 0; i < own.size(); ++i) apart.push_back(own[i] - plain[i]);
    const Interval t = t_interval(apart, 0.95);
    return fmt::format("{:+.2f} ({:+.2f} to {:+.2f})", mean_of(apart), t.lo, t.hi);
  }
  std::vector<std::string> order_{};
  std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> of_{};
};

struct Asked {
  std::string kind{};
  std::uint32_t steps{};
};
std::vector<Asked> asked_of(const std::string& text) {
  std::vector<Asked> made;
  std::istringstream in(text);
  for (std::string one; std::getline(in, one, ',');) {
    const std::size_t colon = one.find(':');
    made.push_back({one.substr(0, colon), colon == std::string::npos ? 0 : static_cast<std::uint32_t>(std::stoul(one.substr(colon + 1)))});
  }
  return made;
}

/// Points on the way from one picture to one of its nearest (Chawla et al. 2002).
std::vector<float> smote(const ImageData& few, std::size_t count, std::uint64_t seed) {
  const Key key = KeyMaker({.seed = seed}).key("rare class", "smote");
  std::vector<float> made;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t base = draw_below(key, few.size(), 3 * i);
    const auto apart = [&](std::size_t j) {
      float sum = 0;
      for (std::size_t v = 0; v < few.shape.values(); ++v) sum += (few.of(base)[v] - few.of(j)[v]) * (few.of(base)[v] - few.of(j)[v]);
      return sum;
    };
    std::vector<std::size_t> near(few.size());
    std::iota(near.begin(), near.end(), std::size_t{0});
    std::erase(near, base);
    const std::size_t of = std::min(kNeighbours, near.size());
    std::ranges::partial_sort(near, near.begin() + static_cast<std::ptrdiff_t>(of), {}, apart);
    const std::size_t other = near[draw_below(key, of, 3 * i + 1)];
    const auto along = static_cast<float>(draw_unit(key, 3 * i + 2));
    for (std::size_t v = 0; v < few.shape.values(); ++v) made.push_back(few.of(base)[v] + along * (few.of(other)[v] - few.of(base)[v]));
  }
  return made;
}

Metrics trained_and_tested(const ImageData& train, const ImageData& test, std::uint64_t seed) {
  double sum = 0, squares = 0;
  for (const float v : train.pixels) sum += v, squares += static_cast<double>(v) * v;
  const auto n = static_cast<double>(train.pixels.size());
  const auto mean = static_cast<float>(sum / n), deviation = static_cast<float>(std::sqrt(squares / n - sum / n * (sum / n)));
  const auto standardised = [&](std::vector<float> values) {
    for (float& v : values) v = (v - mean) / deviation;
    return values;
  };
  const auto classes = static_cast<std::uint32_t>(train.classes.size());
  const auto classifier = picture_classifier().make(train.shape, classes, KeyMaker({.seed = seed}).key("rare class", "classifier"));
  ItemOrder order(train.size(), seed);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    std::vector<float> pixels;
    std::vector<std::uint32_t> labels;
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      const std::uint32_t item = order.at(std::uint64_t{step} * kBatch + i);
      pixels.insert(pixels.end(), train.of(item).begin(), train.of(item).end());
      labels.push_back(train.labels[item]);
    }
    classifier->train({standardised(std::move(pixels)), labels}, 0.5 + 0.5 * std::cos(M_PI * step / kSteps));
  }
  return measure(Predictions{.classes = classes, .probability = classifier->predict(standardised(test.pixels)), .truth = test.labels});
}

void pictures(const std::string& train_folder, const std::string& test_folder, const std::string& rare, std::size_t kept, const std::vector<Asked>& kinds, std::uint64_t seeds) {
  const ImageData all = read_images(train_folder, "", 0, 1, "").data, test = read_images(test_folder, "", 0, 1, "").data;
  const auto label = static_cast<std::uint32_t>(std::ranges::find(all.classes, rare) - all.classes.begin());
  if (label == all.classes.size() || test.classes != all.classes) throw usage_error("both folders must have the same classes, " + rare + " among them");
  Scores scores;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    std::vector<std::uint32_t> items, own;
    for (std::uint32_t i = 0; i < all.size(); ++i) (all.labels[i] == label ? own : items).push_back(i);
    const Key key = KeyMaker({.seed = seed}).key("rare class", "kept");
    std::ranges::sort(own, {}, [&](std::uint32_t i) { return draw_unit(key, i); });
    own.resize(std::min(kept, own.size()));
    const ImageData few = all.picked(own);
    items.insert(items.end(), own.begin(), own.end());
    const ImageData train = all.picked(items);
    std::size_t most = 0;
    for (std::uint32_t c = 0; c < all.classes.size(); ++c) most = std::max(most, static_cast<std::size_t>(std::ranges::count(train.labels, c)));
    const std::size_t lacking = most - few.size(), values = all.shape.values();
    const auto filled = [&](const std::string& arm, std::span<const float> made) {
      ImageData more = train;
      for (std::size_t i = 0; i < lacking; ++i) more.add(made.subspan(i * values, values), label, "");
      scores.add(arm, trained_and_tested(more, test, seed), label, seed);
    };
    scores.add("none", trained_and_tested(train, test, seed), label, seed);
    std::vector<float> made;
    for (std::size_t i = 0; i < lacking; ++i) made.insert(made.end(), few.of(i % few.size()).begin(), few.of(i % few.size()).end());
    filled("weights", made);
    filled("smote", smote(few, lacking, seed));
    std::vector<std::string> notes;
    const std::function<void(const ImageProgress&)> watch = [](const ImageProgress&) {};
    const std::vector<ImageKind> known = image_kinds();
    for (const Asked& asked : kinds) filled("generate " + asked.kind, kind_named(known, asked.kind).fit({train, nullptr, seed, asked.steps, watch, kGoOn, notes})->draw(label, seed, 0, lacking));
  }
  scores.print();
}

Metrics trained_and_tested(const TableData& train, const TableData& test) {
  const auto classes = static_cast<std::uint32_t>(classes_of(train).size());
  return measure(BoostedTrees(train, classes_by_row(train), classes).predict(test, classes_by_row(test)));
}

void table(const std::string& file, const std::string& target, const std::string& rare, const std::vector<Asked>& kinds, std::uint64_t seeds) {
  const ReadTable read = read_table_data(*open_for_generator(file, "", target));
  const std::vector<std::string> classes = classes_of(read.data);
  const auto label = static_cast<std::uint32_t>(std::ranges::find(classes, rare) - classes.begin());
  if (label == classes.size()) throw usage_error("there is no class " + rare);
  Scores scores;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const TableSplit split = split_table(read.digests, 0.2, seed);
    const TableData train = read.data.picked(split.train), test = read.data.picked(split.held_out);
    std::vector<std::uint32_t> own;
    std::vector<std::size_t> counts(classes.size());
    const std::vector<std::uint32_t> labels = classes_by_row(train);
    for (std::uint32_t r = 0; r < train.rows; ++r)
      if (labels[r] != kNoClass && ++counts[labels[r]] && labels[r] == label) own.push_back(r);
    const std::size_t lacking = std::ranges::max(counts) - own.size();
    const auto filled = [&](const std::string& arm, const TableData& made) {
      TableData more = train;
      more.append(made);
      scores.add(arm, trained_and_tested(more, test), label, seed);
    };
    scores.add("none", trained_and_tested(train, test), label, seed);
    std::vector<std::uint32_t> again;
    for (std::size_t i = 0; i < lacking; ++i) again.push_back(own[i % own.size()]);
    filled("weights", train.picked(again));
    std::vector<std::uint64_t> wanted(classes.size());
    wanted[label] = lacking;
    filled("smote", bench::smote_rows(train, wanted, seed));
    std::vector<std::string> notes;
    const std::function<void(std::uint32_t, std::uint32_t, double)> watch = [](std::uint32_t, std::uint32_t, double) {};
    for (const Asked& asked : kinds) {
      const std::vector<TableKind> known = table_kinds();
      const auto kind = std::ranges::find(known, asked.kind, &TableKind::name);
      if (kind == known.end()) throw usage_error("there is no generator of tables called " + asked.kind);
      filled("generate " + asked.kind, kind->fit({train, seed, asked.steps, watch, kGoOn, notes})->draw(label, seed, 0, lacking));
    }
  }
  scores.print();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> a(argv + 1, argv + argc);
  try {
    if (a.size() == 7 && a[0] == "pictures")
      pictures(a[1], a[2], a[3], std::stoul(a[4]), asked_of(a[5]), std::stoull(a[6]));
    else if (a.size() == 6 && a[0] == "table")
      table(a[1], a[2], a[3], asked_of(a[4]), std::stoull(a[5]));
    else
      throw usage_error("bench_rare_class pictures TRAIN TEST CLASS KEPT KINDS SEEDS, or table FILE TARGET CLASS KINDS SEEDS");
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_rare_class: %s\n", error.what());
    return exit_code(error.fault());
  }
}

#include "learn/generate/boosted_trees.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr double kPenalty = 1;        // on leaves, as if one row of no gradient were in each
constexpr double kLeastCurvature = 1; // of a child, about four uncertain rows

std::vector<double> cuts_of(std::vector<double> values, std::size_t most) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  std::ranges::sort(values);
  std::vector<double> cuts;
  for (std::size_t i = 1; i < most && !values.empty(); ++i) {
    const double cut = values[i * values.size() / most];
    if (cut > values.front() && (cuts.empty() || cut > cuts.back())) cuts.push_back(cut);
  }
  return cuts;
}

void to_probabilities(std::vector<float>& scores, std::size_t outputs, std::uint32_t classes, std::vector<float>& to) {
  const std::size_t rows = scores.size() / outputs;
  to.resize(rows * classes);
  for (std::size_t r = 0; r < rows; ++r) {
    if (outputs == 1) {
      to[r * 2 + 1] = 1 / (1 + std::exp(-scores[r]));
      to[r * 2] = 1 - to[r * 2 + 1];
      continue;
    }
    const float* const own = &scores[r * outputs];
    const float largest = *std::max_element(own, own + outputs);
    float sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) sum += to[r * outputs + k] = std::exp(own[k] - largest);
    for (std::size_t k = 0; k < outputs; ++k) to[r * outputs + k] /= sum;
  }
}

}  // namespace

void BoostedTrees::find_features(const TableData& data, std::span<const std::uint32_t> truth, std::uint32_t classes) {
  std::vector<std::size_t> counts(classes);
  for (const std::uint32_t t : truth) ++counts[t];
  const auto usual = static_cast<std::uint32_t>(std::ranges::max_element(counts) - counts.begin());
  for (std::size_t c = 0; c < data.columns.size(); ++c) {
    const TableColumn& column = data.columns[c];
    if (column.target || column.role == Role::left_out) continue;
    Feature feature{.column = c};
    if (column.role == Role::number) {
      feature.cuts = cuts_of(column.numbers, kBins - 1);
    } else {
      // Words by how often they go with the most frequent class: of two classes the best order there is (Fisher 1958).
      std::vector<double> hits(column.dictionary.size() + 1), seen(hits.size());
      for (std::size_t r = 0; r < data.rows; ++r) {
        const auto word = static_cast<std::size_t>(column.words[r] + 1);
        seen[word] += 1, hits[word] += truth[r] == usual ? 1 : 0;
      }
      const double share = static_cast<double>(counts[usual]) / static_cast<double>(data.rows);
      std::vector<std::size_t> order(hits.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::ranges::stable_sort(order, {}, [&](std::size_t w) { return (hits[w] + 5 * share) / (seen[w] + 5); });
      feature.bin_of_word.resize(order.size());
      for (std::size_t i = 0; i < order.size(); ++i) feature.bin_of_word[order[i]] = static_cast<std::uint8_t>(i * std::min(kBins, order.size()) / order.size());
    }
    features_.push_back(std::move(feature));
  }
}

BoostedTrees::Bins BoostedTrees::bins_of(const TableData& data) const {
  Bins bins(features_.size());
  for (std::size_t f = 0; f < features_.size(); ++f) {
    const TableColumn& column = data.columns[features_[f].column];
    const std::vector<double>& cuts = features_[f].cuts;
    bins[f].reserve(data.rows);
    for (std::size_t r = 0; r < data.rows; ++r) {
      if (column.role == Role::word)
        bins[f].push_back(features_[f].bin_of_word[static_cast<std::size_t>(column.words[r] + 1)]);
      else if (std::isnan(column.numbers[r]))
        bins[f].push_back(0);
      else
        bins[f].push_back(static_cast<std::uint8_t>(1 + (std::ranges::upper_bound(cuts, column.numbers[r]) - cuts.begin())));
    }
  }
  return bins;
}

BoostedTrees::Tree BoostedTrees::grow(const Bins& bins, const std::vector<float>& gradient, const std::vector<float>& curvature, double rate,
                                      std::vector<std::uint8_t>& node) const {
  struct Sums {
    double gradient{}, curvature{};
    double gain() const { return gradient * gradient / (curvature + kPenalty); }
  };
  Tree tree;
  const std::size_t rows = gradient.size();
  std::ranges::fill(node, std::uint8_t{0});
  std::vector<Sums> sums;
  for (int level = 0; level < Options::kDepth; ++level) {
    const std::size_t nodes = std::size_t{1} << level, first = nodes - 1;
    std::vector<double> best(nodes, 1e-9);
    for (std::size_t n = 0; n < nodes; ++n) tree.bin[first + n] = kBins;  // no split: all go left
    for (std::size_t f = 0; f < features_.size(); ++f) {
      sums.assign(nodes * kBins, {});
      for (std::size_t r = 0; r < rows; ++r) {
        Sums& s = sums[node[r] * kBins + bins[f][r]];
        s.gradient += gradient[r], s.curvature += curvature[r];
      }
      for (std::size_t n = 0; n < nodes; ++n) {
        Sums all, left;
        for (std::size_t b = 0; b < kBins; ++b) all.gradient += sums[n * kBins + b].gradient, all.curvature += sums[n * kBins + b].curvature;
        for (std::size_t b = 0; b + 1 < kBins; ++b) {
          left.gradient += sums[n * kBins + b].gradient, left.curvature += sums[n * kBins + b].curvature;
          const Sums right{all.gradient - left.gradient, all.curvature - left.curvature};
          if (left.curvature < kLeastCurvature || right.curvature < kLeastCurvature) continue;
          const double gain = left.gain() + right.gain() - all.gain();
          if (gain <= best[n]) continue;
          best[n] = gain;
          tree.feature[first + n] = static_cast<std::uint16_t>(f);
          tree.bin[first + n] = static_cast<std::uint8_t>(b);
        }
      }
    }
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t split = first + node[r];
      node[r] = static_cast<std::uint8_t>(2 * node[r] + (bins[tree.feature[split]][r] > tree.bin[split] ? 1 : 0));
    }
  }
  sums.assign(kLeaves, {});
  for (std::size_t r = 0; r < rows; ++r) sums[node[r]].gradient += gradient[r], sums[node[r]].curvature += curvature[r];
  for (std::size_t i = 0; i < kLeaves; ++i) tree.leaf[i] = static_cast<float>(-rate * sums[i].gradient / (sums[i].curvature + kPenalty));
  return tree;
}

std::size_t BoostedTrees::leaf_of(const Tree& tree, const Bins& bins, std::size_t row) {
  std::size_t node = 0;
  for (int level = 0; level < Options::kDepth; ++level) {
    const std::size_t split = (std::size_t{1} << level) - 1 + node;
    node = 2 * node + (bins[tree.feature[split]][row] > tree.bin[split] ? 1 : 0);
  }
  return node;
}

BoostedTrees::BoostedTrees(const TableData& data, std::span<const std::uint32_t> truth, std::uint32_t classes, const Options& options) : classes_(std::max(classes, 2U)) {
  if (data.rows == 0 || truth.size() != data.rows) throw bug("trees need rows and their classes");
  find_features(data, truth, classes_);
  const std::size_t outputs = classes_ == 2 ? 1 : classes_;
  std::vector<double> counts(classes_, 0.5);
  for (const std::uint32_t t : truth) counts[t] += 1;
  for (std::size_t k = 0; k < outputs; ++k) start_.push_back(static_cast<float>(outputs == 1 ? std::log(counts[1] / counts[0]) : std::log(counts[k] / static_cast<double>(data.rows))));
  if (features_.empty()) return;
  const Bins bins = bins_of(data);
  std::vector<float> scores, probability, gradient(data.rows), curvature(data.rows);
  for (std::size_t r = 0; r < data.rows; ++r) scores.insert(scores.end(), start_.begin(), start_.end());
  std::vector<std::uint8_t> leaf(data.rows);
  for (int round = 0; round < options.rounds; ++round) {
    to_probabilities(scores, outputs, classes_, probability);
    std::vector<Tree>& trees = rounds_.emplace_back();
    for (std::size_t k = 0; k < outputs; ++k) {
      const std::size_t own = outputs == 1 ? 1 : k;
      for (std::size_t r = 0; r < data.rows; ++r) {
        const float p = probability[r * classes_ + own];
        gradient[r] = p - (truth[r] == own ? 1.0f : 0.0f);
        curvature[r] = std::max(p * (1 - p), 1e-6f);
      }
      trees.push_back(grow(bins, gradient, curvature, options.rate, leaf));
      for (std::size_t r = 0; r < data.rows; ++r) scores[r * outputs + k] += trees.back().leaf[leaf[r]];
    }
  }
}

Predictions BoostedTrees::predict(const TableData& data, std::span<const std::uint32_t> truth) const {
  Predictions made{.classes = classes_, .truth = {truth.begin(), truth.end()}};
  const std::size_t outputs = start_.size();
  const Bins bins = bins_of(data);
  std::vector<float> scores;
  scores.reserve(data.rows * outputs);
  for (std::size_t r = 0; r < data.rows; ++r) {
    scores.insert(scores.end(), start_.begin(), start_.end());
    for (const std::vector<Tree>& trees : rounds_)
      for (std::size_t k = 0; k < outputs; ++k) scores[r * outputs + k] += trees[k].leaf[leaf_of(trees[k], bins, r)];
  }
  to_probabilities(scores, outputs, classes_, made.probability);
  return made;
}

}  // namespace leaven::learn

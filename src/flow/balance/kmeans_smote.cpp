// KMeans-SMOTE: clusters first, then SMOTE inside those where the class is at home.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/value.hpp"
#include "flow/balance/sampler.hpp"

namespace leaven::flow {

using kernels::kNoRow;

namespace {

constexpr int kRounds = 30;  // of Lloyd's algorithm; it has settled long before on most tables

/// A missing cell stands at the column's mean.
double coordinate(const RowSpace& space, std::size_t row, std::size_t d) {
  const double v = space.at(row, d);
  return std::isnan(v) ? 0 : v;
}

double squared(const RowSpace& space, std::size_t row, const double* centre) {
  double sum = 0;
  for (std::size_t d = 0; d < space.dims; ++d) {
    const double apart = coordinate(space, row, d) - centre[d];
    sum += apart * apart;
  }
  return sum;
}

void add_centre(const RowSpace& space, std::size_t row, std::vector<double>& centres) {
  for (std::size_t d = 0; d < space.dims; ++d) centres.push_back(coordinate(space, row, d));
}

/// Arthur and Vassilvitskii's k-means++, drawn from the key.
std::vector<double> seeds(const RowSpace& space, std::size_t rows, std::size_t clusters, Key key) {
  std::vector<double> centres, far(rows, std::numeric_limits<double>::infinity());
  add_centre(space, static_cast<std::size_t>(draw_below(key, rows, 0)), centres);
  for (std::size_t c = 1; c < clusters; ++c) {
    double sum = 0;
    for (std::size_t r = 0; r < rows; ++r) {
      far[r] = std::min(far[r], squared(space, r, centres.data() + (c - 1) * space.dims));
      sum += far[r];
    }
    double left = draw_unit(key, c) * sum;
    std::size_t chosen = 0;
    while (chosen + 1 < rows && (left -= far[chosen]) >= 0) ++chosen;
    add_centre(space, chosen, centres);
  }
  return centres;
}

std::vector<std::uint32_t> clusters_of(const RowSpace& space, std::size_t rows, std::size_t clusters, Key key) {
  std::vector<double> centres = seeds(space, rows, clusters, key);
  std::vector<std::uint32_t> cluster(rows, kNoRow);
  for (int round = 0; round < kRounds; ++round) {
    bool moved = false;
    std::vector<double> sums(clusters * space.dims), counts(clusters);
    for (std::size_t r = 0; r < rows; ++r) {
      std::uint32_t best = 0;
      double least = std::numeric_limits<double>::infinity();
      for (std::uint32_t c = 0; c < clusters; ++c)
        if (const double apart = squared(space, r, centres.data() + c * space.dims); apart < least) least = apart, best = c;
      moved |= cluster[r] != best;
      cluster[r] = best;
      counts[best] += 1;
      for (std::size_t d = 0; d < space.dims; ++d) sums[best * space.dims + d] += coordinate(space, r, d);
    }
    if (!moved) break;
    for (std::size_t c = 0; c < clusters; ++c)
      for (std::size_t d = 0; d < space.dims && counts[c] > 0; ++d) centres[c * space.dims + d] = sums[c * space.dims + d] / counts[c];
  }
  return cluster;
}

/// How thinly the rows lie: their mean distance from the middle, to the power of the dimensions' count, by row.
double sparsity(const RowSpace& space, const std::vector<std::uint32_t>& rows) {
  std::vector<double> middle(space.dims);
  for (const std::uint32_t r : rows)
    for (std::size_t d = 0; d < space.dims; ++d) middle[d] += coordinate(space, r, d) / static_cast<double>(rows.size());
  double sum = 0;
  for (const std::uint32_t r : rows) sum += std::sqrt(squared(space, r, middle.data()));
  return sum / static_cast<double>(rows.size());
}

}  // namespace

void add_kmeans_smote(const ClassTask& task, SampledRows& to) {
  const std::size_t rows = task.matrix.rows(), clusters = std::min<std::size_t>(task.rules.clusters, rows);
  const std::vector<std::uint32_t> cluster = clusters_of(task.space, rows, clusters, task.key("clusters"));
  std::vector<std::vector<std::uint32_t>> own(clusters);
  std::vector<double> sizes(clusters), spread(clusters), weights(clusters);
  for (std::uint32_t r = 0; r < rows; ++r) {
    sizes[cluster[r]] += 1;
    if (task.matrix.label[r] == task.label) own[cluster[r]].push_back(r);
  }
  const double usual = static_cast<double>(task.rows.size()) / static_cast<double>(rows);
  double widest = 0;
  for (std::size_t c = 0; c < clusters; ++c)
    if (own[c].size() >= 2 && static_cast<double>(own[c].size()) / sizes[c] >= usual) widest = std::max(widest, spread[c] = sparsity(task.space, own[c]));
  // Relative to the widest, or the power would leave the range of a double.
  for (std::size_t c = 0; c < clusters; ++c)
    if (spread[c] > 0) weights[c] = exact::pow(spread[c] / widest, static_cast<double>(task.space.dims)) / static_cast<double>(own[c].size());
  if (std::ranges::all_of(weights, [](double w) { return w == 0; }))
    throw data_error("balance: no cluster holds two rows of class " + task.name() + " and more of it than the table as a whole")
        .with_hint("other clusters: clusters: " + std::to_string(2 * task.rules.clusters) + ", or method: smote");
  const std::vector<std::uint64_t> shares = shared_out(task.wanted, weights);
  for (std::size_t c = 0; c < clusters; ++c) {
    if (shares[c] == 0) continue;
    const ClassTask part{task.matrix, task.space, task.rules, task.pool, task.seed, task.label, own[c], shares[c]};
    add_smote(part, false, to);
  }
}

}  // namespace leaven::flow

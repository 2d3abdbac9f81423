#include "learn/near_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/neighbours.hpp"
#include "learn/table_encoder.hpp"
#include "learn/table_rows.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostTest = 2'000, kMostTrain = 20'000, kMostAsked = 500, kNeighbour = 5;
/// Cells that are compared, of all.
constexpr double kMostCompared = 4e9;

std::vector<std::uint32_t> evenly(std::span<const std::uint32_t> rows, std::size_t most) {
  std::vector<std::uint32_t> some;
  const std::size_t count = std::min(rows.size(), most);
  for (std::size_t i = 0; i < count; ++i) some.push_back(rows[i * rows.size() / count]);
  return some;
}

/// As points; a missing number is the mean.
std::vector<double> points_of(const TableEncoder& encoder, const Block& rows) {
  std::vector<float> one(encoder.size());
  std::vector<double> points;
  points.reserve(rows.rows * one.size());
  for (std::size_t r = 0; r < rows.rows; ++r) {
    encoder.encode(rows, r, one);
    for (const float value : one) points.push_back(std::isnan(value) ? 0 : value);
  }
  return points;
}

/// Of each of the first `count` rows of `queries` the k nearest.
std::vector<kernels::Nearest> nearest(const kernels::NeighbourIndex& index, const kernels::NeighbourRows& queries, std::size_t count, std::size_t k, std::span<const std::uint32_t> own) {
  std::vector<kernels::Nearest> found(count * k);
  kernels::find_nearest(index, queries, 0, count, k, own, found);
  return found;
}

}  // namespace

NearRows near_rows(const Block& block, std::size_t target, std::span<const std::uint32_t> test, std::span<const std::uint32_t> train) {
  NearRows near;
  if (train.size() <= kNeighbour || test.empty()) return near;
  const std::vector<std::uint32_t> known = evenly(train, kMostTrain);
  const Block known_rows = rows_of(block, known);
  const TableEncoder encoder(known_rows, target);
  const auto affordable = static_cast<std::size_t>(kMostCompared / (static_cast<double>(known.size()) * static_cast<double>(encoder.size())));
  const std::vector<std::uint32_t> asked = evenly(test, std::clamp<std::size_t>(affordable, 1, kMostTest));
  near.of_test = asked.size(), near.among_train = known.size();
  const std::vector<double> points = points_of(encoder, known_rows), queries = points_of(encoder, rows_of(block, asked));
  const kernels::NeighbourRows all{points, {}, known.size(), encoder.size(), 0, 0}, others{queries, {}, asked.size(), encoder.size(), 0, 0};
  const kernels::NeighbourIndex index(all);
  // Training rows among themselves, to see how far rows lie apart.
  std::vector<std::uint32_t> own(known.size());
  std::iota(own.begin(), own.end(), 0U);
  own = evenly(own, kMostAsked);
  std::vector<double> some;
  for (const std::uint32_t r : own) some.insert(some.end(), points.begin() + static_cast<std::ptrdiff_t>(r * encoder.size()), points.begin() + static_cast<std::ptrdiff_t>((r + 1) * encoder.size()));
  const kernels::NeighbourRows looked{some, {}, own.size(), encoder.size(), 0, 0};
  std::vector<double> apart;
  const std::vector<kernels::Nearest> among = nearest(index, looked, own.size(), kNeighbour, own);
  for (std::size_t i = 0; i < own.size(); ++i) apart.push_back(std::sqrt(among[(i + 1) * kNeighbour - 1].squared));
  std::ranges::nth_element(apart, apart.begin() + static_cast<std::ptrdiff_t>(apart.size() / 2));
  const double radius = kNearShare * apart[apart.size() / 2];
  const std::vector<kernels::Nearest> found = nearest(index, others, asked.size(), 1, {});
  for (std::size_t i = 0; i < asked.size(); ++i)
    if (const double distance = std::sqrt(found[i].squared); distance > 0 && distance <= radius) near.found.push_back({asked[i], known[found[i].row], distance});
  return near;
}

}  // namespace leaven::learn

#include "learn/look_alikes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <unordered_set>

#include "flow/perceptual.hpp"
#include "learn/engine.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kShown = 5;

/// Pearson's, of what the learner sees.
double correlation(const Pictures& pictures, std::uint32_t a, std::uint32_t b) {
  const InputShape& shape = pictures.shape();
  std::vector<float> x(shape.values()), y(shape.values());
  standardise(pictures.seen(a).view(), {}, shape, x);
  standardise(pictures.seen(b).view(), {}, shape, y);
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) mx += x[i], my += y[i];
  mx /= static_cast<double>(x.size()), my /= static_cast<double>(y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace

LookAlikes find_look_alikes(const Pictures& pictures, const Partition& partition) {
  LookAlikes found;
  std::set<std::uint32_t> training;
  for (const Fold& fold : partition.folds) {
    training.insert(fold.train.begin(), fold.train.end());
    training.insert(fold.validation.begin(), fold.validation.end());
  }
  std::unordered_set<std::string_view> tested;
  for (const std::uint32_t e : partition.test) tested.insert(pictures.digest(e));
  flow::HammingIndex hashes(kHashDistance);
  for (const std::uint32_t e : training) {
    if (tested.contains(pictures.digest(e)))
      found.equal.push_back(e);
    else if (const auto hash = flow::difference_hash(pictures.seen(e).view()))
      hashes.add(*hash, e);
  }
  const std::vector<io::Entry>& entries = pictures.index().entries;
  for (const std::uint32_t e : partition.test) {
    const auto hash = flow::difference_hash(pictures.seen(e).view());
    const auto near = hash ? hashes.nearest(*hash) : std::nullopt;
    if (!near || correlation(pictures, e, near->item) < kLeastCorrelation) continue;
    ++found.count;
    if (found.first.size() < kShown) found.first.push_back({entries[e].id, entries[near->item].id, static_cast<double>(near->distance)});
  }
  if (found.count > 0) found.note = fmt::format("{} test pictures look like a training picture (such as {} and {})", found.count, found.first.front().test, found.first.front().train);
  return found;
}

std::vector<std::uint32_t> look_alike_groups(const Pictures& pictures, const Entries& used) {
  std::vector<std::uint32_t> group(pictures.index().entries.size());
  std::iota(group.begin(), group.end(), 0U);
  flow::HammingIndex hashes(kHashDistance);
  for (const std::uint32_t e : used) {
    const auto hash = pictures.has(e) ? flow::difference_hash(pictures.seen(e).view()) : std::nullopt;
    if (!hash) continue;
    // Those before are in groups already, so the nearest of them leads to the first one.
    if (const auto near = hashes.nearest(*hash); near && correlation(pictures, e, near->item) >= kLeastCorrelation) group[e] = group[near->item];
    hashes.add(*hash, e);
  }
  return group;
}

}  // namespace leaven::learn

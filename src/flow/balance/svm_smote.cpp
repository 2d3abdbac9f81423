// SVM-SMOTE: new rows along the margin of a support vector machine (Nguyen, Cooper and Kamei 2011).
#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "core/error.hpp"
#include "flow/balance/sampler.hpp"
#include "flow/balance/svm.hpp"

namespace leaven::flow {

using kernels::kNoRow;

namespace {

constexpr std::size_t kMostTrained = 4096;  // the machine's kernel is held whole: 64 MB
constexpr double kInside = 1 + 1e-3;

/// At most `most` of them, evenly.
std::vector<std::uint32_t> evenly(const std::vector<std::uint32_t>& rows, std::size_t most) {
  if (rows.size() <= most) return rows;
  std::vector<std::uint32_t> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(rows[i * rows.size() / most]);
  return some;
}

/// A missing cell stands in the middle of its column.
std::vector<double> point_of(const RowSpace& space, std::uint32_t row) {
  std::vector<double> point(space.dims);
  for (std::size_t d = 0; d < point.size(); ++d)
    if (const double v = space.at(row, d); !std::isnan(v)) point[d] = v;
  return point;
}

Svm trained(const ClassTask& task, const std::vector<std::uint32_t>& strangers) {
  std::vector<std::uint32_t> rows = evenly(task.rows, std::max(kMostTrained / 2, kMostTrained - std::min(kMostTrained, strangers.size())));
  std::vector<bool> positive(rows.size(), true);
  for (const std::uint32_t row : evenly(strangers, kMostTrained - rows.size())) rows.push_back(row), positive.push_back(false);
  std::vector<double> points;
  for (const std::uint32_t row : rows) {
    const std::vector<double> point = point_of(task.space, row);
    points.insert(points.end(), point.begin(), point.end());
  }
  return Svm(points, task.space.dims, positive, 1, 1 / static_cast<double>(task.space.dims));
}

/// Rows of the class that lie inside the margin, or on the wrong side of it, in the order of `rows`.
std::vector<std::uint32_t> inside_margin(const ClassTask& task, const Svm& svm, const std::vector<std::uint32_t>& rows) {
  constexpr std::size_t kRowsATask = 256;
  std::vector<std::uint8_t> inside(rows.size());
  const auto look = [&](std::size_t part) -> std::shared_ptr<void> {
    for (std::size_t i = part * kRowsATask; i < std::min(rows.size(), (part + 1) * kRowsATask); ++i)
      inside[i] = svm.decide(point_of(task.space, rows[i])) <= kInside ? 1 : 0;
    return nullptr;
  };
  task.pool.run_ordered((rows.size() + kRowsATask - 1) / kRowsATask, look, [](std::size_t, const std::shared_ptr<void>&) {});
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (inside[i] != 0) found.push_back(rows[i]);
  return found;
}

}  // namespace

void add_svm_smote(const ClassTask& task, SampledRows& to) {
  const std::size_t k = task.neighbours(to), m = std::min<std::size_t>(task.rules.m, task.matrix.rows() - 1);
  std::vector<std::uint32_t> everybody(task.matrix.rows()), strangers;
  std::iota(everybody.begin(), everybody.end(), 0U);
  for (const std::uint32_t row : everybody)
    if (task.matrix.label[row] != task.label) strangers.push_back(row);
  if (strangers.empty()) throw data_error("balance: svm_smote looks for the margin to other classes, and there is but one");
  const auto support = inside_margin(task, trained(task, strangers), task.shuffled());
  const Neighbours around = task.near(everybody, support, m, to);
  std::vector<std::uint32_t> bases;
  std::vector<bool> danger;
  for (std::size_t i = 0; i < support.size(); ++i) {
    const auto others = static_cast<std::size_t>(std::ranges::count_if(around.of(i), [&](const auto& n) { return n.row != kNoRow && task.matrix.label[n.row] != task.label; }));
    if (others == m) continue;  // alone among strangers
    bases.push_back(support[i]);
    danger.push_back(2 * others >= m);
  }
  if (bases.empty())
    throw data_error("balance: no row of class " + task.name() + " lies at the margin and has a row of its class near").with_hint("method: smote takes all rows");
  const std::size_t first = to.rows.size();
  add_between(task, bases, task.near(task.rows, bases, k, to), task.wanted, to);
  for (std::size_t i = first; i < to.rows.size(); ++i)
    if (!danger[(i - first) % bases.size()]) to.rows[i].lambda *= -task.rules.reach;
}

}  // namespace leaven::flow

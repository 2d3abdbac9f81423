// How rows lie for the search: panels, and where there are few dimensions boxes around them.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/neighbours.hpp"

namespace leaven::kernels {

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::size_t kFewestBoxedRows = 512;  // few rows are soon compared

}  // namespace

NeighbourIndex::NeighbourIndex(const NeighbourRows& rows)
    : rows_(rows),
      numbers_(panels() * kPanel * rows.dims),
      codes_(panels() * kPanel * rows.words),
      half_norms_(panels() * kPanel, std::numeric_limits<float>::infinity()),
      reach_(panels()) {
  order_.resize(rows.rows);
  std::iota(order_.begin(), order_.end(), 0U);
  const bool boxed = rows.dims > 0 && rows.dims <= kMostBoxedDims && rows.rows >= kFewestBoxedRows;
  if (boxed) put_near_together(order_);
  for (std::size_t place = 0; place < rows.rows; ++place) {
    const std::size_t p = place / kPanel, lane = place % kPanel, r = order_[place];
    for (std::size_t i = 0; i < rows.dims; ++i)
      numbers_[(p * rows.dims + i) * kPanel + lane] = static_cast<float>(rows.numbers[r * rows.dims + i]);
    for (std::size_t w = 0; w < rows.words; ++w)
      codes_[(p * rows.words + w) * kPanel + lane] = rows.codes[r * rows.words + w];
    const double norm = rows.norm(r);
    half_norms_[place] = static_cast<float>(norm / 2);
    reach_[p] = std::max(reach_[p], std::sqrt(norm));
  }
  if (boxed) find_boxes();
}

/// Halves them at whole panels along the dimension in which most of them reach farthest: the ends do not count, as they are where
/// a column of zeros has its few numbers.
void NeighbourIndex::put_near_together(std::span<std::uint32_t> rows) {
  if (rows.size() <= kPanel) return;
  const auto number = [&](std::uint32_t row, std::size_t i) { return rows_.numbers[row * rows_.dims + i]; };
  std::size_t widest = 0;
  double reach = -1;
  for (std::size_t i = 0; i < rows_.dims; ++i) {
    std::array<double, kPanel> some;
    for (std::size_t j = 0; j < some.size(); ++j) some[j] = number(rows[j * rows.size() / some.size()], i);
    std::ranges::sort(some);
    const double spread = some[kPanel * 7 / 8] - some[kPanel / 8];
    if (spread > reach) reach = spread, widest = i;
  }
  const std::size_t half = ((rows.size() + kPanel - 1) / kPanel + 1) / 2 * kPanel;
  std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(half), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return number(a, widest) != number(b, widest) ? number(a, widest) < number(b, widest) : a < b;
  });
  put_near_together(rows.first(half));
  put_near_together(rows.subspan(half));
}

void NeighbourIndex::find_boxes() {
  const auto nothing = [&](std::size_t boxes) {
    const std::size_t count = (boxes + 7) / 8 * 8;
    return Boxes{count, std::vector<double>(count * rows_.dims, kInf), std::vector<double>(count * rows_.dims, -kInf)};
  };
  const auto add = [](Boxes& boxes, std::size_t i, std::size_t box, double number) {
    double& low = boxes.lowest[i * boxes.count + box];
    double& high = boxes.highest[i * boxes.count + box];
    low = std::min(low, number), high = std::max(high, number);
  };
  boxes_ = nothing(panels());
  blocks_ = nothing((panels() + kBlock - 1) / kBlock);
  ordered_.reserve(rows_.numbers.size());
  for (std::size_t place = 0; place < rows_.rows; ++place)
    for (std::size_t i = 0; i < rows_.dims; ++i) {
      const double number = rows_.numbers[order_[place] * rows_.dims + i];
      ordered_.push_back(number);
      add(boxes_, i, place / kPanel, number);
      add(blocks_, i, place / (kPanel * kBlock), number);
    }
}

}  // namespace leaven::kernels

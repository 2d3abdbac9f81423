#include "flow/balance/neighbour_graph.hpp"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/interruption.hpp"
#include "core/key.hpp"

namespace leaven::flow {

using kernels::kNoRow;
using kernels::Nearest;
using kernels::NeighbourRows;

namespace {

constexpr std::size_t kLinks = 16, kBreadthBuilding = 200, kBreadthSearching = 128;  // M, efConstruction and ef of the paper
constexpr Key kLevels{0x6c6576656c73, 0x67726170680a};
constexpr double kInf = std::numeric_limits<double>::infinity();

/// What a point of the graph is: `dims` floats, then `words` category numbers.
struct Point {
  std::size_t dims{}, words{};
  float mismatch{};
  std::size_t cells() const { return dims + words; }
};

/// Eight sums side by side, of which compilers make vectors; their order is always the same.
float squared_distance(const float* a, const float* b, std::size_t dims) {
  std::array<float, 8> sums{}, shared{};
  const auto add = [&](std::size_t lane, std::size_t i) {
    const float apart = a[i] - b[i];
    const bool there = apart == apart;
    sums[lane] += there ? apart * apart : 0.0f;
    shared[lane] += there ? 1.0f : 0.0f;
  };
  std::size_t i = 0;
  for (; i + sums.size() <= dims; i += sums.size())
    for (std::size_t lane = 0; lane < sums.size(); ++lane) add(lane, i + lane);
  for (; i < dims; ++i) add(i % sums.size(), i);
  const float sum = std::accumulate(sums.begin(), sums.end(), 0.0f), both = std::accumulate(shared.begin(), shared.end(), 0.0f);
  if (both == static_cast<float>(dims)) return sum;
  // Rows that share nothing are farther than any others, and the graph must still order them.
  return both == 0 ? std::numeric_limits<float>::max() / 4 : sum * static_cast<float>(dims) / both;
}

float point_distance(const void* a, const void* b, const void* point) {
  const auto& shape = *static_cast<const Point*>(point);
  const auto *x = static_cast<const float*>(a), *y = static_cast<const float*>(b);
  float sum = shape.dims > 0 ? squared_distance(x, y, shape.dims) : 0.0f;
  for (std::size_t w = shape.dims; w < shape.cells(); ++w)
    if (std::memcmp(x + w, y + w, sizeof(float)) != 0) sum += shape.mismatch;
  return sum;
}

class PointSpace final : public hnswlib::SpaceInterface<float> {
 public:
  explicit PointSpace(const Point& point) : point_(point) {}
  std::size_t get_data_size() override { return point_.cells() * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return point_distance; }
  void* get_dist_func_param() override { return &point_; }

 private:
  Point point_;
};

/// The exponential law of the paper; hnswlib's own draw would take its logarithm from libm.
int level_of(std::uint64_t place) {
  const auto block = random_block(kLevels, place);
  const double unit = (static_cast<double>(block[0]) + 1) * 0x1p-32;  // (0, 1]
  static const double per_level = 1 / exact::log(static_cast<double>(kLinks));
  return static_cast<int>(-exact::log(unit) * per_level);
}

bool before(const Nearest& a, const Nearest& b) { return a.squared != b.squared ? a.squared < b.squared : a.row < b.row; }

}  // namespace

class NeighbourGraph::Graph {
 public:
  explicit Graph(const NeighbourRows& rows)
      : dims_(rows.dims),
        words_(rows.words),
        numbers_(rows.numbers.begin(), rows.numbers.end()),
        codes_(rows.codes.begin(), rows.codes.end()),
        mismatch_(rows.mismatch),
        space_({rows.dims, rows.words, static_cast<float>(rows.mismatch)}) {
    group_equal_rows(rows.rows);
    try {
      graph_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space_, groups(), kLinks, kBreadthBuilding);
    } catch (const std::runtime_error&) {
      throw environment_error("not enough memory for a graph of " + std::to_string(groups()) + " rows");
    }
    graph_->mult_ = 0;  // levels are given, never drawn
    std::vector<float> point(dims_ + words_);
    for (std::size_t g = 0; g < groups(); ++g) {
      Interruption::look();
      put_point(view(), order_[starts_[g]], point);
      graph_->addPoint(point.data(), g, level_of(g));
    }
  }

  void find(const NeighbourRows& queries, std::size_t q, std::size_t k, std::uint32_t own, std::span<Nearest> found) const {
    std::vector<float> point(dims_ + words_);
    put_point(queries, q, point);
    auto near = graph_->searchKnn(point.data(), std::max(kBreadthSearching, 4 * (k + 1)));
    std::vector<Nearest> rows;
    for (; !near.empty(); near.pop()) {
      const std::size_t g = near.top().second, end = std::min<std::size_t>(starts_[g + 1], starts_[g] + k + 1);
      const double squared = distance(queries, q, order_[starts_[g]]);
      for (std::size_t i = starts_[g]; i < end && squared < kInf; ++i)
        if (order_[i] != own) rows.push_back({order_[i], squared});
    }
    std::ranges::sort(rows, before);
    std::ranges::fill(found, Nearest{kNoRow, kInf});
    std::copy_n(rows.begin(), std::min(k, rows.size()), found.begin());
  }

 private:
  std::size_t groups() const { return starts_.size() - 1; }
  NeighbourRows view() const { return {numbers_, codes_, order_.size(), dims_, words_, mismatch_}; }

  /// Equal rows are one point, or the links of each would all go to its equals and the graph would fall apart.
  void group_equal_rows(std::size_t rows) {
    const auto compare = [&](std::uint32_t a, std::uint32_t b) {
      const int numbers = dims_ == 0 ? 0 : std::memcmp(numbers_.data() + a * dims_, numbers_.data() + b * dims_, dims_ * sizeof(double));
      if (numbers != 0 || words_ == 0) return numbers;
      return std::memcmp(codes_.data() + a * words_, codes_.data() + b * words_, words_ * sizeof(std::int32_t));
    };
    order_.resize(rows);
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::sort(order_, [&](std::uint32_t a, std::uint32_t b) {
      const int way = compare(a, b);
      return way != 0 ? way < 0 : a < b;
    });
    // In the order in which they first appear, or sorted points would go in along a line.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> firsts;  // row, place in order_
    for (std::uint32_t i = 0; i < rows; ++i)
      if (i == 0 || compare(order_[i - 1], order_[i]) != 0) firsts.emplace_back(order_[i], i);
    std::vector<std::uint32_t> ends;
    for (std::size_t g = 0; g < firsts.size(); ++g) ends.push_back(g + 1 < firsts.size() ? firsts[g + 1].second : static_cast<std::uint32_t>(rows));
    std::vector<std::uint32_t> by_row(firsts.size()), grouped;
    std::iota(by_row.begin(), by_row.end(), 0U);
    std::ranges::sort(by_row, {}, [&](std::uint32_t g) { return firsts[g].first; });
    grouped.reserve(rows);
    for (const std::uint32_t g : by_row) {
      starts_.push_back(static_cast<std::uint32_t>(grouped.size()));
      grouped.insert(grouped.end(), order_.begin() + firsts[g].second, order_.begin() + ends[g]);
    }
    starts_.push_back(static_cast<std::uint32_t>(rows));
    order_ = std::move(grouped);
  }

  void put_point(const NeighbourRows& rows, std::size_t row, std::span<float> point) const {
    for (std::size_t i = 0; i < dims_; ++i) point[i] = static_cast<float>(rows.numbers[row * dims_ + i]);
    if (words_ > 0) std::memcpy(point.data() + dims_, rows.codes.data() + row * words_, words_ * sizeof(std::int32_t));
  }

  double distance(const NeighbourRows& queries, std::size_t q, std::size_t row) const {
    double sum = 0, shared = 0;
    for (std::size_t i = 0; i < dims_; ++i) {
      const double apart = queries.numbers[q * dims_ + i] - numbers_[row * dims_ + i];
      if (!std::isnan(apart)) sum += apart * apart, shared += 1;
    }
    if (dims_ > 0 && shared == 0) return kInf;
    if (shared < static_cast<double>(dims_)) sum = sum * static_cast<double>(dims_) / shared;
    for (std::size_t w = 0; w < words_; ++w)
      if (queries.codes[q * words_ + w] != codes_[row * words_ + w]) sum += mismatch_;
    return sum;
  }

  std::size_t dims_, words_;
  std::vector<double> numbers_;
  std::vector<std::int32_t> codes_;
  double mismatch_;
  std::vector<std::uint32_t> order_{}, starts_{};  ///< rows group by group, ascending in each; where a group begins
  PointSpace space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph_{};
};

NeighbourGraph::NeighbourGraph(const NeighbourRows& rows) : graph_(std::make_unique<Graph>(rows)) {}
NeighbourGraph::~NeighbourGraph() = default;

void NeighbourGraph::find(const NeighbourRows& queries, std::size_t first, std::size_t last, std::size_t k, std::span<const std::uint32_t> own,
                          std::span<Nearest> found) const {
  for (std::size_t q = first; q < last; ++q) graph_->find(queries, q, k, own.empty() ? kNoRow : own[q], found.subspan((q - first) * k, k));
}

}  // namespace leaven::flow

#include "kernels/neighbours.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/neighbours.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef LEAVEN_KERNELS_NEIGHBOURS_ONCE
#define LEAVEN_KERNELS_NEIGHBOURS_ONCE
namespace leaven::kernels {

inline constexpr std::size_t kGroup = 4;  // queries that share the loads of a panel

/// Four queries against one panel: what scan_panel() reads and writes.
struct PanelScan {
  const float* queries{};         ///< dims × kGroup, dimension by dimension
  const std::int32_t* codes{};    ///< words × kGroup
  const float* panel{};
  const std::int32_t* panel_codes{};
  const float* half_norms{};
  std::size_t dims{}, words{};
  float half_mismatch{};
  float limits[kGroup]{};         ///< a row scoring above it is too far
  std::uint64_t near[kGroup]{};   ///< out: bit r is set where row r may be near enough
  float scores[kGroup][NeighbourIndex::kPanel];  ///< out: of those rows, and perhaps of others
};

}  // namespace leaven::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// score = |row|²/2 − query·row (+ mismatch/2 for every different code): half the squared distance, but for the query's
/// own norm. Only a filter, so MulAdd may round as it likes: the limits have room for it.
void scan_panel(PanelScan& s) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToSigned<decltype(d)> di;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t q = 0; q < kGroup; ++q) s.near[q] = 0;
  for (std::size_t at = 0; at < NeighbourIndex::kPanel; at += 2 * lanes) {
    const auto norm0 = hn::LoadU(d, s.half_norms + at), norm1 = hn::LoadU(d, s.half_norms + at + lanes);
    auto a0 = norm0, a1 = norm1, b0 = norm0, b1 = norm1, c0 = norm0, c1 = norm1, e0 = norm0, e1 = norm1;
    const float* row = s.panel + at;
    const float* query = s.queries;
    for (std::size_t i = 0; i < s.dims; ++i, row += NeighbourIndex::kPanel, query += kGroup) {
      const auto x0 = hn::LoadU(d, row), x1 = hn::LoadU(d, row + lanes);
      const auto qa = hn::Set(d, query[0]), qb = hn::Set(d, query[1]), qc = hn::Set(d, query[2]), qe = hn::Set(d, query[3]);
      a0 = hn::NegMulAdd(qa, x0, a0), a1 = hn::NegMulAdd(qa, x1, a1);
      b0 = hn::NegMulAdd(qb, x0, b0), b1 = hn::NegMulAdd(qb, x1, b1);
      c0 = hn::NegMulAdd(qc, x0, c0), c1 = hn::NegMulAdd(qc, x1, c1);
      e0 = hn::NegMulAdd(qe, x0, e0), e1 = hn::NegMulAdd(qe, x1, e1);
    }
    const auto weight = hn::Set(d, s.half_mismatch);
    for (std::size_t w = 0; w < s.words; ++w) {
      const std::int32_t* const codes = s.panel_codes + w * NeighbourIndex::kPanel + at;
      const auto x0 = hn::LoadU(di, codes), x1 = hn::LoadU(di, codes + lanes);
      const auto add = [&](auto sum, auto x, std::size_t q) {
        const auto differs = hn::RebindMask(d, hn::Ne(x, hn::Set(di, s.codes[w * kGroup + q])));
        return hn::Add(sum, hn::IfThenElseZero(differs, weight));
      };
      a0 = add(a0, x0, 0), a1 = add(a1, x1, 0), b0 = add(b0, x0, 1), b1 = add(b1, x1, 1);
      c0 = add(c0, x0, 2), c1 = add(c1, x1, 2), e0 = add(e0, x0, 3), e1 = add(e1, x1, 3);
    }
    const auto note = [&](auto v0, auto v1, std::size_t q) {
      const auto limit = hn::Set(d, s.limits[q]);
      const auto m0 = hn::Le(v0, limit), m1 = hn::Le(v1, limit);
      if (hn::AllFalse(d, hn::Or(m0, m1))) return;
      std::uint8_t bits[16] = {};
      hn::StoreU(v0, d, s.scores[q] + at);
      hn::StoreU(v1, d, s.scores[q] + at + lanes);
      hn::StoreMaskBits(d, m0, bits);
      hn::StoreMaskBits(d, m1, bits + 8);
      s.near[q] |= (std::uint64_t{bits[0]} | std::uint64_t{bits[1]} << 8) << at;
      s.near[q] |= (std::uint64_t{bits[8]} | std::uint64_t{bits[9]} << 8) << (at + lanes);
    };
    note(a0, a1, 0), note(b0, b1, 1), note(c0, c1, 2), note(e0, e1, 3);
  }
}

/// Squared distances from a point to boxes. What is rounded is rounded as in distance(), whose terms are no smaller: no row
/// of a box is nearer than this says, not by a bit.
/// Answers with the least of them.
double box_distances(const double* const* lowest, const double* const* highest, std::size_t boxes, std::size_t dims, const double* point, double* out) {
  const hn::CappedTag<double, 8> d;
  auto least = hn::Set(d, std::numeric_limits<double>::infinity());
  for (std::size_t at = 0; at < boxes; at += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i < dims; ++i) {
      const auto x = hn::Set(d, point[i]);
      const auto apart = hn::Max(hn::Max(hn::Sub(hn::LoadU(d, lowest[i] + at), x), hn::Sub(x, hn::LoadU(d, highest[i] + at))), hn::Zero(d));
      sum = hn::Add(sum, hn::Mul(apart, apart));
    }
    hn::StoreU(sum, d, out + at);
    least = hn::Min(least, sum);
  }
  return hn::GetLane(hn::MinOfLanes(d, least));
}

void masked_panel(const double* panel, std::size_t dims, const double* query, double* out) {
  const hn::CappedTag<double, 8> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t at = 0; at < NeighbourIndex::kPanel; at += lanes) {
    auto sum = hn::Zero(d), shared = hn::Zero(d);
    for (std::size_t i = 0; i < dims; ++i) {
      const auto apart = hn::Sub(hn::LoadU(d, panel + i * NeighbourIndex::kPanel + at), hn::Set(d, query[i]));
      const auto there = hn::Eq(apart, apart);
      sum = hn::Add(sum, hn::IfThenElseZero(there, hn::Mul(apart, apart)));
      shared = hn::Add(shared, hn::IfThenElseZero(there, hn::Set(d, 1.0)));
    }
    const auto scaled = hn::Div(hn::Mul(sum, hn::Set(d, static_cast<double>(dims))), shared);
    const auto none = hn::Eq(shared, hn::Zero(d));
    hn::StoreU(hn::IfThenElse(none, hn::Set(d, std::numeric_limits<double>::infinity()), scaled), d, out + at);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(scan_panel);
HWY_EXPORT(box_distances);
HWY_EXPORT(masked_panel);

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr std::size_t kTile = 32;  // panels kept in cache while all queries go over them
constexpr std::size_t kMostBoxedDims = NeighbourIndex::kMostBoxedDims;

/// `y`: the numbers of row_b.
double distance(const NeighbourRows& a, std::size_t row_a, const NeighbourRows& b, std::size_t row_b, const double* y) {
  double sum = 0;
  const double* x = a.numbers.data() + row_a * a.dims;
  for (std::size_t i = 0; i < a.dims; ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  for (std::size_t w = 0; w < a.words; ++w)
    if (a.codes[row_a * a.words + w] != b.codes[row_b * b.words + w]) sum += b.mismatch;
  return sum;
}

bool before(const Nearest& a, const Nearest& b) { return a.squared != b.squared ? a.squared < b.squared : a.row < b.row; }

/// The k nearest so far, sorted. Whether the candidate is one.
bool keep(std::span<Nearest> best, Nearest candidate) {
  if (!before(candidate, best.back())) return false;
  std::size_t at = best.size() - 1;
  for (; at > 0 && before(candidate, best[at - 1]); --at) best[at] = best[at - 1];
  best[at] = candidate;
  return true;
}

/// A search of one stretch of queries.
class Search {
 public:
  Search(const NeighbourIndex& index, const NeighbourRows& queries, std::size_t first, std::size_t last, std::size_t k,
         std::span<const std::uint32_t> own, std::span<Nearest> found)
      : index_(index), queries_(queries), first_(first), count_(last - first), k_(k), own_(own), found_(found) {
    std::ranges::fill(found_, Nearest{kNoRow, kInf});
    order_.resize(count_);
    std::iota(order_.begin(), order_.end(), 0U);
    if (index_.boxed()) find_starts();
    const std::size_t groups = (count_ + kGroup - 1) / kGroup;
    numbers_.resize(groups * kGroup * queries.dims);
    codes_.resize(groups * kGroup * queries.words, -1);
    for (std::size_t place = 0; place < count_; ++place) {
      const std::size_t q = first + order_[place];
      norms_.push_back(queries.norm(q));
      roots_.push_back(std::sqrt(norms_.back()));
      const std::size_t group = place / kGroup, lane = place % kGroup;
      for (std::size_t i = 0; i < queries.dims; ++i)
        numbers_[(group * queries.dims + i) * kGroup + lane] = static_cast<float>(queries.numbers[q * queries.dims + i]);
      for (std::size_t w = 0; w < queries.words; ++w)
        codes_[(group * queries.words + w) * kGroup + lane] = queries.codes[q * queries.words + w];
    }
  }

  void run() {
    if (index_.boxed()) return run_boxed();
    for (std::size_t tile = 0; tile < index_.panels(); tile += kTile)
      for (std::size_t group = 0; group * kGroup < count_; ++group)
        for (std::size_t p = tile; p < std::min(tile + kTile, index_.panels()); ++p) scan(group, p, {});
  }

 private:
  /// Squared distances of a point to boxes [first, first + count); answers with the place of the least, behind `first`.
  std::size_t distances_to(const NeighbourIndex::Boxes& boxes, std::size_t first, std::size_t count, const double* point, double* out) const {
    const double* lowest[kMostBoxedDims];
    const double* highest[kMostBoxedDims];
    for (std::size_t i = 0; i < queries_.dims; ++i)
      lowest[i] = boxes.lowest.data() + i * boxes.count + first, highest[i] = boxes.highest.data() + i * boxes.count + first;
    const double least = HWY_DYNAMIC_DISPATCH(box_distances)(lowest, highest, count, queries_.dims, point, out);
    return std::min(static_cast<std::size_t>(std::find(out, out + count, least) - out), count - 1);  // numbers without end have no least
  }

  std::size_t boxes_in(std::size_t block) const { return std::min(NeighbourIndex::kBlock, index_.boxes().count - block * NeighbourIndex::kBlock); }
  std::size_t start(std::size_t place) const { return start_[order_[place]]; }
  const double* point(std::size_t place) const { return queries_.numbers.data() + (first_ + order_[place]) * queries_.dims; }

  /// Queries that begin in one box come behind each other.
  void find_starts() {
    to_blocks_.resize(kGroup * index_.blocks().count);
    start_.resize(count_);
    std::array<double, NeighbourIndex::kBlock> away;
    for (std::size_t q = 0; q < count_; ++q) {
      distances_to(index_.blocks(), 0, index_.blocks().count, point(q), to_blocks_.data());
      double least = kInf;
      for (std::size_t block = 0; block * NeighbourIndex::kBlock < index_.panels(); ++block) {
        if (to_blocks_[block] >= least) continue;  // blocks are no whole branches of the tree, so several may hold the point
        const std::size_t nearest = distances_to(index_.boxes(), block * NeighbourIndex::kBlock, boxes_in(block), point(q), away.data());
        if (away[nearest] >= least) continue;
        least = away[nearest];
        start_[q] = static_cast<std::uint32_t>(block * NeighbourIndex::kBlock + nearest);
      }
    }
    std::ranges::stable_sort(order_, {}, [&](std::uint32_t q) { return start_[q]; });
  }

  void run_boxed() {
    const std::size_t blocks = index_.blocks().count;
    for (std::size_t group = 0; group * kGroup < count_; ++group) {
      const std::size_t first = group * kGroup, real = std::min(kGroup, count_ - first);
      for (std::size_t q = 0; q < real; ++q) distances_to(index_.blocks(), 0, blocks, point(first + q), to_blocks_.data() + q * blocks);
      // Each first where it begins: from then on it passes by nearly all others.
      for (std::size_t q = 0; q < real; ++q) {
        if (q > 0 && start(first + q) == start(first + q - 1)) continue;
        std::array<bool, kGroup> passes;
        for (std::size_t other = 0; other < kGroup; ++other) passes[other] = other >= real || start(first + other) != start(first + q);
        scan(group, start(first + q), passes);
      }
      for (std::size_t block = 0; block < blocks; ++block) look_into(group, block);
    }
  }

  /// The panels of a block that may hold a nearer row for one of the group.
  void look_into(std::size_t group, std::size_t block) {
    const std::size_t first = group * kGroup, real = std::min(kGroup, count_ - first), begin = block * NeighbourIndex::kBlock;
    bool helps = false;
    for (std::size_t q = 0; q < real; ++q) helps |= to_blocks_[q * index_.blocks().count + block] <= worst(first + q);
    if (!helps || begin >= index_.panels()) return;
    std::array<std::array<double, NeighbourIndex::kBlock>, kGroup> away;
    for (std::size_t q = 0; q < real; ++q) distances_to(index_.boxes(), begin, boxes_in(block), point(first + q), away[q].data());
    for (std::size_t p = begin; p < std::min(begin + NeighbourIndex::kBlock, index_.panels()); ++p) {
      std::array<bool, kGroup> passes;
      bool all = true;
      for (std::size_t q = 0; q < kGroup; ++q) all &= passes[q] = q >= real || p == start(first + q) || away[q][p - begin] > worst(first + q);
      if (!all) scan(group, p, passes);
    }
  }

  double worst(std::size_t place) const { return found_[order_[place] * k_ + k_ - 1].squared; }

  /// `passes`: queries of the group that the panel cannot help.
  void scan(std::size_t group, std::size_t p, const std::array<bool, kGroup>& passes) {
    PanelScan s;
    s.queries = numbers_.data() + group * kGroup * queries_.dims;
    s.codes = codes_.data() + group * kGroup * queries_.words;
    s.panel = index_.panel(p);
    s.panel_codes = index_.panel_codes(p);
    s.half_norms = index_.half_norms(p);
    s.dims = queries_.dims;
    s.words = queries_.words;
    s.half_mismatch = static_cast<float>(index_.rows().mismatch / 2);
    const std::size_t real = std::min(kGroup, count_ - group * kGroup);
    for (std::size_t q = 0; q < kGroup; ++q)
      s.limits[q] = q < real && !passes[q] ? limit(group * kGroup + q, index_.reach(p)) : -std::numeric_limits<float>::infinity();
    HWY_DYNAMIC_DISPATCH(scan_panel)(s);
    for (std::size_t q = 0; q < real; ++q) {
      if (worst(group * kGroup + q) == kInf && s.near[q] != 0) s.near[q] &= ~consider_best(s, group * kGroup + q, p, q);
      for (std::uint64_t near = s.near[q]; near != 0; near &= near - 1) {
        const auto r = static_cast<std::size_t>(__builtin_ctzll(near));
        if (s.scores[q][r] <= s.limits[q] && consider(group * kGroup + q, p * NeighbourIndex::kPanel + r))
          s.limits[q] = limit(group * kGroup + q, index_.reach(p));
      }
    }
  }

  /// While nothing is known: the rows of the best scores first, so that few of the others help. Answers with these rows.
  std::uint64_t consider_best(PanelScan& s, std::size_t place, std::size_t p, std::size_t q) {
    std::array<std::uint8_t, NeighbourIndex::kPanel> rows;
    std::iota(rows.begin(), rows.end(), std::uint8_t{0});
    const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(k_ + 1, rows.size()));
    std::partial_sort(rows.begin(), end, rows.end(), [&](std::uint8_t a, std::uint8_t b) { return s.scores[q][a] < s.scores[q][b]; });
    std::uint64_t known = 0;
    for (auto row = rows.begin(); row != end; ++row) {
      consider(place, p * NeighbourIndex::kPanel + *row);
      known |= std::uint64_t{1} << *row;
    }
    s.limits[q] = limit(place, index_.reach(p));
    return known;
  }

  /// Half the largest squared distance that still helps, less half the query's norm, plus all that float32 may have
  /// rounded away: (terms + 8)·2⁻²³ of the sizes that were added.
  float limit(std::size_t q, double reach) const {
    const double worst = this->worst(q);
    if (worst == kInf) return std::numeric_limits<float>::max();
    const double size = roots_[q] * reach + reach * reach / 2 + index_.rows().mismatch * static_cast<double>(queries_.words);
    const double room = size * 0x1p-23 * static_cast<double>(queries_.dims + queries_.words + 8);
    return static_cast<float>((worst - norms_[q]) / 2 + room + std::fabs(worst - norms_[q]) * 0x1p-23);
  }

  /// Whether it is one of the nearest so far.
  bool consider(std::size_t place, std::size_t place_of_row) {
    if (place_of_row >= index_.rows().rows) return false;
    const std::uint32_t row = index_.row_at(place_of_row), q = order_[place];
    if (!own_.empty() && own_[first_ + q] == row) return false;
    return keep(found_.subspan(q * k_, k_), {row, distance(queries_, first_ + q, index_.rows(), row, index_.exact(place_of_row))});
  }

  const NeighbourIndex& index_;
  const NeighbourRows& queries_;
  std::size_t first_, count_, k_;
  std::span<const std::uint32_t> own_;
  std::span<Nearest> found_;
  std::vector<std::uint32_t> order_{};  ///< queries in the order in which they are worked on: their places
  std::vector<double> to_blocks_{};     ///< from each query of a group to each block
  std::vector<std::uint32_t> start_{};  ///< a box near each query
  std::vector<float> numbers_{};        ///< group, dimension, query
  std::vector<std::int32_t> codes_{};
  std::vector<double> norms_{}, roots_{};  ///< squared lengths, and lengths
};

}  // namespace

void find_nearest(const NeighbourIndex& index, const NeighbourRows& queries, std::size_t first, std::size_t last,
                  std::size_t k, std::span<const std::uint32_t> own, std::span<Nearest> found) {
  if (k == 0) return;
  Search(index, queries, first, last, k, own, found).run();
}

std::vector<double> masked_panels(std::span<const double> numbers, std::size_t rows, std::size_t dims) {
  constexpr std::size_t kPanel = NeighbourIndex::kPanel;
  std::vector<double> panels((rows + kPanel - 1) / kPanel * kPanel * dims, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t i = 0; i < dims; ++i) panels[(r / kPanel * dims + i) * kPanel + r % kPanel] = numbers[r * dims + i];
  return panels;
}

void masked_distances(std::span<const double> panels, std::size_t dims, std::span<const double> query,
                      std::span<double> out) {
  constexpr std::size_t kPanel = NeighbourIndex::kPanel;
  for (std::size_t p = 0; p * kPanel < out.size(); ++p)
    HWY_DYNAMIC_DISPATCH(masked_panel)(panels.data() + p * kPanel * dims, dims, query.data(), out.data() + p * kPanel);
}

}  // namespace leaven::kernels
#endif

#include "flow/perceptual.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace leaven::flow {

namespace {

constexpr int kColumns = 9, kRows = 8;

/// One value as a whole number of 16 bits; floats are taken as [0, 1].
std::uint64_t level(std::uint8_t v) { return v * 257U; }
std::uint64_t level(std::uint16_t v) { return v; }
std::uint64_t level(float v) {
  return static_cast<std::uint64_t>(std::nearbyint(std::clamp(v, 0.0F, 1.0F) * 65535.0F));
}

/// ITU-R BT.601 luma in thousandths; one or two channels: the first.
template <class T>
std::uint64_t grey(const T* pixel, const RasterShape& shape) {
  if (shape.colour_channels() < 3) return 1000 * level(pixel[0]);
  return 299 * level(pixel[0]) + 587 * level(pixel[1]) + 114 * level(pixel[2]);
}

/// How far pixel `at` of `length` reaches into each cell of `cells`, in units in which a pixel is `cells` wide and a cell
/// `length`: whole numbers.
struct Reach {
  int first{}, last{};
  std::array<std::uint64_t, kColumns> part{};
};

Reach reach_of(int at, int length, int cells) {
  const std::int64_t begin = std::int64_t{at} * cells, end = begin + cells;
  Reach reach;
  reach.first = static_cast<int>(begin / length);
  reach.last = static_cast<int>((end - 1) / length);
  for (int c = reach.first; c <= reach.last; ++c) {
    const std::int64_t left = std::max<std::int64_t>(begin, std::int64_t{c} * length);
    const std::int64_t right = std::min<std::int64_t>(end, std::int64_t{c + 1} * length);
    reach.part[static_cast<std::size_t>(c)] = static_cast<std::uint64_t>(right - left);
  }
  return reach;
}

/// Sums over cells. All cells have the same size in those units, so sums compare as means do. The largest is
/// 65,535,000 · width · height: 64 bits are enough for 2^38 pixels.
using Cells = std::array<std::array<std::uint64_t, kColumns>, kRows>;

template <class T>
Cells cell_sums(const RasterView& image) {
  Cells cells{};
  const int channels = image.shape.channels;
  std::vector<Reach> columns;
  for (int x = 0; x < image.shape.width; ++x) columns.push_back(reach_of(x, image.shape.width, kColumns));
  for (int y = 0; y < image.shape.height; ++y) {
    std::array<std::uint64_t, kColumns> row{};
    const T* pixel = image.row<T>(y);
    for (int x = 0; x < image.shape.width; ++x, pixel += channels) {
      const std::uint64_t value = grey(pixel, image.shape);
      const Reach& reach = columns[static_cast<std::size_t>(x)];
      for (int c = reach.first; c <= reach.last; ++c)
        row[static_cast<std::size_t>(c)] += value * reach.part[static_cast<std::size_t>(c)];
    }
    const Reach reach = reach_of(y, image.shape.height, kRows);
    for (int r = reach.first; r <= reach.last; ++r)
      for (std::size_t c = 0; c < kColumns; ++c)
        cells[static_cast<std::size_t>(r)][c] += row[c] * reach.part[static_cast<std::size_t>(r)];
  }
  return cells;
}

}  // namespace

std::optional<std::uint64_t> difference_hash(const RasterView& image) {
  const Cells cells = image.shape.dtype == Dtype::u8    ? cell_sums<std::uint8_t>(image)
                      : image.shape.dtype == Dtype::u16 ? cell_sums<std::uint16_t>(image)
                                                        : cell_sums<float>(image);
  std::uint64_t hash = 0;
  bool any = false;
  for (std::size_t r = 0; r < kRows; ++r)
    for (std::size_t c = 0; c + 1 < kColumns; ++c) {
      any |= cells[r][c] != cells[r][c + 1];
      if (cells[r][c] < cells[r][c + 1]) hash |= std::uint64_t{1} << (r * 8 + c);
    }
  if (!any) return std::nullopt;
  return hash;
}

HammingIndex::HammingIndex(int distance) : distance_(distance), blocks_(distance < 16 ? distance + 1 : 0) {}

std::uint64_t HammingIndex::block(std::uint64_t hash, int b) const {
  const int begin = 64 * b / blocks_, end = 64 * (b + 1) / blocks_;
  const std::uint64_t mask = end - begin == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (end - begin)) - 1;
  const std::uint64_t bits = hash >> begin & mask;
  // One block: all 64 bits, and no room for its number, which is 0. Else at most 32 bits.
  return blocks_ == 1 ? bits : bits << 8 | static_cast<std::uint64_t>(b);
}

void HammingIndex::add(std::uint64_t hash, std::uint32_t item) {
  const auto position = static_cast<std::uint32_t>(hashes_.size());
  hashes_.push_back(hash);
  items_.push_back(item);
  for (int b = 0; b < blocks_; ++b) buckets_[block(hash, b)].push_back(position);
}

std::optional<HammingIndex::Found> HammingIndex::nearest(std::uint64_t hash) const {
  int best = distance_ + 1;
  std::uint32_t position = 0;
  const auto compare = [&](std::uint32_t p) {
    const int d = std::popcount(hash ^ hashes_[p]);
    if (d < best || (d == best && best <= distance_ && p < position)) best = d, position = p;
  };
  if (blocks_ == 0)
    for (std::uint32_t p = 0; p < hashes_.size(); ++p) compare(p);
  for (int b = 0; b < blocks_; ++b)
    if (const auto bucket = buckets_.find(block(hash, b)); bucket != buckets_.end())
      for (const std::uint32_t p : bucket->second) compare(p);
  if (best > distance_) return std::nullopt;
  return Found{items_[position], best};
}

}  // namespace leaven::flow

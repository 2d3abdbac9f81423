// Warps whose axes do not mix: every source position depends on one output axis alone, so each axis is walked once.
// Those that take whole pixels (flips, turns, crops, pads, nearest resizing) copy stored pixels without arithmetic.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "kernels/moves.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

double wrapped(double v, double period) { return v - period * std::floor(v / period); }

double folded(double v, double size, BorderKind kind) {
  switch (kind) {
    case BorderKind::constant: return v;
    case BorderKind::edge: return std::clamp(v, 0.5, size - 0.5);
    case BorderKind::reflect: {
      if (size == 1) return 0.5;
      const double t = wrapped(v - 0.5, 2 * (size - 1));
      return 0.5 + (t > size - 1 ? 2 * (size - 1) - t : t);
    }
    case BorderKind::symmetric: {
      const double t = wrapped(v, 2 * size);
      return t > size ? 2 * size - t : t;
    }
    case BorderKind::wrap: return wrapped(v, size);
  }
  return v;
}

AxisWalk centres(int count) {
  AxisWalk walk;
  walk.at.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) walk.at[static_cast<std::size_t>(i)] = i + 0.5;
  walk.answer.assign(static_cast<std::size_t>(count), -1);
  return walk;
}

/// at → scale·at + shift, then the border of a canvas axis of `size`.
void walk_step(AxisWalk& walk, double scale, double shift, double size, BorderKind border, int step) {
  for (std::size_t i = 0; i < walk.at.size(); ++i) {
    if (walk.answer[i] >= 0) continue;
    double& v = walk.at[i];
    v = scale * v + shift;
    if (v >= 0 && v < size) continue;
    if (border == BorderKind::constant) walk.answer[i] = step;
    else v = folded(v, size, border);
  }
}

/// Neighbouring output pixels that are taken alike.
struct Piece {
  enum class Kind : std::uint8_t { forward, backward, scattered, fill } kind{};
  int begin{}, end{};  ///< output pixels
  int answer{-1};      ///< fill: the step
};

constexpr int kLeastRun = 8;  ///< shorter runs are copied pixel by pixel

/// Length of the run that starts at `i`: how far the index goes on by `delta`.
int run_length(const std::vector<std::int32_t>& index, int i, int delta) {
  int end = i + 1;
  const auto at = [&](int k) { return index[static_cast<std::size_t>(k)]; };
  while (end < static_cast<int>(index.size()) && at(end) >= 0 && at(end) == at(end - 1) + delta) ++end;
  return end - i;
}

std::vector<Piece> pieces_of(const std::vector<std::int32_t>& index) {
  std::vector<Piece> pieces;
  const int count = static_cast<int>(index.size());
  for (int i = 0; i < count;) {
    const int value = index[static_cast<std::size_t>(i)];
    if (value < 0) {
      int end = i + 1;
      while (end < count && index[static_cast<std::size_t>(end)] == value) ++end;
      pieces.push_back({Piece::Kind::fill, i, end, -1 - value});
      i = end;
      continue;
    }
    const int forward = run_length(index, i, 1), backward = run_length(index, i, -1);
    const int run = std::max(forward, backward);
    const bool whole = run >= kLeastRun || run == count;
    const auto kind = !whole ? Piece::Kind::scattered : forward >= backward ? Piece::Kind::forward : Piece::Kind::backward;
    if (!whole && !pieces.empty() && pieces.back().kind == kind && pieces.back().end == i) pieces.back().end = i + run;
    else pieces.push_back({kind, i, i + run, -1});
    i += run;
  }
  return pieces;
}

class Move final : public Stage {
 public:
  Move(const WarpStage& warp, const StraightWalk& walk, const Input& input, const RasterShape& out, Arena& arena)
      : input_(input), out_(out), swapped_(walk.swapped), size_(static_cast<int>(out.pixel_bytes())) {
    const auto columns = index_of(walk.x, input.held.x, input.held.width);
    const auto rows = index_of(walk.y, input.held.y, input.held.height);
    along_ = swapped_ ? rows : columns;
    across_ = swapped_ ? columns : rows;
    pieces_ = pieces_of(along_);
    for (const WarpStep& step : warp.steps) fills_.push_back(stored_fill(step.border, input.shape));
    row_ = arena.take<std::byte>(out.row_bytes());
    if (!swapped_) return;
    columns_ = arena.take<const std::byte*>(along_.size());
    for (std::size_t i = 0; i < along_.size(); ++i)
      columns_[i] = along_[i] < 0 ? nullptr : input.row(input.held.y + along_[i]);
    band_ = arena.take<std::byte>(out.row_bytes() * kBand);
  }

  bool moves() const override { return true; }

  const std::byte* stored_row(int y) override {
    // A crop's row lies in the input as it is wanted.
    const std::int32_t index = across_[static_cast<std::size_t>(y)];
    if (!swapped_ && index >= 0 && pieces_.size() == 1 && pieces_.front().kind == Piece::Kind::forward)
      return source_row(index) + std::ptrdiff_t{along_.front()} * size_;
    if (swapped_) return band_row(y);
    move_row(y, row_);
    return row_;
  }

  void move_rows(int from, int to, std::byte* out, std::size_t stride) override {
    const bool mirrored = !swapped_ && pieces_.size() == 1 && pieces_.front().kind == Piece::Kind::backward;
    constexpr int kTogether = 32;
    std::array<const std::byte*, kTogether> last;
    for (int y = from; y < to;) {
      int rows = 0;
      for (; mirrored && rows < std::min(kTogether, to - y) && across_[static_cast<std::size_t>(y + rows)] >= 0; ++rows)
        last[static_cast<std::size_t>(rows)] =
            source_row(across_[static_cast<std::size_t>(y + rows)]) + std::ptrdiff_t{along_.front()} * size_;
      if (rows > 0) kernels::copy_rows_backward(last.data(), rows, size_, along_.size(), out, stride);
      else move_row(y, out);
      rows = std::max(rows, 1);
      y += rows;
      out += stride * static_cast<std::size_t>(rows);
    }
  }

  void move_row(int y, std::byte* out) override {
    if (swapped_) {
      std::memcpy(out, band_row(y), out_.row_bytes());
      return;
    }
    const std::int32_t index = across_[static_cast<std::size_t>(y)];
    for (const Piece& piece : pieces_) {
      std::byte* to = out + std::ptrdiff_t{piece.begin} * size_;
      const auto count = static_cast<std::size_t>(piece.end - piece.begin);
      const std::int32_t first = along_[static_cast<std::size_t>(piece.begin)];
      if (index < 0 || piece.kind == Piece::Kind::fill) {
        fill(std::max(piece.answer, -1 - index), count, to);
        continue;
      }
      const std::byte* row = source_row(index);
      const std::byte* from = row + std::ptrdiff_t{first} * size_;
      if (piece.kind == Piece::Kind::forward) std::memcpy(to, from, count * static_cast<std::size_t>(size_));
      else if (piece.kind == Piece::Kind::backward) kernels::copy_backward(from, size_, count, to);
      else kernels::copy_indexed(row, along_.data() + piece.begin, size_, count, to);
    }
  }

 private:
  static constexpr int kBand = 16;  ///< rows transposed together: that many pixels of a source row are used at a time

  /// Source pixels in memory, counted from the first held; −1 − step where that step's fill answers.
  static std::vector<std::int32_t> index_of(const AxisWalk& walk, int held, int size) {
    std::vector<std::int32_t> index(walk.at.size());
    // No position that the picture answers is below 0, so cutting off is rounding down.
    for (std::size_t i = 0; i < index.size(); ++i)
      index[i] = walk.answer[i] >= 0 ? -1 - walk.answer[i] : std::clamp(static_cast<int>(walk.at[i]) - held, 0, size - 1);
    return index;
  }

  const std::byte* source_row(std::int32_t index) const { return input_.row(input_.held.y + index); }

  void fill(int step, std::size_t count, std::byte* out) const {
    kernels::repeat_pixel(fills_[static_cast<std::size_t>(step)].data(), size_, count, out);
  }

  /// Output rows of a transposed move are source columns; a band of them is copied at once.
  const std::byte* band_row(int y) {
    if (y < band_begin_ || y >= band_end_) {
      band_begin_ = y / kBand * kBand;
      band_end_ = std::min(band_begin_ + kBand, out_.height);
      for (int first = band_begin_; first < band_end_;) first = copy_columns(first);
    }
    return band_ + std::ptrdiff_t{y - band_begin_} * static_cast<std::ptrdiff_t>(out_.row_bytes());
  }

  /// Rows from `first` on whose source columns are neighbours; returns the row behind.
  int copy_columns(int first) {
    const auto at = [&](int y) { return across_[static_cast<std::size_t>(y)]; };
    const auto stride = static_cast<std::ptrdiff_t>(out_.row_bytes());
    std::byte* out = band_ + (first - band_begin_) * stride;
    int end = first + 1;
    const int step = end < band_end_ && at(end) == at(first) - 1 ? -1 : 1;
    if (at(first) >= 0)
      while (end < band_end_ && at(end) >= 0 && at(end) == at(end - 1) + step) ++end;
    for (const Piece& piece : pieces_) {
      std::byte* to = out + std::ptrdiff_t{piece.begin} * size_;
      const auto count = static_cast<std::size_t>(piece.end - piece.begin);
      if (at(first) < 0 || piece.kind == Piece::Kind::fill) {
        for (int y = first; y < end; ++y)
          fill(std::max(piece.answer, at(y) < 0 ? -1 - at(y) : -1), count, to + (y - first) * stride);
      } else {
        kernels::copy_transposed(columns_ + piece.begin, at(first), step, size_, count, end - first, to, stride);
      }
    }
    return end;
  }

  Input input_;
  RasterShape out_;
  bool swapped_;
  int size_;                             ///< bytes of a pixel
  std::vector<std::int32_t> along_{};    ///< by output column
  std::vector<std::int32_t> across_{};   ///< by output row
  std::vector<Piece> pieces_{};          ///< of along_
  std::vector<std::array<std::byte, 16>> fills_{};
  std::byte* row_{};
  std::byte* band_{};
  const std::byte** columns_{};          ///< swapped: source row of every output column
  int band_begin_{}, band_end_{};
};

}  // namespace

std::optional<StraightWalk> walk_straight(const WarpStage& warp, Size out) {
  for (const WarpStep& step : warp.steps) {
    const auto* map = std::get_if<Matrix3>(&step.to_input);
    if (!map || !map->is_affine() || map->m[8] != 1) return std::nullopt;
    const auto& m = map->m;
    if (!(m[1] == 0 && m[3] == 0) && !(m[0] == 0 && m[4] == 0)) return std::nullopt;
  }
  StraightWalk walk{centres(out.width), centres(out.height), false};
  for (std::size_t i = warp.steps.size(); i-- > 0;) {
    const WarpStep& step = warp.steps[i];
    const auto& m = std::get<Matrix3>(step.to_input).m;
    const bool turned = m[0] == 0 && m[4] == 0;
    if (turned) {
      std::swap(walk.x, walk.y);
      walk.swapped = !walk.swapped;
    }
    const int answer = static_cast<int>(i);
    walk_step(walk.x, turned ? m[1] : m[0], m[2], step.input.width, step.border.kind, answer);
    walk_step(walk.y, turned ? m[3] : m[4], m[5], step.input.height, step.border.kind, answer);
  }
  return walk;
}

std::unique_ptr<Stage> make_move(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out,
                                 Arena& arena) {
  return std::make_unique<Move>(warp, walk, input, out, arena);
}

namespace {

/// Where two by two pixels answer and most pixels are asked by nobody, point by point is faster than whole rows.
bool reads_few_pixels(const WarpStage& warp, const StraightWalk& walk) {
  constexpr double kPixelsForEach = 1.5;  // as measured, 8 bits of three channels
  const auto spacing = [](const std::vector<double>& at) { return at.size() < 2 ? 1 : std::abs(at.back() - at.front()) / static_cast<double>(at.size() - 1); };
  return warp.filter == Filter::bilinear && warp.footprint_x == 1 && warp.footprint_y == 1 && spacing(walk.x.at) * spacing(walk.y.at) > kPixelsForEach;
}

}  // namespace

std::unique_ptr<Stage> make_straight_warp(const WarpStage& warp, const Input& input, const RasterShape& out,
                                          Arena& arena) {
  auto walk = walk_straight(warp, out.size());
  if (!walk) return nullptr;
  if (warp.filter == Filter::nearest) return make_move(warp, std::move(*walk), input, out, arena);
  // Transposed resizing is rare; the general warp does it.
  if (walk->swapped) return nullptr;
  if (reads_few_pixels(warp, *walk) && input.shape.dtype == Dtype::u8) return nullptr;
  return make_resize(warp, std::move(*walk), input, out, arena);
}

}  // namespace leaven::plan::fast
